package view

import (
	"maps"
	"slices"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/action"
)

// InCommon leaves those fields of a kind of system that it has whatever it is
// used for, and names what it has others for.
func (use *TypeUse) InCommon(specs []action.Spec, nouns []string) {
	all := len(use.Fields)
	for _, noun := range nouns {
		of := TargetTypesOf(specs, use.Name, noun)[0].Fields
		use.Fields = slices.DeleteFunc(use.Fields, func(f action.Field) bool {
			return !slices.ContainsFunc(of, func(o action.Field) bool { return o.Name == f.Name })
		})
	}
	if len(use.Fields) < all {
		use.Nouns = nouns
	}
}

// NounsOf are what actions are about, each once.
func NounsOf(actions []string) []string {
	out := each.Of(actions, action.Noun)
	return slices.Compact(out)
}

// TargetTypesOf lists the kinds of systems with the actions that act on them: of
// this name and for actions about this noun, "" is any. A kind may take other
// fields for each action: all of them are shown.
func TargetTypesOf(specs []action.Spec, name, noun string) []TypeUse {
	found := map[string]*TypeUse{}
	for _, s := range specs {
		for _, t := range s.Targets {
			if name != "" && t.Name != name || noun != "" && action.Noun(s.Name) != noun {
				continue
			}
			use := found[t.Name]
			if use == nil {
				use = &TypeUse{TargetType: t}
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
	out := make([]TypeUse, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, *found[name])
	}
	return out
}
