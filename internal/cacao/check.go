package cacao

import (
	"cmp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
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
	for _, t := range []Time{pb.Created, pb.Modified, pb.ValidFrom, pb.ValidUntil} {
		if t.Given() && t.At.IsZero() {
			c.report(BadTime, t.Span, "", "there is no such day: %q", short(t.Value))
		}
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

// identifiers reports UUIDs that stand for two objects, and identifiers that
// are not as those of their objects should be.
func (c *checker) identifiers() {
	seen := map[string]runbook.Text{}
	own := func(t runbook.Text) (kind, uuid string) {
		if !identifier().MatchString(t.Value) {
			return "", ""
		}
		kind, uuid, _ = strings.Cut(t.Value, "--")
		uuid = strings.ToLower(uuid)
		if before, twice := seen[uuid]; twice && before.Value != t.Value {
			c.report(SameUUID, t.Span, "give it a UUID of its own", "the UUID of %s is that of %s already", kind, before.Value)
		}
		seen[uuid] = t
		return kind, uuid
	}
	own(c.pb.ID)
	for _, s := range c.pb.Steps {
		kind, uuid := own(s.ID)
		if kind != "" && uuid[14] != '4' {
			c.report(OddIdentifier, s.ID.Span, "", "the UUID of a step must be of version 4, and this is of version %c", uuid[14])
		}
		if kind != "" && kind != string(s.Kind) && s.Kind.known() {
			c.report(BadIdentifier, s.ID.Span, "begin it with "+string(s.Kind)+"--", "the identifier of a step begins with its type, and this step is of type %q", s.Kind)
		}
	}
	both := map[string]bool{} // one system may be agent and target
	for _, a := range slices.Concat(c.pb.Agents, c.pb.Targets) {
		if !both[a.ID.Value] {
			own(a.ID)
		}
		both[a.ID.Value] = true
		c.typed(a.ID, a.Tree, "group individual organization sector location security-category http-api linux ssh net-address")
	}
	for _, p := range slices.Concat(c.pb.Authentications, c.pb.MarkingDefs) {
		own(p.Key)
		c.typed(p.Key, p.Value, "http-basic user-auth oauth2 marking-tlp marking-iep marking-statement")
	}
}

// typed reports a definition whose identifier begins with another type than its
// own: the standard decides by the identifier what it is.
func (c *checker) typed(id runbook.Text, v *runbook.Value, standard string) {
	prefix, _, ok := strings.Cut(id.Value, "--")
	kind := v.Get("type")
	if !ok || kind == nil || kind.Kind != runbook.StringValue || prefix == kind.Text {
		return
	}
	code := OddIdentifier
	if slices.Contains(strings.Fields(standard), prefix) {
		code = BadIdentifier
	}
	c.report(code, id.Span, "begin it with "+short(kind.Text)+"--", "the identifier begins with %s, and this is of type %q", short(prefix), short(kind.Text))
}

// known reports whether the standard has steps of the type.
func (k StepKind) known() bool {
	return slices.Contains([]StepKind{KindStart, KindEnd, KindAction, KindPlaybook, KindParallel, KindIf, KindWhile, KindSwitch}, k)
}

var NoMinimum = codes.Error("IR0740", "workflow without start, action or end",
	"A workflow has at least a start step, an action or playbook-action step, and an end step.")

func (c *checker) minimum() {
	has := map[StepKind]bool{}
	for _, s := range c.pb.Steps {
		has[s.Kind] = true
	}
	flow := of(c.pb.Tree, "workflow", runbook.MapValue)
	if flow == nil {
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
	next, success := s.Successors(), given(s.OnSuccess, s.OnFailure)
	switch {
	case s.Kind == KindEnd:
		for _, id := range next {
			c.report(Contradiction, id.Span, "an end step ends its branch or the playbook", "nothing can follow an end step")
		}
	case s.Kind == KindStart && len(success) > 0:
		c.report(Contradiction, success[0].Span, "write on_completion", "a start step has neither on_success nor on_failure")
	case s.OnCompletion.Given() && len(success) > 0:
		c.report(Contradiction, success[0].Span, "keep on_completion, or on_success with on_failure", "on_completion excludes on_success and on_failure")
	case s.OnFailure.Given() && !s.OnSuccess.Given():
		c.report(NoContinuation, s.ID.Span, "add \"on_success\"", "%s says what follows its failure, but not what follows its success", s.Label())
	case len(next) == 0 && s.Tree.Get("on_completion") == nil && s.Tree.Get("on_success") == nil: // else it has been told
		c.report(NoContinuation, s.ID.Span, "add \"on_completion\"; a branch ends at an end step", "%s does not say what follows it", s.Label())
	}
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
		ids := each.Of(c.pb.Steps, func(s *Step) string { return s.ID.Value })
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
	return slices.ContainsFunc(in, func(b *branch) bool {
		return slices.ContainsFunc(in, func(other *branch) bool { return b.outer.within(other.owner) })
	})
}

var CircularMarking = codes.Error("IR0719", "data markings that mark each other",
	"A data marking cannot be marked, even over others, by itself.")

// markings checks that markings are defined and mark no marking in a circle.
func (c *checker) markings() {
	marks := map[string][]runbook.Text{}
	all := slices.Clone(c.pb.Markings)
	for _, p := range c.pb.MarkingDefs {
		marks[p.Key.Value] = texts(p.Value, "markings")
		all = append(all, marks[p.Key.Value]...)
		if id := text(p.Value, "id"); id.Given() && id.Value != p.Key.Value {
			c.report(BadIdentifier, id.Span, "", "the identifier differs from the key %s", short(p.Key.Value))
		}
	}
	for _, id := range all {
		if _, defined := marks[id.Value]; !defined {
			c.report(UndefinedActor, id.Span, "define it in data_marking_definitions", "there is no data marking %s", short(id.Value))
		}
	}
	for _, p := range c.pb.MarkingDefs {
		for _, id := range marks[p.Key.Value] {
			for todo, seen := []runbook.Text{id}, map[string]bool{}; len(todo) > 0; todo = todo[1:] {
				if todo[0].Value == p.Key.Value {
					c.report(CircularMarking, id.Span, "", "the data marking marks itself")
					break
				}
				if !seen[todo[0].Value] {
					seen[todo[0].Value] = true
					todo = append(todo, marks[todo[0].Value]...)
				}
			}
		}
	}
}
