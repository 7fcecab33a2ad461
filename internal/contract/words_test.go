package contract

import (
	"context"
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/account"
	"github.com/irctl/irctl/internal/actions/email"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

func TestOnlyWhoNeedsAllUsersOfDovecotAsksForThem(t *testing.T) {
	s, ok := startDovecot(t, account.Disable()).(*dovecotServer)
	require.True(t, ok)
	s.unlisted = true
	ctx := hurry(t.Context(), s)
	require.Empty(t, account.Disable().(action.Preflighter).Preflight(ctx, s.req))
	_, err := account.Disable().Run(ctx, s.req, &actiontest.Sink{})
	require.NoError(t, err)

	_, err = email.Suspend().Run(ctx, s.req, &actiontest.Sink{})
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "Dovecot runs, but does not list its users, so irctl cannot deny them all", e.Message)
	require.Contains(t, e.Hint, "iterate_query")
}

func TestASuperuserIsRefusedBeforeAnythingChanges(t *testing.T) {
	for _, a := range []action.Action{account.Disable(), account.Enable()} {
		s, ok := startPostgres(t, a).(*postgresServer)
		require.True(t, ok)
		s.beyond = true
		before := s.State()
		_, err := a.Run(t.Context(), s.req, &actiontest.Sink{})
		require.ErrorContains(t, err, "alice is a superuser of PostgreSQL at ")
		require.Equal(t, before, s.State())
		require.ErrorContains(t, errors.Join(a.(action.Preflighter).Preflight(t.Context(), s.req)...), "whom irctl may not change")
	}
}

func TestARightOfRedisIsGivenForGood(t *testing.T) {
	s, ok := startRedis(t, account.Disable()).(*redisServer)
	require.True(t, ok)
	s.lacks = true
	problems := account.Disable().(action.Preflighter).Preflight(t.Context(), s.req)
	require.NotEmpty(t, problems)
	var e *action.Error
	require.ErrorAs(t, problems[0], &e)
	require.Equal(t, "permit it: ACL SETUSER irctl +acl|getuser, then ACL SAVE, or CONFIG REWRITE where there is no aclfile", e.Hint)
}

// lines counts what a library writes.
type lines struct{ n int }

func (l *lines) Printf(context.Context, string, ...any) { l.n++ }

func TestTheClientOfRedisWritesNothingToStandardError(t *testing.T) {
	var written lines
	redis.SetLogger(&written)
	s, ok := startRedis(t, account.Disable()).(*redisServer)
	require.True(t, ok)
	s.req.Target.Config["address"] = "127.0.0.1:1"
	_, err := account.Disable().Run(t.Context(), s.req, &actiontest.Sink{})
	require.ErrorContains(t, err, "cannot be reached")
	require.Zero(t, written.n)
}

// Each process of doveadm costs as much as all that it is asked.
func TestOneAccountOfDovecotTakesFewProcesses(t *testing.T) {
	for _, a := range []action.Action{account.Disable(), account.Enable()} {
		s, ok := startDovecot(t, a).(*dovecotServer)
		require.True(t, ok)
		_, err := a.Run(hurry(t.Context(), s), s.req, &actiontest.Sink{})
		require.NoError(t, err)
		require.LessOrEqual(t, s.runs, 6, a.Spec().Name)
	}
}
