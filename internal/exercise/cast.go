package exercise

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// cast is the world of an exercise: players who answer, and things that do not
// work from some inject on.
type cast struct {
	c       Config
	start   time.Time
	dice    *rand.Rand
	injects []*Thrown
	faults  []*trouble
	crashes int            // attempts in which irctl is to die
	told    map[string]int // how often a step was answered after a failure
}

// trouble is a fault that has begun.
type trouble struct {
	inject *Thrown
	hits   int
	paths  []string // the steps that it hit
}

// tell looks which injects come with an event.
func (p *cast) tell(e event.Event) {
	at := e.Time.Sub(p.start)
	for _, t := range p.injects {
		switch {
		case t.Came:
		case !t.Inject.After.Given() && t.Inject.At <= at:
			p.throw(t, t.Inject.At)
		case t.Inject.After.Given() && idOf(e.Path) == t.Inject.After.Value && comes(t.When, e):
			p.throw(t, at)
		}
	}
}

func (p *cast) throw(t *Thrown, at time.Duration) {
	t.Came, t.At = true, at
	if t.Fault.How != "" {
		p.faults = append(p.faults, &trouble{inject: t})
	}
	if t.Crash {
		p.crashes++
	}
}

// comes reports whether an event of a step is the moment that is meant.
func comes(when scenario.When, e event.Event) bool {
	switch e.Body.(type) {
	case event.StepSucceeded, event.StepFailed, event.StepSkipped, event.StepCanceled, event.StepUnknown:
		return when == scenario.Ended
	case event.AttemptStarted:
		return when == scenario.Started
	case event.StepStarted:
		return when == scenario.Started || when == scenario.Waits && e.Body.(event.StepStarted).Text != ""
	case event.ApprovalAsked:
		return when == scenario.Waits || when == scenario.Started
	}
	return false
}

// idOf is the id of the step of a path: "reset" of "rotate[alice]/reset".
func idOf(path string) string {
	id := path[strings.LastIndex(path, "/")+1:]
	id, _, _ = strings.Cut(id, "[")
	id, _, _ = strings.Cut(id, "#")
	return id
}

// inOrder are the injects as they came, those that did not at the end.
func (p *cast) inOrder() []Thrown {
	var out []Thrown
	for _, t := range p.injects {
		out = append(out, *t)
	}
	slices.SortStableFunc(out, earlier)
	return out
}

// earlier orders injects as they came, those that did not at the end.
func earlier(a, b Thrown) int {
	switch {
	case a.Came != b.Came && a.Came:
		return -1
	case a.Came != b.Came:
		return 1
	}
	return cmp.Compare(a.At, b.At)
}

// Attempt implements simulate.World.
func (p *cast) Attempt(a simulate.Attempt) simulate.Outcome {
	out := simulate.Outcome{Kind: simulate.Succeeds, Takes: time.Duration(1+p.dice.IntN(20)) * time.Second}
	p.due(a.At)
	if p.crashes > 0 {
		p.crashes--
		out.Kind, out.Finds = simulate.Dies, simulate.NotDone
		return out
	}
	for _, f := range p.faults {
		fault := f.inject.Fault
		if fault.For > 0 && a.At >= f.inject.At+fault.For || fault.Times > 0 && f.hits >= fault.Times || !hits(fault, a.Path, a.Target, use(a.Node)) {
			continue
		}
		f.hits++
		if !slices.Contains(f.paths, a.Path) {
			f.paths = append(f.paths, a.Path)
		}
		return broken(fault, out)
	}
	return out
}

// due throws the injects whose time has come by now.
func (p *cast) due(at time.Duration) {
	for _, t := range p.injects {
		if !t.Came && !t.Inject.After.Given() && t.Inject.At <= at {
			p.throw(t, t.Inject.At)
		}
	}
}

// use is the name of the action that a step tries, "" if it tries none.
func use(n *plan.Node) string {
	if n.Tries() == nil {
		return ""
	}
	return n.Tries().Action
}

func hits(f scenario.Fault, path, target, action string) bool {
	switch {
	case f.Step.Given():
		return idOf(path) == f.Step.Value
	case f.Target.Given():
		return target == f.Target.Value
	}
	return action == f.Action.Value
}

// broken is how an attempt ends that a fault hits.
func broken(f scenario.Fault, out simulate.Outcome) simulate.Outcome {
	if f.Takes > 0 {
		out.Takes = f.Takes
	}
	out.Kind = simulate.Fails
	switch f.How {
	case scenario.Refuses:
		out.Message = "the exercise has it refuse"
	case scenario.Credentials:
		out.Message, out.Permanent = "the exercise has it refuse our credentials", true
	case scenario.Unreachable:
		out.Message = "the exercise has it be out of reach"
	case scenario.TimesOut:
		out.Kind = simulate.TimesOut
	case scenario.Half:
		out.Kind, out.Message, out.Finds, out.Changed = simulate.Doubtful, "the exercise cuts the answer off", simulate.CannotTell, true
	case scenario.Slow:
		out.Kind = simulate.Succeeds
	}
	return out
}

// Answer implements simulate.World.
func (p *cast) Answer(q simulate.Question) (simulate.Answer, bool) {
	p.due(q.At)
	roles := slices.Concat(q.Roles, q.Step.Escalate.To)
	who, after, ok := p.player(roles, q)
	if !ok {
		return simulate.Answer{}, false
	}
	out := simulate.Answer{After: after, By: p.by(who.Name.Value)}
	says, outputs := p.says(q)
	role := ""
	for _, r := range roles {
		if slices.ContainsFunc(who.Roles, func(has runbook.Text) bool { return has.Value == r }) {
			role = r
			break
		}
	}
	said := simulate.Said{Role: role, Comment: "somebody went and looked", Reason: "so it was played"}
	if says == "done" {
		said.Outputs = answers(q.Node, outputs, p.start.Add(q.At))
	}
	if says == "approve" || says == "reject" {
		said.Comment = ""
	}
	out.Body = q.Body(says, said)
	return out, true
}

// player is who answers a question, and how long that takes. Somebody who is
// silent for a time answers afterwards, if nobody else can.
func (p *cast) player(roles []string, q simulate.Question) (who scenario.Player, after time.Duration, ok bool) {
	players := p.c.Scenario.Players
	if len(players) == 0 {
		players = []scenario.Player{{Name: runbook.Text{Value: "player"}, Answers: 2 * time.Minute}}
		for _, r := range roles {
			players[0].Roles = append(players[0].Roles, runbook.Text{Value: r})
		}
	}
	for _, one := range players {
		may := len(roles) == 0
		var silent time.Duration
		for _, r := range one.Roles {
			may = may || slices.Contains(roles, r.Value)
			silent = max(silent, p.silence(r.Value, q.At))
		}
		answered := slices.ContainsFunc(q.Step.Approvals, func(a engine.Approval) bool { return a.By.Person == one.Name.Value })
		if !may || answered || silent == forEver {
			continue
		}
		takes := silent + one.Answers/2 + time.Duration(p.dice.Int64N(int64(one.Answers)+1))
		takes = p.later(one, q.At, takes)
		if takes < forEver && (!ok || takes < after) {
			who, after, ok = one, takes.Round(time.Second), true
		}
	}
	return who, after, ok
}

const forEver = time.Duration(math.MaxInt64)

// silence is how long nobody answers in a role from a moment on.
func (p *cast) silence(role string, at time.Duration) (out time.Duration) {
	for _, t := range p.injects {
		switch {
		case !t.Came || t.Silent.Value != role || !t.Silent.Given():
		case t.For == 0:
			return forEver
		default:
			out = max(out, t.At+t.For-at)
		}
	}
	return out
}

// later is how long an answer takes that would be given while its player is silent
// by then.
func (p *cast) later(who scenario.Player, at, takes time.Duration) time.Duration {
	for _, t := range p.injects {
		given := at + takes
		speaks := func(r runbook.Text) bool { return r.Value == t.Silent.Value }
		if t.Came || !t.Silent.Given() || t.Inject.After.Given() || !slices.ContainsFunc(who.Roles, speaks) || given < t.Inject.At {
			continue
		}
		switch until := t.Inject.At + t.For; {
		case t.For == 0:
			return forEver
		case given < until:
			takes = until - at + who.Answers/2
		}
	}
	return takes
}

// says is what is answered: what the scenario says, or what a team does that
// wants to go on.
func (p *cast) says(q simulate.Question) (says string, outputs []runbook.Pair) {
	for _, a := range p.c.Scenario.Answers {
		if a.Step.Value == idOf(q.Path) && q.Takes(a.Says.Value) {
			return a.Says.Value, a.Outputs
		}
	}
	p.told[q.Path]++
	switch q.For {
	case simulate.Approval:
		return "approve", nil
	case simulate.Manual:
		return "done", nil
	case simulate.Doubt:
		return "happened", nil
	}
	if p.told[q.Path] == 1 {
		return "retry", nil
	}
	return "skip", nil
}

// answers are what a manual step is told; what nobody stated is made up.
func answers(n *plan.Node, given []runbook.Pair, now time.Time) event.Values {
	all := map[string]any{}
	for _, f := range n.Outputs {
		all[f.Name] = simulate.Sample(action.Field{Name: f.Name, Type: action.Type(f.Type), Items: action.Type(f.Items), Enum: f.Enum, Pattern: f.Pattern}, now)
	}
	for _, pair := range given {
		all[pair.Key.Value] = pair.Value.Data()
	}
	out, err := compile.CallInputs(n.Outputs, all)
	if err != nil {
		return event.Values{}
	}
	return out
}

// by is a player as whoever acts; "" is who begins.
func (p *cast) by(name string) event.Actor {
	if name == "" {
		name = "facilitator"
		if players := p.c.Scenario.Players; len(players) > 0 {
			name = players[0].Name.Value
		}
	}
	return event.Actor{User: name, Person: name}
}
