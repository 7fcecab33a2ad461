package contract

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/account"
	"github.com/irctl/irctl/internal/actions/dns"
	"github.com/irctl/irctl/internal/actions/email"
	"github.com/irctl/irctl/internal/actions/evidence"
	"github.com/irctl/irctl/internal/actions/host"
	"github.com/irctl/irctl/internal/actions/website"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/patience"
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

// undone undoes what a first attempt recorded.
func undone(t *testing.T, a action.Action, s actiontest.StandIn, record map[string]any) *action.Error {
	t.Helper()
	req := s.Request()
	req.Record, req.Undoes = record, req.Key
	_, err := a.(action.Undoer).Undo(hurry(t.Context(), s), req, &actiontest.Sink{})
	var e *action.Error
	require.ErrorAs(t, err, &e)
	return e
}

// What irctl itself sets has a form of its own in main.cf, so nobody else is
// said to have set it.
func TestWhoChangedASettingOfPostfixIsNotMistaken(t *testing.T) {
	for reply, who := range map[string]string{"450 4.3.2 Another notice": "another run of irctl", "451 4.3.2 By hand": "somebody"} {
		suspended := func() (*postfixServer, map[string]any) {
			s, ok := startPostfix(t, email.Suspend()).(*postfixServer)
			require.True(t, ok)
			out := &actiontest.Sink{}
			_, err := email.Suspend().Run(hurry(t.Context(), s), s.req, out)
			require.NoError(t, err)
			main := strings.Replace(s.files[mainCF], "static:{450 4.3.2 Closed}", "static:{"+reply+"}", 1)
			require.NotEqual(t, main, s.files[mainCF])
			s.files[mainCF], s.loaded = main, main
			return s, out.Recorded()
		}
		s, record := suspended()
		e := undone(t, email.Suspend(), s, record)
		require.Contains(t, e.Message, who+" has changed smtpd_client_restrictions in "+mainCF+" since, so that stays; all else is as it was before")

		s, record = suspended()
		theirs := strings.Replace(s.files[mainCF], "defer_transports = local smtp\n", "", 1)
		require.NotEqual(t, theirs, s.files[mainCF])
		s.files[mainCF], s.loaded = theirs, theirs
		s.req.Record = record
		_, err := email.Suspend().Run(hurry(t.Context(), s), s.req, &actiontest.Sink{})
		require.ErrorContains(t, err, who+" has changed smtpd_client_restrictions in "+mainCF+" since, so irctl changed nothing")
		require.Equal(t, theirs, s.files[mainCF])
	}
}

// Nothing in the system tells who changed it: then another run of irctl is the
// first that is thought of.
func TestAnUndoThatFindsAnotherStateThinksOfOtherRuns(t *testing.T) {
	f, ok := startFilter(t, host.Isolate()).(*filtered)
	require.True(t, ok)
	out := &actiontest.Sink{}
	_, err := host.Isolate().Run(hurry(t.Context(), f), f.req, out)
	require.NoError(t, err)
	require.Contains(t, f.table, "192.0.2.7")
	f.table = strings.ReplaceAll(f.table, "192.0.2.7", "192.0.2.8")
	e := undone(t, host.Isolate(), f, out.Recorded())
	require.Regexp(t, "^somebody, or another run of irctl, has changed the table inet irctl of ", e.Message)
	require.Regexp(t, "^if another run of irctl has isolated it anew, roll that run back too; else ", e.Hint)
	record := out.Recorded()
	record["before"], f.table = record["written"], ""
	require.Regexp(t, "^somebody, or another run of irctl, has removed the table inet irctl of ", undone(t, host.Isolate(), f, record).Message)

	z, ok := startNameServer(t, dns.Switch()).(*nameServer)
	require.True(t, ok)
	out = &actiontest.Sink{}
	_, err = dns.Switch().Run(hurry(t.Context(), z), z.req, out)
	require.NoError(t, err)
	again := z.req
	again.Key, again.With = "01JE/step", actiontest.Fill(dns.Switch().Spec().Inputs, action.Values{"name": "www", "type": "A", "records": []any{"198.51.100.90"}})
	_, err = dns.Switch().Run(hurry(t.Context(), z), again, &actiontest.Sink{})
	require.NoError(t, err)
	e = undone(t, dns.Switch(), z, out.Recorded())
	require.Regexp(t, "^somebody, or another run of irctl, has changed it since the step: ", e.Message)
	require.Regexp(t, "^if another run of irctl changed it, roll that one back first; else ask who changed it", e.Hint)
}

func TestAnAccountThatWasChangedSinceIsNobodysByName(t *testing.T) {
	s, ok := startUsers(t, account.Disable()).(*linuxMachine)
	require.True(t, ok)
	out := &actiontest.Sink{}
	_, err := account.Disable().Run(hurry(t.Context(), s), s.req, out)
	require.NoError(t, err)
	s.expires = "2"
	req := s.req
	req.Record, req.Undoes = out.Recorded(), req.Key
	r, err := account.Disable().(action.Undoer).Undo(hurry(t.Context(), s), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Contains(t, r.Summary, ". Somebody, or another run of irctl, has changed it since, and that was left")
	require.Equal(t, "2", s.expires)
}

// Each process of restic takes half a second to make its key. One adds the
// evidence; two read it back at the same time, of which one knows its digest.
func TestEvidenceTakesThreeProcessesOfRestic(t *testing.T) {
	s, ok := startRestic(t, evidence.Collect()).(*vault)
	require.True(t, ok)
	s.locked = false
	_, err := evidence.Collect().Run(hurry(t.Context(), s), s.req, &actiontest.Sink{})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"backup", "dump", "snapshots"}, s.ran)
	require.Equal(t, "backup", s.ran[0])
}

// While nginx exchanges its workers, old ones and new ones answer by turns: four
// good answers in a row count, 50 ms apart, and none of them is wasted.
func TestNginxIsAskedFourTimesInARow(t *testing.T) {
	for name, c := range map[string]struct {
		old   int // the answer, counted from the reload, that an old worker still gives
		looks int
	}{"at once": {0, 4}, "by turns": {3, 7}} {
		t.Run(name, func(t *testing.T) {
			for _, a := range []action.Action{website.Suspend(), website.Restore()} {
				s, ok := onWeb("nginx", map[string]any{"include": siteInclude, "page": sitePage})(t, a).(*webServer)
				require.True(t, ok)
				s.old = c.old
				began := time.Now()
				clock := &hurried{now: began}
				_, err := a.Run(patience.WithClock(hurry(t.Context(), s), clock), s.req, &actiontest.Sink{})
				require.NoError(t, err)
				require.Equal(t, c.looks, s.since, a.Spec().Name)
				require.Equal(t, time.Duration(c.looks-1)*50*time.Millisecond, clock.now.Sub(began), a.Spec().Name)
			}
		})
	}
}
