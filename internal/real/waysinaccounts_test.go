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

func waysIntoLDAP(t *testing.T) []wayIn {
	d := newDirectory(t)
	bind := func(d directory, uid string) func() bool {
		return func() bool { return d.slapd.Accepts(t, Person(uid), Password(uid)) }
	}
	return []wayIn{
		{"a bind with the password", "account.disable", shut, "", asIs(bind(d, "alice"), d.office, "alice")},
		{"a bind with the old password", "credentials.rotate", shut, "", asIs(bind(d, "bob"), d.again(t).office, "bob")},
		{"a bind, because the policy locks nobody", "account.disable", stays, "its password policy " + Policy + " locks nobody", func(t *testing.T) (func() bool, *office, string) {
			d := newDirectory(t)
			d.slapd.modify(t, Policy, "replace: pwdLockout\npwdLockout: FALSE")
			return bind(d, "alice"), d.office, "alice"
		}},
		{"a bind, because no policy counts", "account.disable", stays, "no password policy counts for it", func(t *testing.T) (func() bool, *office, string) {
			s := startSlapd(t, func(conf string) string {
				conf = strings.Replace(conf, "ppolicy_default", "# ppolicy_default", 1)
				return strings.Replace(conf, "\ndatabase mdb", "\ndatabase config\naccess to * by dn.exact=\""+Irctl+"\" read by * none\n\ndatabase mdb", 1)
			})
			d := onSlapd(t, s, "default_policy: \"\"")
			return bind(d, "alice"), d.office, "alice"
		}},
	}
}

func waysIntoADomain(t *testing.T) []wayIn {
	s := StartSamba(t)
	at := func(more ...string) *office { return newDomain(t, s, more...).office }
	signsIn := func(account string) func() bool {
		return func() bool {
			_, err := s.SignIn(account, DomainPassword(account))
			return err == nil
		}
	}
	ticket := func(account string) func(*testing.T) (func() bool, *office, string) {
		return func(t *testing.T) (func() bool, *office, string) {
			before, err := s.SignIn(account, DomainPassword(account))
			require.NoError(t, err)
			return func() bool { return s.Honours(t, before) }, at("krbtgt: true"), account
		}
	}
	enabled := func(t *testing.T) { s.SetControl(t, "alice", "66048") }
	return []wayIn{
		{"the password at a share", "account.disable", shut, "", asIs(func() bool { return s.Accepts(t, "alice", DomainPassword("alice")) }, at(), "alice")},
		{"a Kerberos sign-in", "account.disable", shut, "", func(t *testing.T) (func() bool, *office, string) {
			enabled(t)
			return signsIn("alice"), at(), "alice"
		}},
		{"a Kerberos ticket from before, for another", "account.disable", shut, "", func(t *testing.T) (func() bool, *office, string) {
			enabled(t)
			return ticket("alice")(t)
		}},
		{"a ticket for a service from before", "account.disable", noted, "Kerberos tickets that were given out before last until they expire", func(t *testing.T) (func() bool, *office, string) {
			enabled(t)
			before, err := s.SignIn("alice", DomainPassword("alice"))
			require.NoError(t, err)
			require.True(t, s.Opens(before))
			return func() bool { return s.Opens(before) }, at(), "alice"
		}},
		{"the old password", "credentials.rotate", shut, "", asIs(signsIn("bob"), at(), "bob")},
		{"a Kerberos ticket from before, beside a new password", "credentials.rotate", noted, "Kerberos tickets that were given out before last until they expire", func(t *testing.T) (func() bool, *office, string) {
			s.SetControl(t, "carol", "66048")
			before, err := s.SignIn("carol", DomainPassword("carol"))
			require.NoError(t, err)
			return func() bool { return s.Honours(t, before) }, at(), "carol"
		}},
		{"a Kerberos ticket from before", "sessions.revoke", shut, "", func(t *testing.T) (func() bool, *office, string) {
			enabled(t)
			in, o, _ := ticket("alice")(t)
			return in, o, "krbtgt"
		}},
	}
}

func waysIntoDovecot(t *testing.T) []wayIn {
	d := dovecot{StartDovecot(t)}
	imap := func(user, password string) func() bool {
		return func() bool {
			c, err := signIn(d.Address(0), user, password)
			if err == nil {
				require.NoError(t, c.Close())
			}
			return err == nil
		}
	}
	// bob is a master user: his password opens every mailbox.
	rewrite(t, d.File("dovecot.conf"), func(conf string) string {
		return conf + "auth_master_user_separator = *\npassdb {\n  driver = passwd-file\n  args = " + d.File("users") + "\n  master = yes\n}\n"
	})
	run(t, "doveadm", "-c", d.File("dovecot.conf"), "reload")
	o := d.office(t, "")
	longNames := func(account string) func(*testing.T) (func() bool, *office, string) {
		return func(t *testing.T) (func() bool, *office, string) {
			d := dovecot{StartDovecot(t)}
			rewrite(t, d.File("dovecot.conf"), func(conf string) string {
				return strings.ReplaceAll(conf, "args = "+d.File("users"), "args = username_format=%n "+d.File("users"))
			})
			run(t, "doveadm", "-c", d.File("dovecot.conf"), "reload")
			in := func() bool {
				c, err := signIn(d.Address(0), "alice@example.com", Password("alice"))
				if err == nil {
					require.NoError(t, c.Close())
				}
				return err == nil
			}
			require.Eventually(t, in, realtest.StartTime, realtest.LookEvery)
			return in, d.office(t, ""), account
		}
	}
	return []wayIn{
		{"an open session", "sessions.revoke", shut, "", asIs(d.SignIn(t, "bob").Alive, o, "bob")},
		{"IMAP with the password", "account.disable", shut, "", asIs(imap("alice", Password("alice")), o, "alice")},
		{"IMAP by a master user", "account.disable", noted, "master users of Dovecot", asIs(imap("alice*bob", Password("bob")), d.office(t, ""), "alice")},
		{"IMAP by a master user, of everybody", "email.suspend", noted, "master users of Dovecot", asIs(imap("alice*bob", Password("bob")), d.office(t, ""), "")},
		{"IMAP under a name with a domain, which only the passdb with the passwords cuts off", "account.disable", stays, "names with another domain, such as alice@", longNames("alice")},
		{"IMAP under a name with a domain, of everybody", "email.suspend", stays, "names with another domain, such as ", longNames("")},
		{"IMAP with the password, of everybody", "email.suspend", shut, "", func(t *testing.T) (func() bool, *office, string) {
			d = dovecot{StartDovecot(t)}
			return imap("alice", Password("alice")), d.office(t, ""), ""
		}},
	}
}

func waysIntoPostgres(t *testing.T) []wayIn {
	p := StartPostgres(t)
	p.Ask(t, "GRANT SELECT ON pg_hba_file_rules TO "+IrctlRole+"; GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO "+IrctlRole)
	password := func(role string) func() bool { return func() bool { return p.Accepts(t, role, Password(role)) } }
	for _, role := range []string{"trusted", "old", "second", "shared"} {
		p.Ask(t, "CREATE ROLE "+role+" LOGIN PASSWORD '"+Password(role)+"'")
	}
	p.Ask(t, "GRANT shared TO bob")
	trust := func(t *testing.T) (func() bool, *office, string) {
		rewrite(t, p.File("data/pg_hba.conf"), func(hba string) string { return "local all trusted trust\n" + hba })
		p.Ask(t, "SELECT pg_reload_conf()")
		in := func() bool {
			cmd, err := p.client("trusted", "anything", "-h", p.Dir, "-qAt", "-c", "SELECT 'in'")
			require.NoError(t, err)
			return cmd.Run() == nil
		}
		require.Eventually(t, in, realtest.StartTime, realtest.LookEvery)
		return in, inPostgres(t, p), "trusted"
	}
	return []wayIn{
		{"the password", "account.disable", shut, "", asIs(password("alice"), inPostgres(t, p), "alice")},
		{"another role that may become it", "account.disable", noted, "bob may still act as it (SET ROLE)", asIs(func() bool {
			out, err := p.psql("bob", Password("bob"), "SET ROLE shared; SELECT current_user")
			return err == nil && strings.TrimSpace(out) == "shared"
		}, inPostgres(t, p), "shared")},
		{"the old password", "credentials.rotate", shut, "", asIs(password("old"), inPostgres(t, p), "old")},
		{"a line that trusts it, beside a new password", "credentials.rotate", stays, "no password at all (trust: line 1 of pg_hba.conf", trust},
		{"a line that trusts it", "account.disable", shut, "", trust},
		{"an open connection", "sessions.revoke", shut, "", asIs(psql{p.Open(t, "second", Password("second"))}.Alive, inPostgres(t, p), "second")},
	}
}

func waysIntoRedis(t *testing.T) []wayIn {
	r := StartRedis(t)
	password := func(user string) func() bool { return func() bool { return r.Accepts(t, user, Password(user)) } }
	nobody := func(t *testing.T) (func() bool, *office, string) {
		r.Ask(t, "ACL SETUSER default on nopass ~* +@all")
		return func() bool { return r.Accepts(t, "default", "anything") }, inRedis(t, r, IrctlRole), "alice"
	}
	return []wayIn{
		{"an open connection", "sessions.revoke", shut, "", asIs(connection{r.Open(t, "erin", Password("erin"))}.Alive, inRedis(t, r, IrctlRole), "erin")},
		{"the old password", "credentials.rotate", shut, "", asIs(password("bob"), inRedis(t, r, IrctlRole), "bob")},
		{"the password", "account.disable", shut, "", asIs(password("alice"), inRedis(t, r, IrctlRole), "alice")},
		{"the user default", "credentials.rotate", stays, "as the user default", nobody},
		{"the user default, of who is disabled", "account.disable", stays, "as the user default", func(t *testing.T) (func() bool, *office, string) {
			r.Ask(t, "ACL SETUSER alice on")
			return nobody(t)
		}},
	}
}

func waysIntoAPasswordFile(t *testing.T) []wayIn {
	folder := t.TempDir()
	require.NoError(t, os.Chmod(folder, 0o755))
	file, other, served, conf := filepath.Join(folder, "htpasswd"), filepath.Join(folder, "others"), filepath.Join(folder, "page.html"), filepath.Join(folder, "sites")
	require.NoError(t, os.WriteFile(served, []byte("the admins' page"), 0o644))
	entry := func(name string) string {
		return name + ":" + strings.TrimSpace(run(t, "openssl", "passwd", "-apr1", Password(name))) + "\n"
	}
	require.NoError(t, os.WriteFile(file, []byte(entry("alice")+entry("bob")+entry("carol")+entry("dave")+entry("erin")), 0o644))
	require.NoError(t, os.WriteFile(other, []byte(entry("alice")+"# "+entry("bob")+entry("dave")), 0o644))
	page := " alias " + served + "; default_type text/html; }\n"
	sites := "location = /guarded { auth_basic a; auth_basic_user_file " + file + ";" + page +
		"location = /near { satisfy any; allow 127.0.0.0/8; auth_basic a; auth_basic_user_file " + file + ";" + page +
		"location = /other { auth_basic a; auth_basic_user_file " + other + ";" + page
	// The server's configuration, as the administrator has it in a folder of its own.
	require.NoError(t, os.Mkdir(conf, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(conf, "portal.conf"), []byte(sites+"# auth_basic_user_file /nowhere;\n"), 0o644))
	n := StartNginx(t, "include "+conf+"/*.conf;\n")
	get := func(path, name string) func() bool {
		return func() bool {
			return strings.Contains(Visit(t, "http://"+n.Address(0)+path, "-u", name+":"+Password(name)).Body, "the admins' page")
		}
	}
	at := func(path string) *office {
		return newOffice(t, "    type: htpasswd\n    config: {file: "+file+", url: http://"+n.Address(0)+path+", server_config: ["+conf+"]}\n")
	}
	named := "the entry in " + other + ", another password file of the server"
	return []wayIn{
		{"the password", "account.disable", shut, "", asIs(get("/guarded", "bob"), at("/guarded"), "bob")},
		{"the old password", "credentials.rotate", shut, "", asIs(get("/guarded", "carol"), at("/guarded"), "carol")},
		{"an entry in another password file", "account.disable", stays, named, asIs(get("/other", "alice"), at("/guarded"), "alice")},
		{"the old password in another password file", "credentials.rotate", stays, named, asIs(get("/other", "dave"), at("/guarded"), "dave")},
		{"an address that needs no password", "account.disable", stays, "`url` names, which lets everybody in", asIs(get("/near", "erin"), at("/near"), "erin")},
		{"an entry in a file that only each request names", "account.disable", stays, "the password files " + folder + "/$arg_file of the server, which differ by request", func(t *testing.T) (func() bool, *office, string) {
			require.NoError(t, os.WriteFile(filepath.Join(conf, "more.conf"), []byte("location = /many { auth_basic a; auth_basic_user_file "+folder+"/$arg_file;"+page), 0o644))
			require.NoError(t, os.WriteFile(file, []byte(entry("alice")), 0o644))
			n = StartNginx(t, "include "+conf+"/*.conf;\n")
			return get("/many?file=others", "alice"), at("/guarded"), "alice"
		}},
	}
}
