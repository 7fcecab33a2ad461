//go:build unix

package real

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// trackerOffice is an office whose target is a queue of Request Tracker, into
// which irctl signs in with a token.
func trackerOffice(t *testing.T, r *RequestTracker, more ...string) *office {
	t.Helper()
	signIn := "      token: {secret: PASSWORD}\n"
	if len(more) > 0 {
		signIn = "      " + strings.Join(more, "\n      ") + "\n"
	}
	o := newOffice(t, "    type: request-tracker\n    config:\n      url: "+r.URL()+"\n      queue: "+TrackerQueue+"\n"+signIn)
	o.write("password", r.Token())
	return o
}

const (
	opensTicket = `    uses: investigation.open
    with: {title: Suspected breach INC-1, severity: critical, summary: "Two countries\nat once", labels: [phishing]}
`
	commentsTicket = `    uses: investigation.update
    with: {case: "${{ inputs.case }}", text: The website is out of service. }
inputs:
  case: {type: string, required: true}
`
	closesTicket = `    uses: investigation.close
    with: {case: "${{ inputs.case }}", resolution: The account was phished. }
inputs:
  case: {type: string, required: true}
`
)

// TestRequestTracker has one server for all: it takes a while to start.
func TestRequestTracker(t *testing.T) {
	r := StartRequestTracker(t)
	t.Run("open", func(t *testing.T) { opensOnce(t, r) })
	for _, at := range []string{beforeRecord, afterRecord, afterEffect} {
		t.Run("open, killed "+at, func(t *testing.T) { opensOnceAlthoughKilled(t, r, at) })
	}
	t.Run("update", func(t *testing.T) { commentsOnce(t, r) })
	t.Run("close", func(t *testing.T) { closesAndReopens(t, r) })
	t.Run("close, and somebody else", func(t *testing.T) { leavesWhatOthersDid(t, r) })
	t.Run("behind ssh", func(t *testing.T) {
		o := trackerOffice(t, r, "token: {secret: PASSWORD}", "via: "+realtest.StartSSHD(t).Via())
		before := r.Tickets(t)
		o.must("target", "check")
		o.must("run", o.step("open", opensTicket))
		require.Len(t, r.Tickets(t), len(before)+1)
	})
	t.Run("refusals", func(t *testing.T) { trackerRefuses(t, r) })
}

func opensOnce(t *testing.T, r *RequestTracker) {
	o := trackerOffice(t, r)
	runbook := o.step("open", opensTicket)
	before := r.Tickets(t)
	require.Contains(t, o.must("plan", runbook).stdout, "no ticket is open for this step")
	require.Equal(t, before, r.Tickets(t), "a plan opens nothing")

	o.must("run", runbook)
	first := o.status()
	id, ok := first.Steps[0].Outputs["case"].(string)
	require.True(t, ok)
	require.Equal(t, r.URL()+"/Ticket/Display.html?id="+id, first.Steps[0].Outputs["location"])
	require.Regexp(t, `^Suspected breach INC-1 \[irctl [0-9a-f]{16}\]$`, r.Tickets(t)[len(before)])
	require.Equal(t, []string{"Two countries\nat once\n\nSeverity: critical\nLabels: phishing\nRunbook: open\nRun: " + first.Run + "\n"}, r.Comments(t, id))

	o.must("run", runbook)
	require.NotEqual(t, id, o.status().Steps[0].Outputs["case"], "another run has a case of its own")

	o.must("rollback", first.Run)
	require.Equal(t, "new", r.Status(t, id), "the ticket stays")
	require.Contains(t, r.Comments(t, id), "The run that opened this ticket was rolled back. The ticket stays.")
	o.must("audit", "verify", first.Run)
}

func opensOnceAlthoughKilled(t *testing.T, r *RequestTracker, at string) {
	o := trackerOffice(t, r)
	before := r.Tickets(t)
	o.killed(at, "run", o.step("open", opensTicket))
	if at != afterEffect {
		require.Equal(t, before, r.Tickets(t))
	}
	o.must("resume", o.status().Run)
	require.Equal(t, "succeeded", o.status().Status)
	require.Len(t, r.Tickets(t), len(before)+1)
	id := o.status().Steps[0].Outputs["case"].(string)

	o.killed(afterUndo, "rollback", o.status().Run)
	require.Equal(t, 8, o.irctl("resume", o.status().Run).code)
	require.Len(t, r.Comments(t, id), 2, "the rollback is noted once")
}

func commentsOnce(t *testing.T, r *RequestTracker) {
	id := r.NewTicket(t, "Somebody's ticket")
	o := trackerOffice(t, r)
	runbook, before := o.step("note", commentsTicket), r.History(t, id)
	require.Contains(t, o.must("plan", runbook, "--input", "case="+id).stdout, "ticket "+id+" does not have the comment")
	require.Equal(t, before, r.History(t, id), "a plan changes nothing")
	for _, at := range []string{beforeRecord, afterRecord, afterEffect} {
		said := r.Comments(t, id)
		o.killed(at, "run", runbook, "--input", "case="+id)
		o.must("resume", o.status().Run)
		require.ElementsMatch(t, append(said, "The website is out of service."), r.Comments(t, id))
	}
	said := r.Comments(t, id)
	o.must("rollback", o.status().Run)
	require.ElementsMatch(t, append(said, "The run was rolled back. What this comment said may not be so any more: The website is out of service."), r.Comments(t, id))
	require.Equal(t, "new", r.Status(t, id))
}

func closesAndReopens(t *testing.T, r *RequestTracker) {
	id := r.NewTicket(t, "A case to close")
	r.SetStatus(t, id, "stalled")
	trial{
		office: func(t *testing.T) (*office, string) {
			o := trackerOffice(t, r)
			return o, o.step("close", closesTicket)
		},
		args:      []string{"--input", "case=" + id},
		state:     func(t *testing.T) any { return r.Status(t, id) },
		exactly:   func(t *testing.T) any { return r.History(t, id) },
		changed:   func(t *testing.T) { require.Equal(t, "resolved", r.Status(t, id)) },
		unchanged: func(t *testing.T) { require.Equal(t, "stalled", r.Status(t, id)) },
		now:       "ticket " + id + " is stalled",
		already:   "ticket " + id + " is closed already",
	}.run(t)
	require.Equal(t, 4, count(r.Comments(t, id), "The account was phished."), "once for each run")
	require.Equal(t, 4, count(r.Comments(t, id), "The closing was rolled back. The ticket is stalled again."))
}

func count(texts []string, wanted string) int {
	n := 0
	for _, text := range texts {
		if text == wanted {
			n++
		}
	}
	return n
}

// leavesWhatOthersDid: a ticket that is closed already, and one whose status a
// person changed after the step.
func leavesWhatOthersDid(t *testing.T, r *RequestTracker) {
	id := r.NewTicket(t, "Nothing to see")
	r.SetStatus(t, id, "rejected")
	o := trackerOffice(t, r)
	runbook := o.step("close", closesTicket)
	before := r.History(t, id)
	require.Contains(t, o.must("run", runbook, "--input", "case="+id).text(), "ticket "+id+" is closed already")
	o.cannotUndo(o.status().Run)
	require.Equal(t, before, r.History(t, id))

	r.SetStatus(t, id, "open")
	o.must("run", runbook, "--input", "case="+id)
	r.SetStatus(t, id, "stalled")
	require.Contains(t, o.must("rollback", o.status().Run).text(), "ticket "+id+" is stalled by now, which this step did not make it, and stays so")
	require.Equal(t, "stalled", r.Status(t, id))
}

func trackerRefuses(t *testing.T, r *RequestTracker) {
	id := r.NewTicket(t, "Not for everybody")
	for _, c := range []struct {
		name, user, password, step, caseID string
		run, check                         []string
	}{
		{
			name: "wrong password", user: TrackerUser, password: "canary-wrong", step: opensTicket,
			run: []string{"401 Unauthorized", "check token, or username and password"}, check: []string{"401 Unauthorized"},
		},
		{
			name: "no right to open", user: TrackerViewer, password: TrackerViewerPassword, step: opensTicket,
			run: []string{"No permission to create tickets in the queue", "the credentials lack a right"}, check: []string{"may not open tickets in the queue Incidents", "CreateTicket"},
		},
		{
			name: "no right to comment", user: TrackerViewer, password: TrackerViewerPassword, step: commentsTicket, caseID: id,
			run: []string{"Permission Denied"},
		},
		{
			name: "no such ticket", user: TrackerUser, password: TrackerPassword, step: commentsTicket, caseID: "4711",
			run: []string{"Request Tracker has no ticket 4711", "correct the number"},
		},
		{
			name: "not a ticket", user: TrackerUser, password: TrackerPassword, step: closesTicket, caseID: "1/comment",
			run: []string{"\"1/comment\" is not the number of a ticket"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := trackerOffice(t, r, "username: "+c.user, "password: {secret: PASSWORD}")
			o.write("password", c.password)
			tickets, history := r.Tickets(t), r.History(t, id)
			args := []string{"run", o.step("step", c.step)}
			if c.caseID != "" {
				args = append(args, "--input", "case="+c.caseID)
			}
			e := o.irctl(args...)
			require.Equal(t, 4, e.code, e.text())
			for _, want := range c.run {
				require.Contains(t, e.text(), want)
			}
			require.NotContains(t, e.text(), c.password)
			require.Equal(t, tickets, r.Tickets(t))
			require.Equal(t, history, r.History(t, id))
			if c.check != nil {
				checked := o.irctl("target", "check")
				require.Equal(t, 1, checked.code, checked.text())
				for _, want := range c.check {
					require.Contains(t, strings.Join(strings.Fields(checked.text()), " "), want)
				}
			}
		})
	}
	t.Run("comments that nobody may see", func(t *testing.T) {
		o := trackerOffice(t, r, "username: "+TrackerWriter, "password: {secret: PASSWORD}")
		o.write("password", TrackerWriterPassword)
		e := o.irctl("run", o.step("note", commentsTicket), "--input", "case="+id)
		require.NotZero(t, e.code)
		require.Contains(t, e.text(), "ShowTicketComments")
	})
	t.Run("a check that finds nothing wrong", func(t *testing.T) {
		before := r.Tickets(t)
		trackerOffice(t, r).must("target", "check")
		require.Equal(t, before, r.Tickets(t))
	})
}
