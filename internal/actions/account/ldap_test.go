package account

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/systems/directory"
	"github.com/irctl/irctl/internal/systems/directory/directorytest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/action/actiontest"
)

const (
	alice  = "uid=alice," + directorytest.BaseDN
	locked = "000001010000Z"
)

func request(s *directorytest.Server, account string) action.Request {
	return action.Request{
		Run: "01JD", Path: "disable", Key: "01JD/disable", Attempt: 1,
		With: action.Values{"account": account},
		Target: action.Target{Name: "directory", Type: "ldap", Config: actiontest.Fill(directory.Target(true).Fields, action.Values{
			"url": s.URL, "bind_dn": directorytest.AdminDN, "bind_password": action.NewSecret(directorytest.AdminPassword), "base_dn": directorytest.BaseDN,
		})},
		Allow: action.Allow{Loopback: true},
	}
}

func start(t *testing.T, lock ...string) *directorytest.Server {
	p := directorytest.Person("alice", "old")
	if lock != nil {
		p.Attributes["pwdaccountlockedtime"] = lock
	}
	return directorytest.Start(t, p)
}

func lockOf(s *directorytest.Server) []string {
	return s.Get(alice).Attributes["pwdaccountlockedtime"]
}

func TestUndoPutsBackThePreviousStateNotTheDefault(t *testing.T) {
	for _, c := range []struct {
		name   string
		a      action.Action
		before []string
		after  []string
	}{
		{"disable an enabled account", Disable(), nil, []string{locked}},
		{"disable one that is locked for a while", Disable(), []string{"20261123220000Z"}, []string{locked}},
		{"enable a disabled account", Enable(), []string{locked}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, c.before...)
			req := request(s, "alice")
			out := &actiontest.Sink{OnRecord: func(map[string]any) { require.Equal(t, c.before, lockOf(s)) }}
			r, err := c.a.Run(t.Context(), req, out)
			require.NoError(t, err)
			require.True(t, r.Changed)
			require.Equal(t, c.after, lockOf(s))
			r, err = c.a.Run(t.Context(), req, &actiontest.Sink{RefuseRecord: errors.New("not called")})
			require.NoError(t, err)
			require.True(t, r.Already)

			req.Record = out.Recorded()
			i, err := c.a.(action.Inspector).Inspect(t.Context(), req)
			require.NoError(t, err)
			require.True(t, i.Known && i.Desired)
			r, err = c.a.Run(t.Context(), req, &actiontest.Sink{})
			require.NoError(t, err)
			require.True(t, r.Changed, "after a crash the effect is this step's own")

			u := c.a.(action.Undoer)
			r, err = u.Undo(t.Context(), req, &actiontest.Sink{})
			require.NoError(t, err)
			require.True(t, r.Changed)
			require.Equal(t, c.before, lockOf(s))
			r, err = u.Undo(t.Context(), req, &actiontest.Sink{})
			require.NoError(t, err)
			require.True(t, r.Already)
		})
	}
}

func TestAnOperationalAttributeNeedsTheRelaxRules(t *testing.T) {
	s := start(t)
	s.Operational = true
	r, err := Disable().Run(t.Context(), request(s, "alice"), &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Changed)
	require.Equal(t, []string{locked}, lockOf(s))
}

func TestNothingChangesWhenTheRecordCannotBeWritten(t *testing.T) {
	s := start(t)
	full := errors.New("disk full")
	_, err := Disable().Run(t.Context(), request(s, "alice"), &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	require.Zero(t, s.Changes())
}

func TestFilterInjectionDisablesNobody(t *testing.T) {
	s := start(t)
	for _, hostile := range []string{"*", "x)(uid=alice", "alice)(|(uid=*"} {
		_, err := Disable().Run(t.Context(), request(s, hostile), &actiontest.Sink{})
		require.ErrorContains(t, err, "there is no account")
	}
	require.Zero(t, s.Changes())
}

func TestInspectSaysWhatIsSo(t *testing.T) {
	s := start(t, "20261123220000Z")
	i, err := Disable().(action.Inspector).Inspect(t.Context(), request(s, "alice"))
	require.NoError(t, err)
	require.Equal(t, action.Inspection{
		Known: true, Repeatable: true, Want: "alice is disabled", Outputs: map[string]any{},
		Current: "alice is locked for a while by the directory's password policy",
	}, i)
}
