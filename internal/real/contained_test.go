//go:build unix

package real

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
	"github.com/irctl/irctl/internal/realtest"
)

// during are the inputs of containment for the company.
var during = []string{
	"--input", "incident=INC-1", "--input", `accounts=["alice"]`, "--input", `other_accounts=[{"target": "orders", "account": "bob"}]`,
	"--input", `names=[{"target": "zone", "name": "www", "type": "A", "records": ["198.51.100.80"]}]`, "--input", "log=logs",
	"--input", "message=We are offline on purpose.",
}

// back are the inputs of restore-service: what the newest run, which is one of
// containment, found before it led names elsewhere.
func (o *office) back() []string {
	o.t.Helper()
	var s struct {
		Outputs struct {
			Back json.RawMessage `json:"back"`
		} `json:"outputs"`
	}
	text := o.must("status", o.status().Run, "lead-names-elsewhere", "-o", "json").stdout
	require.NoError(o.t, json.Unmarshal([]byte(text), &s), text)
	require.NotEmpty(o.t, s.Outputs.Back, text)
	return []string{"--input", "incident=INC-1", "--input", "names=" + string(s.Outputs.Back)}
}

// contained looks from the outside whether all of it is contained: as a
// sender, a visitor, somebody who knows old passwords, a resolver, the people
// in the chat room and those who watch the logs. So many new secrets are kept.
func (c *company) contained(t *testing.T, o *office, secrets int) {
	t.Helper()
	require.Equal(t, 450, c.mail.Send(t, "while contained"))
	home := Visit(t, "http://"+c.web.Address(0)+"/")
	require.Equal(t, 503, home.Status)
	require.Contains(t, home.Body, "We are offline on purpose.")
	require.Contains(t, home.Body, "Western Union")
	pay := Visit(t, "http://"+c.web.Address(0)+"/docs/pay.html")
	require.Equal(t, 200, pay.Status)
	require.Contains(t, pay.Body, "MoneyGram")
	require.False(t, c.people.Accepts(t, Person("alice"), Password("alice")))
	require.True(t, c.people.Accepts(t, Person("bob"), Password("bob")))
	require.False(t, c.orders.Accepts(t, "bob", Password("bob")))
	require.Equal(t, []string{"60 198.51.100.80"}, c.names.Answer(t, "www.example.com", "A"))
	require.Contains(t, c.room.said()[len(c.room.said())-1], "INC-1: contained.")
	require.True(t, slices.ContainsFunc(c.logs.Messages(t), func(m LogMessage) bool { return strings.Contains(m.Text, "INC-1: contained.") }))
	require.Len(t, o.newSecrets(), secrets, "one new password for alice, one for bob")
	show("\n(from outside: mail is deferred with 450, the website answers 503 and names the ways to pay, their page answers 200,\n" +
		"www.example.com leads to 198.51.100.80, old passwords are refused, the chat room and the log know)\n")
}

// open looks from the outside whether the company works again.
func (c *company) open(t *testing.T, ttl string) {
	t.Helper()
	require.Equal(t, 250, c.mail.Send(t, "after all"))
	home := Visit(t, "http://"+c.web.Address(0)+"/")
	require.Equal(t, "the portal at /\n", home.Body)
	require.Equal(t, []string{ttl + " 198.51.100.10", ttl + " 198.51.100.11"}, c.names.Answer(t, "www.example.com", "A"))
	show("\n(from outside: mail is taken, the website works, www.example.com leads home)\n")
}

// masked is a line about an account whose password was rotated, with its one hash
// masked: new passwords are random, and rolling back leaves them, because nobody
// wants the old ones back. All else of the line is compared.
func masked(t testing.TB, hash, line string) string {
	t.Helper()
	pattern := regexp.MustCompile(hash)
	require.Len(t, pattern.FindAllString(line, -1), 1, line)
	return pattern.ReplaceAllString(line, "HASH")
}

// besidePassword are the attributes that OpenLDAP writes by itself beside a password
// that is set, or when somebody tries the old one.
var besidePassword = []string{"pwdChangedTime", "pwdFailureTime", "pwdHistory", "entryCSN", "modifyTimestamp", "modifiersName"}

// before is what rolling back has to put back to the letter, in every system that
// is changed, but for the hashes of rotated passwords, see masked; tickets,
// evidence and messages are only added to.
func (c *company) before(t testing.TB) map[string]any {
	t.Helper()
	held, free := c.mail.Queue(t)
	files := map[string]string{} // without the page of other ways to pay, none may be there afterwards
	for _, pattern := range []string{"site*.conf", "nginx.conf", "closed*", "docs/*"} {
		found, err := filepath.Glob(c.web.File(pattern))
		require.NoError(t, err)
		for _, name := range found {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			files[name] = string(text)
		}
	}
	var people, passwords []string
	name := ""
	for _, line := range c.people.Content(t) {
		attribute, value, _ := strings.Cut(line, ":")
		if attribute == "dn" {
			name = strings.TrimSpace(value)
		}
		if name == Person("alice") {
			if slices.Contains(besidePassword, attribute) {
				continue
			}
			if attribute == "userPassword" { // it comes last once it was replaced
				passwords = append(passwords, masked(t, `:.+`, line))
				continue
			}
		}
		people = append(people, line)
	}
	roles := strings.Split(c.orders.Roles(t), "\n")
	for i, line := range roles {
		if strings.HasPrefix(line, "bob|") {
			roles[i] = masked(t, `SCRAM-SHA-256\$[^|]+$`, line)
		}
	}
	return map[string]any{
		"mail": c.mail.Files(t), "held": held, "queue": free, "website": files, "people": people, "passwords": passwords, "roles": roles,
		"www": c.names.Answer(t, "www.example.com", "A"), "mail in DNS": c.names.Answer(t, "example.com", "MX"),
	}
}

// evidence is the path of a file that was kept as evidence; "" if it was not.
func (o *office) evidence(name string) string {
	o.t.Helper()
	found := ""
	require.NoError(o.t, filepath.WalkDir(o.path("evidence"), func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(path, name) {
			found = path
		}
		return err
	}))
	return found
}

// newSecrets are the files of all new passwords.
func (o *office) newSecrets() []string {
	o.t.Helper()
	files, err := filepath.Glob(o.path("new-secrets/*"))
	require.NoError(o.t, err)
	return files
}

// TestCompany contains a whole company, each time in another way, and gives it
// back.
func TestCompany(t *testing.T) {
	c := startCompany(t)
	t.Run("contained and rolled back", func(t *testing.T) { c.rolledBack(t, c.office(t)) })
	t.Run("the directory behind ssh", c.behindSSH)
	t.Run("killed on the way", c.killedOnTheWay)
	t.Run("as people set it up", c.asPeopleSetItUp)
	t.Run("doctor", c.examined)
}

func (c *company) rolledBack(t *testing.T, o *office) {
	before := c.before(t)
	o.must("doctor", "containment")
	planned := o.must(append([]string{"plan", "containment"}, during...)...)
	require.Contains(t, planned.stdout, "Nothing was changed anywhere")
	require.Equal(t, before, c.before(t))

	alices := c.orders.Open(t, "alice", Password("alice"))
	o.through(append([]string{"run", "containment"}, during...), 0, nil, nil)
	run := o.status().Run
	c.contained(t, o, 2)
	require.False(t, alices.Says("SELECT 'here';", "here"), "alice's session in the database is over")
	ticket := c.tickets.Tickets(t)
	require.Contains(t, ticket[len(ticket)-1], "INC-1: suspected breach")
	require.FileExists(t, o.evidence("auth.log"))

	require.Equal(t, 4, o.irctl("rollback", run).code, "going back needs the same approval")
	o.answer(nil)
	require.Equal(t, 8, o.irctl("resume", run).code)
	require.Equal(t, before, c.before(t), "what was there is back, to the letter")
	c.open(t, "77")
	require.False(t, c.people.Accepts(t, Person("alice"), Password("alice")), "nobody wants the old passwords back")
	o.must("audit", "verify", run)
}

// examined has the doctor find several things at once before they matter: a
// system that is down, a credential that lacks a right, a tool that is missing.
func (c *company) examined(t *testing.T) {
	c.names.Stop()
	o := c.office(t, "command: ["+c.web.Argv()[0], "command: [no-such-nginx", "admin: "+IrctlRole, "admin: "+ViewerRole)
	o.write("database", Password(ViewerRole))
	e := o.irctl("doctor")
	require.Equal(t, 1, e.code, e.text())
	said := strings.Join(strings.Fields(e.text()), " ")
	for _, want := range []string{
		c.names.Address(0), "Call the network team on +1 555 0115",
		"no-such-nginx", "Call the web team on +1 555 0110",
		ViewerRole, "Call the platform team on +1 555 0114",
	} {
		require.Contains(t, said, want)
	}
}

// killedOnTheWay kills containment, and whoever resumes it, at ten points of
// the journal. A person answers, resumes, and the end is that of any run.
func (c *company) killedOnTheWay(t *testing.T) {
	o := c.office(t)
	points := rand.New(rand.NewPCG(20231031, 10))
	o.through(append([]string{"run", "containment"}, during...), 10, points, nil)
	c.contained(t, o, 2)
	o.must("audit", "verify", o.status().Run)
	o.through(append([]string{"run", "restore-service"}, o.back()...), 3, points, func(run, step string) []string {
		return []string{"done", run, step, "--as", "sam", "--set", "all_done=true", "--set", "checked_by=Sam"}
	})
	c.open(t, "77")
	require.Contains(t, Visit(t, "http://"+c.web.Address(0)+"/docs/pay.html").Body, "nothing here yet", "the page from before is back")
	o.must("audit", "verify", o.status().Run)
}

// behindSSH has another directory, which stands on a machine with a network of
// its own. The runbook is the same, and the environment says how to get there.
func (c *company) behindSSH(t *testing.T) {
	far := realtest.StartNetwork(t, "identity").Machine("identity")
	gate, here := realtest.StartSSHDOn(t, far), c.people
	c.people = StartSlapdOn(t, far)
	defer func() { c.people = here }()
	signedIn := func() int { return strings.Count(gate.Log(), "Accepted publickey") }
	before := signedIn()
	// Passwords are not encrypted on the way from that machine to itself.
	there := "ldap://127.0.0.1:" + strconv.Itoa(c.people.Ports[0])
	c.rolledBack(t, c.office(t, c.people.URL(), there, "      bind_dn: ", "      via: "+gate.Via()+"\n      bind_dn: "))
	require.Greater(t, signedIn(), before)
}

// through drives a run to its good end although its process dies so many
// times: people approve and answer whatever it waits for, and resume.
func (o *office) through(command []string, deaths int, points *rand.Rand, manual func(run, step string) []string) {
	o.t.Helper()
	start, earlier := command, o.newest()
	for turn := 0; ; turn++ {
		require.Less(o.t, turn, 100, "the run comes to no end")
		at := ""
		if deaths > 0 {
			at = child.Journal(1 + points.IntN(12))
		}
		e := o.dying(at, command...)
		switch {
		case e.killed:
			deaths--
		case e.code == 4:
			o.answer(manual)
		default:
			require.Zero(o.t, e.code, "irctl %v\n%s", command, e.text())
			if o.status().Status == "succeeded" {
				require.Zero(o.t, deaths, "it died less often than it should have")
				return
			}
		}
		if command = start; o.newest() != earlier { // else it died before the run began
			command = []string{"resume", o.newest()}
		}
	}
}

// newest is the newest run; "" if there is none.
func (o *office) newest() string {
	o.t.Helper()
	if o.irctl("status").code != 0 {
		return ""
	}
	return o.status().Run
}

// answer gives the newest run what it waits for.
func (o *office) answer(manual func(run, step string) []string) {
	o.t.Helper()
	var s struct {
		Run     string `json:"run"`
		Waiting []struct {
			Path string `json:"path"`
			For  string `json:"for"`
		} `json:"waiting"`
	}
	require.NoError(o.t, json.Unmarshal([]byte(o.must("status", "-o", "json").stdout), &s))
	require.NotEmpty(o.t, s.Waiting)
	for _, w := range s.Waiting {
		switch {
		case w.For == "approval":
			o.must("approve", s.Run, w.Path, "--as", "dana")
		case w.For == "manual" && manual != nil:
			o.must(manual(s.Run, w.Path)...)
		default:
			require.Fail(o.t, "nobody expected that", "%s waits for %s", w.Path, w.For)
		}
	}
}
