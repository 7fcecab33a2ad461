package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/sshsig"
)

func newKeyCmd(a *app) *cobra.Command {
	return command.Parent("key", "The SSH key with which you sign what you decide",
		newKeyNewCmd(a),
		command.New("use FILE|FINGERPRINT", "Sign with a key that you have: a file, or one in your agent", a.useKey, nil),
		command.New("list", "List the keys that you could sign with", a.listKeys, nil),
		command.New("show", "Print your public key, for the environment", a.showKey, nil),
	)
}

func newKeyNewCmd(a *app) *cobra.Command {
	var device, open bool
	cmd := command.New("new [FILE]", "Make a key, with OpenSSH", func(ctx context.Context, args []string) error {
		file := outside.Below(a.Config, "irctl", "key")
		if len(args) > 0 {
			file = a.abs(args[0])
		}
		words := []string{"-t", "ed25519"}
		if device {
			words = []string{"-t", "ed25519-sk"}
		}
		if open {
			words = append(words, "-N", "")
		}
		switch _, err := os.Lstat(file); {
		case err == nil:
			return command.Failf(fs.ErrExist, "%s is there already", a.short(file)).With("irctl key use " + a.short(file))
		case !open && !a.print().Interactive():
			return command.Usagef("there is no terminal to ask for a passphrase").With("irctl key new --no-passphrase")
		}
		if err := sshsig.Make(ctx, file, a.User()+"@"+a.Host+" irctl", a.Stdin, a.Stderr, words...); err != nil {
			return err
		}
		return a.useKey(ctx, []string{file})
	}, nil)
	cmd.Flags().BoolVar(&device, "fido", false, "on a FIDO device, which wants to be touched for each signature")
	cmd.Flags().BoolVar(&open, "no-passphrase", false, "whoever can read the file can sign")
	return cmd
}

// useKey remembers the key to sign with.
func (a *app) useKey(_ context.Context, args []string) error {
	name := a.keyName(args[0])
	key, err := a.keys().Public(name)
	if err != nil {
		return &sshsig.UnusableError{Err: err}
	}
	if err := a.Set("key", name); err != nil {
		return err
	}
	a.note("You sign with " + name + ". It counts once whoever keeps the environment has put this line below `people: NAME: keys:`.")
	return a.printKey(key, name)
}

// printKey writes a public key, whole on one line.
func (a *app) printKey(key sshsig.Key, name string) error {
	if a.json() {
		return a.print().JSON(map[string]string{"key": string(key), "fingerprint": key.Fingerprint(), "name": name})
	}
	_ = a.print().Note(key.Fingerprint())
	return a.print().Document(string(key))
}

func (a *app) showKey(context.Context, []string) error {
	name := a.keys().Chosen
	if name == "" {
		return command.Failf(nil, "you have chosen no key").With("irctl key use FILE", "irctl key new", "irctl key list")
	}
	key, err := a.keys().Public(name)
	if err != nil {
		return &sshsig.UnusableError{Err: err}
	}
	return a.printKey(key, name)
}

// listKeys shows what may be chosen, and whose it is in the environment.
func (a *app) listKeys(context.Context, []string) error {
	keys, err := a.keys().All()
	env, _, _ := a.library().Environment(a.env)
	rows, out := [][]string{}, []map[string]any{}
	for _, k := range keys {
		mark, whose := "", ""
		if k.Used {
			mark = "yes"
		}
		if env != nil {
			whose = env.Owner(k.Key)
		}
		rows = append(rows, []string{k.Key.Fingerprint(), k.Name, mark, whose})
		out = append(out, map[string]any{"fingerprint": k.Key.Fingerprint(), "name": k.Name, "used": k.Used, "person": whose})
	}
	switch {
	case a.json():
		return errors.Join(a.print().JSON(out), err)
	case len(rows) == 0:
		return errors.Join(a.tell(nil, "There are no keys yet.", "irctl key new"), err)
	}
	return errors.Join(a.print().Table([]string{"fingerprint", "key", "used", "person of the environment"}, rows), err)
}

// keyName is a key's file as an absolute path, or its fingerprint; "" is none.
func (a *app) keyName(name string) string {
	if name == "" || strings.HasPrefix(name, "SHA256:") {
		return name
	}
	return a.abs(name)
}

// keys are those of whoever types. Nobody is asked for a passphrase while the live
// screen has the terminal.
func (a *app) keys() *sshsig.Own {
	a.signs.Ring = sshsig.Ring{Agent: a.Getenv("SSH_AUTH_SOCK"), Talk: a.Stderr, Read: a.library().Bytes}
	a.signs.Chosen, a.signs.Folder = a.keyName(a.Getenv("IRCTL_KEY")), filepath.Join(a.Getenv("HOME"), ".ssh")
	if a.print().Interactive() && !a.onScreen {
		a.signs.Passphrase = func(file string) ([]byte, error) { return a.print().Secret("Passphrase of " + a.short(file) + ":") }
	}
	return &a.signs
}

// signer is the key that was chosen, or else the one that the environment knows.
func (a *app) signer(known func(sshsig.Key) bool) (sshsig.Signer, error) {
	return a.keys().Signer(known)
}

// openKey opens a key, the one that was chosen if none is named; nil if none was.
func (a *app) openKey(name string) (sshsig.Signer, error) { return a.keys().Take(a.keyName(name)) }
