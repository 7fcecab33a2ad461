//go:build unix

package real

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// inOneMoment has two people run irctl, and lets neither replace a file of a
// folder until both have read it and are about to. This is the moment in which
// an entry can be lost.
func inOneMoment(t *testing.T, file string, people [2]*office, args ...[]string) {
	t.Helper()
	gate := flock.New(filepath.Dir(file), flock.SetFlag(os.O_RDONLY))
	require.NoError(t, gate.Lock())
	var ends [2]end
	var both sync.WaitGroup
	for i, o := range people {
		both.Go(func() { ends[i] = o.irctl(args[i]...) })
	}
	require.Eventually(t, func() bool {
		drafts, err := filepath.Glob(filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".*.part"))
		return err == nil && len(drafts) == 2
	}, 8*time.Second, time.Millisecond)
	require.NoError(t, gate.Close())
	both.Wait()
	for i, e := range ends {
		require.Zero(t, e.code, "irctl %v\n%s", args[i], e.text())
	}
}

// share has two people each disable an account in one file in the same moment,
// and roll back in the same moment, again and again. Each time both entries are
// there, and then the file is what it was.
func share(t *testing.T, tries int, file string, accounts [2]string, at func(*testing.T) *office, disabled func(account, text string) bool) {
	content := func() string {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		return string(text)
	}
	before := content()
	people := [2]*office{at(t), at(t)}
	for range tries {
		var run, rollback [][]string
		for i, o := range people {
			run = append(run, []string{"run", o.acts("disable", "account.disable", false), "--input", "account=" + accounts[i]})
		}
		inOneMoment(t, file, people, run...)
		for _, a := range accounts {
			require.True(t, disabled(a, content()), "%s is lost:\n%s", a, content())
		}
		for _, o := range people {
			rollback = append(rollback, []string{"rollback", o.status().Run})
		}
		inOneMoment(t, file, people, rollback...)
		for _, a := range accounts {
			require.False(t, disabled(a, content()), "%s is still there:\n%s", a, content())
		}
		require.Equal(t, before, content())
	}
}

func TestTwoRunsOnOneDenyFileLoseNoEntry(t *testing.T) {
	d := dovecot{StartDovecot(t)}
	share(t, 6, d.File("deny"), [2]string{"alice", "bob"},
		func(t *testing.T) *office { return d.office(t, "") },
		func(account, text string) bool { return strings.Contains("\n"+text, "\n"+account+"\n") })
	d.accepts(t, "alice", "bob")
}

func TestTwoRunsOnOneFileOfRevokedKeysLoseNoEntry(t *testing.T) {
	g := newGate(t, 2)
	share(t, 6, g.File("revoked_keys"), [2]string{g.accounts[0].Name, g.accounts[1].Name},
		func(t *testing.T) *office { return g.office(t) },
		func(account, text string) bool { return strings.Contains(text, "revoked by irctl, of "+account+"\n") })
}

func TestTwoRollbacksOnOnePasswordFileLoseNoEntry(t *testing.T) {
	program, file := realtest.Need(t, "htpasswd"), filepath.Join(t.TempDir(), "htpasswd")
	for _, name := range []string{"alice", "bob"} {
		cmd := exec.CommandContext(t.Context(), program, map[string]string{"alice": "-ci", "bob": "-i"}[name], file, name)
		cmd.Stdin = strings.NewReader(Password(name))
		require.NoError(t, cmd.Run())
	}
	share(t, 22, file, [2]string{"alice", "bob"},
		func(t *testing.T) *office { return newOffice(t, "    type: htpasswd\n    config: {file: "+file+"}\n") },
		func(account, text string) bool {
			return strings.Contains(text, "#irctl-disabled-") && !strings.Contains("\n"+text, "\n"+account+":")
		})
}

// TestTwoTargetsOfOneRunThatAreOneFileLoseNoEntry: the same deny file under two
// names, in one run, at once.
func TestTwoTargetsOfOneRunThatAreOneFileLoseNoEntry(t *testing.T) {
	d := dovecot{StartDovecot(t)}
	o := d.office(t, "")
	rewrite(t, o.path("environment.yaml"), func(text string) string {
		_, one, ok := strings.Cut(text, "  system:\n")
		require.True(t, ok)
		return text + "  again:\n" + one
	})
	both := o.write("both.yaml", `irctl: v1
name: both
title: Both at once
owner: security@example.com
steps:
  - id: both
    parallel:
      - {id: one, uses: account.disable, target: system, verify: true, with: {account: alice}}
      - {id: other, uses: account.disable, target: again, verify: true, with: {account: bob}}
`)
	for range 6 {
		o.must("run", both)
		d.accepts(t)
		o.must("rollback", o.status().Run)
		require.Equal(t, Denied, d.Deny(t))
		d.accepts(t, "alice", "bob")
	}
}
