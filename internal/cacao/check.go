package cacao

import (
	"cmp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// checker finds what is wrong with a playbook as a whole. The official schemas
// see little of it.
type checker struct {
	*reader
	pb *Playbook
}

func (c *checker) all() {
	c.times()
	c.identifiers()
	c.minimum()
	for _, s := range c.pb.Steps {
		c.continuation(s)
		c.links(s)
		if s.Kind == KindAction {
			c.action(s)
		}
	}
	c.ends()
	c.graph()
	c.actors()
	c.variables()
	c.scopes()
	c.markings()
	c.summaryIsTrue()
}

var NoMilliseconds = codes.Warning("IR0745", "timestamp without milliseconds",
	"`created` and `modified` have exactly three digits behind the point, because `modified` is what tells versions of a playbook apart.")

func (c *checker) times() {
	pb := c.pb
	if pb.Created.Given() && pb.Modified.Given() && pb.Modified.At.Before(pb.Created.At) {
		c.report(BadTime, pb.Modified.Span, "a first version has the same time twice", "\"modified\" lies before \"created\"")
	}
	if pb.ValidFrom.Given() && pb.ValidUntil.Given() && !pb.ValidUntil.At.After(pb.ValidFrom.At) && !pb.Revoked {
		c.report(BadTime, pb.ValidUntil.Span, "", "\"valid_until\" does not lie behind \"valid_from\", so that the playbook is never valid")
	}
	for _, t := range []Time{pb.Created, pb.Modified} {
		if _, fraction, _ := strings.Cut(strings.TrimSuffix(t.Value, "Z"), "."); t.Given() && len(fraction) != 3 {
			c.report(NoMilliseconds, t.Span, "write three digits behind the point: "+t.At.Format("2006-01-02T15:04:05.000Z"), "this timestamp is to be given in milliseconds")
		}
	}
}

var (
	SameUUID = codes.Error("IR0736", "UUID used twice",
		"A UUID identifies one object, whatever its type.")
	OddIdentifier = codes.Warning("IR0744", "identifier that is not as the standard has it",
		"The UUIDs of steps are of version 4, and the identifier of an agent or target begins with its type. irctl takes it as it is.")
)

// identifiers reports UUIDs that stand for two objects, and steps whose UUIDs
// are not of version 4.
func (c *checker) identifiers() {
	seen := map[string]runbook.Text{}
	own := func(t runbook.Text) {
		kind, uuid, ok := strings.Cut(t.Value, "--")
		if !ok || !identifier.MatchString(t.Value) {
			return
		}
		uuid = strings.ToLower(uuid)
		if before, twice := seen[uuid]; twice && before.Value != t.Value {
			c.report(SameUUID, t.Span, "give it a UUID of its own", "the UUID of %s is that of %s already", kind, before.Value)
		}
		seen[uuid] = t
	}
	own(c.pb.ID)
	for _, s := range c.pb.Steps {
		own(s.ID)
		if _, uuid, _ := strings.Cut(s.ID.Value, "--"); identifier.MatchString(s.ID.Value) && uuid[14] != '4' {
			c.report(OddIdentifier, s.ID.Span, "", "the UUID of a step must be of version 4, and this is of version %c", uuid[14])
		}
	}
	both := map[string]bool{} // one system may be agent and target
	for _, a := range slices.Concat(c.pb.Agents, c.pb.Targets) {
		if !both[a.ID.Value] {
			own(a.ID)
		}
		both[a.ID.Value] = true
	}
	for _, a := range c.pb.Authentications {
		own(a.ID)
	}
	for _, m := range c.pb.MarkingDefs {
		own(m.ID)
	}
}

var NoMinimum = codes.Error("IR0740", "workflow without start, action or end",
	"A workflow has at least a start step, an action or playbook-action step, and an end step.")

func (c *checker) minimum() {
	has := map[StepKind]bool{}
	for _, s := range c.pb.Steps {
		has[s.Kind] = true
	}
	flow := c.pb.Tree.Get("workflow")
	if flow == nil || flow.Kind != runbook.MapValue {
		return
	}
	at := opening(flow.Span)
	for _, need := range []struct {
		ok   bool
		what string
	}{{has[KindStart], "a start step"}, {has[KindAction] || has[KindPlaybook], "an action or playbook-action step"}, {has[KindEnd], "an end step"}} {
		if !need.ok {
			c.report(NoMinimum, at, "", "the workflow lacks %s", need.what)
		}
	}
}

var (
	NoContinuation = codes.Error("IR0714", "step that leads nowhere",
		"Every step but an end step says what follows it: `on_completion`, or `on_success` and perhaps `on_failure`. A branch ends at an end step of its own.")
	Contradiction = codes.Error("IR0715", "properties that exclude each other",
		"`on_completion` excludes `on_success` and `on_failure`. A start step has `on_completion` alone, an end step none of them. A command has `command` or `command_b64`. An authentication info with `kms: true` holds no secret.")
)

// continuation checks that a step says what follows it, in one way.
func (c *checker) continuation(s *Step) {
	next := s.Successors()
	switch {
	case s.Kind == KindEnd:
		for _, id := range next {
			c.report(Contradiction, id.Span, "an end step ends its branch or the playbook", "nothing can follow an end step")
		}
	case s.Kind == KindStart && (s.OnSuccess.Given() || s.OnFailure.Given()):
		c.report(Contradiction, later(s.OnSuccess, s.OnFailure).Span, "write on_completion", "a start step has neither on_success nor on_failure")
	case s.OnCompletion.Given() && (s.OnSuccess.Given() || s.OnFailure.Given()):
		c.report(Contradiction, later(s.OnSuccess, s.OnFailure).Span, "keep on_completion, or on_success with on_failure", "on_completion excludes on_success and on_failure")
	case s.OnFailure.Given() && !s.OnSuccess.Given():
		c.report(NoContinuation, s.ID.Span, "add \"on_success\"", "%s says what follows its failure, but not what follows its success", s.Label())
	case len(next) == 0 && !s.broken("on_completion", "on_success", "on_failure"):
		c.report(NoContinuation, s.ID.Span, "add \"on_completion\"; a branch ends at an end step", "%s does not say what follows it", s.Label())
	}
}

// broken reports whether a property stands there that could not be read.
func (s *Step) broken(names ...string) bool {
	for _, n := range names {
		if s.Tree.Get(n) != nil {
			return true
		}
	}
	return false
}

func later(a, b runbook.Text) runbook.Text {
	if a.Given() {
		return a
	}
	return b
}

// Label names a step for a message.
func (s *Step) Label() string {
	if s.Name.Value != "" {
		return "the step \"" + short(s.Name.Value) + "\""
	}
	return "the step " + short(s.ID.Value)
}

var SharedEnd = codes.Warning("IR0718", "branch without an end of its own",
	"Every branch of a step ends at an end step of its own; then the step that owns the branch goes on with its own continuation. If a branch runs into steps behind its owner, irctl carries them out inside the branch and again behind it.")

// links checks that every identifier of a step is that of a step.
func (c *checker) links(s *Step) {
	for _, id := range slices.Concat(s.Successors(), s.Branches()) {
		c.link(id)
	}
	switch {
	case s.Kind == KindParallel && len(s.NextSteps) < 2:
		c.report(OutOfRange, later(textOf(s.Tree.Get("next_steps")), s.ID).Span, "a single branch needs no parallel step", "a parallel step has at least two next_steps")
	case s.Kind == KindSwitch && len(s.Cases) == 0 && !s.broken("cases"):
	case s.Kind == KindSwitch && len(s.Cases) == 0:
		c.report(EmptyCommand, s.ID.Span, "", "the switch-condition step has no cases")
	}
	seen := map[string]bool{}
	for _, id := range s.NextSteps {
		if seen[id.Value] {
			c.report(SharedEnd, id.Span, "", "two branches begin with the same step, which would be carried out twice")
		}
		seen[id.Value] = true
	}
}

var Dangling = codes.Error("IR0710", "step that is not there",
	"An identifier must be that of a step in this playbook's `workflow`; `workflow_start` must be a start step.")

func (c *checker) link(id runbook.Text) *Step {
	s := c.pb.Step(id.Value)
	switch {
	case s == nil:
		var ids []string
		for _, s := range c.pb.Steps {
			ids = append(ids, s.ID.Value)
		}
		detail := cmp.Or(suggest.DidYouMean(id.Value, ids), "add the step to the workflow, or correct the identifier")
		c.report(Dangling, id.Span, detail, "there is no step %s in the workflow", short(id.Value))
	case s.Kind == KindStart:
		c.report(Dangling, id.Span, "", "no step can lead to a start step")
	}
	return s
}

func (c *checker) ends() {
	if id := c.pb.Start; id.Given() {
		if s := c.pb.Step(id.Value); s == nil {
			c.report(Dangling, id.Span, "", "there is no step %s in the workflow", short(id.Value))
		} else if s.Kind != KindStart {
			c.report(Dangling, id.Span, "name the start step", "\"workflow_start\" must be a start step, and this is of type %q", short(string(s.Kind)))
		}
	}
	if id := c.pb.Exception; id.Given() {
		c.link(id)
	}
}

var (
	Unreachable = codes.Error("IR0716", "unreachable step",
		"Nothing in the playbook leads to the step, so it would never run.")
	LeadsBack = codes.Error("IR0726", "branch that leads back to its owner",
		"A branch ends at an end step; its owner then goes on. A branch that leads to its own owner would begin it anew inside itself, without end.")
)

// graph reports steps that nothing leads to, and branches that do not end
// where they should.
func (c *checker) graph() {
	reached := map[*Step][]*branch{}
	c.pb.walk(func(v visit) {
		reached[v.step] = append(reached[v.step], v.in)
		for _, id := range v.step.Successors() {
			if to := c.pb.Step(id.Value); to != nil && v.in.within(to) {
				c.report(LeadsBack, id.Span, "end the branch with an end step; its owner goes on by itself", "the branch leads back to %s, whose branch it is", to.Label())
			}
		}
		for _, id := range v.step.Branches() {
			if to := c.pb.Step(id.Value); to != nil && (v.in.within(to) || to == v.step) {
				c.report(LeadsBack, id.Span, "let the branch begin with a step of its own", "the branch begins with %s, whose branch it is", to.Label())
			}
		}
	})
	dangling := slices.ContainsFunc(c.found, func(d runbook.Diagnostic) bool { return d.Code == Dangling.ID || d.Code == UnknownStep.ID })
	for _, s := range c.pb.Steps {
		in := reached[s]
		switch {
		case len(in) == 0 && !dangling: // else it may be what was meant
			c.report(Unreachable, s.ID.Span, "lead to it from a step, or remove it", "nothing leads to %s", s.Label())
		case s.Kind == KindEnd && len(in) > 1:
			c.report(SharedEnd, s.ID.Span, "give every branch an end step of its own", "%s ends more than one branch", s.Label())
		case len(in) > 1 && c.runsTwice(in):
			c.report(SharedEnd, s.ID.Span, "end the branch with an end step if it is to run behind it only", "%s runs inside a branch and again behind it", s.Label())
		}
	}
}

// runsTwice reports whether a step stands in a branch and in one around it.
func (c *checker) runsTwice(in []*branch) bool {
	for _, b := range in {
		for up := b.outer; up != nil; up = up.outer {
			for _, other := range in {
				if other.owner == up.owner {
					return true
				}
			}
		}
	}
	return false
}

var CircularMarking = codes.Error("IR0719", "data markings that mark each other",
	"A data marking cannot be marked, even over others, by itself.")

// markings checks that markings are defined and mark no marking in a circle.
func (c *checker) markings() {
	byID := map[string]*Marking{}
	for _, m := range c.pb.MarkingDefs {
		byID[m.ID.Value] = m
		if id := m.Tree.Get("id"); id != nil && id.Text != m.ID.Value {
			c.report(BadIdentifier, id.Span, "", "the identifier differs from the key %s", short(m.ID.Value))
		}
	}
	all := slices.Clone(c.pb.Markings)
	for _, m := range c.pb.MarkingDefs {
		all = append(all, m.Markings...)
	}
	for _, id := range all {
		if byID[id.Value] == nil {
			c.report(UndefinedActor, id.Span, "define it in data_marking_definitions", "there is no data marking %s", short(id.Value))
		}
	}
	for _, m := range c.pb.MarkingDefs {
		for _, id := range m.Markings {
			if marks(byID, id.Value, m.ID.Value, map[string]bool{}) {
				c.report(CircularMarking, id.Span, "", "the data marking marks itself")
			}
		}
	}
}

// marks reports whether a marking leads to another over any number of steps.
func marks(byID map[string]*Marking, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	m := byID[from]
	if m == nil || seen[from] {
		return false
	}
	seen[from] = true
	for _, id := range m.Markings {
		if marks(byID, id.Value, to, seen) {
			return true
		}
	}
	return false
}
