package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/lab"
	"github.com/irctl/irctl/internal/store"
)

// labCommand is a command that does one thing to the whole lab.
type labCommand struct {
	name, short string
	hidden      bool
	looks       bool // it makes no files
	run         func(a *app, ctx context.Context) error
}

// labCommands are those besides probe, in the order of use.
var labCommands = []labCommand{
	{name: "up", short: "Start the lab, if it does not run", run: func(a *app, ctx context.Context) error {
		s, err := lab.Up(ctx, a.labDir(), a.Executable, "lab", "serve", "--home", a.abs(a.home))
		if err != nil {
			return failf(err, "the lab did not start").with("irctl lab status", "irctl lab down")
		}
		return a.showLab(s)
	}},
	{name: "status", short: "Show how the lab is doing", looks: true, run: func(a *app, ctx context.Context) error {
		s, err := lab.Look(ctx, a.labDir())
		if err != nil {
			return failf(err, "cannot look at the lab")
		}
		return a.showLab(s)
	}},
	{name: "down", short: "End the lab and keep its state", looks: true, run: func(a *app, ctx context.Context) error {
		was, err := lab.Down(ctx, a.labDir())
		switch {
		case err != nil:
			return failf(err, "the lab did not end")
		case a.json():
			return a.print().JSON(map[string]bool{"running": false, "was_running": was})
		case was:
			return a.print().Say("The lab has ended. Its state is kept; irctl lab reset clears it.")
		}
		return a.print().Say("The lab was not running.")
	}},
	{name: "reset", short: "Make the lab what it was on its first day", run: func(a *app, ctx context.Context) error {
		if err := lab.Reset(ctx, a.labDir()); err != nil {
			return failf(err, "the lab was not reset")
		}
		if a.json() {
			return a.print().JSON(map[string]bool{"reset": true})
		}
		return a.print().Say("The lab is as on its first day. Runs are kept.")
	}},
	// serve is the process that lab up starts.
	{name: "serve", short: "Run the lab in this process", hidden: true, run: func(a *app, ctx context.Context) error {
		ctx, stop := a.UntilSignal(ctx)
		defer stop()
		if err := lab.Serve(ctx, lab.Config{Dir: a.labDir(), Log: a.Stderr, Now: a.Now}); err != nil {
			return failf(err, "the lab cannot run")
		}
		return nil
	}},
}

// newLabCmds makes the commands of the whole lab.
func newLabCmds(a *app) []*cobra.Command {
	var out []*cobra.Command
	for _, c := range labCommands {
		out = append(out, a.command(spec{
			use: c.name, short: c.short, hidden: c.hidden,
			run: func(cmd *cobra.Command, _ []string) error {
				if a.home == "" {
					return &store.NoHomeError{}
				}
				if !c.looks {
					if err := a.desk().Store.Ours(); err != nil {
						return failf(err, "the lab makes files in its home")
					}
				}
				return c.run(a, cmd.Context())
			},
		}))
	}
	return out
}

// showLab writes the lab's status; a lab that does not run is no failure.
func (a *app) showLab(s lab.Status) error {
	p := a.print()
	if a.json() {
		return p.JSON(s)
	}
	if !s.Running {
		_ = p.Say("The lab is not running.")
		return p.Next("irctl lab up")
	}
	_ = p.Facts("The lab is running.", s.Facts()...)
	return p.Next("irctl run containment --env lab --input incident=INC-1", "irctl lab down")
}
