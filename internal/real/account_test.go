//go:build unix

package real

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDisable(t *testing.T) {
	d := newDirectory(t)
	alice := Person("alice")
	trial{
		office: func(t *testing.T) (*office, string) {
			o := d.again(t)
			return o.office, o.disable()
		},
		args: []string{"--input", "account=alice"},
		state: func(t *testing.T) any {
			return slices.DeleteFunc(d.slapd.Content(t), func(line string) bool {
				return strings.HasPrefix(line, "entryCSN: ") || strings.HasPrefix(line, "modif")
			})
		},
		exactly: func(t *testing.T) any { return d.slapd.Content(t) },
		changed: func(t *testing.T) {
			require.Equal(t, []string{Disabled}, d.slapd.Lock(t, alice))
			require.False(t, d.slapd.Accepts(t, alice, Password("alice")))
			require.True(t, d.slapd.Accepts(t, Person("bob"), Password("bob")))
		},
		unchanged: func(t *testing.T) { require.True(t, d.slapd.Accepts(t, alice, Password("alice"))) },
		now:       "alice is enabled",
		already:   "alice is disabled already",
	}.run(t)
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
		since := d.slapd.LockOut(t, Person("bob"))
		d.must("run", d.disable(), "--input", "account=bob")
		require.Equal(t, []string{Disabled}, d.slapd.Lock(t, Person("bob")))
		d.must("rollback", d.status().Run)
		require.Equal(t, []string{since}, d.slapd.Lock(t, Person("bob")))
		require.False(t, d.slapd.Accepts(t, Person("bob"), Password("bob")))
	})
	t.Run("enabling who is disabled", func(t *testing.T) {
		d := newDirectory(t)
		d.must("run", d.enable(), "--input", "account=carol")
		require.True(t, d.slapd.Accepts(t, Person("carol"), Password("carol")))
		d.must("rollback", d.status().Run)
		require.Equal(t, []string{Disabled}, d.slapd.Lock(t, Person("carol")))
		require.False(t, d.slapd.Accepts(t, Person("carol"), Password("carol")))
	})
	t.Run("enabling who is locked for a while", func(t *testing.T) {
		d := newDirectory(t)
		since := d.slapd.LockOut(t, Person("bob"))
		d.must("run", d.enable(), "--input", "account=bob")
		require.True(t, d.slapd.Accepts(t, Person("bob"), Password("bob")))
		d.must("rollback", d.status().Run)
		require.Equal(t, []string{since}, d.slapd.Lock(t, Person("bob")))
	})
	t.Run("enabling who is enabled", func(t *testing.T) {
		d := newDirectory(t)
		before := d.slapd.Content(t)
		require.Contains(t, d.must("run", d.enable(), "--input", "account=alice").text(), "alice is enabled already")
		d.cannotUndo(d.status().Run)
		require.Equal(t, before, d.slapd.Content(t))
	})
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
