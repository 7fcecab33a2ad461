package exercise

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/pkg/event"
)

// Conductor throws in what a scenario says, when it says so. It may be used from
// several goroutines, and anew after its process ended: nothing comes twice.
type Conductor struct {
	Folder   *Folder
	Scenario *scenario.Scenario
	// Tell tells the players of an inject that has come.
	Tell func(scenario.Inject) error
}

// Saw throws what comes with an event of the run that is judged.
func (c *Conductor) Saw(e event.Event) error {
	return c.throw(func(in scenario.Inject) bool {
		return in.After.Given() && idOf(e.Path) == in.After.Value && comes(in.When, e)
	})
}

// Tick throws what comes at a time that has come.
func (c *Conductor) Tick() error {
	at := c.Folder.Elapsed()
	return c.throw(func(in scenario.Inject) bool { return !in.After.Given() && in.At <= at })
}

// Throw throws one inject, whenever it would come; false if it has come already, or
// is none.
func (c *Conductor) Throw(id string) (threw bool, err error) {
	err = c.throw(func(in scenario.Inject) bool {
		threw = threw || in.ID.Value == id
		return in.ID.Value == id
	})
	return threw, err
}

// throw asks of each inject that has not come whether it comes now.
func (c *Conductor) throw(comes func(scenario.Inject) bool) error {
	before, _ := c.Folder.snapshot()
	for _, in := range c.Scenario.Injects {
		if _, known := before.thrown[in.ID.Value]; known || !comes(in) {
			continue
		}
		mine := false
		err := c.Folder.update(func(s *state) []entry {
			if _, known := s.thrown[in.ID.Value]; known || s.ended {
				return nil
			}
			mine = true
			return []entry{{What: came, Inject: in.ID.Value}}
		})
		if err == nil && mine {
			err = c.Tell(in)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Message is an inject as the players read it.
func Message(in scenario.Inject) string {
	to := "everybody"
	if in.To.Given() {
		to = "the " + in.To.Value
	}
	text := "EXERCISE, to " + to + ": " + in.Title.Value
	if in.Title.Given() {
		text += ". "
	}
	text += in.Text.Value
	if in.Silent.Given() {
		text += " Nobody answers as " + in.Silent.Value
		if in.For > 0 {
			text += " for " + length(in.For)
		}
		text += "."
	}
	return text
}

// Coming is what a scenario still has, with when: the facilitator's list.
type Coming struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Expect string `json:"expect"`
	When   string `json:"when"`
	Came   bool   `json:"came"`
}

// Injects are those of the scenario, in its order, with when they came or come.
func (c *Conductor) Injects() []Coming {
	now, _ := c.Folder.snapshot()
	var out []Coming
	for _, in := range c.Scenario.Injects {
		one := Coming{ID: in.ID.Value, Title: cmp.Or(in.Title.Value, in.ID.Value), Expect: in.Expect.Value, When: "at " + length(in.At)}
		if in.After.Given() {
			one.When = "when " + in.After.Value + " " + map[scenario.When]string{scenario.Ended: "has ended", scenario.Started: "starts", scenario.Waits: "waits"}[in.When]
		}
		if at, came := now.thrown[in.ID.Value]; came {
			one.Came, one.When = true, "came at "+length(at.Sub(c.Folder.Start))
		}
		out = append(out, one)
	}
	return out
}

// Silenced says why nobody can answer who has one of these roles, "" if they can.
func (f *Folder) Silenced(injects []scenario.Inject, roles []string) string {
	now, elapsed := f.snapshot()
	for _, in := range injects {
		at, came := now.thrown[in.ID.Value]
		if !came || !in.Silent.Given() || !slices.Contains(roles, in.Silent.Value) {
			continue
		}
		until := at.Add(in.For)
		switch {
		case in.For == 0:
			return "the exercise has nobody answer as " + in.Silent.Value + " any more"
		case f.Start.Add(elapsed).Before(until):
			return "the exercise has nobody answer as " + in.Silent.Value + " until " + until.UTC().Format(time.TimeOnly) + "Z"
		}
	}
	return ""
}

// Played is the exercise as [Judge] takes it: with the account of its run.
func (f *Folder) Played(s *scenario.Scenario, run projection.Account) Played {
	now, elapsed := f.snapshot()
	out := Played{Account: run, start: f.Start}
	over := cmp.Or(run.Status.Ended.Time, f.Start.Add(elapsed))
	for _, in := range s.Injects {
		at, came := now.thrown[in.ID.Value]
		t := Thrown{Inject: in, Came: came}
		switch {
		case came:
			t.At = at.Sub(f.Start)
		case !in.After.Given(): // it was left out, because the run had ended
			t.Came, t.At, t.After = true, in.At, f.Start.Add(in.At).After(over)
		}
		out.Thrown = append(out.Thrown, t)
		if in.Fault.How != "" && came {
			paths := slices.Clone(now.hits[in.ID.Value])
			slices.Sort(paths)
			out.faults = append(out.faults, &trouble{inject: &t, hits: len(paths), paths: slices.Compact(paths)})
		}
	}
	slices.SortStableFunc(out.Thrown, earlier)
	return out
}

// Needs is what of an environment a runbook would use.
type Needs struct {
	Targets   []string
	Values    []string
	Selectors []string
	Roles     []string
}

// Environment is the file of an environment for an exercise: its targets are
// simulated, and anybody may act as any of its people.
func Environment(s *scenario.Scenario, n Needs) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# What an exercise acts on: nothing that is real.\nirctl: v1\nkind: environment\nname: exercise\ntitle: EXERCISE\npeople:")
	var held []string
	for _, p := range s.Players {
		var roles []string
		for _, r := range p.Roles {
			roles = append(roles, r.Value)
		}
		held = append(held, roles...)
		line("  %s: {roles: [%s], user: \"*\"}", p.Name.Value, strings.Join(roles, ", "))
	}
	for _, r := range n.Roles {
		if !slices.Contains(held, r) {
			line("  player-%s: {roles: [%s], user: \"*\"}", r, r)
			held = append(held, r)
		}
	}
	if len(held) == 0 {
		line("  player: {user: \"*\"}")
	}
	if len(n.Values) > 0 {
		line("values:")
	}
	for _, v := range n.Values {
		line("  %s: exercise-%s", v, v)
	}
	line("targets:\n  exercise: {type: %s}", Simulated)
	for _, t := range n.Targets {
		if t != "exercise" {
			line("  %s: {type: %s}", t, Simulated)
		}
	}
	for i, one := range n.Selectors {
		for k := range 2 { // nobody knows how many there are
			line("  exercise-%d-%d: {type: %s, labels: {%s}}", i+1, k+1, Simulated, labels(one))
		}
	}
	return []byte(b.String())
}

// labels are those that a selector asks for, as YAML.
func labels(selector string) string {
	var out []string
	for term := range strings.SplitSeq(selector, ",") {
		if key, value, ok := strings.Cut(term, "="); ok && !strings.HasSuffix(key, "!") {
			out = append(out, strings.TrimSpace(key)+": "+fmt.Sprintf("%q", strings.TrimSpace(value)))
		}
	}
	return strings.Join(out, ", ")
}
