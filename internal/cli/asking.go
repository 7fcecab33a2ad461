package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
)

// meansIt asks at a terminal whether an answer or a skip is meant, and completes
// it.
func (a *app) meansIt(run string, req request.Request) (request.Request, error) {
	if skip, ok := req.(request.Skip); ok {
		return a.skipping(run, skip)
	}
	w, as, asked, err := a.desk().Question(run, req)
	if err == nil && asked {
		err = agreed(a.print().Approve(w, as, req.(request.Answer).Yes))
	}
	return req, err
}

// skipping shows what a skip leaves empty, and asks for a yes and a reason.
func (a *app) skipping(run string, w request.Skip) (request.Skip, error) {
	path, readers, err := a.desk().Emptied(run, w.Step)
	if err != nil {
		return w, err
	}
	head := path + " is passed over, as if it were done; what it gives stays empty."
	if len(readers) > 0 {
		head += " Read by: " + projection.Some(readers, 5) + "."
	}
	if err := agreed(a.print().Confirm(head, nil, "Skip it?")); err != nil || w.Reason != "" {
		return w, err
	}
	w.Reason, err = a.print().Ask("Why? It stands in the journal:")
	return w, err
}

// meant asks whether an act is meant, by its name.
func meant(req request.Request, steps []projection.Look) string {
	if _, back := req.(request.Rollback); !back {
		return "Cancel this run for good?"
	}
	switch n := projection.PutBack(steps); n {
	case 0:
		return "Roll back all the same?"
	case 1:
		return "Put back 1 step?"
	default:
		return fmt.Sprintf("Put back %d steps?", n)
	}
}

// agreed makes an error of a no, with what can be typed next.
func agreed(yes bool, err error, next ...string) error {
	if err == nil && !yes {
		return &command.Problem{Exit: command.ExitFailed, What: "it was not agreed to", Means: "Nothing was done.", Next: next}
	}
	return err
}

// whichStep names, where a step is missing, those that wait for the verb.
func (a *app) whichStep(cmd *cobra.Command, arguments cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		err := arguments(c, args)
		var p *command.Problem
		if len(args) != 1 || !errors.As(err, &p) {
			return err
		}
		waiting, _, unread := a.desk().Stands(args[0])
		if unread != nil {
			return err
		}
		p.Next = nil
		for _, w := range waiting {
			for _, typed := range append([]string{w.Command}, w.Others...) {
				if strings.HasPrefix(typed, "irctl "+cmd.Name()+" ") {
					p.Add(typed)
				}
			}
		}
		return p.With(projection.Command("status", args[0]))
	}
}
