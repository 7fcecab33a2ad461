package credentials

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/systems/directory"
	"github.com/irctl/irctl/internal/systems/directory/directorytest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/action/actiontest"
)

const alice = "uid=alice," + directorytest.BaseDN

func request(s *directorytest.Server, account string) (action.Request, *actiontest.Secrets) {
	secrets := &actiontest.Secrets{}
	t := directory.Target(false)
	return action.Request{
		Run: "01JD", Path: "rotate", Key: "01JD/rotate", Attempt: 1,
		With: actiontest.Fill(Rotate().Spec().Inputs, action.Values{"account": account}),
		Target: action.Target{Name: "directory", Type: "ldap", Config: actiontest.Fill(t.Fields, action.Values{
			"url": s.URL, "bind_dn": directorytest.AdminDN, "bind_password": action.NewSecret(directorytest.AdminPassword), "base_dn": directorytest.BaseDN,
		})},
		Allow: action.Allow{Loopback: true}, Secrets: secrets,
	}, secrets
}

func TestRotate(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "old"), directorytest.Person("bob", "other"))
	req, secrets := request(s, "alice")
	out := &actiontest.Sink{OnRecord: func(map[string]any) { require.Equal(t, "old", s.Get(alice).Password) }}
	r, err := Rotate().Run(t.Context(), req, out)
	require.NoError(t, err)
	ref := r.Outputs["stored"].(string)
	require.Equal(t, action.Result{
		Outputs: map[string]any{"account": "alice", "stored": ref},
		Changed: true, Summary: "alice has a new password, stored in " + ref,
	}, r)
	require.Equal(t, map[string]any{"stored": ref, "account": "alice", "disabled": false, "old": false}, out.Recorded())
	password, err := secrets.Get(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, password.Reveal(), s.Get(alice).Password)
	require.Len(t, password.Reveal(), 24)
	for _, class := range []string{"abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_.+=:@%"} {
		require.True(t, strings.ContainsAny(password.Reveal(), class), class)
	}
	require.NotContains(t, password.Reveal(), "l")
	require.Equal(t, "other", s.Get("uid=bob,"+directorytest.BaseDN).Password)
	for _, shown := range append(out.Lines(), r.Summary, ref) {
		require.NotContains(t, shown, password.Reveal())
	}
	_, undoes := Rotate().(action.Undoer)
	require.False(t, undoes, "nobody knows the old password")
}

func TestRotateRefusesWithoutAPlaceForTheSecret(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "old"))
	req, _ := request(s, "alice")
	req.Secrets = nil
	_, err := Rotate().Run(t.Context(), req, &actiontest.Sink{})
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Hint, "new_secrets")
	require.Zero(t, s.Changes())
	require.NotEmpty(t, Rotate().(action.Preflighter).Preflight(t.Context(), req))
}

func TestNothingChangesWhenTheRecordCannotBeWritten(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "old"))
	req, _ := request(s, "alice")
	full := errors.New("disk full")
	_, err := Rotate().Run(t.Context(), req, &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	require.Equal(t, "old", s.Get(alice).Password)
}

func TestACrashBeforeOrAfterTheChangeGoesOnWithTheStoredPassword(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "old"))
	req, secrets := request(s, "alice")
	// The attempt died between the record and the change.
	ref, err := secrets.Put(t.Context(), "alice", action.NewSecret("stored-by-attempt-1"))
	require.NoError(t, err)
	req.Record, req.Attempt = map[string]any{"stored": ref, "account": "alice", "dn": alice}, 2
	inspect := Rotate().(action.Inspector)
	i, err := inspect.Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Known)
	require.False(t, i.Desired)
	r, err := Rotate().Run(t.Context(), req, &actiontest.Sink{RefuseRecord: errors.New("not called")})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"account": "alice", "stored": ref}, r.Outputs)
	require.Equal(t, "stored-by-attempt-1", s.Get(alice).Password)
	// The attempt died between the change and its outcome.
	i, err = inspect.Inspect(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, action.Inspection{
		Known: true, Desired: true, Repeatable: true, Outputs: r.Outputs,
		Current: "alice has the password that this step stored", Want: "alice has a new password",
	}, i)
	_, err = Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, 1, s.Changes(), "the second attempt only looks")
	require.Equal(t, 1, secrets.Count())
}

// TestAPasswordThatIrctlCannotReadBackIsReplaced: after a crash nobody can tell
// which password the account has, so it gets another.
func TestAPasswordThatIrctlCannotReadBackIsReplaced(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "old"))
	req, secrets := request(s, "alice")
	out := &actiontest.Sink{}
	_, err := Rotate().Run(t.Context(), req, out)
	require.NoError(t, err)
	first := s.Get(alice).Password

	secrets.Sealed, req.Record = true, out.Recorded()
	i, err := Rotate().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.False(t, i.Known)
	require.True(t, i.Repeatable)
	r, err := Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Changed)
	secrets.Sealed = false
	stored, err := secrets.Get(t.Context(), r.Outputs["stored"].(string))
	require.NoError(t, err)
	require.Equal(t, stored.Reveal(), s.Get(alice).Password)
	require.NotEqual(t, first, s.Get(alice).Password)
}

func TestALostAnswerIsSettledBySigningIn(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "old"))
	s.LoseAnswer = true
	req, _ := request(s, "alice")
	r, err := Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Changed)
}

const disabled = "000001010000Z"

func disabledAlice(t *testing.T) *directorytest.Server {
	p := directorytest.Person("alice", "old")
	p.Attributes["pwdaccountlockedtime"] = []string{disabled}
	return directorytest.Start(t, p)
}

func lockOf(s *directorytest.Server) []string { return s.Get(alice).Attributes["pwdaccountlockedtime"] }

// A new password takes the lock away in OpenLDAP, as in the server here.
func TestADisabledAccountStaysDisabled(t *testing.T) {
	s := disabledAlice(t)
	req, secrets := request(s, "alice")
	out := &actiontest.Sink{}
	r, err := Rotate().Run(t.Context(), req, out)
	require.NoError(t, err)
	require.Contains(t, r.Summary, "the account is disabled")
	require.Equal(t, []string{disabled}, lockOf(s))
	require.Equal(t, true, out.Recorded()["disabled"])

	// A death before the outcome was written: nobody can see whether it
	// happened, and OpenLDAP refuses to set the same password twice.
	req.Record, req.Attempt = out.Recorded(), 2
	i, err := Rotate().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.False(t, i.Known)
	require.True(t, i.Repeatable)
	r, err = Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, []string{disabled}, lockOf(s))
	require.Equal(t, 1, secrets.Count(), "stored in the place of the first")
	password, err := secrets.Get(t.Context(), r.Outputs["stored"].(string))
	require.NoError(t, err)
	require.Equal(t, password.Reveal(), s.Get(alice).Password)
}

func TestADeathBeforeTheAccountIsDisabledAgain(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "stored-by-attempt-1"))
	req, secrets := request(s, "alice")
	ref, err := secrets.Put(t.Context(), "alice", action.NewSecret("stored-by-attempt-1"))
	require.NoError(t, err)
	req.Record, req.Attempt = map[string]any{"stored": ref, "account": "alice", "dn": alice, "lock": []any{disabled}}, 2
	i, err := Rotate().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, action.Inspection{
		Known: true, Repeatable: true, Want: "alice has a new password", Outputs: map[string]any{},
		Current: "alice has the password that this step stored, but is enabled, which it was not before",
	}, i)
	_, err = Rotate().Run(t.Context(), req, &actiontest.Sink{RefuseRecord: errors.New("not called")})
	require.NoError(t, err)
	require.Equal(t, []string{disabled}, lockOf(s))
	require.Equal(t, "stored-by-attempt-1", s.Get(alice).Password)
}

func TestALostAnswerForADisabledAccountStaysInDoubt(t *testing.T) {
	s := disabledAlice(t)
	s.LoseAnswer = true
	req, _ := request(s, "alice")
	_, err := Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.True(t, action.IsDoubtful(err))
	require.Equal(t, []string{disabled}, lockOf(s))
}

func TestErrorsNeverHoldAPassword(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "old"))
	s.RefusePassword = true
	req, secrets := request(s, "alice")
	out := &actiontest.Sink{}
	_, err := Rotate().Run(t.Context(), req, out)
	require.ErrorContains(t, err, "too weak: [redacted]")
	require.NotContains(t, err.Error(), "\x1b")
	password, getErr := secrets.Get(t.Context(), out.Recorded()["stored"].(string))
	require.NoError(t, getErr)
	require.NotContains(t, err.Error(), password.Reveal())
	require.False(t, action.IsDoubtful(err))

	req.Target.Config["bind_password"] = action.NewSecret("canary-wrong")
	_, err = Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "could not sign in")
	require.NotContains(t, err.Error(), "canary")
}

func TestAccountsAreFoundExactly(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "old"), directorytest.Person("bob", "old"))
	for _, hostile := range []string{"*", "alice)(uid=*", `al\69ce`, "*)(objectClass=*", "alice\x00"} {
		req, _ := request(s, hostile)
		_, err := Rotate().Run(t.Context(), req, &actiontest.Sink{})
		require.ErrorContains(t, err, "there is no account", hostile)
	}
	require.Zero(t, s.Changes())
	req, _ := request(s, "alice")
	req.Target.Config["user_filter"] = "(|(uid={account})(uid=bob))"
	_, err := Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "more than one entry")
	require.Zero(t, s.Changes())
}

func TestTheNetworkPolicyIsObeyed(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "old"))
	req, secrets := request(s, "alice")
	req.Allow = action.Allow{}
	_, err := Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "loopback")
	require.Zero(t, secrets.Count())
	req.Target.Config["url"] = "ldap://192.0.2.1"
	_, err = Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "unencrypted")
}

func TestPreflight(t *testing.T) {
	s := directorytest.Start(t, directorytest.Person("alice", "old"))
	req, _ := request(s, "alice")
	p := Rotate().(action.Preflighter)
	require.Empty(t, p.Preflight(t.Context(), req))
	s.NoPasswordModify = true
	require.Len(t, p.Preflight(t.Context(), req), 1)
	require.Zero(t, s.Changes())
}

func TestNamesOfStoredSecretsAreOfOneStep(t *testing.T) {
	a, b := storedName("../../etc/passwd", "k1"), storedName("../../etc/passwd", "k2")
	require.NotEqual(t, a, b)
	require.NotContains(t, a, "/")
	require.NotContains(t, a, ".")
	require.NotEqual(t, storedName("a.b", "k"), storedName("a-b", "k"))
}
