package anchor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// Checkpoint is a checkpoint of a run's log.
type Checkpoint struct {
	Text   string // what is signed: the log, its size, its root
	Signed []byte // the same with its signatures (C2SP signed-note)
}

// Place is where a checkpoint is anchored. Anchor returns what a receipt holds
// of it beside the checkpoint and the time: a proof, or where to ask.
type Place interface {
	Anchor(ctx context.Context, c Checkpoint) (proof []byte, place string, err error)
}

// AtWitness is a witness to which the log of the home is shown.
type AtWitness struct {
	Witness
	Client *httpclient.Client
	Home   *Log
}

// Anchor implements Place.
func (w AtWitness) Anchor(ctx context.Context, c Checkpoint) ([]byte, string, error) {
	proof, err := w.Cosign(ctx, w.Client, w.Home, []byte(c.Text))
	return proof, w.URL, err
}

// AtAuthority is a time-stamp authority.
type AtAuthority struct {
	Authority
	Client *httpclient.Client
}

// Anchor implements Place.
func (a AtAuthority) Anchor(ctx context.Context, c Checkpoint) ([]byte, string, error) {
	proof, err := a.Stamp(ctx, a.Client, []byte(c.Text))
	return proof, a.URL, err
}

// Folder keeps each checkpoint as a file.
type Folder string

// Anchor implements Place. A checkpoint that is there already stays.
func (f Folder) Anchor(_ context.Context, c Checkpoint) ([]byte, string, error) {
	at, err := f.path(c.Text)
	if err != nil {
		return nil, "", err
	}
	old, err := os.ReadFile(at)
	switch {
	case err == nil && strings.HasPrefix(string(old), c.Text):
		return nil, at, nil
	case err == nil:
		return nil, "", fmt.Errorf("%s holds another checkpoint of the same size: this log, or the one that was anchored there, is not what it was", at)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, "", err
	}
	return nil, at, durable.Write(at, c.Signed, 0o600)
}

// path is where a checkpoint lies in the folder.
func (f Folder) path(text string) (string, error) {
	c, err := parseCheckpoint(text)
	if err != nil {
		return "", err
	}
	return filepath.Join(string(f), fmt.Sprintf("%s-%09d.checkpoint", strings.Map(plain, c.Origin), c.Size)), nil
}

// Command is a program that reads a checkpoint from its input.
type Command []string

// Anchor implements Place.
func (c Command) Anchor(ctx context.Context, checkpoint Checkpoint) ([]byte, string, error) {
	cmd := process.Command{Argv: c, Stdin: action.NewSecret(string(checkpoint.Signed))}
	r, err := cmd.Run(ctx, nil)
	if err == nil && !cmd.Good(r.ExitCode) {
		err = cmd.Ended(r)
	}
	return nil, strings.TrimSuffix(action.CleanLine(c[0]+": "+r.Stdout, 200), ":"), err
}

// Client sends what anchors are asked.
func Client(allow action.Allow, caFile string, timeout time.Duration) (*httpclient.Client, error) {
	return httpclient.New(allow, httpclient.Options{CAFile: caFile, Timeout: timeout})
}

// Roots are the certificate authorities of a PEM file; nil, the system's, for
// no file.
func Roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	conf, err := httpclient.TLS(file)
	if err != nil {
		return nil, err
	}
	return conf.RootCAs, nil
}
