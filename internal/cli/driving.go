package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/event"
)

// runExits are the statuses of commands that drive a run.
var runExits = []command.Exit{command.ExitInvalid, command.ExitWaiting, command.ExitAltered, command.ExitLocked, command.ExitUnknown, command.ExitCanceled, command.ExitInterrupted}

// driveOptions is what every command that drives a run may be asked for.
type driveOptions struct {
	wait   bool // stay while only people can move the run on
	strict bool // a failed step that was gone on without is a failure
	plain  bool // a line for each event, also on a terminal
}

func (o *driveOptions) declare(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.wait, "wait", false, "stay while only people can move the run on")
	plainFlag(cmd, &o.plain)
	cmd.Flags().BoolVar(&o.strict, "strict", false, "end with 1 if a step failed, also one that the runbook goes on without")
}

// plainFlag declares --plain, for screen readers and recordings.
func plainFlag(cmd *cobra.Command, plain *bool) {
	cmd.Flags().BoolVar(plain, "plain", false, "a line for each event and no screen, as for a screen reader")
}

// drive carries a run on, shows what happens, and says how it then stands and
// what to type next. The error is the status with which irctl ends. aim holds
// the statuses that whoever typed the command asked for (cancel, rollback):
// ending like that is success.
func (a *app) drive(ctx context.Context, t *desk.Driving, o driveOptions, aim []event.Status) error {
	defer t.Close()
	p := a.print()
	var live atomic.Bool // the live screen says so itself
	stops := outside.NewStops(a.World, func() {
		if !live.Load() {
			_ = p.Note("Stopping: nothing new starts, what runs goes on to its end. Once more stops it at once.")
		}
	})
	defer stops.End()
	follow := p.Follow(view.FollowOptions{
		Run: t.Run(), Plain: o.plain, Open: a.artifactsOf(t.Run()), Decide: true, Interrupt: func() { stops.Tell("interrupt") },
		Check: request.CheckAnswer,
		Answer: func(ctx context.Context, given view.Answer) error {
			req, err := a.requestOf(t.Run(), given)
			if err != nil {
				return err
			}
			err = t.Answer(ctx, req)
			if claimed := (*desk.ClaimedError)(nil); errors.As(err, &claimed) {
				args := []string{"approve", t.Run(), given.Path}
				for _, c := range claimed.Claims {
					if !slices.Contains(args, c.Target) {
						args = append(args, "--share", c.Target)
					}
				}
				return fmt.Errorf("%w\nTo go on all the same, in another terminal: %s", err, projection.Command(append(args, "--reason", "")...))
			}
			return err
		},
	})
	live.Store(follow.Live())
	a.onScreen = follow.Live()
	defer follow.Close()
	err := t.Drive(ctx, desk.Session{Observer: follow, Interrupt: stops.Wishes, WaitForPeople: o.wait || follow.Live() && p.Interactive()})
	stops.End()
	interrupted := errors.Is(err, desk.ErrInterrupted)
	if err != nil && !interrupted {
		return err
	}
	_ = follow.Finish(t.Status())
	if interrupted {
		return command.End(command.ExitInterrupted)
	}
	switch refused := t.Status().NotUndone != ""; {
	case refused:
		return command.End(command.ExitFailed)
	case slices.Contains(aim, t.State().Status()):
		return nil
	}
	if o.strict && t.Status().Degraded > 0 && t.State().Status() == event.Succeeded {
		return command.End(command.ExitFailed)
	}
	return command.End(exitOfRun(t.State()))
}

// requestOf is what a person asks for on the live screen.
func (a *app) requestOf(id string, given view.Answer) (request.Request, error) {
	switch given.Verb {
	case "skip":
		return request.Skip{Step: given.Path, Reason: given.Comment}, nil
	case "retry":
		return request.Retry{Step: given.Path, Reason: given.Comment}, nil
	case "rollback":
		return request.Rollback{Reason: given.Comment}, nil
	case "":
	default:
		return nil, errors.New("this cannot be answered here")
	}
	switch given.For {
	case projection.ForApproval:
		return request.Answer{Step: given.Path, As: given.Person, Comment: given.Comment, Yes: given.Yes}, nil
	case projection.ForManual:
		files, err := a.desk().Deposit(id, given.Evidence)
		return request.Done{Step: given.Path, As: given.Person, Set: given.Values, Evidence: files}, err
	case projection.ForDecision:
		if given.Yes {
			return request.Retry{Step: given.Path, Reason: given.Comment}, nil
		}
		return request.Skip{Step: given.Path, Reason: given.Comment}, nil
	}
	return nil, errors.New("this cannot be answered here")
}

// showClaims says which other runs have changed, or will change, what this one
// changes.
func (a *app) showClaims(claims []projection.Claim) {
	for _, c := range claims {
		how := "claimed: "
		if c.Shared {
			how = "shared: "
		}
		a.note(how + c.String())
	}
}

// report says what was recorded and how the run goes on, or that nothing is
// recorded yet, and when it will be.
func (a *app) report(out desk.Outcome) error {
	text, said := out.Decision.Summary, map[string]any{"run": out.Run, "path": out.Decision.Path, "type": out.Decision.Body.Type(), "driven": out.Driven}
	var end error
	if out.Left != "" {
		text = "Left for " + out.Left + ", who alone drives the run: it counts when " + out.Left + " resumes it."
		said["left"], end = out.Left, command.End(command.ExitWaiting)
	}
	if out.Left != "" || out.Driven || a.json() {
		return cmp.Or(a.tell(said, text, projection.Command("status", out.Run)), end)
	}
	if err := a.print().Say(text); err != nil {
		return err
	}
	r, err := a.desk().ReadRun(out.Run)
	if err != nil {
		return err
	}
	status, err := a.desk().Brief(r)
	if err != nil {
		return err
	}
	return a.print().NextIn(status)
}

// exitOfRun is the status with which a command ends that drove a run.
func exitOfRun(s engine.State) command.Exit {
	switch s.Status() {
	case event.Succeeded:
		return command.ExitDone
	case event.Failed:
		return command.ExitFailed
	case event.Canceled, event.Undone:
		return command.ExitCanceled
	case event.InDoubt:
		return command.ExitUnknown
	}
	return command.ExitWaiting
}
