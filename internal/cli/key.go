package cli

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/sshsig"
)

func newKeyCmd(a *app) *cobra.Command {
	return a.parent("key", "The SSH key with which you sign what you decide",
		newKeyNewCmd(a),
		a.command("use FILE|FINGERPRINT", "Sign with a key that you have: a file, or one in your agent", a.useKey, nil),
		a.command("list", "List the keys that you could sign with", a.listKeys, nil),
		a.command("show", "Print your public key, for the environment", a.showKey, nil),
	)
}

func newKeyNewCmd(a *app) *cobra.Command {
	var device, open bool
	cmd := a.command("new [FILE]", "Make a key, with OpenSSH", func(ctx context.Context, args []string) error {
		file := outside.Below(a.Config, "irctl", "key")
		if len(args) > 0 {
			file = a.abs(args[0])
		}
		kind, words := "ed25519", []string(nil)
		if device {
			kind = "ed25519-sk"
		}
		if open {
			words = []string{"-N", ""}
		}
		return a.newKey(ctx, file, append(words, "-t", kind)...)
	}, nil)
	cmd.Flags().BoolVar(&device, "fido", false, "on a FIDO device, which wants to be touched for each signature")
	cmd.Flags().BoolVar(&open, "no-passphrase", false, "whoever can read the file can sign")
	return cmd
}

// newKey lets ssh-keygen make a key, which asks for the passphrase itself.
func (a *app) newKey(ctx context.Context, file string, words ...string) error {
	if _, err := os.Lstat(file); err == nil {
		return failf(fs.ErrExist, "%s is there already", a.short(file)).with("irctl key use " + a.short(file))
	}
	if !slices.Contains(words, "-N") && !a.print().Interactive() {
		return usagef("there is no terminal to ask for a passphrase").with("irctl key new --no-passphrase")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "ssh-keygen", append(words, "-q", "-C", a.User()+"@"+a.Host+" irctl", "-f", file)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.Stdin, a.Stderr, a.Stderr
	if err := cmd.Run(); err != nil {
		return failf(err, "ssh-keygen made no key")
	}
	return a.useKey(ctx, []string{file})
}

// useKey remembers the key to sign with.
func (a *app) useKey(_ context.Context, args []string) error {
	name := a.keyName(args[0])
	key, err := a.ring().Public(name)
	if err != nil {
		return keyProblem(err)
	}
	if err := a.Set("key", name); err != nil {
		return err
	}
	if !a.json() {
		_ = a.print().Note("You sign with " + name + ". It counts once whoever keeps the environment has put this line below `people: NAME: keys:`.")
	}
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
	name := a.Getenv("IRCTL_KEY")
	if name == "" {
		return failf(nil, "you have chosen no key").with("irctl key use FILE", "irctl key new", "irctl key list")
	}
	key, err := a.ring().Public(name)
	if err != nil {
		return keyProblem(err)
	}
	return a.printKey(key, name)
}

// listKeys shows what may be chosen: the key that is, those of the agent, those
// of ~/.ssh.
func (a *app) listKeys(context.Context, []string) error {
	ring, chosen := a.ring(), a.Getenv("IRCTL_KEY")
	rows, seen := [][]string{}, map[sshsig.Key]bool{}
	env, _, _ := a.library().Environment(a.env)
	add := func(key sshsig.Key, name string) {
		if seen[key] {
			return
		}
		seen[key] = true
		mark, whose := "", ""
		if name == chosen || key.Fingerprint() == chosen {
			mark = "yes"
		}
		if env != nil {
			whose = env.Owner(key)
		}
		rows = append(rows, []string{key.Fingerprint(), name, mark, whose})
	}
	if key, err := ring.Public(chosen); chosen != "" && err == nil {
		add(key, chosen)
	}
	held, err := ring.List()
	for _, k := range held {
		add(k.Key, strings.TrimSpace("agent "+k.Comment))
	}
	files, _ := filepath.Glob(filepath.Join(a.Getenv("HOME"), ".ssh", "*.pub"))
	for _, file := range files {
		if key, err := ring.Public(file); err == nil {
			add(key, strings.TrimSuffix(file, ".pub"))
		}
	}
	if a.json() {
		out := []map[string]any{}
		for _, r := range rows {
			out = append(out, map[string]any{"fingerprint": r[0], "name": r[1], "used": r[2] != "", "person": r[3]})
		}
		return errors.Join(a.print().JSON(out), err)
	}
	if len(rows) == 0 {
		_ = a.print().Say("There are no keys yet.")
		return errors.Join(a.print().Next("irctl key new"), err)
	}
	return errors.Join(a.print().Table([]string{"fingerprint", "key", "used", "person of the environment"}, rows), err)
}

// keyName is a key's file as an absolute path, or its fingerprint.
func (a *app) keyName(name string) string {
	if strings.HasPrefix(name, "SHA256:") {
		return name
	}
	return a.abs(name)
}

// ring finds the keys of whoever types.
func (a *app) ring() sshsig.Ring {
	r := sshsig.Ring{Agent: a.Getenv("SSH_AUTH_SOCK"), Talk: a.Stderr}
	if a.print().Interactive() && !a.onScreen {
		r.Passphrase = func(file string) ([]byte, error) { return a.print().Secret("Passphrase of " + a.short(file) + ":") }
	}
	return r
}

// signer opens the key that was chosen, or else the one of the agent that the
// environment knows.
func (a *app) signer(known func(sshsig.Key) bool) (sshsig.Signer, error) {
	if name := a.Getenv("IRCTL_KEY"); name != "" {
		return a.openKey(name)
	}
	held, _ := a.ring().List() // that none can be asked is said where none is found
	for _, k := range held {
		if known(k.Key) {
			return a.openKey(k.Key.Fingerprint())
		}
	}
	return nil, nil
}

// openKey opens a key, the one that was chosen if none is named, once: nobody is
// asked for its passphrase twice. It is nil if none was.
func (a *app) openKey(name string) (sshsig.Signer, error) {
	if name = cmp.Or(name, a.Getenv("IRCTL_KEY")); name == "" {
		return nil, nil
	}
	name = a.keyName(name)
	if s := a.signs[name]; s != nil {
		return s, nil
	}
	s, err := a.ring().Open(name)
	if err != nil {
		return nil, keyProblem(err)
	}
	a.signs = map[string]sshsig.Signer{name: s}
	return s, nil
}

// keyProblem says what to do about a key that cannot be used.
func keyProblem(err error) error {
	p := fails(ExitFailed, err, unrecorded)
	var locked *sshsig.LockedError
	if errors.As(err, &locked) {
		return p.with(locked.Advice())
	}
	return p.with("irctl key list", "irctl key new")
}
