package cacao

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// maxNodes is how many steps a plan may have.
const maxNodes = 100_000

// Deps is what lowering needs to know besides the playbook.
type Deps struct {
	// Spec returns what an action declares.
	Spec func(name string) (action.Spec, bool)
	// Callee finds the playbook that a playbook-action names: by id and
	// version, or the newest if version is "". from is the file that asks.
	Callee func(id, version, from string) (Callee, error)
	// Command is told every command, with the action that will run it and the
	// inputs that are to be looked at: take, and for a shell command and
	// command_b64, in which variables that nothing changes are filled in. A
	// step that is lowered several times is told as often. It may be nil.
	Command func(c *Command, action string, with action.Values)
	// Strict makes an out_arg without a binding an error, not a warning: the
	// plan is to run.
	Strict bool
}

// Callee is a playbook that another one calls.
type Callee struct {
	Playbook *Playbook
	Bindings *Bindings // nil if there are none
	Found    runbook.Diagnostics
}

// Lower makes a plan of a playbook without errors, and of all that it calls.
// The plan is nil if one of the findings is an error.
//
// Each workflow step becomes one node of the block that it stands in; one that
// needs more (several commands, variables of its own) becomes a group. A step
// that several branches share is lowered once for each. start and end steps
// are links, unless they have a delay.
//
// Variables are the plan's variables: a set node gives them their first values
// and another takes each out_arg, so that every assignment is an event. Those
// of a step are renamed, so that they hide others only inside it.
//
// A failure goes to the step's on_failure; else to that of the step whose
// branch it stands in; else to workflow_exception, after which the run ends
// as failed. Without any of these nothing in the playbook says what to do, so
// that irctl does what it does with runbooks: it waits for a person to retry,
// skip, roll back or cancel, rather than end a containment half-way.
func Lower(pb *Playbook, bindings *Bindings, d Deps) (*plan.Plan, runbook.Diagnostics) {
	l := &lowering{deps: d, plan: &plan.Plan{Version: plan.Version, Nodes: []plan.Node{}}, specs: map[string]action.Spec{}}
	p := l.plan
	p.Title, p.Description, p.Source = literal(pb.Name.Value), literal(pb.Description.Value), pb.File
	p.Runbook = slug(pb.Name.Value, "playbook")
	f := l.frame(pb, bindings, nil)
	p.Inputs = f.inputs()
	p.Entry = f.workflow(plan.None, "", nil)
	if l.found.HasErrors() {
		return nil, l.found
	}
	return p, l.found
}

// lowering holds one plan while it is made.
type lowering struct {
	deps  Deps
	found runbook.Diagnostics
	plan  *plan.Plan
	full  bool
	bytes int                    // of commands for shells
	specs map[string]action.Spec // of actions that were asked for
}

// spec returns what an action declares; zero if there is no such action.
func (l *lowering) spec(name string) action.Spec {
	if known, ok := l.specs[name]; ok {
		return known
	}
	spec, _ := l.deps.Spec(name)
	l.specs[name] = spec
	return spec
}

func (l *lowering) add(severity runbook.Severity, code string, at runbook.Span, detail, format string, args ...any) {
	if len(l.found) < maxFindings {
		l.found = append(l.found, runbook.Diagnostic{Severity: severity, Code: code, Summary: fmt.Sprintf(format, args...), Detail: detail, Span: at})
	}
}

// frame is one playbook while it is lowered: the run's own, or one call of
// another.
type frame struct {
	*lowering
	pb        *Playbook
	bindings  *Bindings
	caller    *frame
	steps     map[string]*Step
	top       *scope
	names     map[string]int    // names of nodes -> how often they were given
	variables map[varKey]string // variable of a scope -> name in the plan
	taken     map[string]bool   // names in the plan
	failure   bool              // some text reads what failed
	passed    map[string]bool   // variables that the caller gives
	written   map[string]bool   // names of variables that steps write
	handler   plan.NodeID       // what follows a failure in the main block, or None
}

type varKey struct {
	scope *scope
	name  string
}

func (l *lowering) frame(pb *Playbook, bindings *Bindings, caller *frame) *frame {
	f := &frame{
		lowering: l, pb: pb, bindings: bindings, caller: caller, steps: map[string]*Step{},
		top: pb.scope(), names: map[string]int{}, variables: map[varKey]string{}, taken: map[string]bool{},
		passed: map[string]bool{}, written: pb.written(), handler: plan.None,
	}
	for _, s := range pb.Steps {
		f.steps[s.ID.Value] = s
	}
	f.failure = pb.readsFailure()
	l.found = append(l.found, bindings.unused(pb)...)
	return f
}

// place is where a block's nodes stand.
type place struct {
	parent plan.NodeID
	block  int
	path   string // of the parent
}

// workflow lowers the main block of a playbook. Owner is the call around it.
func (f *frame) workflow(owner plan.NodeID, path string, first []plan.Assignment) plan.NodeID {
	at := place{parent: owner, path: path}
	init := append(first, f.initial(f.top, f.pb.Variables)...)
	entry := plan.None
	if len(init) > 0 {
		if entry = f.set("variables", "Set the variables", init, at); entry == plan.None {
			return plan.None
		}
	}
	if f.pb.Exception.Given() {
		f.handler = f.exception(at)
	}
	main := f.block(f.pb.Start.Value, at, &branch{scope: f.top}, f.top)
	if entry == plan.None {
		return main
	}
	f.plan.Nodes[entry].Next = main
	return entry
}

// exception lowers what follows a failure that nothing else answers: the steps
// of the exception in a group of their own, then the end of the playbook.
func (f *frame) exception(at place) plan.NodeID {
	if s := f.steps[f.pb.Exception.Value]; s.Kind == KindEnd && !s.isNode() {
		return f.failed(at)
	}
	group := f.node(f.name("exception"), plan.Group, at)
	if group == plan.None {
		return plan.None
	}
	f.plan.Nodes[group].Title = "What the playbook does when something fails"
	entry := f.block(f.pb.Exception.Value, place{group, 0, f.plan.Nodes[group].Path}, &branch{scope: f.top}, f.top)
	f.plan.Nodes[group].Blocks = []plan.Block{{Entry: entry}}
	f.plan.Nodes[group].Next = f.failed(at)
	return group
}

// failed is the end of a playbook after its exception.
func (f *frame) failed(at place) plan.NodeID {
	stop := f.node(f.name("failed"), plan.Stop, at)
	if stop != plan.None {
		n := &f.plan.Nodes[stop]
		n.StopStatus, n.Title = "failed", "End the playbook as failed"
		n.Text = plan.Of("a step failed, and the playbook's workflow_exception has been carried out")
	}
	return stop
}

// node adds a node to the plan; None if the plan is full.
func (f *frame) node(name string, kind plan.Kind, at place) plan.NodeID {
	if len(f.plan.Nodes) >= maxNodes {
		if !f.full {
			f.full = true
			f.add(runbook.Error, TooManySteps, f.pb.Start.Span, "let fewer branches share steps, or call fewer playbooks", "the plan has more than %d steps", maxNodes)
		}
		return plan.None
	}
	id := plan.NodeID(len(f.plan.Nodes))
	n := plan.Node{
		ID: id, Name: name, Kind: kind, Path: name, Parent: at.parent, Block: at.block, Next: plan.None, File: f.pb.File,
		OnFailure: plan.OnFailure{Policy: plan.FailStop, Next: plan.None},
	}
	if at.path != "" {
		n.Path = at.path + "/" + name
	}
	f.plan.Nodes = append(f.plan.Nodes, n)
	return id
}

// name makes a node's name that no other node of the playbook has.
func (f *frame) name(base string) string {
	f.names[base]++
	if n := f.names[base]; n > 1 {
		return f.name(fmt.Sprintf("%s-%d", base, n))
	}
	return base
}

// maxSlug is how long a name made of a title may be.
const maxSlug = 40

// slug makes a node's name of a text.
func slug(text, otherwise string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= maxSlug {
			break
		}
	}
	out := strings.TrimRight(strings.TrimLeft(b.String(), "0123456789-"), "-")
	return cmp.Or(out, otherwise)
}

// literal escapes what the plan would take for an expression.
func literal(text string) string { return strings.ReplaceAll(text, "${{", "$${{") }

// line is a text of one line, for a title.
func line(text string) string { return literal(action.CleanLine(text, 200)) }

// set adds a node that assigns variables.
func (f *frame) set(name, title string, values []plan.Assignment, at place) plan.NodeID {
	id := f.node(f.name(name), plan.Set, at)
	if id != plan.None {
		f.plan.Nodes[id].Set, f.plan.Nodes[id].Title = values, title
	}
	return id
}

// block lowers a row of steps from its first one on, and returns the entry.
// Steps follow each other in the order in which they are reached.
func (f *frame) block(first string, at place, in *branch, sc *scope) plan.NodeID {
	ids := map[*Step]plan.NodeID{}
	var order []*Step
	todo := []*Step{f.steps[first]}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		if _, done := ids[s]; s == nil || done || in.within(s) {
			continue
		}
		ids[s] = plan.None
		if s.isNode() {
			if ids[s] = f.step(s, at, in, sc); ids[s] == plan.None {
				return plan.None
			}
		}
		order = append(order, s)
		// What follows success comes right behind.
		var next []*Step
		for _, id := range []runbook.Text{s.OnCompletion, s.OnSuccess, s.OnFailure} {
			if to := f.steps[id.Value]; to != nil {
				next = append(next, to)
			}
		}
		todo = append(next, todo...)
	}
	resolve := func(id string) plan.NodeID { return f.resolve(id, ids) }
	for _, s := range order {
		if ids[s] != plan.None {
			f.follow(s, ids[s], at, resolve)
		}
	}
	return resolve(first)
}

// resolve returns the node that a link leads to. Steps that are mere links are
// passed over.
func (f *frame) resolve(id string, ids map[*Step]plan.NodeID) plan.NodeID {
	for range f.steps {
		s := f.steps[id]
		if s == nil {
			return plan.None
		}
		if s.isNode() {
			if node, ok := ids[s]; ok {
				return node
			}
			return plan.None
		}
		id = s.OnCompletion.Value
	}
	return plan.None
}

// isNode reports whether a step is more than a link.
func (s *Step) isNode() bool {
	return s.Kind != KindStart && s.Kind != KindEnd || s.Delay != nil && s.Delay.Value > 0
}

// follow links a step's node to what comes next.
func (f *frame) follow(s *Step, id plan.NodeID, at place, resolve func(string) plan.NodeID) {
	next := s.OnCompletion
	if s.OnSuccess.Given() {
		next = s.OnSuccess
	}
	f.plan.Nodes[id].Next = resolve(next.Value)
	switch {
	case s.OnFailure.Given():
		to := resolve(s.OnFailure.Value)
		f.plan.Nodes[id].OnFailure = plan.OnFailure{Policy: plan.FailNext, Next: f.telling(s, id, to, at)}
	case f.handler != plan.None && at.parent == f.plan.Nodes[f.handler].Parent && at.block == 0:
		f.plan.Nodes[id].OnFailure = plan.OnFailure{Policy: plan.FailNext, Next: f.telling(s, id, f.handler, at)}
	}
}
