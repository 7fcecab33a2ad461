package sshsig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/durable"
)

// Own are the keys that one person may sign with: the one that was chosen, those
// of the agent, those in a folder. Unlike a [Ring] it is for one goroutine.
type Own struct {
	Ring
	Chosen string // the name of a key as [Ring.Open] takes it, "" if none was chosen
	Folder string // ~/.ssh
	opened map[string]Signer
}

// UnusableError says why a key that was named cannot be used.
type UnusableError struct{ Err error }

// Error implements error.
func (e *UnusableError) Error() string { return e.Err.Error() }

// Unwrap returns the cause, which may be a [LockedError] or a [MissingError].
func (e *UnusableError) Unwrap() error { return e.Err }

// Take opens a key, the chosen one if none is named, once: nobody is asked for
// its passphrase twice. It is nil if none was chosen either. The error is an
// *[UnusableError].
func (o *Own) Take(name string) (Signer, error) {
	if name = cmp.Or(name, o.Chosen); name == "" {
		return nil, nil
	}
	if s := o.opened[name]; s != nil {
		return s, nil
	}
	s, err := o.Open(name)
	if err != nil {
		return nil, &UnusableError{err}
	}
	o.opened = map[string]Signer{name: s}
	return s, nil
}

// Signer is the chosen key, or else the one of the agent that is known.
func (o *Own) Signer(known func(Key) bool) (Signer, error) {
	held, _ := o.List() // that none can be asked is said where none is found
	i := slices.IndexFunc(held, func(k InAgent) bool { return known(k.Key) })
	if o.Chosen != "" || i < 0 {
		return o.Take("")
	}
	return o.Take(held[i].Key.Fingerprint())
}

// Named is a key that can be chosen.
type Named struct {
	Key  Key
	Name string
	Used bool // it is the chosen one
}

// All lists each key once that can be chosen. The error is of the agent, whose keys
// are then missing.
func (o *Own) All() ([]Named, error) {
	var out []Named
	add := func(key Key, name string) {
		if !slices.ContainsFunc(out, func(n Named) bool { return n.Key == key }) {
			out = append(out, Named{key, name, name == o.Chosen || key.Fingerprint() == o.Chosen})
		}
	}
	if key, err := o.Public(o.Chosen); o.Chosen != "" && err == nil {
		add(key, o.Chosen)
	}
	held, err := o.List()
	for _, k := range held {
		add(k.Key, strings.TrimSpace("agent "+k.Comment))
	}
	files, _ := filepath.Glob(filepath.Join(o.Folder, "*.pub"))
	for _, file := range files {
		if key, err := o.Public(file); err == nil {
			add(key, strings.TrimSuffix(file, ".pub"))
		}
	}
	return out, err
}

// Make lets ssh-keygen make a key in a file that is not there yet, with the words of
// ssh-keygen(1) that say of which kind. It asks for the passphrase itself, from
// in, and speaks to out. The key is made in a draft beside the file, and gets its
// name and that of its public half when it is on the disk: nothing that has one of
// them is written to, or followed. The error then wraps [fs.ErrExist].
func Make(ctx context.Context, file, comment string, in io.Reader, out io.Writer, words ...string) error {
	for _, name := range []string{file, file + ".pub"} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return cmp.Or(err, error(&fs.PathError{Op: "make", Path: name, Err: fs.ErrExist}))
		}
	}
	folder, name := filepath.Split(file)
	if err := durable.Folder(filepath.Clean(folder)); err != nil {
		return err
	}
	draft, err := durable.Draft(folder)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(draft) }()
	made := filepath.Join(draft, name)
	cmd := exec.CommandContext(ctx, "ssh-keygen", append(words, "-q", "-C", comment, "-f", made)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("ssh-keygen made no key: %w", err)
	}
	for _, half := range []string{"", ".pub"} { // a link is made only where there is nothing
		if err = durable.Sync(made + half); err == nil {
			err = os.Link(made+half, file+half)
		}
		if err != nil && half != "" {
			_ = os.Remove(file)
		}
		if err != nil {
			return err
		}
	}
	return durable.Sync(filepath.Clean(folder))
}

// ErrNoneChosen says that a key is needed and none was chosen.
var ErrNoneChosen error = &UnusableError{errors.New("nobody chose a key to sign with")}
