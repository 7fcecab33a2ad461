package contract

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/credentials"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

func rotateRequest(t *testing.T, s *directoryServer, account string) (action.Request, *actiontest.Secrets) {
	req := s.request(t, credentials.Rotate(), "ldap", account)
	return req, req.Secrets.(*actiontest.Secrets)
}

func TestRotateInADirectory(t *testing.T) {
	s := startServer(t, person("alice", "old"), person("bob", "other"))
	req, secrets := rotateRequest(t, s, "alice")
	out := &actiontest.Sink{OnRecord: func(values map[string]any) {
		require.Equal(t, values["settled"] == true, s.get(alice).Password != "old", "the end is recorded last")
	}}
	r, err := credentials.Rotate().Run(t.Context(), req, out)
	require.NoError(t, err)
	ref := r.Outputs["stored"].(string)
	require.Equal(t, action.Result{
		Outputs: map[string]any{"account": "alice", "stored": ref},
		Changed: true, Summary: "alice has a new password, stored in " + ref,
	}, r)
	require.Equal(t, map[string]any{"stored": ref, "account": "alice", "disabled": false, "old": false, "settled": true}, out.Recorded())
	password, err := secrets.Get(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, password.Reveal(), s.get(alice).Password)
	require.Len(t, password.Reveal(), 24)
	for _, class := range []string{"abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_.+=:@%"} {
		require.True(t, strings.ContainsAny(password.Reveal(), class), class)
	}
	require.NotContains(t, password.Reveal(), "l")
	require.Equal(t, "other", s.get("uid=bob,"+directoryBase).Password)
	for _, shown := range append(out.Lines(), r.Summary, ref) {
		require.NotContains(t, shown, password.Reveal())
	}
	_, undoes := credentials.Rotate().(action.Undoer)
	require.False(t, undoes, "nobody knows the old password")
}

func TestRotateRefusesWithoutAPlaceForTheSecret(t *testing.T) {
	s := startServer(t, person("alice", "old"))
	req, _ := rotateRequest(t, s, "alice")
	req.Secrets = nil
	_, err := credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Hint, "new_secrets")
	require.Zero(t, s.modified())
	require.NotEmpty(t, credentials.Rotate().(action.Preflighter).Preflight(t.Context(), req))
}

func TestNoPasswordChangesWhenTheRecordCannotBeWritten(t *testing.T) {
	s := startServer(t, person("alice", "old"))
	req, _ := rotateRequest(t, s, "alice")
	full := errors.New("disk full")
	_, err := credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	require.Equal(t, "old", s.get(alice).Password)
}

func TestACrashBeforeOrAfterTheChangeGoesOnWithTheStoredPassword(t *testing.T) {
	s := startServer(t, person("alice", "old"))
	req, secrets := rotateRequest(t, s, "alice")
	// The attempt died between the record and the change.
	ref, err := secrets.Put(t.Context(), "alice", action.NewSecret("stored-by-attempt-1"))
	require.NoError(t, err)
	req.Record, req.Attempt = map[string]any{"stored": ref, "account": "alice", "dn": alice}, 2
	inspect := credentials.Rotate().(action.Inspector)
	i, err := inspect.Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Known)
	require.False(t, i.Desired)
	out := &actiontest.Sink{}
	r, err := credentials.Rotate().Run(t.Context(), req, out)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"account": "alice", "stored": ref}, r.Outputs)
	require.Equal(t, "stored-by-attempt-1", s.get(alice).Password)
	require.Equal(t, map[string]any{"settled": true}, out.Recorded())
	// The attempt died between the change and its outcome.
	req.Record["settled"] = true
	i, err = inspect.Inspect(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, action.Inspection{
		Known: true, Desired: true, Repeatable: true, Outputs: r.Outputs,
		Current: "alice has the password that this step stored", Want: "alice has a new password",
	}, i)
	_, err = credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, 1, s.modified(), "the second attempt only looks")
	require.Equal(t, 1, secrets.Count())
}

// TestAPasswordThatIrctlCannotReadBackIsReplaced: after a crash nobody can tell
// which password the account has, so it gets another.
func TestAPasswordThatIrctlCannotReadBackIsReplaced(t *testing.T) {
	s := startServer(t, person("alice", "old"))
	req, secrets := rotateRequest(t, s, "alice")
	out := &actiontest.Sink{}
	_, err := credentials.Rotate().Run(t.Context(), req, out)
	require.NoError(t, err)
	first := s.get(alice).Password

	// The attempt that came to its end recorded that, and a look goes by it.
	secrets.Sealed, req.Record = true, out.Recorded()
	i, err := credentials.Rotate().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Known && i.Desired)

	delete(req.Record, "settled")
	i, err = credentials.Rotate().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.False(t, i.Known)
	require.True(t, i.Repeatable)
	r, err := credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Changed)
	secrets.Sealed = false
	stored, err := secrets.Get(t.Context(), r.Outputs["stored"].(string))
	require.NoError(t, err)
	require.Equal(t, stored.Reveal(), s.get(alice).Password)
	require.NotEqual(t, first, s.get(alice).Password)
}

func TestALostAnswerIsSettledBySigningIn(t *testing.T) {
	s := startServer(t, person("alice", "old"))
	s.LoseAnswer = true
	req, _ := rotateRequest(t, s, "alice")
	r, err := credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Changed)
}

func disabledAlice(t *testing.T) *directoryServer {
	p := person("alice", "old")
	p.Attributes["pwdaccountlockedtime"] = []string{disabledForGood}
	return startServer(t, p)
}

func lockOf(s *directoryServer) []string { return s.get(alice).Attributes["pwdaccountlockedtime"] }

// A new password takes the lock away in OpenLDAP, as in the server here.
func TestADisabledAccountStaysDisabled(t *testing.T) {
	s := disabledAlice(t)
	req, secrets := rotateRequest(t, s, "alice")
	out := &actiontest.Sink{}
	r, err := credentials.Rotate().Run(t.Context(), req, out)
	require.NoError(t, err)
	require.Contains(t, r.Summary, "the account is disabled")
	require.Equal(t, []string{disabledForGood}, lockOf(s))
	require.Equal(t, true, out.Recorded()["disabled"])

	// Nobody can sign in to see, and a look goes by the end that was recorded.
	req.Record, req.Attempt = out.Recorded(), 2
	i, err := credentials.Rotate().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Known && i.Desired)

	// A death before that: nobody can see whether it happened, and OpenLDAP
	// refuses to set the same password twice.
	delete(req.Record, "settled")
	i, err = credentials.Rotate().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.False(t, i.Known)
	require.True(t, i.Repeatable)
	r, err = credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, []string{disabledForGood}, lockOf(s))
	require.Equal(t, 1, secrets.Count(), "stored in the place of the first")
	password, err := secrets.Get(t.Context(), r.Outputs["stored"].(string))
	require.NoError(t, err)
	require.Equal(t, password.Reveal(), s.get(alice).Password)
}

func TestADeathBeforeTheAccountIsDisabledAgain(t *testing.T) {
	s := startServer(t, person("alice", "stored-by-attempt-1"))
	req, secrets := rotateRequest(t, s, "alice")
	ref, err := secrets.Put(t.Context(), "alice", action.NewSecret("stored-by-attempt-1"))
	require.NoError(t, err)
	req.Record, req.Attempt = map[string]any{"stored": ref, "account": "alice", "dn": alice, "lock": []any{disabledForGood}}, 2
	i, err := credentials.Rotate().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, action.Inspection{
		Known: true, Repeatable: true, Want: "alice has a new password", Outputs: map[string]any{},
		Current: "alice has the password that this step stored, but is enabled, which it was not before",
	}, i)
	_, err = credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, []string{disabledForGood}, lockOf(s))
	require.Equal(t, "stored-by-attempt-1", s.get(alice).Password)
}

func TestALostAnswerForADisabledAccountStaysInDoubt(t *testing.T) {
	s := disabledAlice(t)
	s.LoseAnswer = true
	req, _ := rotateRequest(t, s, "alice")
	_, err := credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.True(t, action.IsDoubtful(err))
	require.Equal(t, []string{disabledForGood}, lockOf(s))
}

func TestErrorsNeverHoldAPassword(t *testing.T) {
	s := startServer(t, person("alice", "old"))
	s.RefusePassword = true
	req, secrets := rotateRequest(t, s, "alice")
	out := &actiontest.Sink{}
	_, err := credentials.Rotate().Run(t.Context(), req, out)
	require.ErrorContains(t, err, "too weak: [redacted]")
	require.NotContains(t, err.Error(), "\x1b")
	password, getErr := secrets.Get(t.Context(), out.Recorded()["stored"].(string))
	require.NoError(t, getErr)
	require.NotContains(t, err.Error(), password.Reveal())
	require.False(t, action.IsDoubtful(err))

	req.Target.Config["bind_password"] = action.NewSecret("canary-wrong")
	_, err = credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "could not sign in")
	require.NotContains(t, err.Error(), "canary")
}

func TestAccountsAreFoundExactly(t *testing.T) {
	s := startServer(t, person("alice", "old"), person("bob", "old"))
	for _, hostile := range []string{"*", "alice)(uid=*", `al\69ce`, "*)(objectClass=*", "alice\x00"} {
		req, _ := rotateRequest(t, s, hostile)
		_, err := credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
		require.ErrorContains(t, err, "there is no account", hostile)
	}
	require.Zero(t, s.modified())
	req, _ := rotateRequest(t, s, "alice")
	req.Target.Config["user_filter"] = "(|(uid={account})(uid=bob))"
	_, err := credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "more than one entry")
	require.Zero(t, s.modified())
}

func TestTheNetworkPolicyIsObeyed(t *testing.T) {
	s := startServer(t, person("alice", "old"))
	req, secrets := rotateRequest(t, s, "alice")
	req.Allow = action.Allow{}
	_, err := credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "loopback")
	require.Zero(t, secrets.Count())
	req.Target.Config["url"] = "ldap://192.0.2.1"
	_, err = credentials.Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "unencrypted")
}

func TestThePreflightOfARotation(t *testing.T) {
	s := startServer(t, person("alice", "old"))
	req, _ := rotateRequest(t, s, "alice")
	p := credentials.Rotate().(action.Preflighter)
	require.Empty(t, p.Preflight(t.Context(), req))
	s.NoPasswordModify = true
	require.Len(t, p.Preflight(t.Context(), req), 1)
	require.Zero(t, s.modified())
}
