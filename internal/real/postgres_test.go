//go:build unix

package real

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// inPostgres is an office whose target is a server of PostgreSQL. More is
// lines of the target's config, which win over the usual ones.
func inPostgres(t *testing.T, p *Postgres, more ...string) *office {
	config := "      address: " + p.Address(0) + "\n      admin_password: {secret: PASSWORD}\n"
	if !strings.Contains(strings.Join(more, "\n"), "admin: ") {
		config += "      admin: " + IrctlRole + "\n"
	}
	for _, line := range more {
		config += "      " + line + "\n"
	}
	o := newOffice(t, "    type: postgres\n    config:\n"+config)
	o.write("password", Password(IrctlRole))
	return o
}

// psql is a session of psql.
type psql struct{ *Session }

func (s psql) Alive() bool { return s.Says("SELECT 'here';", "here") }

func TestPostgres(t *testing.T) {
	p := StartPostgres(t)
	for _, name := range []string{"erin", "frank", "grace", "heidi", "ivan"} {
		p.Ask(t, "CREATE ROLE "+name+" LOGIN PASSWORD '"+Password(name)+"'")
	}
	accepts := func(name string) bool { return p.Accepts(t, name, Password(name)) }
	open := func(name string) func() session {
		return func() session { return psql{p.Open(t, name, Password(name))} }
	}

	t.Run("rotate", func(t *testing.T) {
		rotation{
			office:   func(t *testing.T) *office { return inPostgres(t, p) },
			accounts: []string{"erin", "frank", "grace", "heidi"},
			old:      Password,
			accepts:  func(t *testing.T, account, password string) bool { return p.Accepts(t, account, password) },
			open:     func(t *testing.T, account, password string) session { return psql{p.Open(t, account, password)} },
			exactly:  func(t *testing.T) any { return p.Roles(t) },
			but: func(t *testing.T, account string) any {
				return p.Ask(t, "SELECT rolname, rolcanlogin, rolconnlimit, rolvaliduntil, CASE rolname WHEN '"+account+"' THEN '' ELSE rolpassword END FROM pg_authid ORDER BY rolname")
			},
		}.run(t)
	})
	t.Run("disable", func(t *testing.T) {
		trial{
			office: func(t *testing.T) (*office, string) {
				o := inPostgres(t, p)
				return o, o.acts("disable", "account.disable", false)
			},
			args:  []string{"--input", "account=alice"},
			state: func(t *testing.T) any { return p.Roles(t) },
			changed: func(t *testing.T) {
				require.False(t, accepts("alice"))
				require.True(t, accepts("bob"))
			},
			unchanged: func(t *testing.T) { require.True(t, accepts("alice")) },
			now:       "alice may log in", already: "alice is disabled already",
		}.run(t)
	})
	t.Run("enable", func(t *testing.T) {
		trial{
			office: func(t *testing.T) (*office, string) {
				o := inPostgres(t, p)
				return o, o.acts("enable", "account.enable", false)
			},
			args:      []string{"--input", "account=carol"},
			state:     func(t *testing.T) any { return p.Roles(t) },
			changed:   func(t *testing.T) { require.True(t, accepts("carol")) },
			unchanged: func(t *testing.T) { require.False(t, accepts("carol")) },
			now:       "carol may not log in", already: "carol is enabled already",
		}.run(t)
	})
	t.Run("sessions", func(t *testing.T) { inPostgres(t, p).revoked(open("bob"), open("alice"), "bob") })

	t.Run("a role that may not log in", func(t *testing.T) {
		o := inPostgres(t, p)
		require.Contains(t, o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account=carol").text(), "the account is disabled")
		require.Equal(t, "f", p.Ask(t, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'carol'"))
		p.Ask(t, "ALTER ROLE carol LOGIN")
		require.True(t, p.Accepts(t, "carol", o.stored()))
		p.Ask(t, "ALTER ROLE carol NOLOGIN")
	})
	t.Run("the old password is known", func(t *testing.T) {
		o := inPostgres(t, p, "old_password: {secret: PASSWORD}") // of somebody else
		require.Contains(t, o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account=ivan").text(), "the new one is accepted, another refused")
		p.Ask(t, "ALTER ROLE ivan PASSWORD '"+Password(IrctlRole)+"'")
		require.Contains(t, o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account=ivan").text(), "the new one is accepted and the old one refused")
	})
	t.Run("neither the log nor the statistics hold a password", func(t *testing.T) {
		o := inPostgres(t, p)
		o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account=bob")
		require.Contains(t, p.Log(), `ALTER ROLE "bob" PASSWORD 'SCRAM-SHA-256$`, "the log shows statements")
		require.NotContains(t, p.Log(), o.stored())
	})
	t.Run("refusals", func(t *testing.T) {
		o := inPostgres(t, p, "admin: "+ViewerRole)
		o.write("password", Password(ViewerRole))
		before := p.Roles(t)
		e := o.irctl("run", o.acts("disable", "account.disable", false), "--input", "account=alice")
		require.Equal(t, 4, e.code, e.text())
		require.Contains(t, e.text(), "could not set NOLOGIN for alice")
		e = o.irctl("target", "check")
		require.Equal(t, 1, e.code)
		flat := strings.Join(strings.Fields(e.text()), " ")
		require.Contains(t, flat, "viewer may not change roles")
		require.Contains(t, flat, "GRANT pg_signal_backend TO viewer")
		o.write("password", "canary-wrong")
		e = o.irctl("target", "check")
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "could not sign in to PostgreSQL at")
		require.NotContains(t, e.text(), "canary-wrong")
		for account, want := range map[string]string{"nobody": "there is no role nobody", IrctlRole: "it would lock itself out", `x" LOGIN; --`: "there is no role"} {
			e = inPostgres(t, p).irctl("run", o.acts("disable", "account.disable", false), "--input", "account="+account)
			require.Equal(t, 4, e.code, e.text())
			require.Contains(t, e.text(), want)
		}
		require.Equal(t, before, p.Roles(t))
	})
	t.Run("from another machine", func(t *testing.T) {
		gate := realtest.StartSSHD(t)
		o := inPostgres(t, p, "via: "+gate.Via())
		o.must("run", o.acts("rotate", "credentials.rotate", true), "--input", "account=alice")
		require.True(t, p.Accepts(t, "alice", o.stored()))
	})
	t.Run("a server that trusts everybody proves nothing", func(t *testing.T) {
		require.NoError(t, p.Write("data/pg_hba.conf", "host all irctl 127.0.0.1/32 scram-sha-256\nhost all admin 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"))
		p.Restart(t)
		e := inPostgres(t, p).irctl("run", inPostgres(t, p).acts("rotate", "credentials.rotate", true), "--input", "account=erin")
		require.Equal(t, 4, e.code, e.text())
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "the system lets it sign in with any")
	})
}
