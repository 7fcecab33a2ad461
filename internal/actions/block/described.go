package block

import (
	"context"
	"maps"

	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// system is whatever can block: a firewall's console, a proxy, an endpoint agent.
func system() described.System {
	return described.System{
		Noun: "the values", Plural: true,
		Inputs: []action.Field{{Name: "values", Type: action.List}, {Name: "reason", Type: action.String}},
		Verbs: []described.Verb{
			{Name: "add", State: "blocked", Summary: "block {values}"},
			{Name: "remove", State: "unblocked", Summary: "no longer block {values}"},
		},
	}
}

// inDescribed has a described system given the values in their one way to write
// them, and none that nobody can have meant.
func inDescribed(add bool) []kind.Kind {
	verb := "remove"
	if add {
		verb = "add"
	}
	s := system()
	return each.Of(s.Targets(), func(t action.TargetType) kind.Kind {
		k := s.Change(t, verb, nil)
		open := k.Open
		k.Inputs = inputs(add, t.Name)
		k.Open = func(ctx context.Context, req action.Request) (kind.Work, error) {
			values, problems := readAll(req.With.Strings("values"))
			if len(problems) > 0 {
				return nil, mistaken(problems[0])
			}
			if add && !req.With.Bool("override") {
				ours, err := ourselves(ctx, nil)
				if err == nil {
					err = guard(values, ours)
				}
				if err != nil {
					return nil, err
				}
			}
			req.With = maps.Clone(req.With)
			req.With["values"] = texts(values)
			return open(ctx, req)
		}
		return k
	})
}
