//go:build unix

package real

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// cannotUndo rolls back a run that changed nothing.
func (d directory) cannotUndo(run string) {
	d.t.Helper()
	e := d.irctl("rollback", run)
	require.Equal(d.t, 1, e.code, e.text())
	require.Contains(d.t, e.stderr, "there is nothing to undo")
}

func TestDisableAndUndo(t *testing.T) {
	d := newDirectory(t)
	alice, before := realtest.Person("alice"), d.slapd.Content(t)
	run := []string{"run", d.disable(), "--input", "account=alice"}

	planned := d.must("plan", d.disable(), "--input", "account=alice")
	require.Contains(t, planned.stdout, "alice is enabled")
	require.Equal(t, before, d.slapd.Content(t), "a plan changes nothing")

	d.must(run...)
	first := d.status().Run
	require.Equal(t, []string{realtest.Disabled}, d.slapd.Lock(t, alice))
	require.False(t, d.slapd.Accepts(t, alice, realtest.Password("alice")))
	require.True(t, d.slapd.Accepts(t, realtest.Person("bob"), realtest.Password("bob")))

	again := d.must(run...)
	require.Contains(t, again.text(), "alice is disabled already")
	d.cannotUndo(d.status().Run)
	require.Equal(t, []string{realtest.Disabled}, d.slapd.Lock(t, alice), "the second run changed nothing, so it puts nothing back")

	d.must("rollback", first)
	require.Empty(t, d.slapd.Lock(t, alice))
	require.True(t, d.slapd.Accepts(t, alice, realtest.Password("alice")))
}

func TestUndoPutsBackWhatWasThere(t *testing.T) {
	t.Run("disabling who is disabled", func(t *testing.T) {
		d := newDirectory(t)
		before := d.slapd.Content(t)
		d.must("run", d.disable(), "--input", "account=carol")
		d.cannotUndo(d.status().Run)
		require.Equal(t, before, d.slapd.Content(t))
	})
	t.Run("disabling who is locked for a while", func(t *testing.T) {
		d := newDirectory(t)
		since := d.slapd.LockOut(t, realtest.Person("bob"))
		d.must("run", d.disable(), "--input", "account=bob")
		require.Equal(t, []string{realtest.Disabled}, d.slapd.Lock(t, realtest.Person("bob")))
		d.must("rollback", d.status().Run)
		require.Equal(t, []string{since}, d.slapd.Lock(t, realtest.Person("bob")))
		require.False(t, d.slapd.Accepts(t, realtest.Person("bob"), realtest.Password("bob")))
	})
	t.Run("enabling who is disabled", func(t *testing.T) {
		d := newDirectory(t)
		d.must("run", d.enable(), "--input", "account=carol")
		require.True(t, d.slapd.Accepts(t, realtest.Person("carol"), realtest.Password("carol")))
		d.must("rollback", d.status().Run)
		require.Equal(t, []string{realtest.Disabled}, d.slapd.Lock(t, realtest.Person("carol")))
		require.False(t, d.slapd.Accepts(t, realtest.Person("carol"), realtest.Password("carol")))
	})
	t.Run("enabling who is locked for a while", func(t *testing.T) {
		d := newDirectory(t)
		since := d.slapd.LockOut(t, realtest.Person("bob"))
		d.must("run", d.enable(), "--input", "account=bob")
		require.True(t, d.slapd.Accepts(t, realtest.Person("bob"), realtest.Password("bob")))
		d.must("rollback", d.status().Run)
		require.Equal(t, []string{since}, d.slapd.Lock(t, realtest.Person("bob")))
	})
	t.Run("enabling who is enabled", func(t *testing.T) {
		d := newDirectory(t)
		before := d.slapd.Content(t)
		require.Contains(t, d.must("run", d.enable(), "--input", "account=alice").text(), "alice is enabled already")
		d.cannotUndo(d.status().Run)
		require.Equal(t, before, d.slapd.Content(t))
	})
}

func TestDisableKilled(t *testing.T) {
	for _, at := range []string{beforeRecord, afterRecord, afterEffect} {
		t.Run(at, func(t *testing.T) {
			d := newDirectory(t)
			alice := realtest.Person("alice")
			d.killed(at, "run", d.disable(), "--input", "account=alice")
			after := d.slapd.Content(t)
			require.Equal(t, at == afterEffect, len(d.slapd.Lock(t, alice)) > 0, "only then is it changed")

			d.must("resume", d.status().Run)
			require.Equal(t, "succeeded", d.status().Status)
			require.Equal(t, []string{realtest.Disabled}, d.slapd.Lock(t, alice))
			if at == afterEffect {
				require.Equal(t, after, d.slapd.Content(t), "resume only looks")
			}

			d.killed(afterUndo, "rollback", d.status().Run)
			require.Empty(t, d.slapd.Lock(t, alice))
			after = d.slapd.Content(t)
			e := d.irctl("resume", d.status().Run)
			require.Equal(t, 8, e.code, e.text())
			require.Equal(t, "undone", d.status().Status)
			require.Equal(t, after, d.slapd.Content(t), "resume only looks")
		})
	}
}

// A death after a step that had nothing to do must not make it the step that
// disabled the account.
func TestAlreadyDisabledKilled(t *testing.T) {
	d := newDirectory(t)
	before := d.slapd.Content(t)
	d.killed(afterEffect, "run", d.disable(), "--input", "account=carol")
	d.must("resume", d.status().Run)
	d.must("rollback", d.status().Run)
	require.Equal(t, before, d.slapd.Content(t))
}
