package cli

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

func newTargetTypesCmd(a *app, run func(name string) error) *cobra.Command {
	cmd := a.command(spec{
		use:   "types [TYPE]",
		short: "Describe the kinds of systems that actions act on",
		args:  nargs(0, 1),
		run: func(_ *cobra.Command, args []string) error {
			return run(first(args))
		},
	})
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, noFiles
		}
		var out []string
		for _, t := range a.targetTypes() {
			out = append(out, t.Name+"\t"+t.Summary)
		}
		return out, noFiles
	}
	return cmd
}

// showTypes describes one kind of system, or with "" all.
func (a *app) showTypes(name string) error {
	types := a.targetTypes()
	if name == "" {
		return a.print().TargetTypes(types)
	}
	var known []string
	for _, t := range types {
		if t.Name == name {
			return a.print().TargetTypes([]view.TypeUse{t})
		}
		known = append(known, t.Name)
	}
	return usagef("there is no target type %q", name).meant("irctl target types", name, known, known...)
}

// targetTypes lists every kind of system with the actions that act on it. A
// kind may take other fields for each action: all of them are shown.
func (a *app) targetTypes() []view.TypeUse {
	found := map[string]*view.TypeUse{}
	for _, s := range a.actions().Specs() {
		for _, t := range s.Targets {
			use := found[t.Name]
			if use == nil {
				use = &view.TypeUse{TargetType: t}
				found[t.Name] = use
			} else {
				use.Fields = merged(use.Fields, t.Fields)
			}
			use.Actions = append(use.Actions, s.Name)
		}
	}
	out := make([]view.TypeUse, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, *found[name])
	}
	return out
}

// merged adds the fields that are not there yet.
func merged(have, more []action.Field) []action.Field {
	out := slices.Clone(have)
	for _, f := range more {
		if !slices.ContainsFunc(have, func(h action.Field) bool { return h.Name == f.Name }) {
			out = append(out, f)
		}
	}
	return out
}
