package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/sessions"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// domain is an Active Directory and a machine with Kerberos's programs. A ticket
// is honoured for as long as the keys of krbtgt that it was made with are the
// current ones or those before.
type domain struct {
	machine
	*directoryServer
	tickets map[string]int // by file, the version of the keys
	down    bool           // no ticket is given out
}

func newDomain(t *testing.T) *domain {
	d := &domain{directoryServer: newActive(t, sessions.Revoke(), "krbtgt"), tickets: map[string]int{}}
	d.entries = append(d.entries, &directoryEntry{DN: directoryAdmin, Attributes: map[string][]string{
		"samaccountname": {"irctl"}, "distinguishedname": {directoryAdmin},
	}})
	d.files, d.machine.changes = map[string]string{}, func([]string) bool { return false }
	d.program = func(argv []string, stdin string) (string, string, int) {
		file := strings.TrimPrefix(argv[min(2, len(argv)-1)], "FILE:")
		switch argv[0] {
		case "mktemp":
			return "/tmp/tickets\n", "", 0
		case "kinit":
			if d.down || stdin != directoryPassword+"\n" {
				return "", "kinit: Preauthentication failed", 1
			}
			d.tickets[file] = d.version()
		case "cp":
			d.tickets[argv[2]] = d.tickets[argv[1]]
		case "kvno":
			if d.version()-d.tickets[file] > 1 {
				return "", "kvno: Key version is not available", 1
			}
		case "rm":
			clear(d.tickets)
			d.files = map[string]string{}
		}
		return "", "", 0
	}
	return d
}

func (d *domain) version() int {
	n := 0
	_, _ = fmt.Sscan(d.get("uid=krbtgt," + directoryBase).Attributes["msds-keyversionnumber"][0], &n)
	return n
}

func (d *domain) State() string              { return "" }
func (d *domain) Request() action.Request    { return d.directoryServer.req }
func (d *domain) Faults() *actiontest.Faults { return &d.directoryServer.faults }
func (d *domain) revoke(t *testing.T, record map[string]any) (action.Result, *actiontest.Sink, error) {
	req, out := d.Request(), &actiontest.Sink{}
	req.Record = record
	r, err := sessions.Revoke().Run(hurry(t.Context(), d), req, out)
	return r, out, err
}

func TestSignInsOfADomainEnd(t *testing.T) {
	d := newDomain(t)
	require.Empty(t, sessions.Revoke().(action.Preflighter).Preflight(hurry(t.Context(), d), d.Request()))
	require.Equal(t, 1, d.version())
	r, out, err := d.revoke(t, nil)
	require.NoError(t, err)
	require.True(t, r.Changed)
	require.Contains(t, r.Summary, "refused after 2 rotations of krbtgt's keys")
	require.Equal(t, map[string]any{"version": int64(1), "settled": true}, out.Recorded())
	require.Equal(t, 3, d.version())
	require.Empty(t, d.tickets, "no ticket is left behind")

	// The end was recorded, and a look goes by it. After a death before that
	// nobody can see whether it is done: it is done again.
	req := d.Request()
	req.Record = out.Recorded()
	done, err := sessions.Revoke().(action.Inspector).Inspect(hurry(t.Context(), d), req)
	require.NoError(t, err)
	require.True(t, done.Known && done.Desired, "%+v", done)
	delete(req.Record, "settled")
	i, err := sessions.Revoke().(action.Inspector).Inspect(hurry(t.Context(), d), req)
	require.NoError(t, err)
	require.True(t, !i.Known && i.Repeatable, "%+v", i)
	_, _, err = d.revoke(t, req.Record)
	require.NoError(t, err)
	require.Equal(t, 5, d.version())
}

func TestWithoutATicketNoKeyOfADomainChanges(t *testing.T) {
	d := newDomain(t)
	d.down = true
	_, out, err := d.revoke(t, nil)
	require.ErrorContains(t, err, "gives irctl no Kerberos ticket")
	require.False(t, action.IsDoubtful(err))
	require.Empty(t, out.Recorded())
	require.Equal(t, 1, d.version())
	problems := sessions.Revoke().(action.Preflighter).Preflight(hurry(t.Context(), d), d.Request())
	require.True(t, slices.ContainsFunc(problems, func(err error) bool { return strings.Contains(err.Error(), "no Kerberos ticket") }))
}

func TestAKeyOfADomainChangesOnlyIfItsOwnerAgreed(t *testing.T) {
	d := newDomain(t)
	delete(d.directoryServer.req.Target.Config, "krbtgt")
	_, _, err := d.revoke(t, nil)
	require.ErrorContains(t, err, "does not permit the keys of krbtgt to be rotated")
	d.directoryServer.req.With["account"] = "alice"
	_, _, err = d.revoke(t, nil)
	require.ErrorContains(t, err, "cannot end the sessions of alice alone")
	require.Equal(t, 1, d.version())
}
