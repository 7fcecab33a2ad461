//go:build unix

package real

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/irctl/irctl/internal/realtest"
)

// The tests here are about ways in beside the one that a kind closes, as an
// ordinary administrator leaves them: whoever was cut off tries each from
// outside, and either fails, or the step named the way and did not say verified.

// staysOpen runs a step that must name a way that stays and is not verified.
func (o *office) staysOpen(runbook, account, way string) {
	o.t.Helper()
	e := o.irctl("run", runbook, "--input", "account="+account)
	require.Equal(o.t, 4, e.code, e.text())
	said := strings.Join(strings.Fields(e.text()), " ")
	require.Contains(o.t, said, "STILL OPEN: ")
	require.Contains(o.t, said, way)
	require.NotEqual(o.t, "succeeded", o.status().Status)
}

// checkNames has a target check fail that says so before.
func (o *office) checkNames(way string) {
	o.t.Helper()
	e := o.irctl("target", "check")
	require.Equal(o.t, 1, e.code, e.text())
	require.Contains(o.t, strings.Join(strings.Fields(e.text()), " "), way)
}

func TestADirectoryThatLocksNobody(t *testing.T) {
	alice := Person("alice")
	signsIn := func(d directory) { require.True(t, d.slapd.Accepts(t, alice, Password("alice")), "she does sign in") }
	t.Run("pwdLockout FALSE", func(t *testing.T) {
		d := newDirectory(t)
		d.slapd.modify(t, Policy, "replace: pwdLockout\npwdLockout: FALSE")
		d.checkNames("locks nobody")
		d.staysOpen(d.disable(), "alice", "its password policy "+Policy+" locks nobody (set pwdLockout to TRUE)")
		signsIn(d)
		d.slapd.modify(t, Policy, "replace: pwdLockout\npwdLockout: TRUE")
		d.must("target", "check")
		require.False(t, d.slapd.Accepts(t, alice, Password("alice")))
	})
	t.Run("no default policy", func(t *testing.T) {
		s := startSlapd(t, func(conf string) string {
			conf = strings.Replace(conf, "ppolicy_default", "# ppolicy_default", 1)
			return strings.Replace(conf, "\ndatabase mdb", "\ndatabase config\naccess to * by dn.exact=\""+Irctl+"\" read by * none\n\ndatabase mdb", 1)
		})
		d := onSlapd(t, s, "default_policy: \"\"")
		d.checkNames("no password policy counts")
		d.staysOpen(d.disable(), "alice", "no password policy counts for it")
		signsIn(d)
		// One of her own counts.
		d.slapd.modify(t, Person("bob"), "add: pwdPolicySubentry\npwdPolicySubentry: "+Policy)
		d = onSlapd(t, s, "default_policy: \"\"") // the run before waits for a person, and keeps the system
		d.must("run", d.disable(), "--input", "account=bob")
		require.False(t, d.slapd.Accepts(t, Person("bob"), Password("bob")))
	})
	t.Run("nobody may look", func(t *testing.T) {
		d := newDirectory(t, "default_policy: \"\"")
		d.checkNames("nobody may look which password policy counts")
		d.staysOpen(d.disable(), "alice", "name it: default_policy")
	})
}

func TestADirectoryInWhichIrctlMayWriteNothing(t *testing.T) {
	for _, who := range []struct{ dn, password, cannot string }{
		{Viewer, ViewerPassword, "pwdAccountLockedTime"}, {Viewer, ViewerPassword, "userPassword"}, {Helpdesk, HelpdeskPassword, "pwdAccountLockedTime"},
	} {
		d := newDirectory(t, "bind_dn: "+who.dn)
		d.write("password", who.password)
		before := d.slapd.Content(t)
		d.checkNames("who signs in may not write " + who.cannot)
		require.Equal(t, before, d.slapd.Content(t), "it is only asked")
	}
}

// signsIn tries to sign in to the gate from outside, from another address than
// that of a machine to itself.
func (g *gate) signsIn(t *testing.T, account string, auth ...ssh.AuthMethod) bool {
	t.Helper()
	at := net.JoinHostPort(g.Host(), fmt.Sprint(g.Port()))
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	conn, err := from.DialContext(t.Context(), "tcp", at)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, _, _, err = ssh.NewClientConn(conn, at, &ssh.ClientConfig{
		User: account, Auth: auth, HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // a test's own server
	})
	return err == nil
}

// certified is a sign-in by a certificate of the gate's authority.
func certified(t *testing.T, g *gate, account string) ssh.AuthMethod {
	t.Helper()
	file := g.of(account).Key(t, "certified")
	run(t, "ssh-keygen", "-q", "-s", g.File("id"), "-I", account, "-n", account, file+".pub")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	key, err := ssh.ParsePrivateKey(text)
	require.NoError(t, err)
	text, err = os.ReadFile(file + "-cert.pub")
	require.NoError(t, err)
	public, _, _, _, err := ssh.ParseAuthorizedKey(text)
	require.NoError(t, err)
	signer, err := ssh.NewCertSigner(public.(*ssh.Certificate), key)
	require.NoError(t, err)
	return ssh.PublicKeys(signer)
}

// password is a sign-in by a password of the machine.
func password(t *testing.T, g *gate, account string) ssh.AuthMethod {
	t.Helper()
	const password = "a password of the machine"
	g.of(account).SetPassword(t, password)
	return ssh.Password(password)
}

// besideKeys are ways into an SSH server by no key of the account's, and what
// becomes of them when its key is replaced: a password is another credential.
var besideKeys = map[string]struct {
	conf    string
	rotated fate
	auth    func(t *testing.T, g *gate, account string) ssh.AuthMethod
}{
	"PasswordAuthentication":                       {"Match all\nPasswordAuthentication yes", noted, password},
	"PasswordAuthentication), by some connections": {"Match Address 10.0.0.0/8,127.0.0.2\nPasswordAuthentication yes\nMatch all", noted, password},
	"TrustedUserCAKeys":                            {"TrustedUserCAKeys DIR/id.pub", noted, certified},
	"AuthorizedKeysCommand": {"AuthorizedKeysCommand /bin/cat DIR/by-command.pub\nAuthorizedKeysCommandUser root", stays, func(t *testing.T, g *gate, account string) ssh.AuthMethod {
		file := g.of(account).Key(t, "by-command")
		pub, err := os.ReadFile(file + ".pub")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(g.File("by-command.pub"), pub, 0o644))
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		signer, err := ssh.ParsePrivateKey(text)
		require.NoError(t, err)
		return ssh.PublicKeys(signer)
	}},
}

func TestWaysIntoASSHServerBesideKeys(t *testing.T) {
	for name, c := range besideKeys {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, 2, c.conf)
			alice, bob := g.accounts[0], g.accounts[1]
			o := g.office(t)
			disable := o.acts("disable", "account.disable", false)
			auth := c.auth(t, g, alice.Name)
			require.True(t, g.signsIn(t, alice.Name, auth))
			o.checkNames(name)
			o.staysOpen(disable, alice.Name, name)
			require.True(t, g.signsIn(t, alice.Name, auth), "the step was right: that way is open")
			require.False(t, g.Accepts(t, alice.Name, keyFile(t, g.key(alice.Name, "laptop"))), "and this one is not")

			// An account without a key is not disabled by having none.
			require.NoError(t, os.Remove(filepath.Join(bob.Home, ".ssh/authorized_keys")))
			c.auth(t, g, bob.Name)
			o = g.office(t)
			o.staysOpen(o.acts("disable", "account.disable", false), bob.Name, "there is nothing to change")

			// Who has expired comes in by no way.
			users := newOffice(t, "    type: linux-user\n    config: {}\n")
			users.must("run", users.acts("lock", "account.disable", false), "--input", "account="+alice.Name)
			require.False(t, g.signsIn(t, alice.Name, auth))
			require.False(t, g.Accepts(t, alice.Name, keyFile(t, g.key(alice.Name, "phone"))))
			again := g.office(t)
			again.must("run", again.acts("disable", "account.disable", false), "--input", "account="+alice.Name)
		})
	}
}

func TestALinuxAccountWithATwin(t *testing.T) {
	alice := NewAccount(t)
	twin := alice.Name + "-2"
	run(t, "useradd", "--no-create-home", "--home-dir", alice.Home, "--shell", "/bin/sh", "--password", "*", "--non-unique", "--uid", fmt.Sprint(alice.uid), twin)
	t.Cleanup(func() { run(t, "userdel", "--force", twin) })
	o := newOffice(t, "    type: linux-user\n    config: {}\n")
	o.staysOpen(o.acts("disable", "account.disable", false), alice.Name, "the account "+twin+", which has the same number")
	o = newOffice(t, "    type: linux-user\n    config: {}\n")
	o.staysOpen(o.acts("rotate", "credentials.rotate", true), alice.Name, "the account "+twin+", which has the same number")
}

func TestARedisThatAsksForNoPassword(t *testing.T) {
	r := StartRedis(t)
	o := inRedis(t, r, IrctlRole)
	o.must("target", "check")
	_, err := r.cli(superRole, Password(superRole), "ACL SETUSER default on nopass ~* +@all\n")
	require.NoError(t, err)
	o.checkNames("no password at all, as the user default")
	o.staysOpen(o.acts("disable", "account.disable", false), "alice", "as the user default")
	require.True(t, r.Accepts(t, "alice", Password("alice")), "she is refused, and asks as default")
	_, err = r.cli(superRole, Password(superRole), "ACL SETUSER default -@all\n")
	require.NoError(t, err)
	o.must("target", "check")
}

// A role that may not log in comes in by no line of pg_hba.conf.
func TestARoleThatPostgresTrusts(t *testing.T) {
	p := StartPostgres(t)
	hba, err := os.ReadFile(p.File("data/pg_hba.conf"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(p.File("data/pg_hba.conf"), append([]byte("local all alice trust\nhost all alice all trust\n"), hba...), 0o600))
	p.Ask(t, "SELECT pg_reload_conf()")
	o := inPostgres(t, p)
	require.True(t, p.Accepts(t, "alice", "anything"))
	o.must("run", o.acts("disable", "account.disable", false), "--input", "account=alice")
	require.False(t, p.Accepts(t, "alice", "anything"))
}

// TestWaysIntoPostgresBesideThePassword: a new password closes none of the lines
// of pg_hba.conf that ask for something else, or for nothing.
func TestWaysIntoPostgresBesideThePassword(t *testing.T) {
	p := StartPostgres(t)
	p.Ask(t, "GRANT SELECT ON pg_hba_file_rules TO "+IrctlRole+"; GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO "+IrctlRole+"; CREATE ROLE staff NOLOGIN; GRANT staff TO bob")
	hba, err := os.ReadFile(p.File("data/pg_hba.conf"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(p.File("data/pg_hba.conf"), append([]byte("host all alice 192.0.2.0/24 trust\nlocal all +staff peer\n"), hba...), 0o600))
	p.Ask(t, "SELECT pg_reload_conf()")
	o := inPostgres(t, p)
	o.staysOpen(o.acts("rotate", "credentials.rotate", true), "alice", "no password at all (trust: line 1 of pg_hba.conf, host 192.0.2.0)")
	require.False(t, p.Accepts(t, "alice", Password("alice")), "the old password is refused all the same")
	o = inPostgres(t, p)
	shown := o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account=bob").text()
	require.Contains(t, strings.Join(strings.Fields(shown), " "), "it may also sign in by peer (line 2 of pg_hba.conf, local)")
	require.Equal(t, "succeeded", o.status().Status)

	require.NoError(t, os.WriteFile(p.File("data/pg_hba.conf"), append([]byte("host all all 192.0.2.0/24 trust\n"), hba...), 0o600))
	p.Ask(t, "SELECT pg_reload_conf()")
	o.checkNames("a new password would leave open no password at all (trust: line 1 of pg_hba.conf")
}

func TestMasterUsersOfDovecotAreNamed(t *testing.T) {
	d := dovecot{StartDovecot(t)}
	conf, err := os.ReadFile(d.File("dovecot.conf"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(d.File("dovecot.conf"), append(conf, "auth_master_user_separator = *\npassdb {\n  driver = passwd-file\n  args = "+d.File("users")+"\n  master = yes\n}\n"...), 0o644))
	run(t, "doveadm", "-c", d.File("dovecot.conf"), "reload")
	o := d.office(t, "")
	shown := o.must("run", o.acts("disable", "account.disable", false), "--input", "account=alice").text()
	require.Contains(t, strings.Join(strings.Fields(shown), " "), "master users of Dovecot")
	require.False(t, d.Accepts(t, "alice"))
}

// startSlapd starts a directory whose configuration is edited first.
func startSlapd(t *testing.T, edit func(string) string) *Slapd {
	t.Helper()
	d := slapdDaemon(realtest.Need(t, "slapd"))
	configure := d.Configure
	d.Configure = func(at realtest.Place) error {
		if err := configure(at); err != nil {
			return err
		}
		conf, err := os.ReadFile(at.File("slapd.conf"))
		if err != nil {
			return err
		}
		return os.WriteFile(at.File("slapd.conf"), []byte(edit(string(conf))), 0o600)
	}
	return &Slapd{d.Start(t)}
}

// modify changes an entry by the directory's own client.
func (s *Slapd) modify(t testing.TB, dn, change string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "change.ldif")
	require.NoError(t, os.WriteFile(file, []byte("dn: "+dn+"\nchangetype: modify\n"+change+"\n"), 0o600))
	_, err := s.client("ldapmodify", root, rootPassword, "-f", file)
	require.NoError(t, err)
}
