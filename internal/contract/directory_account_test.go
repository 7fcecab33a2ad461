package contract

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/account"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

func startLocked(t *testing.T, lock ...string) *directoryServer {
	p := person("alice", "old")
	if lock != nil {
		p.Attributes["pwdaccountlockedtime"] = lock
	}
	return startServer(t, p)
}

func TestUndoPutsBackThePreviousStateNotTheDefault(t *testing.T) {
	for _, c := range []struct {
		name   string
		a      action.Action
		before []string
		after  []string
	}{
		{"disable an enabled account", account.Disable(), nil, []string{disabledForGood}},
		{"disable one that is locked for a while", account.Disable(), []string{"20261123220000Z"}, []string{disabledForGood}},
		{"enable a disabled account", account.Enable(), []string{disabledForGood}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startLocked(t, c.before...)
			req := s.request(t, account.Disable(), "ldap", "alice")
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
	s := startLocked(t)
	s.Operational = true
	r, err := account.Disable().Run(t.Context(), s.request(t, account.Disable(), "ldap", "alice"), &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Changed)
	require.Equal(t, []string{disabledForGood}, lockOf(s))
}

func TestNothingChangesWhenTheRecordCannotBeWritten(t *testing.T) {
	s := startLocked(t)
	full := errors.New("disk full")
	_, err := account.Disable().Run(t.Context(), s.request(t, account.Disable(), "ldap", "alice"), &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	require.Zero(t, s.modified())
}

func TestFilterInjectionDisablesNobody(t *testing.T) {
	s := startLocked(t)
	for _, hostile := range []string{"*", "x)(uid=alice", "alice)(|(uid=*"} {
		_, err := account.Disable().Run(t.Context(), s.request(t, account.Disable(), "ldap", hostile), &actiontest.Sink{})
		require.ErrorContains(t, err, "there is no account")
	}
	require.Zero(t, s.modified())
}

func TestInspectSaysWhatIsSo(t *testing.T) {
	s := startLocked(t, "20261123220000Z")
	i, err := account.Disable().(action.Inspector).Inspect(t.Context(), s.request(t, account.Disable(), "ldap", "alice"))
	require.NoError(t, err)
	require.Equal(t, action.Inspection{
		Known: true, Repeatable: true, Want: "alice is disabled", Outputs: map[string]any{},
		Current: "alice is locked for a while by the directory's password policy",
	}, i)
}

// TestWhatWasRecordedOfADirectoryAtFirstIsPutBack: the lock's values were a list
// then, and the state was not put into words.
func TestWhatWasRecordedOfADirectoryAtFirstIsPutBack(t *testing.T) {
	for name, before := range map[string][]string{"enabled": nil, "locked for a while": {"20261123220000Z"}} {
		t.Run(name, func(t *testing.T) {
			s := startLocked(t, disabledForGood)
			req := s.request(t, account.Disable(), "ldap", "alice")
			previous := []any{}
			for _, value := range before {
				previous = append(previous, value)
			}
			req.Record, req.Undoes = map[string]any{"dn": alice, "previous": previous}, req.Key
			r, err := account.Disable().(action.Undoer).Undo(t.Context(), req, &actiontest.Sink{})
			require.NoError(t, err)
			require.True(t, r.Changed)
			require.NotContains(t, r.Summary, "before the step")
			require.Equal(t, before, lockOf(s))
		})
	}
}
