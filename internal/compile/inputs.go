package compile

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Problem is a mistake in what was given for an input.
type Problem action.Problem

// NotAnInput is the Message about a name that is not declared.
const NotAnInput = "is not an input here"

// Error implements error.
func (p Problem) Error() string {
	s := p.Input + " " + p.Message
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// Inputs types texts (of a command line, or a person's answers) by what the
// plan declares, and fills in defaults. Every problem is found at once: names
// that are not known, sorted, then the inputs in their order.
//
// A list is written as JSON or with commas, a map as JSON or a=1,b=2. A secret
// is given as a reference, env:NAME or file:PATH; references come back apart
// from the values, and no secret is ever looked up or repeated here.
func Inputs(p *plan.Plan, given map[string]string) (values, secretRefs event.Values, problems []Problem) {
	secretRefs = event.Values{}
	values, problems = typedInputs(p.Inputs, given, func(f plan.Field, text string) (any, *Problem) {
		switch {
		case !f.Secret:
			return parse(f, text)
		case !isReference(text):
			return nil, &Problem{f.Name, "is a secret, so it is given as a reference", "write " + f.Name + "=env:NAME or " + f.Name + "=file:PATH"}
		}
		secretRefs[f.Name] = text
		return nil, nil
	})
	return values, secretRefs, problems
}

// CallInputs types data that a step hands to the runbook that it runs, and
// fills in defaults. A value that is nil counts as not given; one of a secret
// input is kept as it is.
func CallInputs(fields []plan.Field, given map[string]any) (event.Values, error) {
	values, problems := typedInputs(fields, given, func(_ plan.Field, v any) (any, *Problem) { return v, nil })
	return values, errors.Join(each.Of(problems, func(p Problem) error { return p })...)
}

// typedInputs types what is given and fills in defaults. read makes data of what
// is given for a field, nil of what is not among the values.
func typedInputs[T any](fields []plan.Field, given map[string]T, read func(plan.Field, T) (any, *Problem)) (event.Values, []Problem) {
	values, names := event.Values{}, each.Of(fields, func(f plan.Field) string { return f.Name })
	var problems []Problem
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(names, name) {
			problems = append(problems, unknown(name, names))
		}
	}
	for _, f := range fields {
		what, ok := given[f.Name]
		if !ok || any(what) == nil {
			problems = append(problems, fallBack(f, values)...)
			continue
		}
		v, problem := read(f, what)
		if problem == nil && !f.Secret {
			v, problem = enforce(f, v)
		}
		switch {
		case problem != nil:
			problems = append(problems, *problem)
		case v != nil:
			values[f.Name] = data.Of(v)
		}
	}
	return values, problems
}

// fallBack gives an input its default, or reports that it is missing.
func fallBack(f plan.Field, values event.Values) []Problem {
	if f.Default != nil {
		values[f.Name] = data.Of(f.Default.Raw)
		return nil
	}
	if !f.Required {
		return nil
	}
	hint := "give it as " + f.Name + "=" + strings.ToUpper(f.Type)
	if f.Secret {
		hint = "give it as " + f.Name + "=env:NAME or " + f.Name + "=file:PATH"
	}
	if f.Description != "" {
		hint = f.Description + "; " + hint
	}
	return []Problem{{f.Name, "is required", hint}}
}

// enforce checks a value by the declaration and returns it typed.
func enforce(f plan.Field, v any) (any, *Problem) {
	out, p := coerce.One(fieldOf(f), v)
	if p != nil {
		return nil, (*Problem)(p)
	}
	var least, most any
	if f.Min != nil {
		least = f.Min.Raw
	}
	if f.Max != nil {
		most = f.Max.Raw
	}
	if why := check.OutOfBounds(action.Type(f.Type), least, most, out); why != "" {
		return nil, &Problem{Input: f.Name, Message: why}
	}
	return out, nil
}

func unknown(name string, known []string) Problem {
	hint := suggest.DidYouMean(name, known)
	switch {
	case len(known) == 0:
		hint = "there are no inputs"
	case hint == "":
		hint = "known are " + strings.Join(known, ", ")
	}
	return Problem{name, NotAnInput, hint}
}

func isReference(text string) bool {
	for _, scheme := range []string{"env:", "file:"} {
		if rest, ok := strings.CutPrefix(text, scheme); ok && rest != "" {
			return true
		}
	}
	return false
}
