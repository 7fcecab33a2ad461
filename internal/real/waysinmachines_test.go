//go:build unix

package real

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

func waysIntoSSH(t *testing.T) []wayIn {
	g := newGate(t, 5)
	key := func(account int, which string) func() bool {
		name := g.accounts[account].Name
		file := keyFile(t, g.key(name, which))
		return func() bool { return g.Accepts(t, name, file) }
	}
	session := shell{g.OpenAs(t, g.accounts[3].Name, keyFile(t, g.key(g.accounts[3].Name, "laptop")))}
	ways := []wayIn{
		{"a key", "account.disable", shut, "", asIs(key(0, "laptop"), g.office(t), g.accounts[0].Name)},
		{"a second key", "account.disable", shut, "", asIs(key(1, "phone"), g.office(t), g.accounts[1].Name)},
		{"the old key", "credentials.rotate", shut, "", asIs(key(2, "laptop"), g.office(t), g.accounts[2].Name)},
		{"an open session", "sessions.revoke", shut, "", asIs(session.Alive, g.office(t), g.accounts[3].Name)},
		{"a session from before", "account.disable", noted, "sessions from before stay open", func(t *testing.T) (func() bool, *office, string) {
			name := g.accounts[4].Name
			before := shell{g.OpenAs(t, name, keyFile(t, g.key(name, "laptop")))}
			return before.Alive, g.office(t), name
		}},
	}
	for name, c := range besideKeys {
		ways = append(ways, wayIn{name, "account.disable", stays, name, func(t *testing.T) (func() bool, *office, string) {
			g := newGate(t, 1, c.conf)
			account := g.accounts[0].Name
			auth := c.auth(t, g, account)
			return func() bool { return g.signsIn(t, account, auth) }, g.office(t), account
		}}, wayIn{name + ", beside a new key", "credentials.rotate", c.rotated, name, func(t *testing.T) (func() bool, *office, string) {
			g := newGate(t, 1, c.conf)
			account := g.accounts[0].Name
			auth := c.auth(t, g, account)
			return func() bool { return g.signsIn(t, account, auth) }, g.office(t), account
		}})
	}
	return ways
}

// administered is an SSH server whose machine has sudo rules of its own, in a
// mount namespace that ends with the server: nothing of them is left on this
// machine, whatever befalls the test.
func administered(t *testing.T, accounts int, rules func(g *gate) string) *gate {
	t.Helper()
	realtest.Need(t, "sudo")
	file := filepath.Join(t.TempDir(), "sudoers")
	require.NoError(t, os.WriteFile(file, nil, 0o440))
	g := newGateBy(t, func(t testing.TB, more ...string) *realtest.SSHD {
		return realtest.StartSSHDAfter(t, "mount --bind "+file+" /etc/sudoers", more...)
	}, accounts)
	require.NoError(t, os.WriteFile(file, []byte("root ALL=(ALL:ALL) ALL\n"+rules(g)+"\n"), 0o440)) // the same file, so it is seen there
	return g
}

// becomes reports whether an account runs a command by sudo as somebody.
func (g *gate) becomes(account, key, as string) bool {
	out, err := g.as(account, key, "sudo -n -u "+as+" id -un").Output()
	return err == nil && string(out) == as+"\n"
}

func waysIntoAMachine(t *testing.T) []wayIn {
	g := administered(t, 6, func(g *gate) string {
		return "Runas_Alias PEOPLE = " + g.accounts[1].Name + ", mail\n" + g.accounts[5].Name + " ALL=(PEOPLE) NOPASSWD: /usr/bin/id"
	})
	machine := func() *office {
		return newOffice(t, "    type: linux-user\n    config: {via: "+g.Via()+"}\n")
	}
	name := func(n int) string { return g.accounts[n].Name }
	key := func(n int) string { return keyFile(t, g.key(name(n), "laptop")) }
	first, admin := key(0), key(5)
	withPassword := func(n int) func(*testing.T) (func() bool, *office, string) {
		return func(t *testing.T) (func() bool, *office, string) {
			g.accounts[n].SetPassword(t, Password(name(n)))
			return func() bool { return g.accounts[n].Accepts(t, Password(name(n))) }, machine(), name(n)
		}
	}
	return []wayIn{
		{"a key of SSH", "account.disable", shut, "", asIs(func() bool { return g.Accepts(t, name(0), first) }, machine(), name(0))},
		{"sudo by another account", "account.disable", noted, name(5) + " may still act as it by sudo", asIs(func() bool { return g.becomes(name(5), admin, name(1)) }, machine(), name(1))},
		{"the password, by su", "account.disable", shut, "", withPassword(2)},
		{"the old password, by su", "credentials.rotate", shut, "", withPassword(3)},
		{"what runs as it", "sessions.revoke", shut, "", asIs(running{g.accounts[4].Start(t, "cat")}.Alive, machine(), name(4))},
		{"an account of the same number", "account.disable", stays, "which has the same number", func(t *testing.T) (func() bool, *office, string) {
			alice := NewAccount(t)
			twin := Account{Name: alice.Name + "-2", Home: alice.Home, uid: alice.uid}
			run(t, "useradd", "--no-create-home", "--home-dir", alice.Home, "--shell", "/bin/sh", "--password", "*", "--non-unique", "--uid", fmt.Sprint(alice.uid), twin.Name)
			t.Cleanup(func() { run(t, "userdel", "--force", twin.Name) })
			twin.SetPassword(t, "the twin's")
			return func() bool { return twin.Accepts(t, "the twin's") }, machine(), alice.Name
		}},
		{"a service of PAM that admits who has expired", "account.disable", stays, "sshd, whose account rules in /etc/pam.d do not ask whether an account has expired", func(t *testing.T) (func() bool, *office, string) {
			g := newGateWithPAM(t, filepath.Join(t.TempDir(), "sshd"))
			laptop := keyFile(t, g.key(g.accounts[0].Name, "laptop"))
			return func() bool { return g.Accepts(t, g.accounts[0].Name, laptop) }, newOffice(t, "    type: linux-user\n    config: {via: "+g.Via()+"}\n"), g.accounts[0].Name
		}},
	}
}

// newGateWithPAM is a server whose account rules, in a file, admit everybody.
func newGateWithPAM(t *testing.T, rules string) *gate {
	t.Helper()
	require.NoError(t, os.WriteFile(rules, []byte("auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n"), 0o644))
	return newGateBy(t, func(t testing.TB, more ...string) *realtest.SSHD {
		return realtest.StartSSHDAfter(t, "mount --bind "+rules+" /etc/pam.d/sshd", more...)
	}, 1, "UsePAM yes", "TrustedUserCAKeys DIR/id.pub")
}

// TestSudoRefusesWhoHasExpired: in a session from before too.
func TestSudoRefusesWhoHasExpired(t *testing.T) {
	g := administered(t, 1, func(g *gate) string { return g.accounts[0].Name + " ALL=(ALL) NOPASSWD: ALL" })
	alice := g.accounts[0].Name
	session := g.OpenAs(t, alice, keyFile(t, g.key(alice, "laptop")))
	becomes := func() bool { return session.Says("sudo -n id -u 2>&1 | tail -n 1", "0") }
	require.True(t, becomes())
	o := newOffice(t, "    type: linux-user\n    config: {via: "+g.Via()+"}\n")
	o.must("run", o.acts("disable", "account.disable", false), "--input", "account="+alice)
	require.False(t, becomes())
	require.True(t, session.Says("id -un", alice), "the session itself is still there")
	require.NoFileExists(t, "/etc/sudoers.d/"+alice)
}

// TestServicesOfPAMThatAdmitWhoHasExpired are said before, and expiry counts as a
// way shut again when their rules ask for it.
func TestServicesOfPAMThatAdmitWhoHasExpired(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "sshd")
	g := newGateWithPAM(t, rules)
	alice := g.accounts[0]
	laptop := keyFile(t, g.key(alice.Name, "laptop"))
	o := newOffice(t, "    type: linux-user\n    config: {via: "+g.Via()+"}\n")
	o.checkNames("sshd, whose account rules in /etc/pam.d")
	o.staysOpen(o.acts("disable", "account.disable", false), alice.Name, "sshd, whose account rules in /etc/pam.d do not ask whether an account has expired")
	require.True(t, alice.Expired(t))
	require.True(t, g.Accepts(t, alice.Name, laptop), "the step was right: that way is open")

	// Then expiry shuts no way besides the keys either.
	keys := g.office(t, "via: "+g.Via())
	keys.staysOpen(keys.acts("revoke", "account.disable", false), alice.Name, "TrustedUserCAKeys")
	auth := certified(t, g, alice.Name)
	require.True(t, g.signsIn(t, alice.Name, auth))
	require.False(t, g.Accepts(t, alice.Name, laptop))
	require.NoError(t, os.WriteFile(rules, []byte("auth required pam_unix.so\n@include common-account\nsession required pam_permit.so\n"), 0o644))
	o.must("target", "check")
	require.False(t, g.signsIn(t, alice.Name, auth))
}
