package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/lab"
	"github.com/irctl/irctl/internal/store"
)

func newLabCmd(a *app) *cobra.Command {
	look := func(run func(ctx context.Context) error) command.Work {
		return func(ctx context.Context, _ []string) error {
			if a.home == "" {
				return &store.NoHomeError{}
			}
			return run(ctx)
		}
	}
	change := func(run func(ctx context.Context) error) command.Work {
		return look(func(ctx context.Context) error {
			if err := a.desk().Store.Ours(); err != nil {
				return command.Failf(err, "the lab makes files in its home")
			}
			return run(ctx)
		})
	}
	serve := command.New("serve", "Run the lab in this process", change(a.serveLab), nil) // the process that lab up starts
	serve.Hidden = true
	return command.Parent("lab", "An embedded company to practise on",
		command.New("up", "Start the lab, if it does not run", change(a.startLab), nil),
		command.New("status", "Show how the lab is doing", look(a.lookAtLab), nil),
		command.New("down", "End the lab and keep its state", look(a.endLab), nil),
		command.New("reset", "Make the lab what it was on its first day", change(a.resetLab), nil),
		serve,
		newLabProbeCmd(a.probe),
	)
}

func (a *app) startLab(ctx context.Context) error {
	s, err := lab.Up(ctx, a.labDir(), a.Executable, "lab", "serve", "--home", a.abs(a.home))
	if err != nil {
		return command.Failf(err, "the lab did not start").With("irctl lab status", "irctl lab down")
	}
	return a.showLab(s)
}

func (a *app) lookAtLab(ctx context.Context) error {
	s, err := lab.Look(ctx, a.labDir())
	if err != nil {
		return command.Failf(err, "cannot look at the lab")
	}
	return a.showLab(s)
}

func (a *app) endLab(ctx context.Context) error {
	was, err := lab.Down(ctx, a.labDir())
	if err != nil {
		return command.Failf(err, "the lab did not end")
	}
	text := "The lab was not running."
	if was {
		text = "The lab has ended. Its state is kept; irctl lab reset clears it."
	}
	return a.tell(map[string]bool{"running": false, "was_running": was}, text)
}

func (a *app) resetLab(ctx context.Context) error {
	if err := lab.Reset(ctx, a.labDir()); err != nil {
		return command.Failf(err, "the lab was not reset")
	}
	return a.tell(map[string]bool{"reset": true}, "The lab is as on its first day. Runs are kept.")
}

func (a *app) serveLab(ctx context.Context) error {
	ctx, stop := a.UntilSignal(ctx)
	defer stop()
	if err := lab.Serve(ctx, lab.Config{Dir: a.labDir(), Log: a.Stderr, Now: a.Now}); err != nil {
		return command.Failf(err, "the lab cannot run")
	}
	return nil
}

// showLab writes the lab's status; a lab that does not run is no failure.
func (a *app) showLab(s lab.Status) error {
	if !s.Running || a.json() {
		return a.tell(s, "The lab is not running.", "irctl lab up")
	}
	_ = a.print().Facts("The lab is running.", s.Facts()...)
	return a.print().Next("irctl run containment --env lab --input incident=INC-1", "irctl lab down")
}
