//go:build unix

package real

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// gate is an SSH server and accounts of the machine that sign in there, each
// with two keys: one that may do everything, one with options.
type gate struct {
	*realtest.SSHD
	accounts []Account
}

// newGate has more lines of sshd_config, in which DIR is the server's folder.
func newGate(t *testing.T, accounts int, more ...string) *gate {
	t.Helper()
	return newGateBy(t, realtest.StartSSHD, accounts, more...)
}

// newGateBy is newGate with another way to start its server.
func newGateBy(t *testing.T, start func(testing.TB, ...string) *realtest.SSHD, accounts int, more ...string) *gate {
	t.Helper()
	g := &gate{}
	for range accounts {
		a := NewAccount(t)
		text := "# of " + a.Name + ", written by hand\n"
		for _, name := range []string{"laptop", "phone"} {
			pub, err := os.ReadFile(a.Key(t, name) + ".pub")
			require.NoError(t, err)
			text += map[string]string{"laptop": "no-port-forwarding ", "phone": ""}[name] + string(pub)
		}
		require.NoError(t, os.Mkdir(filepath.Join(a.Home, ".ssh"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(a.Home, ".ssh/authorized_keys"), []byte(text), 0o600))
		a.Own(t)
		g.accounts = append(g.accounts, a)
	}
	g.SSHD = start(t, append(more, "Match User irctl-*", "AuthorizedKeysFile .ssh/authorized_keys", "Match all")...)
	// A key that somebody revoked before, on a line without an end.
	require.NoError(t, os.WriteFile(g.File("revoked_keys"), []byte("# lost in March\n"+g.gone(t)), 0o644))
	return g
}

func (g *gate) gone(t *testing.T) string {
	pub, err := os.ReadFile(g.accounts[0].Key(t, "lost") + ".pub")
	require.NoError(t, err)
	return strings.TrimSpace(string(pub))
}

func (g *gate) names() []string {
	var out []string
	for _, a := range g.accounts {
		out = append(out, a.Name)
	}
	return out
}

func (g *gate) of(name string) Account {
	for _, a := range g.accounts {
		if a.Name == name {
			return a
		}
	}
	panic("no test made the account " + name)
}

func (g *gate) office(t *testing.T, more ...string) *office {
	config := "      config: " + g.File("sshd_config") + "\n"
	for _, line := range more {
		config += "      " + line + "\n"
	}
	return newOffice(t, "    type: ssh-keys\n    config:\n"+config)
}

// key is a private key of an account.
func (g *gate) key(name, which string) string {
	text, err := os.ReadFile(filepath.Join(g.of(name).Home, which))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}

// keyFile writes a private key where ssh reads it.
func keyFile(t *testing.T, key string) string {
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte(key+"\n"), 0o600))
	return file
}

// files are all keys that the server reads.
func (g *gate) files(t *testing.T) map[string]string {
	out := map[string]string{}
	paths := []string{g.File("revoked_keys")}
	for _, a := range g.accounts {
		paths = append(paths, filepath.Join(a.Home, ".ssh/authorized_keys"))
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		out[path] = string(text)
	}
	return out
}

// shell is a shell that somebody has open by ssh.
type shell struct{ *Session }

func (s shell) Alive() bool { return s.Says("echo here", "here") }

func TestSSHKeys(t *testing.T) {
	g := newGate(t, 5)
	alice, bob := g.accounts[4], g.accounts[0]
	open := func(t *testing.T, account, key string) session { return shell{g.OpenAs(t, account, keyFile(t, key))} }
	accepts := func(t *testing.T, account, key string) bool { return g.Accepts(t, account, keyFile(t, key)) }

	t.Run("disable", func(t *testing.T) {
		trial{
			office: func(t *testing.T) (*office, string) {
				o := g.office(t)
				return o, o.acts("disable", "account.disable", false)
			},
			args:  []string{"--input", "account=" + alice.Name},
			state: func(t *testing.T) any { return g.files(t) },
			changed: func(t *testing.T) {
				require.False(t, accepts(t, alice.Name, g.key(alice.Name, "laptop")))
				require.False(t, accepts(t, alice.Name, g.key(alice.Name, "phone")))
				require.True(t, accepts(t, bob.Name, g.key(bob.Name, "phone")))
			},
			unchanged: func(t *testing.T) { require.True(t, accepts(t, alice.Name, g.key(alice.Name, "laptop"))) },
			now:       alice.Name + " has 2 SSH keys, of which 0 are revoked", already: alice.Name + " is disabled already",
		}.run(t)
	})
	t.Run("what others revoked meanwhile stays revoked", func(t *testing.T) {
		o := g.office(t)
		before := g.files(t)[g.File("revoked_keys")]
		o.must("run", o.acts("disable", "account.disable", false), "--input", "account="+alice.Name)
		during := g.files(t)[g.File("revoked_keys")]
		theirs, err := os.ReadFile(filepath.Join(bob.Home, "laptop.pub"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(g.File("revoked_keys"), []byte(during+string(theirs)), 0o644))
		o.must("rollback", o.status().Run)
		require.Equal(t, before+"\n"+string(theirs), g.files(t)[g.File("revoked_keys")])
		require.NoError(t, os.WriteFile(g.File("revoked_keys"), []byte(before), 0o644))
	})
	t.Run("enable", func(t *testing.T) {
		pub, err := os.ReadFile(filepath.Join(alice.Home, "phone.pub"))
		require.NoError(t, err)
		before := g.files(t)[g.File("revoked_keys")]
		require.NoError(t, os.WriteFile(g.File("revoked_keys"), []byte(string(pub)+before), 0o644))
		trial{
			office: func(t *testing.T) (*office, string) {
				o := g.office(t)
				return o, o.acts("enable", "account.enable", false)
			},
			args:      []string{"--input", "account=" + alice.Name},
			state:     func(t *testing.T) any { return g.files(t) },
			changed:   func(t *testing.T) { require.True(t, accepts(t, alice.Name, g.key(alice.Name, "phone"))) },
			unchanged: func(t *testing.T) { require.False(t, accepts(t, alice.Name, g.key(alice.Name, "phone"))) },
			now:       alice.Name + " has 2 SSH keys, of which 1 are revoked", already: alice.Name + " is enabled already",
		}.run(t)
		require.NoError(t, os.WriteFile(g.File("revoked_keys"), []byte(before), 0o644))
	})
	t.Run("sessions", func(t *testing.T) {
		of := func(a Account) func() session {
			return func() session {
				s := open(t, a.Name, g.key(a.Name, "phone"))
				require.True(t, s.Alive())
				return s
			}
		}
		g.office(t).revoked(of(alice), of(bob), alice.Name)
	})
	t.Run("rotate", func(t *testing.T) {
		rotation{
			office:   func(t *testing.T) *office { return g.office(t) },
			noun:     "key",
			accounts: g.names(),
			old:      func(account string) string { return g.key(account, "laptop") },
			accepts:  accepts,
			open:     open,
			exactly:  func(t *testing.T) any { return g.files(t) },
			but: func(t *testing.T, account string) any {
				files := g.files(t)
				delete(files, g.File("revoked_keys"))
				delete(files, filepath.Join(g.of(account).Home, ".ssh/authorized_keys"))
				return files
			},
		}.run(t)
		// Both keys are gone, and what stood beside them is not.
		require.False(t, accepts(t, bob.Name, g.key(bob.Name, "phone")))
		require.Regexp(t, `^# of `+bob.Name+`, written by hand\nno-port-forwarding ssh-ed25519 \S+ `+bob.Name+`\n$`, g.files(t)[filepath.Join(bob.Home, ".ssh/authorized_keys")])
	})
	t.Run("who is disabled stays so", func(t *testing.T) {
		o := g.office(t)
		o.must("run", o.acts("disable", "account.disable", false), "--input", "account="+alice.Name)
		disable := o.status().Run
		o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account="+alice.Name)
		require.False(t, accepts(t, alice.Name, o.stored()))
		stored := o.stored()
		o.must("run", o.acts("enable", "account.enable", false), "--input", "account="+alice.Name)
		require.True(t, accepts(t, alice.Name, stored))
		require.NotEmpty(t, disable)
	})
	t.Run("refusals", func(t *testing.T) {
		o := g.office(t)
		for account, want := range map[string]string{"nobody-here": "there is no account nobody-here", "-x": "there is no account -x"} {
			e := o.irctl("run", o.acts("disable", "account.disable", false), "--input", "account="+account)
			require.Equal(t, 4, e.code, e.text())
			require.Contains(t, e.text(), want)
			o.irctl("cancel", o.status().Run) // or it would claim the server
		}
		before, err := os.ReadFile(g.File("sshd_config"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(g.File("sshd_config"), []byte(strings.ReplaceAll(string(before), "RevokedKeys", "#RevokedKeys")), 0o600))
		e := o.irctl("target", "check")
		require.Equal(t, 1, e.code)
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "reads no file of revoked keys")
		require.NoError(t, os.WriteFile(g.File("sshd_config"), before, 0o600))
		o.must("target", "check")

		krl := "SSHKRL\n\x00rest"
		require.NoError(t, os.WriteFile(g.File("revoked_keys"), []byte(krl), 0o644))
		e = o.irctl("run", o.acts("disable", "account.disable", false), "--input", "account="+alice.Name)
		require.Equal(t, 4, e.code, e.text())
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "key revocation list in OpenSSH's own form")
		require.Equal(t, krl, g.files(t)[g.File("revoked_keys")])
	})
}

func TestAnSSHServerThatIsStoppedIsFoundBefore(t *testing.T) {
	g := newGate(t, 1)
	o := g.office(t)
	g.Stop()
	e := o.irctl("target", "check")
	require.Equal(t, 1, e.code)
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "no SSH server answers at "+g.Address(0))
}
