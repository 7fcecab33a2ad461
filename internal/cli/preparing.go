package cli

import (
	"errors"
	"maps"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/store"
)

// runOptions is what run and plan were asked for.
type runOptions struct {
	runbook string
	given   []string // NAME=VALUE
	file    string   // of inputs, "-" for standard input, "" for none
	part    library.Part
	out     string // file for the plan, "" for none
	saved   string // file of a plan that was looked at, "" for none
	yes     bool   // do not ask before something is changed
	dryRun  bool
	driveOptions

	override string // why a playbook runs although it must not
	share    request.Share
	reason   string // why
}

// inputFlags declares how inputs are given.
func (a *app) inputFlags(cmd *cobra.Command, w *runOptions) {
	cmd.Flags().StringArrayVarP(&w.given, "input", "i", nil, "an input, as `NAME=VALUE`; lists and maps as JSON, a,b,c or several times; NAME=@FILE takes it from a file; secrets as env:NAME or file:PATH")
	cmd.Flags().StringVar(&w.file, "inputs", "", "take inputs from a `file` of YAML or JSON, - is standard input; --input wins over it")
	a.completes(cmd, "input", a.completeInputs)
	cmd.Flags().StringVar(&w.part.From, "from", "", "begin at this `step`; what comes before is left out")
	cmd.Flags().StringSliceVar(&w.part.Only, "only", nil, "run these `steps` alone")
	cmd.Flags().StringSliceVar(&w.part.Tags, "tags", nil, "run the steps with one of these `tags` alone")
	cmd.Flags().StringSliceVar(&w.part.SkipTags, "skip-tags", nil, "leave the steps with one of these `tags` out")
	cmd.Flags().BoolVar(&w.part.Step, "step", false, "ask before each step that acts")
}

// prepare makes a runbook ready to run, unless something holds it back. Inputs
// that are missing or wrong are asked for on a terminal.
func (a *app) prepare(w runOptions) (*library.Prepared, error) {
	given, err := command.Cut("input", w.given)
	if err != nil {
		return nil, err
	}
	inputs, err := a.library().Inputs(w.file, a.stdin(), given)
	if err != nil {
		return nil, err
	}
	asked := library.Request{Runbook: w.runbook, Environment: a.env, Inputs: inputs.Values, Repeated: inputs.Repeated, Part: w.part}
	ready, err := a.library().Prepare(asked)
	for unready := new(library.Unready); errors.As(err, &unready) && a.print().Interactive() && len(unready.Unanswered()) > 0; {
		typed, lost := a.print().Fill(unready.Unanswered(), request.CheckAnswer)
		if lost != nil {
			break
		}
		for _, f := range unready.Unanswered() {
			delete(asked.Inputs, f.Name)
		}
		maps.Copy(asked.Inputs, typed)
		asked.Repeated = nil
		ready, err = a.library().Prepare(asked)
	}
	if err != nil {
		return nil, err
	}
	if w.override != "" && !ready.File.IsPlaybook() {
		return nil, command.Usagef("--override is for playbooks; nothing holds this runbook back")
	}
	if !w.dryRun { // a plan shows them with the rest
		for _, m := range ready.Fit.Met {
			_ = a.print().Warning(strings.TrimSuffix(m.String()+"; "+m.Do, "; "))
		}
	}
	warnings, err := a.library().Gate(ready, w.override, w.dryRun)
	for _, one := range warnings {
		_ = a.print().Warning(one)
	}
	return ready, err
}

// startOf is what a run begins with that was prepared.
func startOf(w *library.Prepared) desk.Start {
	out := desk.Start{Files: store.Files{Runbook: w.File.Source, Plan: w.Encoded}, Environment: w.Environment, Started: w.Started()}
	if w.EnvironmentFile != nil {
		out.Files.Environment = w.EnvironmentFile.Source
	}
	out.Files.Others = each.Of(w.Others, func(d *library.Document) []byte { return d.Source })
	return out
}
