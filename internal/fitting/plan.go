package fitting

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Report is what a plan would meet.
type Report struct {
	Met []Met
	// Changes are the steps that would change something, as far as is known.
	Changes []Change
	// Targets are those that steps act on, and Computed says that there are more,
	// whose names only a run will know.
	Targets  []string
	Computed bool
	// Unchecked is what could not be known, each with its steps.
	Unchecked []string
}

// Change is a step that changes something.
type Change struct {
	Step, Action, Target string
	Perhaps              bool // only the run will tell whether it is reached
}

// Does says what it does, for people.
func (c Change) Does() string {
	out := c.Action
	if c.Target != "" {
		out += " on " + c.Target
	}
	if c.Perhaps {
		out += ", perhaps"
	}
	return out
}

// Met is a fault with the steps that would meet it.
type Met struct {
	Fault
	Steps  []string
	Target string // that it is about, "" if it is about none
	// Certain says that a run meets it whatever happens and cannot go on: it is
	// not to begin.
	Certain bool
}

// String is the fault with its steps, for people.
func (m Met) String() string { return told(m.What, m.Steps) }

func told(what string, steps []string) string {
	const most = 3
	if len(steps) == 0 {
		return what
	}
	out := what + " (step " + strings.Join(steps[:min(len(steps), most)], ", ")
	if len(steps) > most {
		out += " and others"
	}
	return out + ")"
}

// About are the faults of one target's description, for people; whether its
// secrets can be read is found out by reading them.
func (r Report) About(target string) []string {
	var out []string
	for _, m := range r.Met {
		if m.Target == target && m.Code != NotHere {
			out = append(out, m.String())
		}
	}
	return out
}

// Certain are the faults that no run of the plan gets around.
func (r Report) Certain() []Met {
	return slices.DeleteFunc(slices.Clone(r.Met), func(m Met) bool { return !m.Certain })
}

// Plan holds a plan against the world. The inputs of started are nil if they
// are not known: then every branch may be taken. Secret inputs need not be
// resolved.
func Plan(p *plan.Plan, started event.RunStarted, w World) Report {
	secrets := map[string]func() (action.Secret, error){}
	for name := range started.SecretRefs {
		secrets[name] = func() (action.Secret, error) { return action.NewSecret("a secret that is not read yet"), nil }
	}
	v := &visit{w: w, p: p, at: map[string]int{}, values: map[plan.NodeID][]string{}, asks: len(compile.EnvNames(p)) > 0}
	config := drive.Config{Action: w.Action, Secrets: secrets, Now: time.Now}
	if w.Environment != nil {
		config.Environment = w.Environment
		config.Guard = w.guard()
	}
	drive.New(config).Preview(context.Background(), drive.Walk{Plan: p, Started: started}, v.row)
	for _, name := range compile.EnvNames(&plan.Plan{Version: plan.Version, Inputs: p.Inputs, Outputs: p.Outputs}) {
		if f := w.value(name); f != nil {
			v.add(*f, "", "", true)
		}
	}
	return v.report
}

type visit struct {
	w      World
	p      *plan.Plan
	report Report
	at     map[string]int // index of a fault in the report
	moved  moved
	values map[plan.NodeID][]string
	asks   bool // whether anything in the plan asks for a value
}

// add notes a fault once, with every step that meets it.
func (v *visit) add(f Fault, step, target string, certain bool) {
	i, ok := v.at[f.What]
	if !ok {
		i = len(v.report.Met)
		v.at[f.What] = i
		v.report.Met = append(v.report.Met, Met{Fault: f, Target: target})
	}
	m := &v.report.Met[i]
	m.Certain = m.Certain || certain
	if step != "" && !slices.Contains(m.Steps, step) {
		m.Steps = append(m.Steps, step)
	}
}

// row looks at what one step needs.
func (v *visit) row(r drive.Row) {
	if r.Node == nil || r.Skipped {
		return
	}
	stops := !r.Perhaps && v.stops(r.Node)
	for _, name := range v.namesOf(r.Node) {
		if f := v.w.value(name); f != nil {
			v.add(*f, r.Path, "", !r.Perhaps)
		}
	}
	if len(r.Node.Blocks) > 0 && v.w.Environment != nil {
		for _, s := range compile.Selectors(&plan.Plan{Version: plan.Version, Nodes: []plan.Node{*r.Node}}) {
			if _, err := v.w.Environment.Select(s); err != nil {
				v.add(faultOf(NoTarget, err), r.Path, "", !r.Perhaps)
			}
		}
	}
	if r.Node.Approval != nil {
		v.roles(r, stops)
	}
	for _, h := range r.Hits { // a run that begins may be given --touch
		v.add(refused(h), r.Path, "", false)
	}
	for _, c := range r.Calls {
		if act, ok := v.w.Action(c.Use.Action); ok && c.Use == r.Node.Action {
			spec := act.Spec()
			text, _ := c.With[spec.ReadIf.Input].(string)
			if spec.EffectWith(text) != action.Read {
				v.report.Changes = append(v.report.Changes, Change{r.Path, c.Use.Action, c.Target, r.Perhaps})
			}
		}
		undo := c.Use == r.Node.Undo
		for _, f := range v.targets(c) {
			v.add(f, r.Path, c.Target, !r.Perhaps && f.Code != NotHere || stops && !undo)
		}
		faults, unknown := v.w.machine(c.Use.Action, c.With, &v.moved.here)
		for _, f := range faults {
			v.add(f, r.Path, "", stops && !undo)
		}
		if unknown != "" {
			v.report.Unchecked = append(v.report.Unchecked, told(unknown, []string{r.Path}))
		}
	}
}

func (v *visit) targets(c drive.Call) []Fault {
	if c.Target == "" || v.w.Environment == nil {
		v.report.Computed = v.report.Computed || c.Use.TargetExpr.Given
		return nil
	}
	if !slices.Contains(v.report.Targets, c.Target) {
		v.report.Targets = append(v.report.Targets, c.Target)
	}
	return v.w.Target(c.Target, c.Use.Action)
}

// rolesOf are the roles that people hold.
func rolesOf(env *environment.Environment) (out []string) {
	for _, p := range env.People {
		out = append(out, p.Roles...)
	}
	return out
}

// roles looks whether somebody may answer. Where nobody is named at all,
// whoever may write to the run may.
func (v *visit) roles(r drive.Row, stops bool) {
	env, ask := v.w.Environment, r.Node.Approval
	if env == nil || len(env.People) == 0 {
		return
	}
	held := func(role string) bool { return len(env.PeopleWith(role)) > 0 }
	for _, role := range slices.Concat(ask.Roles, ask.EscalateTo) {
		if !held(role) {
			v.add(Fault{What: "nobody is " + role + ", whose approval is asked for", Do: cmp.Or(suggest.DidYouMean(role, rolesOf(env)), "give the role to somebody below `people:` in "+env.Name())},
				r.Path, "", stops && !slices.ContainsFunc(ask.Roles, held))
		}
	}
}

// stops reports whether a step that fails keeps the run from going on: neither
// it nor a step around it says what follows then.
func (v *visit) stops(n *plan.Node) bool {
	for ; n != nil; n = v.p.Node(n.Parent) {
		if n.Fallback.Given || n.OnFailure.Policy == plan.FailContinue || n.OnFailure.Policy == plan.FailNext {
			return false
		}
	}
	return true
}

// namesOf are the values of the environment that a step itself asks for.
func (v *visit) namesOf(n *plan.Node) []string {
	names, ok := v.values[n.ID]
	if !ok && v.asks {
		names = compile.EnvNames(&plan.Plan{Version: plan.Version, Nodes: []plan.Node{*n}})
		v.values[n.ID] = names
	}
	return names
}
