//go:build unix

package real

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/irctl/irctl/internal/realtest"
	"github.com/irctl/irctl/internal/registry"
)

// A way in is tried from outside by whoever was cut off: it is shut, or the
// step names it. One that asks for nothing keeps a step from being verified.
const (
	shut  = "refused"
	named = "named"
)

// wayIn is one that the daemon of a kind offers.
type wayIn struct {
	way, then string
	shown     func(*testing.T) // the test that tries it
}

// waysIn are those of every kind of target that keeps somebody out.
var waysIn = map[string][]wayIn{
	"ldap": {
		{"a bind with the password", shut, TestDisable},
		{"a policy that locks nobody, no policy, one that nobody may read", named, TestADirectoryThatLocksNobody},
		{"rights that are missing", named, TestADirectoryInWhichIrctlMayWriteNothing},
	},
	"active-directory": {
		{"a bind, a Kerberos sign-in, a ticket from before, a file share", shut, TestActiveDirectory},
	},
	"dovecot": {
		{"IMAP with the password", shut, TestDisableInDovecot},
		{"sessions that are open", shut, TestRevokeInDovecot},
		{"master users", named, TestMasterUsersOfDovecotAreNamed},
		{"a deny file that Dovecot does not read", named, TestDovecotWithoutADenyFile},
	},
	"postgres": {
		{"the password, open connections", shut, TestPostgres},
		{"a line of pg_hba.conf that trusts who may not log in", shut, TestARoleThatPostgresTrusts},
		{"trust, peer and cert beside a new password", named, TestWaysIntoPostgresBesideThePassword},
	},
	"redis": {
		{"the password, open connections", shut, TestRedis},
		{"the user default without a password", named, TestARedisThatAsksForNoPassword},
	},
	"ssh-keys": {
		{"every key of the account", shut, TestSSHKeys},
		{"passwords, certificates, keys that a command names", named, TestWaysIntoASSHServerBesideKeys},
	},
	"linux-user": {
		{"the password by su, by sshd; keys", shut, TestLinuxUser},
		{"sudo in a session from before", shut, TestSudoRefusesWhoHasExpired},
		{"an account of the same number", named, TestALinuxAccountWithATwin},
		{"services of PAM that admit who has expired", named, TestServicesOfPAMThatAdmitWhoHasExpired},
	},
	"htpasswd": {
		{"the password", shut, TestHtpasswd},
		{"an address of the server's that needs no password; another password file", named, TestWaysIntoAWebServerBesideAPasswordFile},
	},
	"postfix": {
		{"SMTP from outside and from the machine", shut, TestSuspendPostfix},
		{"services of master.cf with restrictions of their own", named, TestAServiceThatStaysOpenIsNamed},
	},
}

// describedKinds offer what whoever describes them says: what they verify by is
// asked after the change, and nothing else of them can be seen.
var describedKinds = []string{"http", "command"}

func TestEveryKindHasItsWaysIn(t *testing.T) {
	builtin := registry.Builtin()
	for _, name := range []string{"account.disable", "credentials.rotate", "sessions.revoke", "email.suspend"} {
		a, ok := builtin.Lookup(name)
		require.True(t, ok)
		for _, kind := range a.Spec().Targets {
			t.Run(name+"/"+kind.Name, func(t *testing.T) {
				for _, described := range describedKinds {
					if kind.Name == described {
						return
					}
				}
				require.NotEmpty(t, waysIn[kind.Name], "say by what ways people get into it, and try each from outside")
				for _, w := range waysIn[kind.Name] {
					require.NotNil(t, w.shown, w.way)
					require.Contains(t, []string{shut, named}, w.then, w.way)
				}
			})
		}
	}
}

func TestServicesOfPAMThatAdmitWhoHasExpired(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "sshd")
	require.NoError(t, os.WriteFile(rules, []byte("auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n"), 0o644))
	g := newGateBy(t, func(t testing.TB, more ...string) *realtest.SSHD {
		return realtest.StartSSHDAfter(t, "mount --bind "+rules+" /etc/pam.d/sshd", more...)
	}, 1, "UsePAM yes", "TrustedUserCAKeys DIR/id.pub")
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
	require.True(t, g.signsIn(t, alice.Name, certified(t, g, alice.Name)))
	require.False(t, g.Accepts(t, alice.Name, laptop))
	require.NoError(t, os.WriteFile(rules, []byte("auth required pam_unix.so\n@include common-account\nsession required pam_permit.so\n"), 0o644))
	o.must("target", "check")
	text, err := os.ReadFile(laptop)
	require.NoError(t, err)
	key, err := ssh.ParsePrivateKey(text)
	require.NoError(t, err)
	require.False(t, g.signsIn(t, alice.Name, ssh.PublicKeys(key)))
}

func TestSudoRefusesWhoHasExpired(t *testing.T) {
	realtest.Need(t, "sudo")
	alice := NewAccount(t)
	file := "/etc/sudoers.d/" + alice.Name
	require.NoError(t, os.WriteFile(file, []byte(alice.Name+" ALL=(ALL) NOPASSWD: ALL\n"), 0o440))
	t.Cleanup(func() { require.NoError(t, os.Remove(file)) })
	shell := exec.Command("sh")
	realtest.RunAs(shell, alice.Name)
	shell.Dir = "/"
	session := open(t, shell) // from before
	becomes := func() bool { return session.Says("sudo -n id -u 2>&1 | tail -n 1", "0") }
	require.True(t, becomes())
	o := newOffice(t, "    type: linux-user\n    config: {}\n")
	o.must("run", o.acts("disable", "account.disable", false), "--input", "account="+alice.Name)
	require.False(t, becomes())
	require.True(t, session.Says("id -un", alice.Name), "the session itself is still there")
}

func TestWaysIntoAWebServerBesideAPasswordFile(t *testing.T) {
	folder := t.TempDir()
	file, other, served := filepath.Join(folder, "htpasswd"), filepath.Join(folder, "others"), filepath.Join(folder, "page.html")
	require.NoError(t, os.WriteFile(served, []byte("the admins' page"), 0o644))
	entry := "alice:" + strings.TrimSpace(run(t, "openssl", "passwd", "-apr1", Password("alice"))) + "\n"
	require.NoError(t, os.WriteFile(file, []byte(entry), 0o644))
	require.NoError(t, os.WriteFile(other, []byte(entry), 0o644))
	require.NoError(t, os.Chmod(folder, 0o755))
	page := " alias " + served + "; default_type text/html; }\n"
	n := StartNginx(t, "location = /guarded { auth_basic a; auth_basic_user_file "+file+";"+page+
		"location = /near { satisfy any; allow 127.0.0.0/8; auth_basic a; auth_basic_user_file "+file+";"+page+
		"location = /other { auth_basic a; auth_basic_user_file "+other+";"+page)
	comesIn := func(path string) bool {
		return Visit(t, "http://"+n.Address(0)+path, "-u", "alice:"+Password("alice")).Status == 200
	}
	at := func(path string) *office {
		return newOffice(t, "    type: htpasswd\n    config: {file: "+file+", url: http://"+n.Address(0)+path+"}\n")
	}
	near := at("/near")
	near.checkNames("lets everybody in")
	near.staysOpen(near.acts("disable", "account.disable", false), "alice", "`url` names, which lets everybody in")
	require.True(t, comesIn("/near"), "the step was right: that way is open")
	require.False(t, comesIn("/guarded"))

	require.NoError(t, os.WriteFile(file, []byte(entry), 0o644))
	guarded := at("/guarded")
	shown := guarded.must("run", guarded.acts("disable", "account.disable", false), "--input", "account=alice").text()
	require.Contains(t, strings.Join(strings.Fields(shown), " "), "other password files of the server stay as they are")
	require.False(t, comesIn("/guarded"))
	require.True(t, comesIn("/other"), "it is the one that was named")
}
