package exercise

import (
	"math/rand/v2"
	"time"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Config is what an exercise is made of.
type Config struct {
	Scenario *scenario.Scenario
	Plan     *plan.Plan
	Inputs   event.Values
	Seed     uint64
	Live     bool      // people played it
	Today    time.Time // on which it is played; its clock begins with the scenario's start, or with this
	// Spec, Inspects and Undoes describe actions; none of them is ever run.
	Spec             func(name string) (action.Spec, bool)
	Inspects, Undoes func(name string) bool
}

// Played is an exercise that is over.
type Played struct {
	Account projection.Account // of the run in it
	Thrown  []Thrown           // in the order in which they came
	Broken  string             // why the play was given up; "" if it was not
	start   time.Time
	faults  []*trouble
}

// Thrown is an inject and when it came.
type Thrown struct {
	scenario.Inject
	At    time.Duration // since the start; counts if Came
	Came  bool
	After bool // the run had ended by then
}

// Auto plays a scenario. It takes a second or less.
func Auto(c Config) Played {
	start := c.Scenario.Start
	if start.IsZero() {
		start = c.Today
	}
	start = start.UTC().Truncate(time.Second)
	p := &cast{c: c, start: start, dice: rand.New(rand.NewPCG(c.Seed, 1)), told: map[string]int{}}
	for _, in := range c.Scenario.Injects {
		p.injects = append(p.injects, &Thrown{Inject: in})
	}
	secrets := map[string]action.Secret{}
	for _, f := range c.Plan.Inputs {
		if f.Secret {
			secrets[f.Name] = action.NewSecret("exercise-" + f.Name)
		}
	}
	var out Played
	seq := int64(0)
	r := simulate.Run(simulate.Config{
		Plan: c.Plan, Inputs: c.Inputs, Secrets: secrets, By: p.by(""), Start: start, Environment: "exercise",
		Value: func(name string) (string, bool) { return "env." + name, true },
		Spec:  c.Spec, Inspects: c.Inspects, Undoes: c.Undoes, World: p,
		Tell: func(e event.Event) {
			seq++
			out.Account.Add(seq, e)
			p.tell(e)
		},
	})
	end := r.Elapsed
	for _, t := range p.injects {
		if !t.Came && !t.Inject.After.Given() {
			t.Came, t.At, t.After = true, t.Inject.At, true
			end = max(end, t.At)
		}
	}
	out.Thrown, out.Broken, out.start, out.faults = p.inOrder(), r.Broken, start, p.faults
	out.Account.Played, out.Account.Custody = true, projection.Custody{} // nothing was kept
	out.Account.Status = projection.Of(projection.Source{State: r.State, Now: start.Add(end)})
	return out
}
