package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// saying is what every verb has: the run it is said to, and whether to drive
// the run on afterwards.
type saying struct {
	run    string
	resume bool
	wait   bool // for people, while driving
}

// speaker is a word in the making: it becomes a fact about the run as it
// stands when it is said.
type speaker interface {
	on(standing) (word, error)
}

// verbRunner carries out a verb; tests of the flags put their own in place.
type verbRunner func(ctx context.Context, s saying, w speaker) error

// verbExits are the statuses of verbs besides done, failed and wrong usage.
var verbExits = []Exit{ExitInvalid, ExitAltered, ExitLocked}

// verb makes the command of a verb. With an argument for it, the step comes
// second.
func (a *app) verb(s spec, steps bool, say *saying, run verbRunner, w func(args []string) (speaker, error)) *cobra.Command {
	s.group = groupRun
	s.exits = append(verbExits, ExitWaiting, ExitUnknown, ExitCanceled, ExitInterrupted)
	if run == nil {
		run = a.say
	}
	s.run = func(cmd *cobra.Command, args []string) error {
		say.run = args[0]
		word, err := w(args)
		if err != nil {
			var p *problem
			if errors.As(err, &p) && len(p.next) == 0 {
				p.add(seeHelp(cmd))
			}
			return err
		}
		return run(cmd.Context(), *say, word)
	}
	cmd := a.command(s)
	cmd.ValidArgsFunction = a.completeRuns
	if steps {
		cmd.ValidArgsFunction = a.completeRunSteps
	}
	cmd.Flags().BoolVar(&say.resume, "resume", false, "drive the run on at once if no process does")
	return cmd
}

// alsoReason lets --reason and --comment mean the same, because nobody who has
// to answer remembers which of the two it is.
func alsoReason(cmd *cobra.Command, name string) {
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, given string) pflag.NormalizedName {
		if given == "reason" || given == "comment" {
			given = name
		}
		return pflag.NormalizedName(given)
	})
}

// identity declares the flags about who speaks.
func identity(cmd *cobra.Command, as, role *string) {
	cmd.Flags().StringVar(as, "as", "", "speak as this `person` of the environment")
	if role != nil {
		cmd.Flags().StringVar(role, "role", "", "speak in this `role`")
	}
}

func newApproveCmd(a *app, run verbRunner) *cobra.Command {
	var say saying
	w := answer{yes: true}
	cmd := a.verb(spec{
		use:   "approve RUN STEP",
		short: "Say yes to what a step asks",
		long: `Say yes to what a step asks. Your account must be that of a person in the
environment who holds one of the roles that were asked. During a rollback the
same command agrees to undoing the step.`,
		example: `
  irctl approve 01JZ authorise
  irctl approve 01JZ authorise --as dana --comment "spoke to the CEO"
  irctl approve 01JZ authorise --resume`,
		args: nargs(2, 2),
	}, true, &say, run, func(args []string) (speaker, error) {
		w.step = args[1]
		return w, nil
	})
	identity(cmd, &w.as, &w.role)
	cmd.Flags().StringVarP(&w.comment, "comment", "m", "", "a remark, `text` for the journal")
	alsoReason(cmd, "comment")
	return cmd
}

func newRejectCmd(a *app, run verbRunner) *cobra.Command {
	var say saying
	var w answer
	cmd := a.verb(spec{
		use:   "reject RUN STEP",
		short: "Say no to what a step asks",
		long: `Say no to what a step asks. One no is enough: the step fails, and what follows
is what the runbook says about its failure. During a rollback it ends the
rollback: what is undone stays undone, the rest stays as it is.`,
		example: `
  irctl reject 01JZ authorise --reason "false alarm"`,
		args: nargs(2, 2),
	}, true, &say, run, func(args []string) (speaker, error) {
		w.step = args[1]
		return w, nil
	})
	identity(cmd, &w.as, &w.role)
	cmd.Flags().StringVarP(&w.comment, "reason", "m", "", "why, `text` for the journal")
	alsoReason(cmd, "reason")
	return cmd
}

func newSkipCmd(a *app, run verbRunner) *cobra.Command {
	var say saying
	var w skip
	cmd := a.verb(spec{
		use:   "skip RUN STEP",
		short: "Pass a step over",
		long: `Pass a step over: one that failed, that waits, or that has not begun in a
paused run. An approval cannot be skipped. During a rollback it leaves the step
as it is and goes on with the next.`,
		example: `
  irctl skip 01JZ contain/website --reason "the provider took it down"`,
		args: nargs(2, 2),
	}, true, &say, run, func(args []string) (speaker, error) {
		w.step = args[1]
		return w, nil
	})
	cmd.Flags().StringVarP(&w.reason, "reason", "m", "", "why, `text` for the journal")
	return cmd
}

func newRetryCmd(a *app, run verbRunner) *cobra.Command {
	var say saying
	var w retry
	cmd := a.verb(spec{
		use:   "retry RUN STEP",
		short: "Try a failed step again",
		long: `Try a failed step again, with a new round of its retries. A step that a person
took over goes back to the machine. During a rollback it tries a failed undo
again.`,
		example: `
  irctl retry 01JZ contain/website --reason "the firewall is open now"`,
		args: nargs(2, 2),
	}, true, &say, run, func(args []string) (speaker, error) {
		w.step = args[1]
		return w, nil
	})
	cmd.Flags().StringVarP(&w.reason, "reason", "m", "", "why, `text` for the journal")
	return cmd
}

func newResolveCmd(a *app, run verbRunner) *cobra.Command {
	var say saying
	var w resolve
	var not bool
	cmd := a.verb(spec{
		use:   "resolve RUN STEP --happened|--did-not-happen --reason TEXT",
		short: "Say whether something happened that irctl cannot tell",
		long: `Say whether a step took effect, after you have looked. irctl asks for this when
it died between starting an action and learning the outcome, and the target
cannot tell. If it did not happen, the step is tried again.`,
		example: `
  irctl resolve 01JZ tell-staff --happened --reason "it is in my inbox"
  irctl resolve 01JZ tell-staff --did-not-happen --reason "not in the mail log"`,
		args: nargs(2, 2),
	}, true, &say, run, func(args []string) (speaker, error) {
		w.step = args[1]
		if w.happened == not {
			return w, usagef("say one of --happened and --did-not-happen")
		}
		return w, demand("reason", w.reason)
	})
	cmd.Flags().BoolVar(&w.happened, "happened", false, "it took effect")
	cmd.Flags().BoolVar(&not, "did-not-happen", false, "it did not take effect; try again")
	cmd.Flags().StringVarP(&w.reason, "reason", "m", "", "how you know, `text` for the journal")
	return cmd
}

func newPauseCmd(a *app, run verbRunner) *cobra.Command {
	var say saying
	var w pause
	cmd := a.verb(spec{
		use:   "pause RUN",
		short: "Start nothing new until resume",
		long: `Start nothing new. What runs goes on to its end. irctl resume RUN ends the
pause.`,
		example: `
  irctl pause 01JZ --reason "waiting for the lawyers"`,
		args: nargs(1, 1),
	}, false, &say, run, func([]string) (speaker, error) { return w, nil })
	cmd.Flags().StringVarP(&w.reason, "reason", "m", "", "why, `text` for the journal")
	_ = cmd.Flags().MarkHidden("resume")
	return cmd
}

func newCancelCmd(a *app, run verbRunner) *cobra.Command {
	say := saying{}
	var w cancel
	cmd := a.verb(spec{
		use:   "cancel RUN",
		short: "End a run early and leave things as they are",
		long: `End a run early: nothing new starts, and what runs is told to stop. What was
done stays as it is; irctl rollback puts it back. If no process drives the run,
this one ends it.`,
		example: `
  irctl cancel 01JZ --reason "false alarm"`,
		args: nargs(1, 1),
	}, false, &say, run, func([]string) (speaker, error) {
		return w, nil
	})
	cmd.Flags().StringVarP(&w.reason, "reason", "m", "", "why, `text` for the journal")
	driveOn(cmd, &say)
	return cmd
}

func newRollbackCmd(a *app, run verbRunner) *cobra.Command {
	var say saying
	var w rollback
	cmd := a.verb(spec{
		use:   "rollback RUN",
		short: "Put back what a run did, newest first",
		long: `Undo the steps that changed something, newest first, each with what it recorded
when it ran. Approvals that the run asked for are asked for again. A rollback is
journaled like the run and can be resumed. If no process drives the run, this
one does.`,
		example: `
  irctl rollback 01JZ
  irctl rollback 01JZ --to contain/website     this step and all after it
  irctl rollback 01JZ --only contain/website   this step alone`,
		args: nargs(1, 1),
	}, false, &say, run, func([]string) (speaker, error) {
		if w.to != "" && w.only != "" {
			return w, usagef("say one of --to and --only")
		}
		return w, nil
	})
	cmd.Flags().StringVar(&w.to, "to", "", "undo back to this `step`, the step included")
	cmd.Flags().StringVar(&w.only, "only", "", "undo this `step` alone")
	cmd.Flags().StringVarP(&w.reason, "reason", "m", "", "why, `text` for the journal")
	driveOn(cmd, &say)
	for _, name := range []string{"to", "only"} {
		_ = cmd.RegisterFlagCompletionFunc(name, a.completeStepFlag)
	}
	return cmd
}

// driveOn makes driving the run the default: these verbs mean that something
// shall happen now.
func driveOn(cmd *cobra.Command, say *saying) {
	cmd.Flags().BoolVar(&say.wait, "wait", false, "stay while only people can move the run on")
	flag := cmd.Flags().Lookup("resume")
	_ = flag.Value.Set("true")
	flag.DefValue = "true"
	flag.Usage = "drive the run if no process does; --resume=false only records"
}

func newNoteCmd(a *app, run verbRunner) *cobra.Command {
	var say saying
	var w note
	cmd := a.verb(spec{
		use:   "note RUN TEXT",
		short: "Put a remark into the journal",
		example: `
  irctl note 01JZ "The CEO was told at 03:12."
  irctl note 01JZ "Took two tries." --step contain/website`,
		args: nargs(2, 2),
	}, false, &say, run, func(args []string) (speaker, error) {
		w.text = args[1]
		if w.text == "" {
			return w, usagef("the remark is empty")
		}
		return w, nil
	})
	cmd.Flags().StringVar(&w.step, "step", "", "the remark is about this `step`")
	_ = cmd.RegisterFlagCompletionFunc("step", a.completeStepFlag)
	_ = cmd.Flags().MarkHidden("resume")
	return cmd
}

// demand is a usage error if a text is empty that the journal cannot do
// without.
func demand(flag, text string) error {
	if text == "" {
		return usagef("--%s is missing or empty: the journal must be able to say why", flag)
	}
	return nil
}
