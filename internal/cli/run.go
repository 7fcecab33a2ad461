package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// running is what run and plan were asked for.
type running struct {
	runbook string
	inputs  map[string]string
	dryRun  bool
	wait    bool

	override string // why a playbook runs although it must not
}

// runExits are the statuses of commands that drive a run.
var runExits = []Exit{ExitInvalid, ExitWaiting, ExitAltered, ExitLocked, ExitUnknown, ExitCanceled, ExitInterrupted}

func newRunCmd(a *app, run func(ctx context.Context, w running) error) *cobra.Command {
	if run == nil {
		run = a.run
	}
	var w running
	var inputs []string
	cmd := a.command(spec{
		use:   "run RUNBOOK",
		group: groupRun,
		short: "Run a runbook",
		long: `Run a runbook, by the path of its file or by name: ./runbooks/NAME.yaml, then
your own and the machine's irctl/runbooks folders, then those that come with
irctl. The first line says which file it is.

On a terminal there is a live screen that asks for answers. Elsewhere there is
one line per event, and a run that only people can move on ends with 4 and says
what to type; with --wait it stays and waits for them. Ctrl-C once: nothing new
starts, what runs goes on to its end, and the run can be resumed. Twice: what
runs is killed.`,
		example: `
  irctl run containment --env lab --input incident=INC-1
  irctl run ./my-plan.yaml --env acme --input accounts='["alice", "bob"]'
  irctl run containment --env lab --input incident=INC-1 --dry-run
  irctl run containment --env lab --input incident=INC-1 -o json > run.jsonl`,
		exits: runExits,
		args:  nargs(1, 1),
		run: func(cmd *cobra.Command, args []string) error {
			w.runbook = args[0]
			var err error
			if w.inputs, err = pairs("input", inputs); err != nil {
				return err
			}
			return run(cmd.Context(), w)
		},
	})
	inputFlag(cmd, &inputs)
	cmd.Flags().StringVar(&w.override, "override", "", "run a playbook that was revoked, is not valid now or lacks a signature, for this `REASON`, which is journaled")
	cmd.Flags().BoolVarP(&w.dryRun, "dry-run", "n", false, "look at every target and change nothing, like irctl plan")
	cmd.Flags().BoolVar(&w.wait, "wait", false, "stay while only people can move the run on")
	cmd.ValidArgsFunction = a.completeRunbooks
	return cmd
}

func inputFlag(cmd *cobra.Command, inputs *[]string) {
	cmd.Flags().StringArrayVarP(inputs, "input", "i", nil, "an input, as `NAME=VALUE`; lists and maps as JSON or a,b,c; secrets as env:NAME or file:PATH")
}

// run starts a run and drives it as far as it goes.
func (a *app) run(ctx context.Context, w running) error {
	ready, err := a.library().Prepare(library.Request{Runbook: w.runbook, Environment: a.env, Inputs: w.inputs})
	if err != nil {
		return err
	}
	if w.override != "" && !ready.File.IsPlaybook() {
		return usagef("--override is for playbooks; nothing holds this runbook back")
	}
	warnings, err := a.library().Gate(ready, w.override, w.dryRun)
	for _, one := range warnings {
		_ = a.print().Warning(one)
	}
	if err != nil {
		return err
	}
	if w.dryRun {
		return a.preview(ctx, ready)
	}
	// Secret inputs are looked up before anything begins.
	if _, err := environment.ResolveInputs(ctx, ready.Secrets); err != nil {
		return err
	}
	t, err := a.start(ready)
	if err != nil {
		return err
	}
	defer t.close()
	if !a.json() {
		_ = a.print().Note(fmt.Sprintf("Runbook %s from %s\nSHA-256 %s\nRun %s", ready.Plan.Runbook, ready.File.Path, ready.File.Digest, t.run.ID()))
	}
	return t.drive(ctx, w.wait)
}

// start makes a run of what was prepared: its folder, its documents and its
// first entry, all durable.
func (a *app) start(w *library.Prepared) (*trip, error) {
	st := a.store()
	id, err := st.NewID(a.Now())
	if err != nil {
		return nil, err
	}
	files := store.Files{Runbook: w.File.Source, Plan: w.Encoded}
	first := event.RunStarted{
		Run: id, Irctl: Version(), Runbook: w.Plan.Runbook, Title: w.Plan.Title,
		Source: w.File.Path, Digest: w.File.Digest, PlanDigest: plan.Digest(w.Encoded),
		Inputs: w.Inputs, SecretRefs: w.Secrets, Override: w.Override, Overrode: w.Overrode,
		Signatures: w.Signatures,
	}
	if w.EnvironmentFile != nil {
		files.Environment = w.EnvironmentFile.Source
		first.Environment, first.EnvDigest, first.EnvSource = w.Environment.Name(), w.EnvironmentFile.Digest, w.EnvironmentFile.File
	}
	for _, d := range w.Others {
		files.Others = append(files.Others, d.Source)
		first.Documents = append(first.Documents, event.Document{Source: d.Path, Digest: d.Digest})
	}
	e := event.Event{Time: a.Now().UTC(), By: a.actor(""), Body: first}
	body, err := e.Encode()
	if err != nil {
		return nil, err
	}
	// The driver goes by the plan as it was written, as a resume will.
	p, err := plan.Decode(w.Encoded)
	if err != nil {
		return nil, err
	}
	state, err := engine.Apply(engine.New(p), e)
	if err != nil {
		return nil, err
	}
	run, lines, err := st.Create(id, files, body)
	if err != nil {
		return nil, err
	}
	reader, err := st.Reader(id)
	if err != nil {
		_ = run.Close()
		return nil, err
	}
	return &trip{
		a: a, run: run, env: w.Environment, early: []observed{{e, lines[0], state}},
		r: &reading{Reader: reader, files: files, state: state, seen: map[string]bool{}},
	}, nil
}

func newResumeCmd(a *app, run func(ctx context.Context, prefix string, wait bool) error) *cobra.Command {
	if run == nil {
		run = a.resume
	}
	var wait bool
	cmd := a.command(spec{
		use:   "resume RUN",
		group: groupRun,
		short: "Go on with a run that was interrupted, paused or waits",
		long: `Go on with a run that was interrupted, paused, left by a crash, or that waited
for people who have answered since. What was done is not done again. If a step
was cut off half-way, its target is asked what is so; if nobody can tell, the
step's outcome is unknown and irctl resolve decides it.`,
		example: `
  irctl resume 01JZ
  irctl resume 01JZ --wait -o json`,
		exits: runExits,
		args:  nargs(1, 1),
		run: func(cmd *cobra.Command, args []string) error {
			return run(cmd.Context(), args[0], wait)
		},
	})
	cmd.Flags().BoolVar(&wait, "wait", false, "stay while only people can move the run on")
	cmd.ValidArgsFunction = a.completeRuns
	return cmd
}

// resume drives a run on.
func (a *app) resume(ctx context.Context, prefix string, wait bool) error {
	id, err := a.store().Find(prefix)
	if err != nil {
		return err
	}
	t, err := a.take(ctx, id)
	if isLocked(err) {
		return a.continueLive(ctx, id, err)
	}
	if err != nil {
		return err
	}
	defer t.close()
	if !t.r.state.EndedAt().IsZero() {
		return a.alreadyOver(t)
	}
	if err := t.append(event.Event{Time: a.Now().UTC(), By: a.actor(""), Body: event.RunResumed{Irctl: Version()}}); err != nil {
		return err
	}
	if t.r.state.Paused() {
		if err := t.append(event.Event{Time: a.Now().UTC(), By: a.actor(""), Body: event.RunContinued{}}); err != nil {
			return err
		}
	}
	return t.drive(ctx, wait)
}

// continueLive ends the pause of a run that another process drives. A run
// that is not paused is that process's alone: locked says whose.
func (a *app) continueLive(ctx context.Context, id string, locked error) error {
	r, err := a.readRun(id)
	if err != nil {
		return err
	}
	if !r.state.Paused() {
		return locked
	}
	body := event.RunContinued{}
	if err := a.ask(ctx, id, event.Event{Time: a.utc(), By: a.actor(""), Body: body}); err != nil {
		return err
	}
	return a.tell(id, word{body: body, said: "The pause is over; the process that drives the run goes on."}, true)
}

// alreadyOver says how a run ended that somebody wanted to resume.
func (a *app) alreadyOver(t *trip) error {
	status, err := a.status(t.r)
	if err != nil {
		return err
	}
	if !a.json() {
		_ = a.print().Note(fmt.Sprintf("Run %s has ended: %s. There is nothing to resume.", t.run.ID(), t.r.state.Status()))
		_ = a.print().Next(append([]string{projection.Command("status", t.run.ID())}, status.Next...)...)
	}
	return end(exitOfRun(t.r.state))
}
