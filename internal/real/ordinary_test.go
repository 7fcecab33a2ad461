//go:build unix

package real

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/irctl/irctl/internal/realtest"
)

// ordinary is the company as people set it up who do not have irctl in mind: the
// website's nginx has another site too, the mail server takes mail from staff at
// a service with restrictions of its own, the directory's policy locks nobody,
// the servers let people in by passwords and by certificates, and a backup is
// under way in the repository that takes evidence.
type ordinary struct {
	*company
	servers    *gate
	submission string
	vault      *Vault
	byPassword [2]ssh.AuthMethod // of the servers' accounts
}

func (c *company) setUpByPeople(t *testing.T) *ordinary {
	s := &ordinary{company: c, servers: newGate(t, 2, "Match all", "PasswordAuthentication yes", "TrustedUserCAKeys DIR/id.pub"), submission: freeAddress(t), vault: NewVault(t)}
	for i, a := range s.servers.accounts {
		s.byPassword[i] = besideKeys["PasswordAuthentication"].auth(t, s.servers, a.Name)
	}
	rewrite(t, c.web.File("nginx.conf"), func(conf string) string {
		return strings.TrimSuffix(conf, "}\n") + "server { listen " + c.web.Address(0) + "; server_name other.example.com; location / { return 200 \"the other shop\"; } }\n}\n"
	})
	run(t, append(c.web.Argv(), "-s", "reload")...)
	s.setRestrictions(t, true)
	c.people.modify(t, Policy, "replace: pwdLockout\npwdLockout: FALSE")
	s.vault.Backup(t)
	require.Eventually(t, s.otherSiteIsOpen(t), realtest.StartTime, realtest.LookEvery)
	return s
}

// setRestrictions gives the service for staff restrictions of its own, or takes
// it away.
func (s *ordinary) setRestrictions(t *testing.T, there bool) {
	line := s.submission + " inet n - n - - smtpd -o smtpd_client_restrictions=permit_mynetworks,reject\n"
	rewrite(t, s.mail.Config()+"/master.cf", func(conf string) string {
		if there {
			return conf + line
		}
		return strings.Replace(conf, line, "", 1)
	})
	run(t, "postfix", "-c", s.mail.Config(), "reload")
	require.Eventually(t, func() bool { return takesMail(s.submission) == there }, realtest.StartTime, realtest.LookEvery)
}

func (s *ordinary) otherSiteIsOpen(t *testing.T) func() bool {
	return func() bool {
		return Visit(t, "http://"+s.web.Address(0)+"/", "--header", "Host: other.example.com").Body == "the other shop"
	}
}

// office has the servers and the repository in the company's environment.
func (s *ordinary) office(t *testing.T, changes ...string) *office {
	o := s.company.office(t, append(changes, "    type: case-folder\n", "    type: restic\n",
		"    config: {folder: evidence, cases_elsewhere: true}\n", "    config: {repository: "+s.vault.Folder+", password: {secret: VAULT}}\n"+
			"  servers:\n    type: ssh-keys\n    owner: servers@example.com\n    fallback: Call the server team.\n    config: {config: "+s.servers.File("sshd_config")+"}\n",
		"  ZONE: {file: tsig}\n", "  ZONE: {file: tsig}\n  VAULT: {file: vault}\n")...)
	o.write("vault", VaultPassword)
	return o
}

// keepsOutAt writes a runbook that keeps an account out of one of the company's
// systems, verified.
func (o *office) keepsOutAt(target, uses, more string) string {
	return o.write(target+".yaml", "irctl: v1\nname: keep-out\ntitle: Keep an account out\nowner: security@example.com\ninputs:\n  account: {type: string, required: true}\nsteps:\n"+
		"  - {id: step, target: "+target+", uses: "+uses+", verify: true, with: {account: \"${{ inputs.account }}\"}"+more+"}\n")
}

// asPeopleSetItUp: what stays open is named before and in the run and is not
// called verified, what is shut is shut, and everything is back afterwards.
func (c *company) asPeopleSetItUp(t *testing.T) {
	s := c.setUpByPeople(t)
	t.Run("said beforehand", s.saidBeforehand)
	t.Run("accounts", s.accountsStay)
	t.Run("without a default policy", s.noDefaultPolicy)
	t.Run("two runs on the servers", s.twoOnTheServers)
	t.Run("contained and rolled back", s.containedAndBack)
}

// saidBeforehand: doctor names each way that containment would leave open.
func (s *ordinary) saidBeforehand(t *testing.T) {
	e := s.office(t).irctl("doctor", "containment")
	require.Equal(t, 1, e.code, e.text())
	said := strings.Join(strings.Fields(e.text()), " ")
	for _, want := range []string{
		"mail would still be taken at the service " + s.submission + " (inet)",
		"its password policy " + Policy + " locks nobody (set pwdLockout to TRUE)",
		"by a password (PasswordAuthentication)", "by certificates (TrustedUserCAKeys)",
		"3 problems in ",
	} {
		require.Contains(t, said, want)
	}
}

// staysOpenAt runs what keeps somebody out, which must name the ways that stay and
// is not verified. It returns the run, which waits for a person.
func (o *office) staysOpenAt(target, account string, ways ...string) string {
	o.t.Helper()
	e := o.irctl("run", o.keepsOutAt(target, "account.disable", ""), "--input", "account="+account)
	require.Equal(o.t, 4, e.code, e.text())
	said := strings.Join(strings.Fields(e.text()), " ")
	require.NotContains(o.t, said, "verified")
	require.Contains(o.t, said, "STILL OPEN: ")
	for _, way := range ways {
		require.Contains(o.t, said, way)
	}
	require.Equal(o.t, "waiting", o.status().Status)
	return o.status().Run
}

func (s *ordinary) accountsStay(t *testing.T) {
	o, bob := s.office(t), Person("bob")
	before := s.before(t)
	run := o.staysOpenAt("directory", "bob", "its password policy "+Policy+" locks nobody")
	require.True(t, s.people.Accepts(t, bob, Password("bob")), "the step was right")
	o.must("rollback", run)
	require.Empty(t, s.people.Lock(t, bob))
	for _, system := range []string{"passwords", "roles", "www", "website", "mail"} {
		require.Equal(t, before[system], s.before(t)[system], system)
	}

	// What a new password shuts is verified at once.
	e := o.must("run", o.keepsOutAt("directory", "credentials.rotate", ", irreversible: Nobody wants it back"), "--input", "account=alice")
	require.Contains(t, e.text(), "verified")
	require.NotContains(t, e.text(), "attempt 2")
	require.False(t, s.people.Accepts(t, Person("alice"), Password("alice")))
}

func (s *ordinary) noDefaultPolicy(t *testing.T) {
	here := s.people
	s.people = startSlapd(t, func(conf string) string {
		return strings.Replace(strings.Replace(conf, "ppolicy_default", "# ppolicy_default", 1),
			"\ndatabase mdb", "\ndatabase config\naccess to * by dn.exact=\""+Irctl+"\" read by * none\n\ndatabase mdb", 1)
	})
	defer func() { s.people = here }()
	o := s.office(t, "      default_policy: "+Policy+"\n", "")
	require.Contains(t, strings.Join(strings.Fields(o.irctl("target", "check", "directory").text()), " "), "no password policy counts")
	o.staysOpenAt("directory", "alice", "no password policy counts for it")
	require.True(t, s.people.Accepts(t, Person("alice"), Password("alice")), "the step was right")
}

// twoOnTheServers has two people disable two accounts in one file of revoked keys
// at once, and take it back at once.
func (s *ordinary) twoOnTheServers(t *testing.T) {
	before := s.servers.files(t)
	people, runs := [2]*office{s.office(t), s.office(t)}, [2]string{}
	var both sync.WaitGroup
	for i, a := range s.servers.accounts {
		both.Go(func() {
			runs[i] = people[i].staysOpenAt("servers", a.Name, "a password (PasswordAuthentication)", "certificates (TrustedUserCAKeys)")
		})
	}
	both.Wait()
	for i, a := range s.servers.accounts {
		require.False(t, s.servers.Accepts(t, a.Name, keyFile(t, s.servers.key(a.Name, "laptop"))), "neither entry is lost")
		require.True(t, s.servers.signsIn(t, a.Name, s.byPassword[i]), "the step was right")
		require.True(t, s.servers.signsIn(t, a.Name, certified(t, s.servers, a.Name)), "of both")
		require.NoError(t, os.Remove(filepath.Join(a.Home, "certified")))
		both.Go(func() { people[i].must("rollback", runs[i]) })
	}
	both.Wait()
	require.Equal(t, before, s.servers.files(t))
}

func (s *ordinary) containedAndBack(t *testing.T) {
	o, admin := s.office(t), s.servers.accounts[0].Name
	before, laptop := s.before(t), keyFile(t, s.servers.key(admin, "laptop"))
	command := append([]string{"run", "containment"}, during...)
	for i, in := range command {
		command[i] = strings.Replace(in, `"account": "bob"}]`, `"account": "bob"}, {"target": "servers", "account": "`+admin+`"}]`, 1)
	}
	// A log that is not there stops nothing.
	require.NoError(t, os.Remove(o.path("portal-access.log")))
	e := o.irctl(command...)
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, e.text(), "; not collected: "+o.path("portal-access.log"))
	run := o.status().Run
	o.answer(nil)
	e = o.irctl("resume", run)
	require.Equal(t, 4, e.code, e.text())

	// Mail waits for a person, who is told why; nothing else waits for mail, nor
	// for the backup.
	said := strings.Join(strings.Fields(e.text()), " ")
	require.Contains(t, said, "STILL OPEN: the service "+s.submission+" (inet), to which master.cf gives restrictions of its own")
	require.NotContains(t, said, "contain/email running attempt 2", "trying again opens no way")
	require.True(t, takesMail(s.submission), "the step was right")
	require.Equal(t, 450, s.mail.Send(t, "while contained"))
	require.Equal(t, 503, Visit(t, "http://"+s.web.Address(0)+"/").Status)
	require.True(t, s.otherSiteIsOpen(t)(), "the other site is not the portal")
	require.Len(t, s.vault.Snapshots(t), 1, "the evidence from before is kept")
	locks, err := filepath.Glob(filepath.Join(s.vault.Folder, "locks", "*"))
	require.NoError(t, err)
	require.Len(t, locks, 1, "the backup goes on")

	s.setRestrictions(t, false)
	o.must("retry", run, "contain/email")
	e = o.must("resume", run)
	require.Equal(t, "succeeded", o.status().Status)
	s.contained(t, o, 3)
	require.True(t, s.otherSiteIsOpen(t)())
	for line := range strings.Lines(e.text()) {
		if strings.Contains(line, "servers") || strings.Contains(line, admin) {
			require.NotContains(t, line, "verified")
		}
	}
	require.False(t, s.servers.Accepts(t, admin, laptop), "the old key")
	require.True(t, s.servers.signsIn(t, admin, s.byPassword[0]))
	said = strings.Join(strings.Fields(e.text()), " ")
	for _, way := range []string{"a password (PasswordAuthentication)", "certificates (TrustedUserCAKeys)"} {
		require.Contains(t, said, way)
	}

	require.Equal(t, 4, o.irctl("rollback", run).code)
	o.answer(nil)
	e = o.irctl("resume", run)
	require.Equal(t, 8, e.code, e.text())
	require.NotContains(t, e.text(), "somebody has changed")
	s.setRestrictions(t, true)
	require.Equal(t, before, s.before(t), "what was there is back, to the letter")
	require.True(t, s.otherSiteIsOpen(t)())
	require.True(t, takesMail(s.submission))
	s.open(t, "77")
	o.must("audit", "verify", run)
}
