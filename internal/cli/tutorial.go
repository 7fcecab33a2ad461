package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/lab"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// lesson is one thing to type, and what shows that it was.
type lesson struct {
	say, command string
	done         func(up bool, newest projection.Row) bool
}

// lessons are the two minutes of the tutorial.
var lessons = []lesson{
	{"The lab is a small company on this machine: a portal, mail, a directory. Start it, in another terminal:", "irctl lab up",
		func(up bool, _ projection.Row) bool { return up }},
	{"A breach is suspected. Carry out the plan that comes with irctl:", "irctl run containment --env lab --input incident=INC-1",
		func(_ bool, r projection.Row) bool { return len(r.Waiting) > 0 || !r.Ended.IsZero() }},
	{"It waits for the commander: read what a yes does, then type yes. From elsewhere it is:", "irctl approve RUN decide/authorise",
		func(_ bool, r projection.Row) bool { return r.Status == event.Succeeded || !r.Ended.IsZero() }},
	{"The breach is contained. irctl logs RUN contain/email shows what was sent. Now put everything back, with a yes again:", "irctl rollback RUN",
		func(_ bool, r projection.Row) bool { return r.Status == event.Undone }},
}

func newTutorialCmd(a *app) *cobra.Command {
	return command.New("tutorial", "Two minutes in the lab: contain a breach and undo it", a.untilTold(a.tutorial), nil, command.ExitInterrupted)
}

// tutorial says what to type and waits until the lab or the run that was begun so
// shows that it was done.
func (a *app) tutorial(ctx context.Context, _ []string) error {
	begun, run := a.Now(), "RUN"
	for i, l := range lessons {
		if i == 0 && a.shows(ctx, l, begun, &run) {
			_ = a.print().Say("\nThe lab, a small company on this machine, runs already.")
			continue
		}
		_ = a.print().Say("\n" + strings.ReplaceAll(l.say, "RUN", run))
		_ = a.print().Next(strings.ReplaceAll(l.command, "RUN", run))
		for !a.shows(ctx, l, begun, &run) {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(200 * time.Millisecond):
			}
		}
	}
	_ = a.print().Say("\nThat is all: everything is back, and the journal proves what happened.")
	return a.print().Next("irctl audit verify "+run, "irctl lab down", "irctl help getting-started")
}

// shows also says which run it is, the newest of those that may be.
func (a *app) shows(ctx context.Context, l lesson, begun time.Time, run *string) bool {
	s, err := lab.Look(ctx, a.labDir())
	if err != nil {
		return false
	}
	rows, _, err := a.desk().List(desk.Filter{Environment: "lab", Runbook: "containment", Incident: "INC-1", Since: begun, Most: 1})
	if err != nil || len(rows) == 0 {
		return l.done(s.Running, projection.Row{})
	}
	*run = rows[0].Run
	return l.done(s.Running, rows[0])
}
