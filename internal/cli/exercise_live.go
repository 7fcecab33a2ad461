package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/exercise"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/lab"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/event"
)

// playing is the exercise whose home this is.
type playing struct {
	*exercise.Folder
	scenario *scenario.Scenario
	stage    *exercise.Stage
}

// desk is what a desk has to know of it; nil outside of an exercise.
func (p *playing) desk() *desk.Exercise {
	if p == nil {
		return nil
	}
	return &desk.Exercise{
		Name: p.Name, Until: p.Until,
		Silenced: func(roles []string) string { return p.Silenced(p.scenario.Injects, roles) },
	}
}

// clock is the one that a command goes by: that of the exercise in the home of
// one.
func (a *app) clock(real func() time.Time) func() time.Time {
	a.real = real
	return drive.Steady(func() time.Time {
		if a.exercise != nil {
			return a.exercise.Now()
		}
		return real()
	}, time.Time{})
}

// enterExercise finds out whether this home is one of an exercise. In such a home
// no other environment is used, whatever a variable says.
func (a *app) enterExercise(cmd *cobra.Command) error {
	if a.home == "" || a.exercise != nil {
		return nil
	}
	f, err := exercise.Open(a.runs(), a.real)
	if f == nil || err != nil {
		return err
	}
	if err := a.join(f); err != nil {
		return err
	}
	own := a.env
	a.env = a.exerciseEnvironment()
	if cmd.Flags().Changed("env") && own != "lab" && own != "exercise" && a.abs(own) != a.env {
		return notExercised(own)
	}
	if cmd.GroupID != groupSetup {
		a.note("EXERCISE " + f.Name + ": nothing of this is real.")
	}
	return nil
}

func notExercised(env string) error {
	p := &command.Problem{Exit: command.ExitInvalid, What: "an EXERCISE cannot use the environment " + env}
	return p.Meaning("Here nothing can be done to what is real; nothing was done.").With("irctl status")
}

// join makes this an invocation in the home of an exercise.
func (a *app) join(f *exercise.Folder) error {
	s, ds := scenario.Parse(f.File, f.Scenario)
	if ds.HasErrors() {
		return fmt.Errorf("the scenario of the exercise in %s cannot be read: %s", a.short(f.Path()), ds[0].Summary)
	}
	a.exercise = &playing{f, s, &exercise.Stage{Folder: f, Injects: s.Injects, Die: exercise.Kill}}
	return nil
}

func (a *app) exerciseEnvironment() string {
	if a.exercise.Lab {
		return "lab"
	}
	return filepath.Join(a.exercise.Path(), exercise.EnvironmentFile)
}

// onlyExercise refuses all environments but that of the exercise; nil outside of
// one.
func (a *app) onlyExercise() func(d *library.Document) error {
	if a.exercise == nil {
		return nil
	}
	return func(d *library.Document) error {
		own := d.File == a.exerciseEnvironment() && d.Digest == a.exercise.Environment
		if own || a.exercise.Lab && d.File == filepath.Join(a.labDir(), "environment.yaml") {
			return nil
		}
		return notExercised(d.Path)
	}
}

// lead begins an exercise that people play, and throws its injects until it is over.
func (a *app) lead(ctx context.Context, o exerciseOptions, s *scenario.Scenario, w *library.Prepared) error {
	if a.home == "" {
		return &store.NoHomeError{}
	}
	if err := a.desk().Store.Ours(); err != nil {
		return command.Failf(err, "an exercise makes files in its home")
	}
	start := cmp.Or(s.Start, a.Now()).UTC().Truncate(time.Second)
	if o.lab != "" {
		start = a.Now().UTC().Truncate(time.Second)
		if o.speed != 1 {
			return command.Usagef("the lab goes by the real time: --speed has no sense with --live")
		}
	}
	d, err := a.library().ScenarioFile(o.name)
	if err != nil {
		return err
	}
	environment := exercise.Environment(s, a.needs(w))
	f, err := exercise.Create(a.scoresOf(s.Name.Value), exercise.About{
		Name: s.Name.Value, Title: cmp.Or(s.Title.Value, s.Name.Value), File: d.File, Start: start, Speed: o.speed, Lab: o.lab != "",
		Environment: library.NewDocument("", "", environment).Digest, Owner: cmp.Or(w.Plan.Owner, "the owner of "+w.Plan.Runbook), Scenario: d.Source,
	}, environment, a.real)
	if err != nil {
		return err
	}
	x, err := a.inside(f)
	if err != nil {
		return err
	}
	if f.Lab {
		if _, err := lab.Up(ctx, x.labDir(), a.Executable, "lab", "serve", "--home", f.Path()); err != nil {
			return command.Failf(err, "the lab did not start")
		}
	}
	run, err := x.beginExercise(ctx, w)
	if err != nil {
		return err
	}
	if err := f.Begin(run); err != nil {
		return err
	}
	return x.conduct(ctx, a, o)
}

// inside is this invocation in the home of an exercise.
func (a *app) inside(f *exercise.Folder) (*app, error) {
	x := &app{World: a.World, home: f.Path(), output: a.output}
	x.Now = x.clock(a.real)
	if err := x.join(f); err != nil {
		return nil, err
	}
	x.env = x.exerciseEnvironment()
	return x, nil
}

// beginExercise begins the run of an exercise, which a player drives.
func (a *app) beginExercise(ctx context.Context, w *library.Prepared) (string, error) {
	secret := filepath.Join(a.exercise.Path(), "secret")
	asked := library.Request{Runbook: w.Asked.Runbook, Environment: a.env, Inputs: w.Asked.Inputs}
	for _, f := range w.Plan.Inputs {
		if _, given := asked.Inputs[f.Name]; f.Secret && given {
			if err := durable.Write(secret, []byte("exercise\n"), 0o600); err != nil {
				return "", err
			}
			asked.Inputs[f.Name] = "file:" + secret
		}
	}
	ready, err := a.library().Prepare(asked)
	if err != nil {
		return "", err
	}
	t, err := a.desk().Begin(ctx, startOf(ready))
	if err != nil {
		return "", err
	}
	t.Close()
	return t.Run(), nil
}

// needs is what of an environment a runbook uses. Nothing of one is read.
func (a *app) needs(w *library.Prepared) (out exercise.Needs) {
	nothing, _ := environment.Parse("exercise", []byte("irctl: v1\nkind: environment\nname: exercise\n"))
	report := fitting.Plan(w.Plan, w.Started(), fitting.World{Environment: nothing, Action: a.actions().Lookup, Elsewhere: true})
	if out.Targets = report.Targets; report.Computed { // what people find, they name
		out.Targets = append(out.Targets, "machine-1", "machine-2", "machine-3")
	}
	out.Selectors = compile.Selectors(w.Plan)
	names := compile.Names(w.Plan)
	for _, name := range names {
		if value, ok := strings.CutPrefix(name, "env."); ok {
			out.Values = append(out.Values, value)
		}
	}
	for _, n := range w.Plan.Nodes {
		for _, use := range []*plan.Use{n.Action, n.Undo, n.Verify} {
			if use != nil && use.Target != "" {
				out.Targets = append(out.Targets, use.Target)
			}
		}
		if n.Approval != nil {
			out.Roles = slices.Concat(out.Roles, n.Approval.Roles, n.Approval.EscalateTo)
		}
	}
	slices.Sort(out.Targets)
	out.Targets = slices.Compact(out.Targets)
	return out
}

// conductor throws the injects of the exercise, and tells them in the run.
func (a *app) conductor(ctx context.Context) *exercise.Conductor {
	return &exercise.Conductor{Folder: a.exercise.Folder, Scenario: a.exercise.scenario, Tell: func(in scenario.Inject) error {
		if in.Expect.Given() {
			a.note("Expected of " + in.ID.Value + ": " + in.Expect.Value)
		}
		_, err := a.desk().Submit(ctx, a.exercise.Run(), request.Note{Text: exercise.Message(in)}, false)
		return err
	}}
}

// conducted shows the run of an exercise and throws what comes with its events.
type conducted struct {
	*view.Follow
	saw func(e event.Event)
}

// Observe implements desk.Observer.
func (c conducted) Observe(e event.Event, line []byte, status func() projection.Status) error {
	err := c.Follow.Observe(e, line, status)
	c.saw(e)
	return err
}

// conduct leads an exercise to its end: until its run has ended or somebody says
// that it is over. outer is the home that it lies in, which keeps the score.
func (a *app) conduct(ctx context.Context, outer *app, o exerciseOptions) error {
	f := a.exercise.Folder
	a.note("EXERCISE " + f.Title + "\nPlayers type this in terminals of their own, and then whatever they would type in an incident:")
	_ = a.print().Next("export IRCTL_HOME="+projection.Quote(f.Path()), "irctl resume @1")
	a.note("You lead it with irctl exercise status, inject, pause, continue, skip-to and end.")
	ctx, stop := a.UntilSignal(ctx)
	defer stop()
	inner, over := context.WithCancel(ctx)
	defer over()
	c := a.conductor(inner)
	told := func(err error) {
		if err != nil && inner.Err() == nil {
			_ = a.print().Warning("an inject could not be told: " + err.Error())
		}
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(exercise.Tick)
		defer tick.Stop()
		for inner.Err() == nil {
			if f.Over() {
				over()
				return
			}
			told(c.Tick())
			select {
			case <-inner.Done():
			case <-tick.C:
			}
		}
	}()
	follow := conducted{a.print().Follow(view.FollowOptions{Run: f.Run(), Plain: true}), func(e event.Event) { told(c.Saw(e)) }}
	r, err := a.desk().Follow(inner, f.Run(), follow)
	follow.Close()
	over()
	<-watched
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if r.State().EndedAt().IsZero() && !f.Over() {
		a.note("Nobody leads the exercise now; it goes on. To lead it again, or to end it:")
		_ = a.print().Next("irctl exercise resume", "irctl exercise end")
		return command.End(command.ExitInterrupted)
	}
	return a.scoreLive(context.WithoutCancel(ctx), outer, o)
}

// scoreLive ends an exercise that people played and says how it went.
func (a *app) scoreLive(ctx context.Context, outer *app, o exerciseOptions) error {
	f := a.exercise.Folder
	mine, err := f.End()
	if err != nil {
		return err
	}
	if !mine { // whoever ended it says so
		a.note("EXERCISE " + f.Name + " is over.")
		return nil
	}
	if f.Lab {
		if _, err := lab.Down(ctx, a.labDir()); err != nil {
			_ = a.print().Warning("the lab of the exercise did not end: " + err.Error())
		}
	}
	r, err := a.desk().ReadRun(f.Run())
	if err != nil {
		return err
	}
	accounts, _, _, err := a.desk().Accounts(f.Run())
	if err != nil {
		return err
	}
	c := exercise.Config{Scenario: a.exercise.scenario, Plan: r.State().Plan(), Today: a.real(), Live: true}
	return outer.judge(c, f.Played(a.exercise.scenario, accounts[0]), f.Owner, o)
}
