package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/view"
)

// verb is a command that asks something of a run.
type verb struct {
	use, short string
	onward     onward
	// flags declares the flags of the command and returns what makes a request
	// of them and of its arguments, of which the first names the run.
	flags func(a *app, cmd *cobra.Command) parser
}

type parser func(args []string) (request.Request, error)

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
	yes    bool // it is not asked for on a terminal
	dryRun bool // only say what it would do
	driveOptions
}

// verbRunner carries out a verb; tests of the flags put their own in place.
type verbRunner func(ctx context.Context, o verbOptions, req request.Request) error

// newVerbCmds makes the command of every verb.
func newVerbCmds(a *app, run verbRunner) []*cobra.Command {
	return each.Of(verbs, func(v verb) *cobra.Command { return newVerbCmd(a, v, run) })
}

func newVerbCmd(a *app, v verb, run verbRunner) *cobra.Command {
	var o verbOptions
	var parse parser
	complete := a.completeRuns
	if strings.Contains(v.use, "STEP") {
		complete = a.completeRunSteps
	}
	var cmd *cobra.Command
	cmd = command.New(v.use, v.short, func(ctx context.Context, args []string) error {
		req, err := parse(args)
		if err != nil {
			var p *command.Problem
			if errors.As(err, &p) && len(p.Next) == 0 {
				p.Add(command.SeeHelp(cmd))
			}
			return err
		}
		o.run = args[0]
		if cmd.Flags().Lookup("yes") != nil {
			o.yes, _ = cmd.Flags().GetBool("yes")
		}
		if o.yes && v.onward == driveOn && strings.HasPrefix(o.run, "@") {
			return command.Usagef("%s may be another run by now: with --yes, give its id", o.run).With(projection.Command("list"))
		}
		err = run(ctx, o, req)
		var who *authority.AmbiguousError
		if errors.As(err, &who) {
			return sayWho(who, append([]string{cmd.Name()}, args...))
		}
		return err
	}, complete, runExits...)
	parse = v.flags(a, cmd)
	if strings.Contains(v.use, "STEP") {
		cmd.Args = a.whichStep(cmd, cmd.Args)
	}
	for name, complete := range map[string]cobra.CompletionFunc{
		"step": a.completeStepFlag, "to": a.completeStepFlag, "only": a.completeStepFlag, "as": a.completePeople, "role": a.completeRoles,
	} {
		if cmd.Flags().Lookup(name) != nil {
			a.completes(cmd, name, complete)
		}
	}
	usage := "drive the run on at once if no process does"
	if v.onward == driveOn {
		usage = "drive the run if no process does; --resume=false only records"
		o.declare(cmd)
		cmd.Flags().BoolP("yes", "y", false, "do not ask on a terminal whether it is meant")
		cmd.Flags().BoolVarP(&o.dryRun, "dry-run", "n", false, "say what it would do and what the targets say now, and do nothing")
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

// shareFlag declares the flag that lets a run change what others claim.
func shareFlag(cmd *cobra.Command, share *request.Share) {
	cmd.Flags().StringSliceVar(&share.Targets, "share", nil, "change this `target` although another run that has not ended does; needs --reason")
}

// touchFlag declares the flag that asks that a run may touch what is protected.
func touchFlag(cmd *cobra.Command, touch *[]string) {
	cmd.Flags().StringSliceVar(touch, "touch", nil, "ask to touch this `entry` of what is protected, or to go beyond the limit of machines or accounts; needs --reason")
}

// sharing completes a share by its reason, which it needs.
func sharing(share request.Share, reason string) (request.Share, error) {
	if len(share.Targets)+len(share.Touch) == 0 {
		return share, nil
	}
	share.Reason = reason
	switch {
	case reason != "":
	case len(share.Targets) > 0:
		return share, command.Usagef("--share needs --reason: the journals of both runs must be able to say why")
	case len(share.Touch) > 0:
		return share, untold
	}
	return share, nil
}

var untold = command.Usagef("--touch needs --reason: whoever is asked must be able to read why")

// yesFlag lets a verb not ask on a terminal.
func yesFlag(cmd *cobra.Command) {
	cmd.Flags().BoolP("yes", "y", false, "do not show what it is about on a terminal and ask for the yes")
}

// identity declares the flags about who asks.
func identity(cmd *cobra.Command, as, role *string) {
	cmd.Flags().StringVar(as, "as", "", "speak as this `person` of the environment")
	if role != nil {
		cmd.Flags().StringVar(role, "role", "", "speak in this `role`")
	}
}

// reasoned is for a verb that has a reason and no other flag.
func reasoned(of func(step, reason string) request.Request) func(*app, *cobra.Command) parser {
	return func(_ *app, cmd *cobra.Command) parser {
		var reason string
		reasonFlag(cmd, &reason, "reason", "why, `text` for the journal")
		if cmd.Name() == "skip" {
			yesFlag(cmd)
		}
		return func(args []string) (request.Request, error) { return of(args[len(args)-1], reason), nil }
	}
}

// answering is for a yes and a no, whose comment has one of two names.
func answering(answer request.Answer, name, usage string) func(*app, *cobra.Command) parser {
	return func(a *app, cmd *cobra.Command) parser {
		w, response := answer, ""
		identity(cmd, &w.As, &w.Role)
		reasonFlag(cmd, &w.Comment, name, usage)
		yesFlag(cmd)
		if w.Yes {
			shareFlag(cmd, &w.Share)
			cmd.Flags().StringVar(&response, "response", "", "take the answer that came back, a `code`, file, or - for what is pasted")
			cmd.Flags().BoolVar(&w.BreakGlass, "break-glass", false, "in an emergency, approve alone what others were to approve; needs --reason and the policy of the machine")
		}
		return func(args []string) (_ request.Request, err error) {
			if response != "" {
				code, err := a.pasted(response)
				return request.Response{Step: args[1], Code: code}, err
			}
			w.Step = args[1]
			if w.BreakGlass && w.Comment == "" {
				return nil, command.Usagef("--break-glass needs --reason: it is shown with the run for ever")
			}
			w.Share, err = sharing(w.Share, w.Comment)
			return w, err
		}
	}
}

func doneFlags(a *app, cmd *cobra.Command) parser {
	var w request.Done
	var set, evidence []string
	identity(cmd, &w.As, nil)
	cmd.Flags().StringArrayVar(&set, "set", nil, "an answer, as `NAME=VALUE`")
	cmd.Flags().BoolVar(&w.Correct, "correct", false, "the step is done; these answers were wrong")
	reasonFlag(cmd, &w.Reason, "reason", "why they are corrected, `text` for the journal")
	cmd.Flags().StringArrayVar(&evidence, "evidence", nil, "a file to keep with the run, as `NAME=FILE`")
	return func(args []string) (request.Request, error) {
		w.Step = args[1]
		var err error
		if w.Set, err = command.Pairs("set", set); err != nil {
			return nil, err
		}
		if w.Correct && (len(set) == 0 || len(evidence) > 0) {
			return nil, command.Usagef("--correct needs the answers that were wrong, as --set NAME=VALUE, and takes no --evidence")
		}
		files, err := command.Pairs("evidence", evidence)
		if err != nil {
			return nil, err
		}
		w.Evidence, err = a.desk().Deposit(args[0], files)
		return w, err
	}
}

// submit carries out a verb and says what was recorded.
func (a *app) submit(ctx context.Context, o verbOptions, req request.Request) error {
	ask := !o.yes && a.print().Interactive()
	if ask {
		if err := a.desk().Unclaimed(o.run, req); err != nil && !o.dryRun {
			return err
		}
		var err error
		if req, err = a.meansIt(o.run, req); err != nil {
			return err
		}
	}
	if ask = ask && request.Acts(req); ask || o.dryRun {
		steps, err := a.desk().Foresee(ctx, o.run, req)
		if err != nil {
			return err
		}
		if !ask || o.dryRun {
			return a.print().Looks(view.Looks{Run: o.run, Steps: steps, Sum: projection.Foreseen(steps) + " Nothing was done."})
		}
		changes := each.Of(steps, func(l projection.Look) [2]string {
			return [2]string{l.Path, strings.TrimSpace(l.Action+" "+l.Target) + ": " + string(l.State)}
		})
		if err := agreed(a.print().Confirm(projection.Foreseen(steps), changes, meant(req, steps))); err != nil {
			return err
		}
	}
	out, err := a.desk().Submit(ctx, o.run, req, o.resume)
	if err != nil {
		return err
	}
	a.showClaims(out.Claims)
	if out.Taken == nil {
		return a.report(out)
	}
	a.note(out.Decision.Summary)
	return a.drive(ctx, out.Taken, o.driveOptions, out.Decision.Aim)
}

// sayWho offers the command that was typed once for each person whom its
// account may mean.
func sayWho(e *authority.AmbiguousError, typed []string) error {
	p := command.Usagef("%s", e)
	for _, who := range e.Choices {
		p.Add(projection.Command(append(slices.Clone(typed), "--as", who.Person)...))
	}
	return p
}

// verbs lists the commands that ask something of a run, in the order of help.
var verbs = []verb{
	{
		use:   "approve RUN STEP",
		short: "Say yes to what a step asks",
		flags: answering(request.Answer{Yes: true}, "comment", "a remark, `text` for the journal"),
	},
	{
		use:   "reject RUN STEP",
		short: "Say no to what a step asks",
		flags: answering(request.Answer{}, "reason", "why, `text` for the journal"),
	},
	{
		use:   "done RUN STEP",
		short: "Say that a manual step is done",
		flags: doneFlags,
	},
	{
		use:   "skip RUN STEP",
		short: "Pass a step over",
		flags: reasoned(func(step, reason string) request.Request { return request.Skip{Step: step, Reason: reason} }),
	},
	{
		use:   "retry RUN STEP",
		short: "Try a failed step again",
		flags: func(a *app, cmd *cobra.Command) parser {
			var w request.Retry
			var reload bool
			reasonFlag(cmd, &w.Reason, "reason", "why, `text` for the journal")
			touchFlag(cmd, &w.Touch)
			cmd.Flags().BoolVar(&reload, "reload-environment", false, "read the environment's file anew for this and all that follows; needs --reason")
			return func(args []string) (request.Request, error) {
				if w.Step = args[1]; len(w.Touch) > 0 && w.Reason == "" {
					return nil, untold
				}
				if !reload {
					return w, nil
				}
				if w.Reason == "" {
					return nil, command.Usagef("--reason is missing or empty: the journal must be able to say why")
				}
				r, err := a.desk().Read(args[0])
				if err != nil {
					return nil, err
				}
				started, _, _ := r.State().Started()
				env, err := a.library().Refit(r.State().Plan(), started)
				if err == nil {
					w.Environment, err = a.desk().Reload(r, env)
				}
				return w, err
			}
		},
	},
	{
		use:   "resolve RUN STEP --happened|--did-not-happen|--failed",
		short: "Say whether something happened that irctl cannot tell",
		flags: func(_ *app, cmd *cobra.Command) parser {
			var w request.Resolve
			var not bool
			cmd.Flags().BoolVar(&w.Happened, "happened", false, "it took effect")
			cmd.Flags().BoolVar(&not, "did-not-happen", false, "it did not take effect; try again")
			cmd.Flags().BoolVar(&w.Failed, "failed", false, "it did not take effect; do not try again")
			reasonFlag(cmd, &w.Reason, "reason", "how you know, `text` for the journal")
			return func(args []string) (request.Request, error) {
				w.Step = args[1]
				said := slices.DeleteFunc([]bool{w.Happened, not, w.Failed}, func(said bool) bool { return !said })
				switch {
				case len(said) != 1:
					return nil, command.Usagef("say one of --happened, --did-not-happen and --failed")
				case w.Reason == "":
					return nil, command.Usagef("--reason is missing or empty: the journal must be able to say why")
				}
				return w, nil
			}
		},
	},
	{
		use:    "delegate RUN --to --role --until --reason",
		short:  "Hand a role of yours over to somebody, for a run and a time",
		onward: recordOnly,
		flags:  delegateFlags,
	},
	{
		use:    "pause RUN",
		short:  "Start nothing new until resume",
		onward: recordOnly,
		flags:  reasoned(func(_, reason string) request.Request { return request.Pause{Reason: reason} }),
	},
	{
		use:    "hold RUN --reason|--lift",
		short:  "Keep a run from being archived and deleted",
		onward: recordOnly,
		flags: func(_ *app, cmd *cobra.Command) parser {
			var w request.Hold
			reasonFlag(cmd, &w.Reason, "reason", "why, `text` for the journal")
			cmd.Flags().BoolVar(&w.Lift, "lift", false, "end the hold")
			return func([]string) (request.Request, error) {
				if w.Lift == (w.Reason != "") {
					return nil, command.Usagef("say one of --reason and --lift")
				}
				return w, nil
			}
		},
	},
	{
		use:    "cancel RUN",
		short:  "End a run early and leave things as they are",
		onward: driveOn,
		flags:  reasoned(func(_, reason string) request.Request { return request.Cancel{Reason: reason} }),
	},
	{
		use:    "rollback RUN",
		short:  "Put back what a run did, newest first",
		onward: driveOn,
		flags: func(_ *app, cmd *cobra.Command) parser {
			var w request.Rollback
			cmd.Flags().StringVar(&w.To, "to", "", "undo back to this `step`, the step included")
			cmd.Flags().StringVar(&w.Only, "only", "", "undo this `step` alone")
			reasonFlag(cmd, &w.Reason, "reason", "why, `text` for the journal")
			shareFlag(cmd, &w.Share)
			touchFlag(cmd, &w.Share.Touch)
			return func([]string) (_ request.Request, err error) {
				if w.To != "" && w.Only != "" {
					return nil, command.Usagef("say one of --to and --only")
				}
				w.Share, err = sharing(w.Share, w.Reason)
				return w, err
			}
		},
	},
	{
		use:    "note RUN TEXT",
		short:  "Put a remark into the journal",
		onward: recordOnly,
		flags: func(_ *app, cmd *cobra.Command) parser {
			var w request.Note
			cmd.Flags().StringVar(&w.Step, "step", "", "the remark is about this `step`")
			return func(args []string) (request.Request, error) {
				w.Text = args[1]
				if w.Text == "" {
					return nil, command.Usagef("the remark is empty")
				}
				return w, nil
			}
		},
	},
}
