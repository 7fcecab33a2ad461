package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/exercise"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/view"
)

// newExerciseVerbs are what the facilitator says to the exercise that goes on.
func newExerciseVerbs(a *app) []*cobra.Command {
	with := func(run func(ctx context.Context, x *app, args []string) error) command.Work {
		return func(ctx context.Context, args []string) error {
			x, err := a.ongoing()
			if err != nil {
				return err
			}
			return run(ctx, x, args)
		}
	}
	clock := func(change func(f *exercise.Folder) error, text string) command.Work {
		return with(func(ctx context.Context, x *app, _ []string) error {
			if err := change(x.exercise.Folder); errors.Is(err, exercise.ErrBack) {
				return command.Usagef("%s: it shows %s", err, x.exercise.Elapsed().Round(time.Second)).With("irctl exercise status")
			} else if err != nil {
				return err
			}
			if _, err := x.desk().Submit(ctx, x.exercise.Run(), request.Note{Text: "EXERCISE: " + text}, false); err != nil {
				return err
			}
			return a.tell(map[string]any{"exercise": x.exercise.Name, "elapsed": x.exercise.Elapsed().String()}, text)
		})
	}
	return []*cobra.Command{
		command.New("status", "Show the exercise that goes on, and what is still to come", with(func(_ context.Context, x *app, _ []string) error {
			return a.print().Conducting(x.conducting())
		}), nil),
		newExerciseInjectCmd(a, with),
		command.New("pause", "Stop the clock of the exercise", clock((*exercise.Folder).Pause, "the clock stands still"), nil),
		command.New("continue", "Let the clock of the exercise go on", clock((*exercise.Folder).Continue, "the clock goes on"), nil),
		command.New("skip-to TIME", "Set the clock of the exercise on: so long after its start", func(ctx context.Context, args []string) error {
			to, err := time.ParseDuration(args[0])
			if err != nil || to < 0 {
				return command.Usagef("%s is no time since the start: write for example 40m", args[0])
			}
			return clock(func(f *exercise.Folder) error { return f.SkipTo(to) }, "the clock was set on to "+args[0]+" after the start")(ctx, nil)
		}, nil),
		command.New("resume", "Lead the exercise again whose leading was interrupted", with(func(ctx context.Context, x *app, _ []string) error {
			return x.conduct(ctx, a, exerciseOptions{})
		}), nil, command.ExitInterrupted),
		command.New("end", "End the exercise and say how it went", with(func(ctx context.Context, x *app, _ []string) error {
			return x.scoreLive(ctx, a, exerciseOptions{})
		}), nil),
	}
}

func newExerciseInjectCmd(a *app, with func(func(ctx context.Context, x *app, args []string) error) command.Work) *cobra.Command {
	var text string
	cmd := command.New("inject [ID]", "Throw in what the scenario has, or a message of your own", with(func(ctx context.Context, x *app, args []string) error {
		switch c := x.conductor(ctx); {
		case (len(args) == 0) == (text == ""):
			return command.Usagef("say either the id of an inject or --text").With("irctl exercise status")
		case text != "":
			_, err := x.desk().Submit(ctx, x.exercise.Run(), request.Note{Text: "EXERCISE: " + text}, false)
			if err != nil {
				return err
			}
		default:
			threw, err := c.Throw(args[0])
			if err != nil {
				return err
			}
			if !threw {
				ids := each.Of(c.Injects(), func(in exercise.Coming) string { return in.ID })
				return command.Usagef("no inject %q is still to come", args[0]).Meant("irctl exercise inject", args[0], ids, "irctl exercise status")
			}
		}
		return a.tell(map[string]any{"exercise": x.exercise.Name, "told": true}, "The players have it.")
	}), nil)
	cmd.Flags().StringVar(&text, "text", "", "tell the players this `text`")
	return cmd
}

// ongoing is the newest exercise of this home that is not over, or the one whose
// home this is.
func (a *app) ongoing() (*app, error) {
	f := (*exercise.Folder)(nil)
	if a.exercise != nil {
		f = a.exercise.Folder
	} else if a.home != "" {
		var err error
		if f, err = exercise.Ongoing(a.runs(), a.real); err != nil {
			return nil, err
		}
	}
	if f == nil || f.Over() {
		return nil, command.Failf(nil, "no exercise goes on here").With("irctl exercise")
	}
	return a.inside(f)
}

// conducting is the exercise as its facilitator sees it.
func (a *app) conducting() view.Conducting {
	f := a.exercise.Folder
	return view.Conducting{
		Title: f.Title, Home: f.Path(), Run: f.Run(), Elapsed: f.Elapsed(), Paused: f.Paused(), Injects: a.conductor(context.Background()).Injects(),
	}
}
