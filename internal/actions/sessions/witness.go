package sessions

import (
	"context"
	"fmt"
	"strings"

	machine "github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/systems/directory"
	"github.com/irctl/irctl/pkg/action"
)

// witness is a ticket of irctl's own account from before anything is changed.
// It lies in a folder of its own on the host that acts.
type witness struct {
	at       *machine.Host
	kerberos directory.Kerberos
	password action.Secret
	dir      string
	close    func() // removes the tickets
}

// tools are the programs of MIT Kerberos that the witness needs.
func tools() []string { return []string{"kinit", "kvno", "mktemp", "cp", "rm"} }

// newWitness gets the ticket that is to be refused afterwards, and sees that the
// domain honours it now.
func newWitness(ctx context.Context, c *directory.Conn) (*witness, error) {
	if err := c.CheckKind(); err != nil {
		return nil, err
	}
	k, err := c.Kerberos()
	if err != nil {
		return nil, err
	}
	h, err := machine.Open(c.Via, c.Allow())
	if err != nil {
		return nil, err
	}
	dir, err := h.Output(ctx, "mktemp", "-d")
	if err != nil {
		h.Close()
		return nil, err
	}
	w := &witness{at: h, kerberos: k, password: c.Password, dir: dir}
	w.close = func() { // also when the context has ended
		_, _ = h.Run(context.WithoutCancel(ctx), process.Command{Argv: []string{"rm", "-rf", "--", dir}}, nil) // what is left expires within hours
		h.Close()
	}
	err = h.WriteFile(ctx, w.file("krb5.conf"), []byte(w.config()), 0o600)
	if err == nil {
		err = w.signIn(ctx, "before")
	}
	if err != nil {
		w.close()
		return nil, err
	}
	honoured, err := w.honoured(ctx, "before")
	if err == nil && !honoured {
		err = &action.Error{
			Message: "the domain gave irctl a ticket and does not honour it, so nothing was changed",
			Hint:    "check that " + k.Service + " exists and that the clocks agree",
		}
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// config is a krb5.conf(5) that leads to the one domain controller.
func (w *witness) config() string {
	return fmt.Sprintf(`[libdefaults]
default_realm = %[1]s
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
[realms]
%[1]s = {
 kdc = %[2]s
}
`, w.kerberos.Realm, w.kerberos.KDC)
}

// signIn gets a ticket for the password, in a file of that name.
func (w *witness) signIn(ctx context.Context, name string) error {
	res, err := w.run(ctx, process.Command{
		Argv:  []string{"kinit", "-c", "FILE:" + w.file(name), w.kerberos.Client + "@" + w.kerberos.Realm},
		Stdin: action.NewSecret(w.password.Reveal() + "\n"), Success: []int{0, 1},
	})
	if err == nil && res.ExitCode != 0 {
		err = &action.Error{
			Message: "the domain gives irctl no Kerberos ticket: " + action.CleanLine(strings.TrimSpace(res.Stderr), 200),
			Hint:    "check that port 88 of " + w.kerberos.KDC + " can be reached from " + w.at.String() + ", and that the clocks agree",
		}
	}
	return err
}

// honoured reports whether the domain gives a ticket for a service in return
// for the one in a file. The file is left as it is, because kvno asks nobody
// for what it has got already.
func (w *witness) honoured(ctx context.Context, name string) (bool, error) {
	if _, err := w.run(ctx, process.Command{Argv: []string{"cp", w.file(name), w.file("asked")}}); err != nil {
		return false, err
	}
	res, err := w.run(ctx, process.Command{Argv: []string{"kvno", "-c", "FILE:" + w.file("asked"), w.kerberos.Service}, Success: []int{0, 1}})
	return res.ExitCode == 0, err
}

func (w *witness) run(ctx context.Context, c process.Command) (process.Result, error) {
	c.Env = map[string]any{"KRB5_CONFIG": w.file("krb5.conf")}
	return w.at.Run(ctx, c, nil)
}

func (w *witness) file(name string) string { return w.dir + "/" + name }

// confirm sees that a new ticket is honoured: only then was the old one refused
// for its age.
func (w *witness) confirm(ctx context.Context, n int) error {
	err := w.signIn(ctx, "after")
	honoured := false
	if err == nil {
		honoured, err = w.honoured(ctx, "after")
	}
	if err == nil && !honoured {
		err = &action.Error{Message: "a new ticket is not honoured either"}
	}
	if err == nil {
		return nil
	}
	return &action.Error{
		Message: fmt.Sprintf("the keys of krbtgt were rotated %d times, but nobody can tell whether tickets from before are refused", n),
		Hint:    "check that the domain controller gives out tickets, then retry",
		Cause:   err, Doubt: true,
	}
}
