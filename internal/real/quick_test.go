//go:build unix

package real

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tenSystems is the company with a database more, whose evidence is kept in a
// repository of restic. The programs that irctl runs there are counted.
type tenSystems struct {
	*company
	vault *Vault
	cache *Redis
	*office
	counts string // a file with the name of each program that was run
}

func startTenSystems(t testing.TB) *tenSystems {
	t.Helper()
	s := &tenSystems{company: startCompany(t), vault: NewVault(t), cache: StartRedis(t)}
	bin := t.TempDir()
	s.counts = bin + "/counts"
	nginx := s.web.Argv()[0]
	for _, program := range []string{nginx, "postfix", "postconf", "postqueue", "postsuper", "sendmail", "restic", "sh", "ps", "id", "ls", "cp", "rm"} {
		at, err := exec.LookPath(program)
		require.NoError(t, err)
		name := program[strings.LastIndex(program, "/")+1:]
		require.NoError(t, os.WriteFile(bin+"/"+name, []byte("#!/bin/sh\necho "+name+" >>"+s.counts+"\nexec "+at+" \"$@\"\n"), 0o700))
	}
	s.office = s.company.office(t, "    type: case-folder\n", "    type: restic\n",
		"    config: {folder: evidence, cases_elsewhere: true}\n",
		"    config: {repository: "+s.vault.Folder+", password: {secret: VAULT}}\n"+
			"  cache:\n    type: redis\n    config: {address: \""+s.cache.Address(0)+"\", admin: "+IrctlRole+", admin_password: {secret: CACHE}}\n",
		"  ZONE: {file: tsig}\n", "  ZONE: {file: tsig}\n  VAULT: {file: vault}\n  CACHE: {file: cache}\n",
		"command: ["+nginx, "command: ["+bin+"/nginx")
	s.env = []string{"PATH=" + bin + ":" + os.Getenv("PATH")}
	s.write("vault", VaultPassword)
	s.write("cache", Password(IrctlRole))
	return s
}

// contain begins containment, has the commander say yes, and returns how long it
// took from then on, and how often each program was run.
func (s *tenSystems) contain(t testing.TB) (took time.Duration, ran map[string]int) {
	t.Helper()
	inputs := append([]string{"run", "containment"}, during...)
	for i, in := range inputs {
		if in == `other_accounts=[{"target": "orders", "account": "bob"}]` {
			inputs[i] = `other_accounts=[{"target": "orders", "account": "bob"}, {"target": "cache", "account": "alice"}]`
		}
	}
	require.Equal(t, 4, s.irctl(inputs...).code)
	s.answer(nil)
	require.NoError(t, os.RemoveAll(s.counts))
	run := s.status().Run
	began := time.Now()
	require.Zero(t, s.irctl("resume", run).code)
	took = time.Since(began)
	text, err := os.ReadFile(s.counts)
	require.NoError(t, err)
	ran = map[string]int{}
	for name := range strings.FieldsSeq(string(text)) {
		ran[name]++
	}
	return took, ran
}

// everything is what rolling back has to put back: the company's, and the
// database's, but for the hash of alice's password there.
func (s *tenSystems) everything(t testing.TB) map[string]any {
	all := s.before(t)
	users := s.cache.Users(t)
	for i, line := range users {
		if strings.HasPrefix(line, "user alice ") {
			users[i] = masked(t, `#[0-9a-f]{64}`, line)
		}
	}
	all["cache"] = users
	return all
}

// TestContainmentOfTenSystemsRunsFewPrograms, and everything is back after its
// rollback. What takes time in it is programs: each of restic's costs half a
// second, each of Postfix's and nginx's some tens of milliseconds. How many seconds
// that is says `make bench`.
func TestContainmentOfTenSystemsRunsFewPrograms(t *testing.T) {
	s := startTenSystems(t)
	s.cache.Ask(t, "ACL SAVE") // the server writes its file in words of its own
	before := s.everything(t)
	took, ran := s.contain(t)
	show(fmt.Sprintf("\n(ten systems were contained in %s after the yes: %v)\n", took.Round(10*time.Millisecond), ran))
	t.Logf("ten systems were contained in %s after the yes: %v", took.Round(10*time.Millisecond), ran)
	most := map[string]int{"restic": 3, "nginx": 4, "postfix": 1, "postqueue": 5, "postsuper": 2, "postconf": 17}
	for program, times := range ran {
		require.LessOrEqual(t, times, most[program], program)
	}
	require.Len(t, s.vault.Snapshots(t), 2)
	for _, what := range []string{"mail", "website", "www"} {
		require.NotEqual(t, before[what], s.everything(t)[what], "%s is contained", what)
	}

	run := s.status().Run
	require.Equal(t, 4, s.irctl("rollback", run).code)
	s.answer(nil)
	require.Equal(t, 8, s.irctl("resume", run).code)
	require.Equal(t, before, s.everything(t), "what was there is back, to the letter")
	require.False(t, s.people.Accepts(t, Person("alice"), Password("alice")), "but the old passwords, which nobody wants back")
	require.False(t, s.orders.Accepts(t, "bob", Password("bob")))
	require.False(t, s.cache.Accepts(t, "alice", Password("alice")))
}

// BenchmarkContainment says how many seconds it takes from the commander's yes
// until ten systems are contained.
func BenchmarkContainment(b *testing.B) {
	var all time.Duration
	for range b.N {
		s := startTenSystems(b)
		took, _ := s.contain(b)
		all += took
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(all.Seconds()/float64(b.N), "seconds")
}
