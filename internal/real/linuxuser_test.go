//go:build unix

package real

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// running is a program that runs as an account.
type running struct{ *Session }

func (r running) Alive() bool { return r.Says("here", "here") }

func TestLinuxUser(t *testing.T) {
	var names []string
	accounts := map[string]Account{}
	for range 6 {
		a := NewAccount(t)
		a.SetPassword(t, Password(a.Name))
		names, accounts[a.Name] = append(names, a.Name), a
	}
	alice, bob := accounts[names[4]], accounts[names[5]]
	at := func(t *testing.T) *office { return newOffice(t, "    type: linux-user\n    config: {}\n") }
	accepts := func(t *testing.T, account, password string) bool { return accounts[account].Accepts(t, password) }
	entries := func(t *testing.T) any {
		out := map[string]string{}
		for name, a := range accounts {
			out[name] = a.Shadow(t)
		}
		return out
	}
	alice.Expire(t, "2099-12-31") // as people leave contractors

	t.Run("disable", func(t *testing.T) {
		trial{
			office: func(t *testing.T) (*office, string) {
				o := at(t)
				return o, o.acts("disable", "account.disable", false)
			},
			args:  []string{"--input", "account=" + alice.Name},
			state: entries,
			changed: func(t *testing.T) {
				require.False(t, alice.Accepts(t, Password(alice.Name)))
				require.True(t, alice.Expired(t), "keys of SSH are refused too")
				require.True(t, bob.Accepts(t, Password(bob.Name)))
			},
			unchanged: func(t *testing.T) {
				require.True(t, alice.Accepts(t, Password(alice.Name)))
				require.False(t, alice.Expired(t))
			},
			now: alice.Name + " is not locked and expires on day 47481 since 1970", already: alice.Name + " is disabled already",
		}.run(t)
	})
	t.Run("sessions", func(t *testing.T) {
		open := func(a Account) func() session { return func() session { return running{a.Start(t, "cat")} } }
		at(t).revoked(open(alice), open(bob), alice.Name)
	})
	t.Run("rotate", func(t *testing.T) {
		rotation{
			office: at, accounts: names, old: Password, accepts: accepts, exactly: entries,
			open: func(t *testing.T, account, _ string) session { return running{accounts[account].Start(t, "cat")} },
			but: func(t *testing.T, account string) any {
				all := entries(t).(map[string]string)
				delete(all, account)
				return all
			},
		}.run(t)
	})
	t.Run("who is disabled stays so", func(t *testing.T) {
		o := at(t)
		o.must("run", o.acts("disable", "account.disable", false), "--input", "account="+bob.Name)
		disable := o.status().Run
		o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account="+bob.Name)
		require.False(t, bob.Accepts(t, o.stored()))
		password := o.stored()
		o.must("run", o.acts("enable", "account.enable", false), "--input", "account="+bob.Name)
		require.True(t, bob.Accepts(t, password))
		o.must("rollback", o.status().Run)
		require.False(t, bob.Accepts(t, password))
		o.must("rollback", disable)
		require.True(t, bob.Accepts(t, password))
		require.False(t, bob.Expired(t))
	})
	t.Run("refusals", func(t *testing.T) {
		o := at(t)
		for account, want := range map[string]string{"root": "root is the superuser", "nobody-here": "there is no account nobody-here"} {
			for _, name := range []string{"account.disable", "sessions.revoke"} {
				e := o.irctl("run", o.acts("refused", name, name == "sessions.revoke"), "--input", "account="+account, "--share", "system", "--reason", "the one before waits")
				require.Equal(t, 4, e.code, e.text())
				require.Contains(t, strings.Join(strings.Fields(e.text()), " "), want)
			}
		}
		o.must("target", "check")
	})
}
