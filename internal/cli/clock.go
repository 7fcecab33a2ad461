package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/clock"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/view"
)

func newClockCmd(a *app) *cobra.Command {
	parent := command.Parent("clock", "See who must be told by when, and set when that begins",
		command.New("list [RUN]", "List the clocks of a run, or those that irctl knows", func(_ context.Context, args []string) error {
			if len(args) == 0 {
				return a.print().ClockLibrary(clock.Library())
			}
			r, _, err := a.desk().Named(args...)
			if err != nil {
				return err
			}
			s, err := a.desk().Brief(r)
			if err != nil {
				return err
			}
			return a.print().Clocks(s.Run, s.Clocks)
		}, a.completeRuns, command.ExitAltered),
		newClockShowCmd(a))
	for _, v := range clockVerbs {
		parent.AddCommand(newVerbCmd(a, v, a.submit))
	}
	return parent
}

func newClockShowCmd(a *app) *cobra.Command {
	var given []string
	cmd := command.New("show CLOCK", "Show a clock that irctl knows, and when it would be due", func(_ context.Context, args []string) error {
		library := clock.Library()
		i := slices.IndexFunc(library, func(c clock.Clock) bool { return c.Name == args[0] })
		if i < 0 {
			return command.Usagef("irctl knows no clock %q", args[0]).Meant("irctl clock show", args[0], each.Of(library, func(c clock.Clock) string { return c.Name }), "irctl clock list")
		}
		c := library[i]
		pairs, err := command.Pairs("fact", given)
		if err != nil {
			return err
		}
		facts := clock.Facts{}
		for name, text := range pairs {
			if !slices.Contains(c.Facts(), name) {
				return command.Usagef("no fact %q moves %s: there are %s", name, c.Name, strings.Join(c.Facts(), ", "))
			}
			if facts[name], err = command.Moment("fact "+name, text, a.Now(), -1); err != nil {
				return err
			}
		}
		calendar, _ := clock.NewCalendar(c.Calendar, nil)
		return a.print().Clock(view.Due{Clock: c, Standing: c.At(facts, time.Time{}, a.Now(), calendar)})
	}, a.completeClocks)
	cmd.Flags().StringArrayVar(&given, "fact", nil, "when a fact that starts it was so, as `FACT=TIME`")
	return cmd
}

func (a *app) completeClocks(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return each.Of(clock.Library(), func(c clock.Clock) string { return c.Name + "\t" + c.Title }), cobra.ShellCompDirectiveNoFileComp
}

var clockVerbs = []verb{
	{
		use: "set RUN FACT --at --reason", short: "Say when a fact was so that starts or ends a clock, or correct it",
		onward: recordOnly,
		flags: func(a *app, cmd *cobra.Command) parser {
			var at, reason string
			cmd.Flags().StringVar(&at, "at", "", "when, as 2026-03-01T06:00:00Z or 2h for two hours ago: a `time`")
			reasonFlag(cmd, &reason, "reason", "how it is known, `text` for the journal")
			return func(args []string) (request.Request, error) {
				if at == "" || reason == "" {
					return nil, command.Usagef("--at or --reason is missing: a clock counts from that moment, and the journal must be able to say how it is known")
				}
				when, err := command.Moment("at", at, a.Now().Truncate(time.Second), -1)
				return request.Fact{Name: args[1], At: when, Reason: reason}, err
			}
		},
	},
	{
		use: "hold RUN CLOCK --until|--lift --reason", short: "Put a clock off, by the word of somebody who may do that",
		onward: recordOnly,
		flags: func(a *app, cmd *cobra.Command) parser {
			var until, reason string
			var lift bool
			cmd.Flags().StringVar(&until, "until", "", "until when, as 2026-03-01T06:00:00Z or 72h from now: a `time`")
			cmd.Flags().BoolVar(&lift, "lift", false, "it is not put off any more")
			reasonFlag(cmd, &reason, "reason", "by whose word and why, `text` for the journal")
			return func(args []string) (_ request.Request, err error) {
				if lift == (until != "") || reason == "" {
					return nil, command.Usagef("say --reason, and one of --until and --lift")
				}
				w := request.HoldClock{Clock: args[1], Reason: reason}
				if !lift {
					w.Until, err = command.Moment("until", until, a.Now().Truncate(time.Second), 1)
				}
				return w, err
			}
		},
	},
}
