package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// runOptions is what run and plan were asked for.
type runOptions struct {
	runbook string
	inputs  map[string]string
	dryRun  bool
	driveOptions

	override string // why a playbook runs although it must not
	share    desk.Share
	reason   string // why
}

func inputFlag(cmd *cobra.Command, inputs *[]string, complete cobra.CompletionFunc) {
	cmd.Flags().StringArrayVarP(inputs, "input", "i", nil, "an input, as `NAME=VALUE`; lists and maps as JSON or a,b,c; secrets as env:NAME or file:PATH")
	_ = cmd.RegisterFlagCompletionFunc("input", complete)
}

// prepare makes a runbook ready to run, unless something holds it back.
func (a *app) prepare(w runOptions) (*library.Prepared, error) {
	ready, err := a.library().Prepare(library.Request{Runbook: w.runbook, Environment: a.env, Inputs: w.inputs})
	if err != nil {
		return nil, err
	}
	if w.override != "" && !ready.File.IsPlaybook() {
		return nil, usagef("--override is for playbooks; nothing holds this runbook back")
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
	out := desk.Start{
		Files: store.Files{Runbook: w.File.Source, Plan: w.Encoded}, Environment: w.Environment,
		Started: event.RunStarted{
			Runbook: w.Plan.Runbook, Title: w.Plan.Title, Source: w.File.Path, Digest: w.File.Digest,
			Inputs: w.Inputs, SecretRefs: w.Secrets, Override: w.Override, Overrode: w.Overrode, Signatures: w.Signatures,
		},
	}
	if w.EnvironmentFile != nil {
		out.Files.Environment = w.EnvironmentFile.Source
		out.Started.Environment, out.Started.EnvDigest, out.Started.EnvSource = w.Environment.Name(), w.EnvironmentFile.Digest, w.EnvironmentFile.File
	}
	for _, d := range w.Others {
		out.Files.Others = append(out.Files.Others, d.Source)
		out.Started.Documents = append(out.Started.Documents, event.Document{Source: d.Path, Digest: d.Digest})
	}
	return out
}

// runCommand is the command that runs what was previewed.
func runCommand(w *library.Prepared) string {
	args := []string{"run", w.File.Name}
	if w.Asked.Environment != "" {
		args = append(args, "--env", w.Asked.Environment)
	}
	for _, f := range w.Plan.Inputs {
		if text, ok := w.Asked.Inputs[f.Name]; ok {
			args = append(args, "--input", f.Name+"="+text)
		}
	}
	return projection.Command(args...)
}
