package cacao

import (
	"cmp"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/runbook"
)

// step lowers one step, with all that stands in its branches, to one node.
func (f *frame) step(s *Step, at place, in *branch, outer *scope) plan.NodeID {
	sc := &scope{variables: s.Variables, outer: outer}
	w := &wrapped{frame: f, step: s, name: slug(s.Name.Value, string(s.Kind)+"-"+shortID(s.ID.Value)), in: in, scope: sc}
	switch s.Kind {
	case KindAction:
		f.actionParts(w)
	case KindPlaybook:
		f.callParts(w)
	case KindStart, KindEnd:
		w.part("wait", f.pause)
	default:
		w.part("do", f.owner)
	}
	return w.lower(at)
}

// shortID is enough of a step's identifier to tell it from others.
func shortID(id string) string {
	_, uuid, _ := strings.Cut(id, "--")
	return strings.ToLower(uuid[:min(8, len(uuid))])
}

// wrapped is a step on its way to one node: its parts in order, which stand in
// a group if there are several.
type wrapped struct {
	*frame
	step  *Step
	name  string
	in    *branch
	scope *scope
	parts []part
}

// part is one node of a step; as is what its name ends with if it is one of
// several.
type part struct {
	as    string
	lower func(w *wrapped, name string, at place) plan.NodeID
}

func (w *wrapped) part(as string, lower func(w *wrapped, name string, at place) plan.NodeID) {
	w.parts = append(w.parts, part{as, lower})
}

// assign is a part that gives variables values. The values are worked out when
// the parts before it have their names.
func (w *wrapped) assign(title string, values func() []plan.Assignment) {
	w.part("take", func(w *wrapped, name string, at place) plan.NodeID { return w.set(name, title, values(), at) })
}

func (w *wrapped) lower(at place) plan.NodeID {
	parts := w.parts
	if init := w.initial(w.scope, w.step.Variables); len(init) > 0 {
		parts = append([]part{{"set", func(w *wrapped, name string, at place) plan.NodeID {
			return w.set(name, "Set the variables of the step", init, at)
		}}}, parts...)
	}
	w.name = w.frame.name(w.name)
	w.names[w.name]-- // the part or the group takes it
	if len(parts) == 1 {
		id := parts[0].lower(w, w.name, at)
		w.common(id)
		return id
	}
	group := w.node(w.frame.name(w.name), plan.Group, at)
	if group == plan.None {
		return plan.None
	}
	w.common(group)
	inside, last, entry := place{group, 0, w.plan.Nodes[group].Path}, plan.None, plan.None
	for _, p := range parts {
		id := p.lower(w, w.name+"-"+p.as, inside)
		if id == plan.None {
			return plan.None
		}
		if w.plan.Nodes[id].Line == 0 {
			w.place(id, w.step.ID.Span)
		}
		if last == plan.None {
			entry = id
		} else {
			w.plan.Nodes[last].Next = id
		}
		last = id
	}
	w.plan.Nodes[group].Blocks = []plan.Block{{Entry: entry}}
	return group
}

func (f *frame) place(id plan.NodeID, at runbook.Span) {
	f.plan.Nodes[id].Line, f.plan.Nodes[id].Column = at.Start.Line, at.Start.Column
}

// common gives a step's node what any step may have.
func (w *wrapped) common(id plan.NodeID) {
	if id == plan.None {
		return
	}
	n, s := &w.plan.Nodes[id], w.step
	w.place(id, s.ID.Span)
	n.Title = cmp.Or(line(s.Name.Value), n.Title, line(s.Description.Value))
	n.Description = cmp.Or(literal(s.Description.Value), n.Description)
	n.Tags = []string{s.ID.Value}
	if owner := s.Owner.Value; owner != "" {
		n.Owner = owner
	}
	if s.Delay != nil {
		n.Delay = milliseconds(s.Delay)
	}
	if limit := w.limit(); limit.Given && n.Kind != plan.Wait {
		n.Timeout = limit
	}
}

func milliseconds(m *Milliseconds) plan.Value { return plan.Of(m.Duration().String()) }

// noLimit is longer than any run; it stands for a timeout of 0, which differs
// from one that is absent.
const noLimit = 100 * 365 * 24 * time.Hour

// limit is the step's timeout; not given if it has none of its own.
func (w *wrapped) limit() plan.Value {
	switch t := w.step.Timeout; {
	case t == nil:
		return plan.Value{}
	case t.Value == 0 && w.step.Kind == KindAction:
		return plan.Of(noLimit.String())
	case t.Value == 0:
		return plan.Value{}
	default:
		return milliseconds(t)
	}
}

// pause is a start or end step with a delay.
func (f *frame) pause(w *wrapped, name string, at place) plan.NodeID {
	id := f.node(f.name(name), plan.Wait, at)
	if id != plan.None {
		f.plan.Nodes[id].WaitFor = plan.Of("0s")
	}
	return id
}

// owner lowers a step that owns branches.
func (f *frame) owner(w *wrapped, name string, at place) plan.NodeID {
	s := w.step
	kinds := map[StepKind]plan.Kind{KindParallel: plan.Parallel, KindIf: plan.If, KindWhile: plan.While, KindSwitch: plan.Switch}
	id := f.node(f.name(name), kinds[s.Kind], at)
	if id == plan.None {
		return plan.None
	}
	f.place(id, s.ID.Span)
	switch s.Kind {
	case KindIf, KindWhile:
		f.plan.Nodes[id].Condition, _ = translate(s.Condition.Text, w.scope, func(v *Variable, in *scope) string { return f.read(v, in, v.Name.Value) })
	case KindSwitch:
		f.plan.Nodes[id].Subject = f.subject(w)
	}
	for i, entry := range s.Branches() {
		b := &branch{owner: s, entry: entry, scope: w.scope, outer: w.in}
		first := f.block(entry.Value, place{id, i, f.plan.Nodes[id].Path}, b, w.scope)
		if f.full {
			return plan.None
		}
		f.plan.Nodes[id].Blocks = append(f.plan.Nodes[id].Blocks, plan.Block{Label: f.label(s, i, entry.Value), Entry: first})
	}
	return id
}

// label is the word for a branch.
func (f *frame) label(s *Step, i int, entry string) string {
	switch s.Kind {
	case KindIf:
		return []string{"then", "else"}[i]
	case KindWhile:
		return ""
	case KindSwitch:
		switch match := s.Cases[i].Match.Value; match {
		case DefaultCase:
			return ""
		case "":
			return emptyCase
		default:
			return match
		}
	}
	to := f.steps[entry]
	return slug(to.Name.Value, string(to.Kind)+"-"+shortID(entry))
}

// emptyCase is the word for the case "", because a plan calls the default "".
const emptyCase = "(empty)"

// subject is the value of a switch. A value that is not known (null) equals no
// case.
func (f *frame) subject(w *wrapped) plan.Value {
	name := strings.TrimSuffix(w.step.Switch.Text, ":value")
	v, in := w.scope.lookup(name)
	text := f.read(v, in, name)
	for _, c := range w.step.Cases {
		if c.Match.Value == "" {
			text = text + " == '' ? '" + emptyCase + "' : " + text + " == '" + emptyCase + "' ? null : " + text
			break
		}
	}
	return plan.Of("${{ " + text + " }}")
}
