package exercise

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/pkg/event"
)

// Score is how an exercise went. Its JSON is kept, so that a later exercise of the
// same scenario can be compared with it; fields are only ever added.
type Score struct {
	Scenario string       `json:"scenario"`
	Title    string       `json:"title"`
	Runbook  string       `json:"runbook"`
	Seed     uint64       `json:"seed"`
	Status   event.Status `json:"status"`        // of the run
	Took     string       `json:"took"`          // of the exercise's time
	Met      int          `json:"met"`           // of what is measured
	Of       int          `json:"of"`            // that was measured
	Injects  []Inject     `json:"injects"`       // as they came
	Results  []Result     `json:"results"`       // objectives, decisions and faults
	Waits    []Waited     `json:"waits"`         // for people, by role
	Plan     []Improve    `json:"plan"`          // of improvement
	Unmet    []string     `json:"unmeasured"`    // what people judge, and faults that hit nothing
	Idle     []string     `json:"never_reached"` // ids of steps that had no turn

	Live bool   `json:"live,omitempty"` // people played it
	Day  string `json:"day"`            // on which it was played
}

// Inject is one that came, or did not.
type Inject struct {
	ID     string `json:"id"`
	At     string `json:"at"` // since the start; "" if it did not come
	To     string `json:"to"`
	Title  string `json:"title"`
	Text   string `json:"text"`
	Expect string `json:"expect"`
	Note   string `json:"note,omitempty"` // why it did not come, or moved nothing
}

// Result is something that is measured.
type Result struct {
	Kind       string `json:"kind"` // objective, decision, fault
	What       string `json:"what"`
	Met        bool   `json:"met"`
	Took       string `json:"took"`            // "" if it was never reached
	Limit      string `json:"limit,omitempty"` // "" without one
	Capability string `json:"capability"`
}

// Waited is for how long somebody was waited for in all.
type Waited struct {
	For   string `json:"for"`
	Times int    `json:"times"`
	Took  string `json:"took"`
}

// Improve is a line of the improvement plan.
type Improve struct {
	Of         string `json:"of"` // what was measured, the same in every exercise
	Finding    string `json:"finding"`
	Capability string `json:"capability"` // as HSEEP names it
	Owner      string `json:"owner"`
	Due        string `json:"due"` // a date
}

// The capabilities of the National Preparedness Goal that findings are about if
// the scenario does not say which.
const (
	coordination = "Operational Coordination"
	cyber        = "Cybersecurity"
)

// improveWithin is how long an improvement may take.
const improveWithin = 30 * 24 * time.Hour

// Judge holds what happened against what the scenario expects. owner is who
// answers for what is to be improved.
func Judge(c Config, p Played, owner string) Score {
	s := c.Scenario
	st := p.Account.Status
	end := cmp.Or(st.Ended.Time, st.Now)
	out := Score{Scenario: s.Name.Value, Title: cmp.Or(s.Title.Value, s.Name.Value), Runbook: st.Runbook, Seed: c.Seed, Live: c.Live, Status: st.Status,
		Took: length(end.Sub(p.start)), Injects: []Inject{}, Results: []Result{}, Waits: waited(p), Plan: []Improve{}, Unmet: []string{}, Day: c.Today.UTC().Format(time.DateOnly)}
	improve := func(of, finding, capability string) {
		out.Plan = append(out.Plan, Improve{of, finding, capability, owner, c.Today.Add(improveWithin).UTC().Format(time.DateOnly)})
	}
	measure := func(r Result, finding string) {
		if out.Of++; r.Met {
			out.Met++
		} else {
			improve(r.Kind+" "+r.What, finding, r.Capability)
		}
		out.Results = append(out.Results, r)
	}
	for _, o := range s.Objectives {
		if !o.Step.Given() {
			out.Unmet = append(out.Unmet, o.Text.Value)
			continue
		}
		r := Result{Kind: "objective", What: o.Text.Value, Limit: length(o.Within), Capability: cmp.Or(o.Capability.Value, coordination)}
		took, reached := p.reached(o.Step.Value)
		if reached {
			r.Took, r.Met = length(took), took <= o.Within
		}
		measure(r, fmt.Sprintf("%s: %s, asked within %s", o.Text.Value, cmp.Or(r.Took, "never"), r.Limit))
	}
	if within, err := time.ParseDuration(c.Plan.Objective); err == nil && within > 0 {
		took := end.Sub(p.start)
		r := Result{Kind: "objective", What: "the runbook is done in the time that it names", Took: length(took), Limit: length(within), Capability: coordination}
		r.Met = st.Status == event.Succeeded && took <= within
		stands := "ended"
		if st.Ended.IsZero() {
			stands = "was still"
		}
		measure(r, fmt.Sprintf("%s %s %s after %s; its objective is %s", st.Runbook, stands, st.Status, r.Took, r.Limit))
	}
	for _, t := range p.Thrown {
		out.Injects = append(out.Injects, thrown(t))
		if !t.Came {
			improve("inject "+t.ID.Value, "the inject "+t.ID.Value+" never came: "+t.Inject.After.Value+" had no turn", coordination)
		}
		if d := t.Decision; d.Step.Given() {
			r := p.decided(t)
			measure(r, r.What+": "+cmp.Or(r.Took, "it was not"))
		}
	}
	for _, f := range p.faults {
		r := p.handled(f)
		if f.hits == 0 {
			out.Unmet = append(out.Unmet, r.What+": it hit nothing")
			continue
		}
		measure(r, r.What+", and nobody had an answer to it")
	}
	out.Idle = idle(c, p)
	if p.Broken != "" {
		improve("play", "the play was given up: "+p.Broken, coordination)
	}
	return out
}

// idle are the steps that act or ask and that had no turn.
func idle(c Config, p Played) []string {
	had := map[string]bool{}
	for _, e := range p.Account.Entries {
		had[idOf(e.Path)] = true
	}
	out := []string{}
	for _, n := range c.Plan.Nodes {
		if acts := n.Action != nil || n.Approval != nil || n.Kind == plan.Manual; acts && !had[idOf(n.Path)] {
			out = append(out, idOf(n.Path))
		}
	}
	return out
}

// Carry keeps the day by which an improvement was due already.
func (s *Score) Carry(before Score) {
	for i := range s.Plan {
		for _, b := range before.Plan {
			if b.Of == s.Plan[i].Of && b.Due < s.Plan[i].Due {
				s.Plan[i].Due = b.Due
			}
		}
	}
}

func thrown(t Thrown) Inject {
	out := Inject{ID: t.ID.Value, To: t.To.Value, Title: cmp.Or(t.Title.Value, t.ID.Value), Text: t.Text.Value, Expect: t.Expect.Value}
	switch {
	case !t.Came:
		out.Note = "it did not come: " + t.Inject.After.Value + " had no turn"
	case t.After:
		out.At, out.Note = length(t.At), "the run had ended by then"
	default:
		out.At = length(t.At)
	}
	return out
}

// reached is how long it took until a step first succeeded.
func (p Played) reached(step string) (time.Duration, bool) {
	for _, e := range p.Account.Entries {
		if e.Event == "step_succeeded" && idOf(e.Path) == step {
			return e.Time.Sub(p.start), true
		}
	}
	return 0, false
}

// words are the events by which the words of a decision are said.
var words = map[string]event.Type{
	"approve": "approval_given", "reject": "approval_refused", "done": "step_succeeded", "skip": "step_skipped", "retry": "step_retried",
	"rollback": "rollback_started", "cancel": "cancel_requested", "happened": "step_resolved", "did-not-happen": "step_resolved",
}

// decided holds a decision against what was said.
func (p Played) decided(t Thrown) Result {
	d := t.Decision
	out := Result{Kind: "decision", What: d.Step.Value + " is answered with " + d.Says.Value + " after " + t.ID.Value, Capability: coordination}
	if d.Within > 0 {
		out.Limit = length(d.Within)
	}
	for _, e := range p.Account.Entries {
		about := idOf(e.Path) == d.Step.Value || e.Path == "" // a rollback is of the run
		after := e.Time.Sub(p.start) - t.At
		if t.Came && e.Decision && e.Event == words[d.Says.Value] && about && after >= 0 {
			out.Took, out.Met = length(after), d.Within == 0 || after <= d.Within
			break
		}
	}
	return out
}

// handled says whether what a fault hit came to a good end all the same, or a
// person decided what to do about it.
func (p Played) handled(f *trouble) Result {
	fault := f.inject.Fault
	what := cmp.Or(fault.Step.Value, fault.Target.Value, fault.Action.Value)
	out := Result{Kind: "fault", What: what + " " + saying[fault.How] + " (" + f.inject.ID.Value + ")", Capability: cyber, Met: true}
	for _, path := range f.paths {
		at := step(p.Account.Status, path)
		switch {
		case at == nil, at.Status == event.Succeeded, at.Status == event.Skipped, at.Status == event.Undone:
		case p.Account.Status.Status == event.Succeeded: // the runbook goes on without it
		default:
			out.Met = false
		}
	}
	return out
}

var saying = map[string]string{
	scenario.Refuses: "refused", scenario.TimesOut: "did not answer in time", scenario.Half: "stopped half way", scenario.Credentials: "did not know us",
	scenario.Unreachable: "was out of reach", scenario.Slow: "was slow",
}

func step(s projection.Status, path string) *projection.Step {
	for i := range s.Steps {
		if s.Steps[i].Path == path {
			return &s.Steps[i]
		}
	}
	return nil
}

// waited sums up for whom the run waited, longest first as they came.
func waited(p Played) []Waited {
	out := []Waited{}
	sums := map[string]time.Duration{}
	times := map[string]int{}
	var order []string
	for _, w := range p.Account.Waits {
		who, _, _ := strings.Cut(w.For, "\n")
		if times[who] == 0 {
			order = append(order, who)
		}
		times[who]++
		sums[who] += w.Length(p.Account.Status.Now)
	}
	for _, who := range order {
		out = append(out, Waited{who, times[who], length(sums[who])})
	}
	return out
}

// length is a duration to the second, as people write it.
func length(d time.Duration) string { return data.Duration(d.Round(time.Second)) }

// Compare says in what this exercise was another than an earlier one of the same
// scenario, a line each.
func (s Score) Compare(before Score) []string {
	out := []string{fmt.Sprintf("met %d of %d, before %d of %d (%s)", s.Met, s.Of, before.Met, before.Of, before.Day)}
	old := map[string]Result{}
	for _, r := range before.Results {
		old[r.Kind+" "+r.What] = r
	}
	for _, r := range s.Results {
		b, known := old[r.Kind+" "+r.What]
		switch {
		case !known:
			out = append(out, r.What+": not measured before")
		case r.Met != b.Met:
			out = append(out, fmt.Sprintf("%s: %s, before %s", r.What, met(r), met(b)))
		case r.Took != b.Took:
			out = append(out, fmt.Sprintf("%s: %s, before %s", r.What, cmp.Or(r.Took, "never"), cmp.Or(b.Took, "never")))
		}
	}
	return out
}

func met(r Result) string {
	if r.Met {
		return "met"
	}
	return "missed"
}
