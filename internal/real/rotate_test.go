//go:build unix

package real

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRotate(t *testing.T) {
	d := newDirectory(t)
	alice, before := Person("alice"), d.slapd.Content(t)
	run := []string{"run", d.rotate(), "--input", "account=alice"}

	planned := d.must("plan", d.rotate(), "--input", "account=alice")
	require.Contains(t, planned.stdout, "alice has the password it had")
	require.Equal(t, before, d.slapd.Content(t), "a plan changes nothing")
	require.NoDirExists(t, d.path("new-secrets"), "and stores nothing")

	shown := d.must(run...).text()
	require.Contains(t, shown, "verified")
	require.NotContains(t, shown, "attempt 2", "a look judges the state")
	first := d.stored()
	require.NotContains(t, shown, first)
	require.True(t, d.slapd.Accepts(t, alice, first))
	require.False(t, d.slapd.Accepts(t, alice, Password("alice")))
	require.True(t, d.slapd.Accepts(t, Person("bob"), Password("bob")))

	shown = d.must(run...).text()
	second := d.stored()
	require.NotContains(t, shown, second)
	require.NotEqual(t, first, second, "another run makes another password")
	require.True(t, d.slapd.Accepts(t, alice, second))
	require.False(t, d.slapd.Accepts(t, alice, first))
	require.Len(t, d.storedFiles(), 2, "what the first run stored is kept")
	d.must("audit", "verify", d.status().Run)
}

func TestRotateEncrypted(t *testing.T) {
	for name, target := range map[string][]string{
		"StartTLS": {"ca_file: AUTHORITY", "start_tls: true"},
		"ldaps":    {"ca_file: AUTHORITY", "url: SECURE"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDirectory(t, target...)
			d.must("run", d.rotate(), "--input", "account=alice")
			require.True(t, d.slapd.Accepts(t, Person("alice"), d.stored()))
		})
	}
}

// An account that cannot sign in gets a new password all the same, and is
// neither enabled by it nor kept from being enabled later.
func TestRotateAccountsThatCannotSignIn(t *testing.T) {
	d := newDirectory(t)
	carol, bob := Person("carol"), Person("bob")
	shown := d.must("run", d.rotate(), "--input", "account=carol")
	require.Contains(t, shown.text(), "the account is disabled")
	require.Equal(t, []string{Disabled}, d.slapd.Lock(t, carol))
	password := d.stored()
	require.False(t, d.slapd.Accepts(t, carol, password))
	d.must("run", d.enable(), "--input", "account=carol")
	require.True(t, d.slapd.Accepts(t, carol, password))

	// Guesses at the old password lock nobody out of the new one.
	d.slapd.LockOut(t, bob)
	d.must("run", d.rotate(), "--input", "account=bob")
	require.Empty(t, d.slapd.Lock(t, bob))
	require.True(t, d.slapd.Accepts(t, bob, d.stored()))
}

func TestRotateKilled(t *testing.T) {
	for _, account := range []string{"alice", "carol"} {
		for _, at := range []string{beforeRecord, afterRecord, afterEffect} {
			t.Run(account+" "+at, func(t *testing.T) {
				d := newDirectory(t)
				before := d.slapd.Content(t)
				d.killed(at, "run", d.rotate(), "--input", "account="+account)
				after := d.slapd.Content(t)
				require.Equal(t, at == afterEffect, !slices.Equal(before, after), "only then is it changed")

				resumed := d.must("resume", d.status().Run).text()
				require.Contains(t, resumed, "verified")
				require.NotContains(t, resumed, "but the target shows", "a look judges the state")
				require.Equal(t, "succeeded", d.status().Status)
				password := d.stored()
				if account == "carol" {
					require.Equal(t, []string{Disabled}, d.slapd.Lock(t, Person("carol")))
					d.must("run", d.enable(), "--input", "account=carol")
				} else if at == afterEffect {
					require.Equal(t, after, d.slapd.Content(t), "resume only looks")
				}
				require.Len(t, d.storedFiles(), 1)
				require.True(t, d.slapd.Accepts(t, Person(account), password))
				require.False(t, d.slapd.Accepts(t, Person(account), Password(account)))
			})
		}
	}
}
