package cli

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

func newTargetTypesCmd(a *app, run func(names []string) error) *cobra.Command {
	cmd := a.command(spec{
		use:   "types [TYPE] [NOUN] [FIELD]",
		short: "Describe the kinds of systems that actions act on",
		args:  nargs(0, 3),
		run:   func(_ *cobra.Command, args []string) error { return run(args) },
	})
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		var out []string
		if len(args) == 0 {
			for _, t := range a.targetTypes("", "") {
				out = append(out, t.Name+"\t"+t.Summary)
			}
		} else if types := a.targetTypes(args[0], strings.Join(args[1:], "")); len(types) == 1 && len(args) == 1 {
			out = nounsOf(types[0].Actions)
		} else if len(types) == 1 {
			for _, f := range types[0].Fields {
				out = append(out, f.Name+"\t"+f.Description)
			}
		}
		return out, noFiles
	}
	return cmd
}

// showTypes describes all kinds of systems; or one, for actions about a noun, or
// one field of that.
func (a *app) showTypes(names []string) error {
	all, names := a.targetTypes("", ""), append(slices.Clone(names), "", "", "")
	name, noun, field := names[0], names[1], names[2]
	if name == "" {
		return a.print().TargetTypes(all)
	}
	found := a.targetTypes(name, noun)
	switch {
	case len(found) == 0 && noun != "" && len(a.targetTypes(name, "")) > 0:
		known := nounsOf(a.targetTypes(name, "")[0].Actions)
		return usagef("no action about %q acts on a target of type %s", noun, name).meant("irctl target types "+name, noun, known, known...)
	case len(found) == 0:
		known := named(all, func(t view.TypeUse) string { return t.Name })
		return usagef("there is no target type %q", name).meant("irctl target types", name, known, known...)
	case field == "":
		if nouns := nounsOf(found[0].Actions); noun == "" && len(nouns) > 1 && !a.json() {
			a.common(&found[0], nouns)
		}
		return a.print().TargetTypes(found)
	}
	i := slices.IndexFunc(found[0].Fields, func(f action.Field) bool { return f.Name == field })
	if i < 0 {
		known := named(found[0].Fields, func(f action.Field) string { return f.Name })
		return usagef("a target of type %s has no field %q", name, field).meant("irctl target types "+name+" "+noun, field, known, known...)
	}
	return a.print().Field(found[0].Fields[i])
}

// common leaves those fields of a kind of system that it has whatever it is
// used for, and names what it has others for.
func (a *app) common(use *view.TypeUse, nouns []string) {
	all := len(use.Fields)
	for _, noun := range nouns {
		of := a.targetTypes(use.Name, noun)[0].Fields
		use.Fields = slices.DeleteFunc(use.Fields, func(f action.Field) bool {
			return !slices.ContainsFunc(of, func(o action.Field) bool { return o.Name == f.Name })
		})
	}
	if len(use.Fields) < all {
		use.Nouns = nouns
	}
}

func nounsOf(actions []string) []string { return slices.Compact(named(actions, action.Noun)) }

func named[T any](all []T, name func(T) string) []string {
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = name(one)
	}
	return out
}

// targetTypes lists the kinds of systems with the actions that act on them: of
// this name and for actions about this noun, "" is any. A kind may take other
// fields for each action: all of them are shown.
func (a *app) targetTypes(name, noun string) []view.TypeUse {
	found := map[string]*view.TypeUse{}
	for _, s := range a.actions().Specs() {
		for _, t := range s.Targets {
			if name != "" && t.Name != name || noun != "" && action.Noun(s.Name) != noun {
				continue
			}
			use := found[t.Name]
			if use == nil {
				use = &view.TypeUse{TargetType: t}
				found[t.Name] = use
				use.Fields = nil
			}
			for _, f := range t.Fields {
				if !slices.ContainsFunc(use.Fields, func(h action.Field) bool { return h.Name == f.Name }) {
					use.Fields = append(use.Fields, f)
				}
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
