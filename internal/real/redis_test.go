//go:build unix

package real

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inRedis is an office whose target is a Redis server. More is lines of the
// target's config.
func inRedis(t *testing.T, r *Redis, admin string, more ...string) *office {
	config := "      address: " + r.Address(0) + "\n      admin: " + admin + "\n      admin_password: {secret: PASSWORD}\n"
	for _, line := range more {
		config += "      " + line + "\n"
	}
	o := newOffice(t, "    type: redis\n    config:\n"+config)
	o.write("password", Password(admin))
	return o
}

// connection is one to a Redis server.
type connection struct{ *Session }

func (s connection) Alive() bool { return s.Says("PING", "+PONG") }

func TestRedis(t *testing.T) {
	r := StartRedis(t)
	accepts := func(name string) bool { return r.Accepts(t, name, Password(name)) }
	open := func(name string) func() session {
		return func() session { return connection{r.Open(t, name, Password(name))} }
	}
	without := func(account string) []string {
		users := r.Users(t)
		for i, line := range users {
			words := strings.Fields(line)
			if len(words) > 1 && words[1] == account {
				users[i] = strings.Join(slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "#") }), " ")
			}
		}
		return users
	}

	// The server writes its file in words of its own.
	r.Ask(t, "ACL SAVE")
	t.Run("rotate", func(t *testing.T) {
		rotation{
			office:   func(t *testing.T) *office { return inRedis(t, r, IrctlRole) },
			accounts: []string{"erin", "frank", "grace", "heidi"},
			old:      Password,
			accepts:  func(t *testing.T, account, password string) bool { return r.Accepts(t, account, password) },
			open:     func(t *testing.T, account, password string) session { return connection{r.Open(t, account, password)} },
			exactly:  func(t *testing.T) any { return r.Users(t) },
			but:      func(_ *testing.T, account string) any { return without(account) },
		}.run(t)
	})
	t.Run("disable", func(t *testing.T) {
		trial{
			office: func(t *testing.T) (*office, string) {
				o := inRedis(t, r, IrctlRole)
				return o, o.acts("disable", "account.disable", false)
			},
			args:  []string{"--input", "account=alice"},
			state: func(t *testing.T) any { return r.Users(t) },
			changed: func(t *testing.T) {
				require.False(t, accepts("alice"))
				require.True(t, accepts("bob"))
			},
			unchanged: func(t *testing.T) { require.True(t, accepts("alice")) },
			now:       "alice is on", already: "alice is disabled already",
		}.run(t)
	})
	t.Run("enable", func(t *testing.T) {
		trial{
			office: func(t *testing.T) (*office, string) {
				o := inRedis(t, r, IrctlRole)
				return o, o.acts("enable", "account.enable", false)
			},
			args:      []string{"--input", "account=carol"},
			state:     func(t *testing.T) any { return r.Users(t) },
			changed:   func(t *testing.T) { require.True(t, accepts("carol")) },
			unchanged: func(t *testing.T) { require.False(t, accepts("carol")) },
			now:       "carol is off", already: "carol is enabled already",
		}.run(t)
	})
	t.Run("sessions", func(t *testing.T) { inRedis(t, r, IrctlRole).revoked(open("bob"), open("alice"), "bob") })

	t.Run("a user that needs no password", func(t *testing.T) {
		r.Ask(t, "ACL SETUSER bob nopass")
		require.True(t, r.Accepts(t, "bob", "anything"))
		o := inRedis(t, r, IrctlRole)
		o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account=bob")
		require.False(t, r.Accepts(t, "bob", "anything"))
		require.True(t, r.Accepts(t, "bob", o.stored()))
	})
	t.Run("a restart does not bring the old password back", func(t *testing.T) {
		o := inRedis(t, r, IrctlRole)
		o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account=alice")
		r.Restart(t)
		require.True(t, r.Accepts(t, "alice", o.stored()))
		require.False(t, accepts("alice"))
	})
	t.Run("refusals", func(t *testing.T) {
		before := r.Users(t)
		o := inRedis(t, r, ViewerRole)
		e := o.irctl("target", "check")
		require.Equal(t, 1, e.code)
		flat := strings.Join(strings.Fields(e.text()), " ")
		require.Contains(t, flat, "viewer may not use ACL SETUSER")
		require.Contains(t, flat, "permit it: ACL SETUSER viewer +client|kill")
		e = o.irctl("run", o.acts("disable", "account.disable", false), "--input", "account=alice")
		require.Equal(t, 4, e.code, e.text())
		require.Contains(t, e.text(), "could not switch alice off")
		o.write("password", "canary-wrong")
		e = o.irctl("target", "check")
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "could not sign in to Redis at")
		require.NotContains(t, e.text(), "canary-wrong")
		for account, want := range map[string]string{"nobody": "there is no user nobody", IrctlRole: "it would lock itself out"} {
			o := inRedis(t, r, IrctlRole)
			e = o.irctl("run", o.acts("disable", "account.disable", false), "--input", "account="+account)
			require.Equal(t, 4, e.code, e.text())
			require.Contains(t, e.text(), want)
		}
		require.Equal(t, before, r.Users(t))
	})
}

// TestRedisWithoutAnACLFile: the users stand in the configuration, which is
// where a restart looks.
func TestRedisWithoutAnACLFile(t *testing.T) {
	r := StartRedisWithoutFile(t)
	o := inRedis(t, r, IrctlRole)
	o.must("target", "check")
	o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account=alice")
	r.Restart(t)
	require.True(t, r.Accepts(t, "alice", o.stored()))
	require.False(t, r.Accepts(t, "alice", Password("alice")))
}
