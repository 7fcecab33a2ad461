//go:build unix

package real

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// zone is an office whose target is a zone of BIND.
type zone struct {
	*office
	named *Named
}

// newZone has irctl act on a server. More is lines of the target's config.
func newZone(t *testing.T, n *Named, more ...string) zone {
	t.Helper()
	z := zone{newOffice(t, fmt.Sprintf(`    type: rfc2136
    config:
      server: %s
      zone: example.com
      key_name: %s
      key_secret: {secret: PASSWORD}
      check_name: www
%s`, n.Address(0), NamedKey, lines(more))), n}
	z.write("password", NamedSecret)
	return z
}

func lines(more []string) string {
	var b strings.Builder
	for _, m := range more {
		b.WriteString("      " + m + "\n")
	}
	return b.String()
}

// points writes a runbook whose step replaces a record set.
func (z zone) points(uses, with string) string {
	return z.step("point", "    uses: "+uses+"\n    with: "+with+"\n")
}

const away = "{name: www.example.com, type: A, records: [198.51.100.80], ttl: 30s}"

var (
	usual    = []string{"77 198.51.100.10", "77 198.51.100.11"}
	switched = []string{"30 198.51.100.80"}
)

func TestDNSSwitch(t *testing.T) {
	t.Parallel()
	n := StartNamed(t)
	f := n.StartFollower(t)
	both := func(t *testing.T, want []string) {
		for _, server := range []*Named{n, f} {
			require.Equal(t, want, server.Answer(t, "www.example.com", "A"))
		}
		require.Equal(t, []string{"300 www.example.com."}, n.Answer(t, "shop.example.com", "CNAME"))
	}
	trial{
		office: func(t *testing.T) (*office, string) {
			z := newZone(t, n, fmt.Sprintf("servers: [%q, %q]", n.Address(0), f.Address(0)))
			return z.office, z.points("dns.switch", away)
		},
		state: func(t *testing.T) any {
			return slices.DeleteFunc(n.Zone(t), func(line string) bool { return strings.Contains(line, "SOA") })
		},
		exactly:   func(t *testing.T) any { return n.Zone(t) },
		changed:   func(t *testing.T) { both(t, switched) },
		unchanged: func(t *testing.T) { both(t, usual) },
		now:       "www.example.com A is 198.51.100.10, 198.51.100.11 (TTL 1m17s)",
		already:   "www.example.com A is 198.51.100.80 (TTL 30s) already",
	}.run(t)
}

func TestWhoMayStillHaveThePreviousAnswer(t *testing.T) {
	t.Parallel()
	z := newZone(t, StartNamed(t))
	said := strings.Join(strings.Fields(z.must("run", z.points("dns.switch", away)).text()), " ")
	require.Contains(t, said, "www.example.com A is 198.51.100.80 (TTL 30s); resolvers elsewhere may still answer 198.51.100.10, 198.51.100.11 for up to 1m17s")
	require.Equal(t, map[string]any{"previous": []any{"198.51.100.10", "198.51.100.11"}, "previous_ttl": "1m17s"}, z.status().Steps[0].Outputs)

	// Another runbook puts it back, and its step can be undone as well.
	z.must("run", z.points("dns.restore", "{name: www, records: [198.51.100.11, 198.51.100.10], ttl: 1m17s}"))
	require.Equal(t, usual, z.named.Answer(t, "www.example.com", "A"))
	z.must("rollback", z.status().Run)
	require.Equal(t, switched, z.named.Answer(t, "www.example.com", "A"))
}

func TestUndoLeavesWhatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	z := newZone(t, StartNamed(t))
	z.must("run", z.points("dns.switch", away))
	z.named.Update(t, "update add www.example.com 30 A 198.51.100.81")
	theirs := z.named.Zone(t)
	e := z.irctl("rollback", z.status().Run)
	require.Equal(t, 4, e.code, e.text())
	said := strings.Join(strings.Fields(e.text()), " ")
	require.Contains(t, said, "somebody, or another run of irctl, has changed it since the step: www.example.com A is 198.51.100.80, 198.51.100.81 (TTL 30s), and was left so")
	require.Contains(t, said, "run dns.restore with what was there before the step: 198.51.100.10, 198.51.100.11 (TTL 1m17s)")
	require.Equal(t, theirs, z.named.Zone(t))
}

// Between two attempts somebody else changed the record: theirs is what undoing
// puts back.
func TestSomebodyElseChangedItBeforeResume(t *testing.T) {
	t.Parallel()
	z := newZone(t, StartNamed(t))
	z.killed(afterRecord, "run", z.points("dns.switch", away))
	z.named.Update(t, "update delete www.example.com A", "update add www.example.com 44 A 198.51.100.44")
	z.must("resume", z.status().Run)
	require.Equal(t, switched, z.named.Answer(t, "www.example.com", "A"))
	z.must("rollback", z.status().Run)
	require.Equal(t, []string{"44 198.51.100.44"}, z.named.Answer(t, "www.example.com", "A"))
}

func TestDNSRecordsThatWereNotThere(t *testing.T) {
	t.Parallel()
	z := newZone(t, StartNamed(t))
	before := z.named.Answer(t, "status.example.com", "TXT")
	require.Empty(t, before)
	z.must("run", z.points("dns.switch", `{name: status, type: TXT, records: ['We are "looking" into it; sorry']}`))
	require.Equal(t, []string{`300 "We are \"looking\" into it; sorry"`}, z.named.Answer(t, "status.example.com", "TXT"))
	require.Contains(t, z.must("run", z.path("point.yaml")).text(), "already")
	newer := z.status().Run
	z.must("rollback", z.olderRun())
	require.NotEmpty(t, z.named.Answer(t, "status.example.com", "TXT"), "who found it so relies on it")
	z.must("rollback", newer)
	require.Empty(t, z.named.Answer(t, "status.example.com", "TXT"))
}

// olderRun is the run before the newest.
func (o *office) olderRun() string {
	o.t.Helper()
	runs, err := filepath.Glob(o.path("home/runs/*"))
	require.NoError(o.t, err)
	require.GreaterOrEqual(o.t, len(runs), 2)
	return filepath.Base(runs[len(runs)-2])
}

func TestDNSRefusals(t *testing.T) {
	t.Parallel()
	n := StartNamed(t)
	before := n.Zone(t)
	for _, c := range []struct {
		name, with, said, hint string
	}{
		{"an alias", "{name: shop, records: [198.51.100.80]}", "shop.example.com is an alias of www.example.com", "switch its CNAME"},
		{"a CNAME beside addresses", "{name: www, type: CNAME, records: [sorry.example.net]}", "confirmed the update, but www.example.com CNAME has no records", "a server ignores a CNAME beside other records"},
		{"a name that the key may not change", "{name: private, records: [198.51.100.80]}", "does not let the key irctl change private.example.com A, so nothing was changed", "update-policy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			z := newZone(t, n)
			e := z.irctl("run", z.points("dns.switch", c.with))
			require.NotZero(t, e.code)
			said := strings.Join(strings.Fields(e.text()), " ")
			require.Contains(t, said, c.said)
			require.Contains(t, said, c.hint)
			require.Equal(t, before, n.Zone(t))
		})
	}
	for name, c := range map[string]struct{ line, said, hint string }{
		"another key":        {"key_name: nobody", "does not accept the key nobody", "correct key_name and key_algorithm"},
		"another zone":       {"zone: example.net", "does not answer for example.net with authority", "name servers of the zone"},
		"a dead follower":    {"servers: [127.0.0.1:1]", "the name server 127.0.0.1:1 cannot be reached", "check the address"},
		"no right to a name": {"check_name: private", "does not let the key irctl change private.example.com A", "update-policy"},
	} {
		t.Run(name, func(t *testing.T) {
			z := newZone(t, n)
			z.replaceLine(c.line)
			e := z.irctl("target", "check")
			require.Equal(t, 1, e.code, e.text())
			said := strings.Join(strings.Fields(e.text()), " ")
			require.Contains(t, said, c.said)
			require.Contains(t, said, c.hint)
		})
	}
	t.Run("another secret", func(t *testing.T) {
		z := newZone(t, n)
		z.write("password", "b3RoZXI=")
		require.Contains(t, z.irctl("target", "check").text(), "the secret is another one than the server's")
	})
	t.Run("all is well", func(t *testing.T) {
		z := newZone(t, n)
		require.Contains(t, z.must("target", "check").text(), "reachable and permitted")
	})
	require.Equal(t, before, n.Zone(t), "a check changes nothing, not even the serial number")
}

// replaceLine gives the environment's line with the same key another value.
func (o *office) replaceLine(line string) {
	o.t.Helper()
	text, err := os.ReadFile(o.path("environment.yaml"))
	require.NoError(o.t, err)
	key, _, _ := strings.Cut(line, ":")
	out := slices.DeleteFunc(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), func(l string) bool { return strings.HasPrefix(l, "      "+key+":") })
	o.write("environment.yaml", strings.Join(append(out, "      "+line, ""), "\n"))
}

func TestDNSBehindSSH(t *testing.T) {
	t.Parallel()
	gate := realtest.StartSSHD(t)
	z := newZone(t, StartNamed(t), "via: "+gate.Via())
	z.must("run", z.points("dns.switch", away))
	require.Equal(t, switched, z.named.Answer(t, "www.example.com", "A"))
	z.must("rollback", z.status().Run)
	require.Equal(t, usual, z.named.Answer(t, "www.example.com", "A"))
	require.Contains(t, gate.Log(), "Accepted publickey")
	require.NoError(t, filepath.WalkDir(z.path("home"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		require.NotContains(t, string(text), NamedSecret, path)
		return err
	}))
}
