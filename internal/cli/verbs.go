package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/projection"
)

// verb is a command that asks something of a run.
type verb struct {
	spec
	onward onward
	// flags declares the flags of the command and returns what makes a request
	// of them and of its arguments, of which the first names the run.
	flags func(a *app, cmd *cobra.Command) parser
}

type parser func(args []string) (desk.Request, error)

// onward says whether a verb drives the run on if no process does.
type onward int

const (
	askedTo    onward = iota // with --resume
	recordOnly               // it makes no sense
	driveOn                  // unless --resume=false: something shall happen now
)

// verbOptions is what every verb was asked for besides its request.
type verbOptions struct {
	run    string
	resume bool // drive the run on afterwards
	wait   bool // for people, while driving
}

// verbRunner carries out a verb; tests of the flags put their own in place.
type verbRunner func(ctx context.Context, o verbOptions, req desk.Request) error

// newVerbCmds makes the command of every verb.
func newVerbCmds(a *app, run verbRunner) []*cobra.Command {
	if run == nil {
		run = a.submit
	}
	var out []*cobra.Command
	for _, v := range verbs {
		out = append(out, newVerbCmd(a, v, run))
	}
	return out
}

func newVerbCmd(a *app, v verb, run verbRunner) *cobra.Command {
	var o verbOptions
	var parse parser
	s := v.spec
	s.group = groupRun
	s.exits = runExits
	s.run = func(cmd *cobra.Command, args []string) error {
		req, err := parse(args)
		if err != nil {
			var p *problem
			if errors.As(err, &p) && len(p.next) == 0 {
				p.add(seeHelp(cmd))
			}
			return err
		}
		o.run = args[0]
		err = run(cmd.Context(), o, req)
		var who *authority.AmbiguousError
		if errors.As(err, &who) {
			return sayWho(who, append([]string{cmd.Name()}, args...))
		}
		return err
	}
	cmd := a.command(s)
	parse = v.flags(a, cmd)
	cmd.ValidArgsFunction = a.completeRuns
	if strings.Contains(s.use, "STEP") {
		cmd.ValidArgsFunction = a.completeRunSteps
	}
	for _, name := range []string{"step", "to", "only"} {
		if cmd.Flags().Lookup(name) != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, a.completeStepFlag)
		}
	}
	usage := "drive the run on at once if no process does"
	if v.onward == driveOn {
		usage = "drive the run if no process does; --resume=false only records"
		waitFlag(cmd, &o.wait)
	}
	cmd.Flags().BoolVar(&o.resume, "resume", v.onward == driveOn, usage)
	cmd.Flags().Lookup("resume").Hidden = v.onward == recordOnly
	return cmd
}

// reasonFlag declares the flag for a text of the journal, under its name and -m.
// --reason and --comment mean the same, because nobody who has to answer
// remembers which of the two it is.
func reasonFlag(cmd *cobra.Command, text *string, name, usage string) {
	cmd.Flags().StringVarP(text, name, "m", "", usage)
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, given string) pflag.NormalizedName {
		if given == "reason" || given == "comment" {
			given = name
		}
		return pflag.NormalizedName(given)
	})
}

// identity declares the flags about who asks.
func identity(cmd *cobra.Command, as, role *string) {
	cmd.Flags().StringVar(as, "as", "", "speak as this `person` of the environment")
	if role != nil {
		cmd.Flags().StringVar(role, "role", "", "speak in this `role`")
	}
}

func doneFlags(a *app, cmd *cobra.Command) parser {
	var w desk.Done
	var set, evidence []string
	identity(cmd, &w.As, nil)
	cmd.Flags().StringArrayVar(&set, "set", nil, "an answer, as `NAME=VALUE`")
	cmd.Flags().StringArrayVar(&evidence, "evidence", nil, "a file to keep with the run, as `NAME=FILE`")
	return func(args []string) (desk.Request, error) {
		w.Step = args[1]
		var err error
		if w.Set, err = pairs("set", set); err != nil {
			return nil, err
		}
		files, err := pairs("evidence", evidence)
		if err != nil {
			return nil, err
		}
		w.Evidence, err = a.desk().Deposit(args[0], files)
		return w, err
	}
}

// submit carries out a verb and says what was recorded.
func (a *app) submit(ctx context.Context, o verbOptions, req desk.Request) error {
	out, err := a.desk().Submit(ctx, o.run, req, o.resume)
	if err != nil {
		return err
	}
	if out.Taken == nil {
		return a.report(out)
	}
	if !a.json() {
		_ = a.print().Note(out.Decision.Summary)
	}
	return a.drive(ctx, out.Taken, o.wait, out.Decision.Aim)
}

// report says what was recorded and how the run goes on.
func (a *app) report(out desk.Outcome) error {
	w := out.Decision
	if a.json() {
		return a.print().JSON(map[string]any{"run": out.Run, "path": w.Path, "type": w.Body.Type(), "driven": out.Driven})
	}
	if err := a.print().Say(w.Summary); err != nil {
		return err
	}
	if out.Driven {
		return a.print().Next(projection.Command("status", out.Run))
	}
	r, err := a.desk().ReadRun(out.Run)
	if err != nil {
		return err
	}
	status, err := a.desk().Status(r)
	if err != nil {
		return err
	}
	return a.print().Next(status.Next...)
}

// sayWho offers the command that was typed once for each person whom its
// account may mean.
func sayWho(e *authority.AmbiguousError, typed []string) error {
	p := usagef("%s", e)
	for _, who := range e.Choices {
		p.add(projection.Command(append(slices.Clone(typed), "--as", who.Person)...))
	}
	return p
}
