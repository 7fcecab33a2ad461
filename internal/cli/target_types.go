package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

func newTargetTypesCmd(a *app, run command.Work) *cobra.Command {
	return command.New("types [TYPE] [NOUN] [FIELD]", "Describe the kinds of systems that actions act on", run, a.completeTypes)
}

func (a *app) completeTypes(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return each.Of(a.types("", ""), func(t view.TypeUse) string { return t.Name + "\t" + t.Summary }), noFiles
	}
	switch types := a.types(args[0], strings.Join(args[1:], "")); {
	case len(types) != 1:
		return nil, noFiles
	case len(args) == 1:
		return view.NounsOf(types[0].Actions), noFiles
	default:
		return each.Of(types[0].Fields, func(f action.Field) string { return f.Name + "\t" + f.Description }), noFiles
	}
}

// showTypes describes all kinds of systems; or one, for actions about a noun, or
// one field of that.
func (a *app) showTypes(_ context.Context, names []string) error {
	all, names := a.types("", ""), append(slices.Clone(names), "", "", "")
	name, noun, field := names[0], names[1], names[2]
	if name == "" {
		var described []string // by connectors, of which there may be many
		if !a.json() {
			all = slices.DeleteFunc(all, func(t view.TypeUse) bool {
				is := slices.ContainsFunc(a.files, func(c library.Connector) bool { return c.Name.Value == t.Name })
				if is {
					described = append(described, t.Name)
				}
				return is
			})
		}
		return a.print().TargetTypes(all, described...)
	}
	found := a.types(name, noun)
	switch {
	case len(found) == 0 && noun != "" && len(a.types(name, "")) > 0:
		known := view.NounsOf(a.types(name, "")[0].Actions)
		return command.Usagef("no action about %q acts on a target of type %s", noun, name).Meant("irctl target types "+name, noun, known, known...)
	case len(found) == 0:
		known := each.Of(all, func(t view.TypeUse) string { return t.Name })
		return command.Usagef("there is no target type %q", name).Meant("irctl target types", name, known, known...)
	case field == "":
		if nouns := view.NounsOf(found[0].Actions); noun == "" && len(nouns) > 1 && !a.json() {
			found[0].InCommon(a.actions().Specs(), nouns)
		}
		return a.print().TargetTypes(found)
	}
	i := slices.IndexFunc(found[0].Fields, func(f action.Field) bool { return f.Name == field })
	if i < 0 {
		known := each.Of(found[0].Fields, func(f action.Field) string { return f.Name })
		return command.Usagef("a target of type %s has no field %q", name, field).Meant("irctl target types "+name+" "+noun, field, known, known...)
	}
	return a.print().Field(found[0].Fields[i])
}

func (a *app) types(name, noun string) []view.TypeUse {
	return view.TargetTypesOf(a.actions().Specs(), name, noun)
}
