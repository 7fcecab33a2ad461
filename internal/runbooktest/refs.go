package runbooktest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// ref is a step as a test names it: every instance of a node, or one.
type ref struct {
	text     string
	node     plan.NodeID
	instance string // its path, with the keys of loops; "" is every instance
}

// fits reports whether a step of a run is meant.
func (r ref) fits(path string, node plan.NodeID) bool {
	return r.node == node && (r.instance == "" || r.instance == path)
}

// index finds the nodes that names mean.
type index struct {
	plan   *plan.Plan
	byPath map[string]plan.NodeID
	byName map[string][]plan.NodeID
}

func newIndex(p *plan.Plan) *index {
	ix := &index{p, map[string]plan.NodeID{}, map[string][]plan.NodeID{}}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		ix.byPath[n.Path] = n.ID
		ix.byName[n.Name] = append(ix.byName[n.Name], n.ID)
	}
	return ix
}

// keys are what a run adds to a path: the item of a loop, the number of a visit.
var keys = pattern.Late(`\[[^\]/]*\]|#[0-9]+`)

var UnknownStep = codes.Error("IR0501", "a test names a step that is not there",
	"A step is named by its id or its path (contain/email), with the keys of loops for one pass alone (lock-out[alice]/sessions). Tests go with their runbook: when a step gets another id, so do its tests.")

var AmbiguousStep = codes.Error("IR0502", "an id means several steps",
	"Steps of different runbooks may have the same id. Name the step by its path.")

// find returns the step that a text means. It is named by its path, with the
// keys of loops or without them, or by its id if no other step has the same.
func (ix *index) find(d *language.Decoder, t runbook.Text) (ref, bool) {
	if !t.Given() {
		return ref{}, false
	}
	bare := keys().ReplaceAllString(t.Value, "")
	r := ref{text: t.Value}
	if id, ok := ix.byPath[bare]; ok {
		r.node = id
		if bare != t.Value {
			r.instance = t.Value
		}
		return r, true
	}
	switch ids := ix.byName[bare]; {
	case len(ids) == 1 && bare == t.Value:
		r.node = ids[0]
		return r, true
	case len(ids) == 1:
		d.Report(UnknownStep, t.Span, "write its whole path: `"+ix.plan.Node(ids[0]).Path+"` with the keys in it", "%q names one pass of a loop by an id alone", t.Value)
	case len(ids) > 1:
		paths := each.Of(ids, func(id plan.NodeID) string { return "`" + ix.plan.Node(id).Path + "`" })
		d.Report(AmbiguousStep, t.Span, "write the path: "+strings.Join(paths, " or "), "%d steps are called %q", len(ids), bare)
	default:
		d.Report(UnknownStep, t.Span, meant(bare, ix.names()), "the runbook has no step %q", t.Value)
	}
	return ref{}, false
}

// names lists the ids and paths of all steps.
func (ix *index) names() []string {
	var out []string
	for i := range ix.plan.Nodes {
		n := &ix.plan.Nodes[i]
		out = append(out, n.Path)
		if n.Name != n.Path && len(ix.byName[n.Name]) == 1 {
			out = append(out, n.Name)
		}
	}
	return out
}

// actions lists the actions that the steps use, sorted.
func (ix *index) actions() []string {
	var out []string
	for i := range ix.plan.Nodes {
		n := &ix.plan.Nodes[i]
		for _, use := range []*plan.Use{n.Action, n.Undo, n.Verify} {
			if use != nil {
				out = append(out, use.Action)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// meant is what to do about a name that means nothing.
func meant(name string, known []string) string {
	if hint := suggest.DidYouMean(name, known); hint != "" {
		return hint
	}
	if len(known) == 0 {
		return "there are none"
	}
	shown := known[:min(len(known), 8)]
	more := ""
	if len(known) > len(shown) {
		more = fmt.Sprintf(" and %d more", len(known)-len(shown))
	}
	return "known here: " + strings.Join(shown, ", ") + more
}
