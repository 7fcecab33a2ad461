package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/exercise"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/report"
)

// exerciseOptions is what exercise was asked for.
type exerciseOptions struct {
	name        string // of a scenario, or its path
	auto        bool
	seed        uint64
	report, tlp string
	lab         string // "lab" to reach the embedded one, "" for nothing at all
	speed       int
}

func newExerciseCmd(a *app, run func(ctx context.Context, o exerciseOptions) error) *cobra.Command {
	var o exerciseOptions
	cmd := command.New("exercise [SCENARIO]", "Play a scenario against a runbook, with people or without", func(ctx context.Context, args []string) error {
		if len(args) == 0 {
			return a.print().Scenarios(each.Of(a.library().Scenarios(), func(s library.Listed) [2]string { return [2]string{s.Name, s.Path} }))
		}
		o.name = args[0]
		return run(ctx, o)
	}, a.completeScenarios, command.ExitInvalid, command.ExitInterrupted)
	cmd.Flags().BoolVar(&o.auto, "auto", false, "play it without people, by what the scenario says of them")
	cmd.Flags().Uint64Var(&o.seed, "seed", 1, "the `number` that decides how long things take; the same gives the same exercise")
	cmd.Flags().StringVar(&o.report, "report", "", "write the report to this `file`, as irctl report does")
	cmd.Flags().StringVar(&o.tlp, "tlp", "", "mark every page of it with this `label` of the Traffic Light Protocol")
	a.completes(cmd, "tlp", cobra.FixedCompletions(report.Labels, noFiles))
	cmd.Flags().StringVar(&o.lab, "live", "", "have people act on the embedded `lab` instead of simulated targets")
	cmd.Flags().IntVar(&o.speed, "speed", 1, "how many seconds of the exercise's clock a real one has, a `number`")
	cmd.AddCommand(newExerciseNewCmd(a))
	cmd.AddCommand(newExerciseVerbs(a)...)
	return cmd
}

func newExerciseNewCmd(a *app) *cobra.Command {
	var from string
	cmd := command.New("new --from", "Write a scenario for a runbook to begin with", func(context.Context, []string) error {
		if from == "" {
			return command.Usagef("--from is missing: which runbook is to be rehearsed?")
		}
		p, err := a.library().PlanOf(from)
		if err != nil {
			return err
		}
		if strings.ContainsAny(from, `/\.`) { // a path, which would begin at the scenario's folder
			from = a.abs(from)
		}
		return a.print().Document(exercise.Propose(p, from, a.actions().Spec))
	}, nil, command.ExitInvalid)
	cmd.Flags().StringVar(&from, "from", "", "the `runbook`, by name or path")
	a.completes(cmd, "from", a.completeRunbooks)
	return cmd
}

func (a *app) completeScenarios(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, noFiles
	}
	return each.Of(a.library().Scenarios(), func(s library.Listed) string { return s.Name }), cobra.ShellCompDirectiveDefault
}

func (a *app) play(ctx context.Context, o exerciseOptions) error {
	switch {
	case o.tlp != "" && !slices.Contains(report.Labels, o.tlp):
		return command.Usagef("--tlp is one of %s", report.Labels)
	case o.lab != "" && o.lab != "lab":
		return command.Usagef("--live is lab: no exercise reaches anything real")
	case o.speed < 1 || o.speed > 3600:
		return command.Usagef("--speed is a number from 1 to 3600")
	case a.exercise != nil:
		return command.Usagef("this is the home of an exercise already; unset IRCTL_HOME to begin another one")
	case o.auto && o.lab != "":
		return command.Usagef("--auto reaches nothing, so --live has no sense with it")
	}
	s, w, err := a.library().Exercise(o.name)
	if err != nil {
		return err
	}
	if !o.auto {
		return a.lead(ctx, o, s, w)
	}
	r := a.actions()
	c := exercise.Config{Scenario: s, Plan: w.Plan, Inputs: w.Inputs, Seed: o.seed, Today: a.Now(), Spec: r.Spec, Inspects: r.Inspects, Undoes: r.Undoes}
	return a.judge(c, exercise.Auto(c), cmp.Or(w.Plan.Owner, "the owner of "+w.Plan.Runbook), o)
}

// judge says how an exercise went, and keeps that beside earlier ones.
func (a *app) judge(c exercise.Config, played exercise.Played, owner string, o exerciseOptions) error {
	score := exercise.Judge(c, played, owner)
	var compared []string
	if a.home != "" {
		folder := a.scoresOf(c.Scenario.Name.Value)
		before, ok, err := exercise.Last(folder)
		if err != nil {
			return err
		}
		if ok {
			score.Carry(before)
			compared = score.Compare(before)
		}
		if err := exercise.Keep(folder, score); err != nil {
			return err
		}
	}
	if o.report != "" {
		if err := a.reportExercise(o, score, played, compared); err != nil {
			return err
		}
	}
	return a.print().Exercise(score, compared)
}

// scoresOf is where the exercises of a scenario are kept.
func (a *app) scoresOf(name string) string { return filepath.Join(a.runs(), exercise.Below, name) }

// reportExercise writes the report of an exercise.
func (a *app) reportExercise(o exerciseOptions, s exercise.Score, p exercise.Played, compared []string) error {
	made := report.Make([]projection.Account{p.Account}, report.Options{
		TLP: o.tlp, Irctl: outside.Version(), Now: a.Now(), Banner: "EXERCISE: none of this happened",
		Summary: append([]string{fmt.Sprintf("The exercise met %d of %d of what is measured.", s.Met, s.Of)}, compared...),
		Besides: []report.Section{
			report.NewSection("Results", "took", "what", "limit", "how it went", each.Of(s.Results, func(r exercise.Result) report.Row {
				return report.Row{Time: r.Took, What: r.Kind + ": " + r.What, Who: r.Limit, Text: map[bool]string{true: "met", false: "missed"}[r.Met] + ", " + r.Capability}
			}), "Nothing was measured."),
			report.NewSection("Improvement plan", "by", "finding", "owner", "capability", each.Of(s.Plan, func(i exercise.Improve) report.Row {
				return report.Row{Time: i.Due, What: i.Finding, Who: i.Owner, Text: i.Capability}
			}), "Nothing that was measured asks for one."),
			report.NewSection("Injects", "after", "what", "to", "text", each.Of(s.Injects, func(i exercise.Inject) report.Row {
				return report.Row{Time: cmp.Or(i.At, "never"), What: i.Title, Who: i.To, Text: i.Text + " Expected: " + i.Expect + " " + i.Note}
			}), "None."),
		},
	})
	var b bytes.Buffer
	if err := made.Write(&b, report.FormatOf(o.report), ""); err != nil {
		return err
	}
	return durable.Write(o.report, b.Bytes(), 0o600)
}
