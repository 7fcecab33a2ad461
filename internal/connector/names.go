package connector

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
)

var actionName = pattern.Late(`^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$`)

// names are all names of a connector, checked before: anything is in them.
type names struct{}

// Lookup implements expr.Symbols.
func (names) Lookup([]string) (expr.Type, *expr.Miss) { return expr.Any, nil }

// Qualified implements expr.Qualified.
func (names) Qualified(root string) bool {
	return slices.Contains([]string{"config", "record", "new"}, root)
}

// ofRun is what a connector may ask of the run.
var ofRun = []string{"id", "key", "runbook", "started"}

// scope is which names an expression of a connector may mention.
type scope struct {
	names
	config, inputs []action.Field
	record         []string // what is kept
	plain          []string // results, and what else has a name of one word
	anyInput       bool     // the inputs are not known
	password       bool     // there is a new one
}

// Lookup implements expr.Symbols.
func (s scope) Lookup(path []string) (expr.Type, *expr.Miss) {
	missing := func(segment int, known []string, what string) (expr.Type, *expr.Miss) {
		slices.Sort(known)
		return expr.Any, &expr.Miss{
			Segment: segment, Message: what, Meant: suggest.Only(path[segment], known),
			Hint: cmp.Or(suggest.DidYouMean(path[segment], known), "known here: "+strings.Join(known, ", ")),
		}
	}
	of := func(fields []action.Field) (expr.Type, *expr.Miss) {
		known := map[string]action.Field{}
		for _, f := range fields {
			known[f.Name] = f
		}
		if f, ok := known[path[1]]; ok {
			return expr.Type{Of: f.Type, Items: f.Items}, nil
		}
		return missing(1, slices.Collect(maps.Keys(known)), "`"+path[0]+"` has no `"+path[1]+"`")
	}
	switch path[0] {
	case "config":
		return of(s.config)
	case "inputs":
		if s.anyInput {
			return expr.Any, nil
		}
		return of(s.inputs)
	case "record":
		if slices.Contains(s.record, path[1]) {
			return expr.Any, nil
		}
		return missing(1, slices.Clone(s.record), "`keep` has no `"+path[1]+"`")
	case "new":
		if s.password && path[1] == "password" {
			return expr.String, nil
		}
		return missing(1, []string{"password"}, "only `new.password` is there, and only in credentials.rotate")
	case "run":
		switch {
		case path[1] == "started":
			return expr.Time, nil
		case slices.Contains(ofRun, path[1]):
			return expr.String, nil
		}
		return missing(1, slices.Clone(ofRun), "a connector knows no `run."+path[1]+"`")
	}
	if len(path) == 1 && slices.Contains(s.plain, path[0]) {
		return expr.Any, nil
	}
	known := append(slices.Clone(s.plain), "config", "inputs", "record", "run")
	return missing(0, known, "`"+path[0]+"` is no name here")
}

// with is the scope with more names of one word.
func (s scope) with(more ...string) scope {
	s.plain = slices.Concat(s.plain, more)
	return s
}
