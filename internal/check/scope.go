package check

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// scope is a place where an expression stands. It implements expr.Symbols.
type scope struct {
	c      *checker
	at     *node // nil: the end of the runbook
	self   bool  // the step's own outcome is known here
	behind bool  // the step's blocks have ended
	retry  bool  // an attempt has just failed
	awaits bool  // it is looked at again and again: what runs at the same time may come true
}

// Lookup implements expr.Symbols.
func (s scope) Lookup(name []string) (expr.Type, *expr.Miss) {
	switch name[0] {
	case "inputs":
		return s.input(name[1])
	case "vars":
		return s.variable(name[1])
	case "run":
		return oneOf("run", name[1], runFields)
	case "env":
		return expr.String, nil
	case "steps":
		return s.step(name)
	case "error", "attempt":
		return s.attempt(name)
	}
	return s.loop(name[0])
}

var runFields = map[string]expr.Type{
	"id": expr.String, "runbook": expr.String, "started": expr.Time, "environment": expr.String, "user": expr.String,
}

var errorFields = map[string]expr.Type{"message": expr.String, "timeout": expr.Bool, "doubt": expr.Bool}

var UnknownName = codes.Error("IR0214", "a name in an expression means nothing",
	"It would have no value. Check the spelling, or declare it.")

// missed says of a segment of a name what is wrong with it.
func missed(code *finding.Code, segment int, message, hint string) (expr.Type, *expr.Miss) {
	return expr.Type{}, &expr.Miss{Rule: code.ID, Segment: segment, Message: message, Hint: hint}
}

// misspelt is missed for a name among known ones.
func misspelt(code *finding.Code, segment int, message, name string, known []string, hint string) (expr.Type, *expr.Miss) {
	_, miss := missed(code, segment, message, meant(name, known, hint))
	miss.Meant = suggest.Only(name, known[:min(len(known), maxKnown)])
	return expr.Type{}, miss
}

func oneOf(root, name string, fields map[string]expr.Type) (expr.Type, *expr.Miss) {
	if t, ok := fields[name]; ok {
		return t, nil
	}
	known := slices.Sorted(maps.Keys(fields))
	return misspelt(UnknownName, 1, "there is no `"+root+"."+name+"`", name, known, "known are "+list(known))
}

func (s scope) input(name string) (expr.Type, *expr.Miss) {
	if in, ok := s.c.inputs[name]; ok {
		s.c.used[name] = true
		return inputType(in), nil
	}
	if near := suggest.Near(name, s.c.names[:min(len(s.c.names), maxKnown)]); near != "" {
		s.c.used[near] = true
	}
	return misspelt(UnknownName, 1, "the runbook has no input `"+name+"`", name, s.c.names, "declare it under `inputs`")
}

var UnknownVariable = codes.Error("IR0230", "a variable is never set before it is read",
	"It would have no value. Add a set step before.")

func (s scope) variable(name string) (expr.Type, *expr.Miss) {
	v := s.c.vars[name]
	if v == nil {
		return misspelt(UnknownVariable, 1, "no step sets the variable `"+name+"`", name, s.c.sortedVars(), "set it in a `set` step before")
	}
	if !v.setBefore(s.at, s.behind) && !v.setAround(s.at) {
		return missed(UnknownVariable, 1, "the variable `"+name+"` is not set yet here",
			"the step `"+v.steps[0].step.ID.Value+"` sets it; move it before this one")
	}
	return v.valueType(), nil
}

var CannotHaveRun = codes.Error("IR0217", "an expression refers to a step that cannot have run yet",
	"It would never have a value. Move the step before, or refer to another one.")

func (s scope) step(name []string) (expr.Type, *expr.Miss) {
	id := name[1]
	n, ok := s.c.byID[id]
	if !ok {
		return misspelt(UnknownName, 1, "there is no step `"+id+"`", id, s.c.sortedIDs(), "steps are named by their `id`")
	}
	if n == s.at && !s.self && !s.behind && !n.block.again(n.pos, n.pos) {
		return missed(CannotHaveRun, 1, "the step `"+id+"` cannot refer to itself here: it has not run yet",
			"its own outcome is known in `retry.when`, `verify`, `fallback` and `undo`")
	}
	if n != s.at {
		if why := precedes(s.at, s.behind, n); why != "" && !s.meets(n, why, name[2]) {
			return missed(CannotHaveRun, 1, "the step `"+id+"` has no outcome here: it "+why, notYet(why, id))
		}
	}
	switch name[2] {
	case "attempts":
		return expr.Int, nil
	case "timed_out":
		return expr.Bool, nil
	case "outputs":
		if len(name) == 3 {
			return expr.Type{Of: action.Map}, nil
		}
		return s.output(n, name[3])
	case "evidence":
		return evidence(n, name[3])
	}
	return expr.String, nil
}

// evidence is the path of a file that a person hands in.
func evidence(n *node, name string) (expr.Type, *expr.Miss) {
	var names []string
	for _, f := range n.step.Evidence {
		if names = append(names, f.Name.Value); f.Name.Value == name {
			return expr.String, nil
		}
	}
	hint := "declare it there, `evidence: {" + name + ": What the file holds}`"
	if n.step.Kind != runbook.KindManual {
		hint = "only people hand in evidence, in a `manual` step"
	}
	return misspelt(UnknownName, 3, "the step `"+n.step.ID.Value+"` asks for no evidence `"+name+"`", name, names, hint)
}

func notYet(why, id string) string {
	switch {
	case strings.Contains(why, "is inside it"), strings.Contains(why, "cleans up"):
		return "refer to a step inside it that comes before"
	case strings.Contains(why, "inside the loop"):
		return "give the loop `outputs`, which become lists with an entry for each pass"
	case strings.Contains(why, "inside this loop"):
		return "keep the value in a variable: `set` it inside the loop and read `vars.NAME`"
	case strings.Contains(why, sameTime):
		return "wait for it in a step before, `wait: {until: \"${{ steps." + id + ".status == 'succeeded' }}\"}`, or move it before the parallel step"
	case strings.Contains(why, "another branch"):
		return "move `" + id + "` before the choice"
	}
	return "move it before this step"
}

var OutputNeverDeclared = codes.Error("IR0231", "an output is not declared",
	"It would never have a value. Check the spelling; see the step's action with `irctl action show`.")

func (s scope) output(n *node, name string) (expr.Type, *expr.Miss) {
	if n.outputs == nil || n.outputs.open {
		return expr.Any, nil
	}
	if t, ok := n.outputs.types[name]; ok {
		return t, nil
	}
	hint := "it has no outputs"
	if len(n.outputs.names) > 0 {
		hint = "its outputs are " + list(n.outputs.names)
	}
	return misspelt(OutputNeverDeclared, 3, "the step `"+n.step.ID.Value+"` has no output `"+name+"`", name, n.outputs.names, hint)
}

func (s scope) attempt(name []string) (expr.Type, *expr.Miss) {
	if !s.retry {
		return missed(UnknownName, 0, "`"+strings.Join(name, ".")+"` means something only in `retry.when`",
			"elsewhere write `steps.ID.error` or `steps.ID.attempts`")
	}
	if name[0] == "attempt" {
		return expr.Int, nil
	}
	return oneOf("error", name[1], errorFields)
}

func (s scope) loop(name string) (expr.Type, *expr.Miss) {
	var known []string
	for at := s.at; at != nil; at = at.parent() {
		if at.step.Kind != runbook.KindForEach || at == s.at && !s.behind {
			continue
		}
		as := LoopVariable(at.step)
		switch name {
		case as:
			return s.c.itemType(at), nil
		case as + "_index":
			return expr.Int, nil
		case as + "_key":
			return expr.String, nil
		}
		known = append(known, as, as+"_index", as+"_key")
	}
	_, isInput := s.c.inputs[name]
	_, isStep := s.c.byID[name]
	all := append(known, "inputs", "steps", "vars", "run", "env")
	hint := suggest.DidYouMean(name, all)
	meant := suggest.Only(name, all)
	switch {
	case isInput:
		hint, meant = suggest.Meant("inputs."+name), "inputs."+name
	case isStep:
		hint, meant = suggest.Meant("steps."+name+".status"), ""
	case len(known) > 0 && slices.Contains(itemWords, name):
		hint, meant = "the element of the loop is called `"+known[0]+"` here", ""
		if len(known) == 3 { // one loop
			meant = known[0]
		}
	case hint != "":
	case len(known) > 0:
		hint = "the element of the loop is called `" + known[0] + "`; a text stands in quotes: `'" + name + "'`"
	default:
		hint = "a text stands in quotes: `'" + name + "'`"
	}
	_, miss := missed(UnknownName, 0, "`"+name+"` means nothing here", hint)
	miss.Meant = meant
	return expr.Type{}, miss
}

// itemWords are what other tools call the element of a loop.
var itemWords = []string{"item", "it", "each", "element", "elem", "value", "this"}

// LoopVariable returns the name of a loop's item in expressions.
func LoopVariable(s *runbook.Step) string {
	if s.As.Value == "" {
		return "item"
	}
	return s.As.Value
}

// sortedIDs and sortedVars are the names of all steps and variables. They are
// asked for with each name that is not known, and sorted once.
func (c *checker) sortedIDs() []string {
	if c.ids == nil {
		c.ids = slices.Sorted(maps.Keys(c.byID))
	}
	return c.ids
}

func (c *checker) sortedVars() []string {
	if c.varNames == nil {
		c.varNames = slices.Sorted(maps.Keys(c.vars))
	}
	return c.varNames
}

// maxKnown is among how many names one is looked for that may be meant.
const maxKnown = 500

// meant is a suggestion, or else the other hint.
func meant(word string, known []string, other string) string {
	known = known[:min(len(known), maxKnown)]
	return cmp.Or(suggest.DidYouMean(word, known), other)
}

// maxListed is how many names a message lists.
const maxListed = 30

func list(names []string) string {
	if more := len(names) - maxListed; more > 0 {
		return "`" + strings.Join(names[:maxListed], "`, `") + "` and " + strconv.Itoa(more) + " more"
	}
	return "`" + strings.Join(names, "`, `") + "`"
}
