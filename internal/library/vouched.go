package library

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/event"
)

// SignatureFile is where the signature of a file lies, as ssh-keygen -Y sign puts
// it.
func SignatureFile(file string) string { return file + ".sig" }

// UnsignedError says that a file does not bear the signature that it must, so that
// nothing is done with it.
type UnsignedError struct {
	Path string
	Kind string // KindRunbook, KindConnector, KindEnvironment
	By   string // the file of those who may sign
	Err  error  // why the signature does not count; fs.ErrNotExist if there is none
}

// Error implements error.
func (e *UnsignedError) Error() string {
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		return e.Path + " is not signed, and here every " + e.Kind + " must be"
	case errors.Is(e.Err, sshsig.ErrStranger):
		return e.Path + " is signed by somebody who may not sign: " + e.Err.Error()
	}
	return "the signature of " + e.Path + " does not count: " + e.Err.Error()
}

// Unwrap returns why.
func (e *UnsignedError) Unwrap() error { return e.Err }

// Vouched returns who signed a document, by those whom a setting trusts: of the
// bytes that were read, which are those that run.
func (l *Library) Vouched(d *Document, kind string, by environment.Signing) (event.Signature, error) {
	sig, err := l.readFile("", SignatureFile(d.File))
	var who environment.Signer
	if err == nil {
		who, err = by.Vouched(d.Source, string(sig.Source), l.Now())
	}
	if err != nil {
		return event.Signature{}, &UnsignedError{Path: d.Path, Kind: kind, By: by.Trusted, Err: err}
	}
	algorithm, _, _ := strings.Cut(string(who.Key), " ")
	return event.Signature{Source: d.Path, Signee: who.Name, Algorithm: algorithm, Key: who.Name, KeyPrint: who.Key.Fingerprint()}, nil
}

// Sign puts a person's signature beside a file, and says where.
func (l *Library) Sign(ctx context.Context, file string, by sshsig.Signer) (d *Document, to string, err error) {
	if by == nil {
		return nil, "", sshsig.ErrNoneChosen
	}
	if d, err = l.Read("", file); err != nil {
		return nil, "", err
	}
	sig, err := by.Sign(ctx, sshsig.Runbook, d.Source)
	if err != nil {
		return nil, "", &sshsig.UnusableError{Err: err}
	}
	to = SignatureFile(d.File)
	if info, unseen := os.Lstat(to); unseen == nil && !info.Mode().IsRegular() {
		err = errors.New(to + " is no file: remove what is there")
	} else {
		err = durable.Write(to, []byte(sig), 0o644)
	}
	if err != nil {
		return nil, "", &WriteError{Problem: "cannot sign " + d.Path, Means: "Nothing was signed.", Err: err}
	}
	return d, to, nil
}

// vouch makes sure that all that a plan was made of is signed, where it must be,
// and notes by whom. What is built into irctl is as good as irctl. A playbook that
// must bear a signature of its own standard is judged by that, unless the machine's
// policy demands one of this and leaves it to environments who signs playbooks.
func (l *Library) vouch(w *Prepared) error {
	policy, err := l.Policy()
	if err != nil {
		return err
	}
	by, own := policy.SignedRunbooks(), false
	if w.Environment != nil {
		own = w.playbooks != nil && w.Environment.Playbooks().Signed && (by.Trusted == "" || policy.TrustsPlaybooks())
		by = w.Environment.SignedRunbooks()
	}
	if by.Trusted == "" {
		return nil
	}
	for _, d := range append([]*Document{w.File}, w.Others...) {
		kind := KindRunbook
		if KindOf(d.Source) == KindConnector {
			kind = KindConnector
		}
		if d.Shipped() || own && kind == KindRunbook {
			continue
		}
		good, err := l.Vouched(d, kind, by)
		if err != nil {
			return err
		}
		w.Signatures = append(w.Signatures, good)
	}
	return nil
}
