package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/projection"
)

// haltOptions is what halt was asked for.
type haltOptions struct {
	reason string // "" is only to look
	lift   bool
}

func newHaltCmd(run func(w haltOptions) error) *cobra.Command {
	var w haltOptions
	var cmd *cobra.Command
	cmd = command.New("halt", "Have no run start anything new until --lift", func(_ context.Context, _ []string) error {
		switch given := cmd.Flags().Changed("reason"); {
		case w.lift && given:
			return command.Usagef("say one of --reason and --lift")
		case given && w.reason == "":
			return command.Usagef("--reason is empty: everybody who is held back must be able to read why")
		}
		return run(w)
	}, nil)
	cmd.Flags().StringVarP(&w.reason, "reason", "m", "", "halt everything; why, `text` for everybody and for the journals")
	cmd.Flags().BoolVar(&w.lift, "lift", false, "let runs go on")
	return cmd
}

func (a *app) halt(w haltOptions) error {
	var held, next []string
	text := "Nothing is halted."
	switch {
	case w.lift:
		h, err := a.desk().Store.Halted()
		if err == nil && h == nil {
			break
		}
		going := 0
		if held, going, err = a.desk().Lift(); err != nil {
			return err
		}
		text = lifted(len(held), going)
		next = each.Of(held, func(id string) string { return projection.Command("resume", id) })
	case w.reason != "":
		if err := a.desk().Halt(w.reason); err != nil {
			return err
		}
	}
	h, err := a.desk().Store.Halted()
	if err != nil {
		return err
	}
	if h != nil {
		text = "No run starts anything new: " + h.String() + ". What had begun goes on to its end."
		next = []string{projection.Command("halt", "--lift")}
	}
	return a.tell(map[string]any{"halt": h, "held": append([]string{}, held...)}, text, next...)
}

// lifted says what goes on after a halt.
func lifted(held, going int) string {
	text := "Lifted."
	if going > 0 {
		text += fmt.Sprintf(" Runs that go on by themselves: %d.", going)
	}
	if held > 0 {
		text += fmt.Sprintf(" Runs to resume: %d.", held)
	}
	return text
}

// warnOfHalt says if everything is halted.
func (a *app) warnOfHalt() {
	switch h, err := a.desk().Store.Halted(); {
	case err != nil:
		_ = a.print().Warning(err.Error() + " To end it: irctl halt --lift")
	case h != nil:
		_ = a.print().Warning(h.String() + ". No run starts anything new.")
	}
}
