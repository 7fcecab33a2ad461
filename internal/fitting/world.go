package fitting

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// World is what a runbook is held against.
type World struct {
	Environment *environment.Environment
	// Action finds an action by its name.
	Action func(name string) (action.Action, bool)
	// Callee returns the runbook that a step of the runbook in file from runs;
	// nil without an error if it is checked by itself. Plan does not ask it.
	Callee func(name, from string) (*runbook.Runbook, error)
	// Elsewhere says that another machine runs it, so that the programs, files
	// and secrets of this one tell nothing.
	Elsewhere bool
}

// Fault is something that would not work.
type Fault struct {
	Code *finding.Code
	What string // what is so
	Do   string // what to do about it
	// Touch is what --touch names to have a run ask for what is protected or
	// limited; "" if that helps nothing.
	Touch string
}

var NoTarget = codes.Error("IR0420", "the environment has no such target",
	"A step acts on a target that the environment does not name, so that irctl would refuse to run it there. Correct the name, or add the target to the environment.")

var WrongTarget = codes.Error("IR0421", "the environment's target is of another type",
	"The target is there, but the action cannot act on systems of its type. `irctl action show NAME` says on which it can.")

var UnfitTarget = codes.Error("IR0423", "the environment's target is not described well enough",
	"The target is there and of a type that fits, but its config lacks what this action needs, such as the verb that it would use. `irctl target types TYPE` shows what each action needs.")

var WrongValue = codes.Error("IR0426", "the environment's target cannot take a value",
	"The step gives its target a value that no system of that type takes, such as a domain to a packet filter, so that the step would fail. Give the value to a target of another type, or correct it.")

var NotHere = codes.Error("IR0424", "what a step needs is not on this machine",
	"A step runs a program, works in a folder or reads a secret that is not here, or not for this account. If another machine runs it, say so: `irctl validate --elsewhere`.")

var Protected = codes.Warning("IR0442", "what a step touches is protected or limited",
	"The environment, or the policy of the machine, lists it below `protected`, or says below `limits` how many may be touched. A run refuses the step, unless somebody asks for it with --touch and those agree who may override the entry. `irctl help limits` says how that is found out.")

// hits are what is protected of what an action is given as it is written, and what
// is above a limit with what other steps touch, which it adds to.
func (w World) hits(use, target string, with map[string]any, touched map[string]time.Time) (out []Fault) {
	act, ok := w.Action(use)
	if !ok {
		return nil
	}
	typed, _ := coerce.Fields(act.Spec().Inputs, with)
	now := time.Now()
	keys, hits, _ := w.guard().Check(context.Background(), guard.Use{Spec: act.Spec(), With: typed, Target: target}, touched, now, false)
	for _, key := range keys {
		touched[key] = now
	}
	for _, h := range hits {
		out = append(out, refused(h))
	}
	return out
}

func refused(h guard.Hit) Fault {
	f := Fault{Code: Protected, What: h.Text, Do: h.Do()}
	if h.Open() {
		f.Touch = h.Item
	}
	return f
}

// guard goes by what is written alone: nothing is looked up.
func (w World) guard() *guard.Guard {
	return &guard.Guard{Rules: w.Environment.Rules(), Target: w.Environment.Guarded}
}

// Target says why an action cannot act on a target.
func (w World) Target(name, use string) []Fault {
	env := w.Environment
	t, ok := env.Target(name)
	if !ok {
		do := cmp.Or(suggest.DidYouMean(name, env.TargetNames()), "add it below `targets:` in "+env.Name())
		return []Fault{{Code: NoTarget, What: "the environment `" + env.Name() + "` has no target `" + action.CleanLine(name, 80) + "`", Do: do}}
	}
	act, known := w.Action(use)
	if !known || len(act.Spec().Targets) == 0 {
		return nil
	}
	spec := act.Spec()
	if _, fits := spec.TargetType(t.Type); !fits {
		return []Fault{{
			Code: WrongTarget, What: "`" + name + "` is of type `" + t.Type + "` in the environment `" + env.Name() + "`, which `" + use + "` cannot act on",
			Do: "it acts on targets of type " + strings.Join(typesOf(spec), ", "),
		}}
	}
	if err := t.Suits(spec); err != nil {
		return []Fault{faultOf(UnfitTarget, err)}
	}
	var out []Fault
	if !w.Elsewhere {
		for _, err := range env.LookForSecrets(t) {
			out = append(out, faultOf(NotHere, err))
		}
	}
	return out
}

func typesOf(spec action.Spec) []string {
	types := make([]string, len(spec.Targets))
	for i, t := range spec.Targets {
		types[i] = t.Name
	}
	return types
}

// value says that an env.NAME is not there.
func (w World) value(name string) *Fault {
	if _, ok := w.Environment.Value(name); ok {
		return nil
	}
	do := "add it below `values:` in " + w.Environment.Name()
	if near := suggest.Near(name, w.Environment.Values()); near != "" {
		do = suggest.Meant("env." + near)
	}
	return &Fault{Code: NoValue, What: "the environment `" + w.Environment.Name() + "` has no value `" + action.CleanLine(name, 80) + "`", Do: do}
}

// moved is whether a step that comes before may have changed this machine:
// installed the program that is not there yet, made the folder.
type moved struct{ here bool }

// machine says what an action needs on this machine that is not there, and
// what cannot be known. Actions that act on targets ask those.
func (w World) machine(use string, with map[string]any, moved *bool) (faults []Fault, unknown string) {
	act, ok := w.Action(use)
	if !ok || len(act.Spec().Targets) > 0 {
		return nil, ""
	}
	spec := act.Spec()
	text, _ := with[spec.ReadIf.Input].(string)
	after := *moved
	*moved = after || spec.EffectWith(text) != action.Read
	asks, can := act.(action.Preflighter)
	typed, _ := coerce.Fields(spec.Inputs, with)
	missing := func(f action.Field) bool { return f.Required && !typed.Has(f.Name) }
	if !can || w.Elsewhere || slices.ContainsFunc(spec.Inputs, missing) {
		return nil, ""
	}
	req := action.Request{With: typed}
	if w.Environment != nil {
		req.Allow = w.Environment.Policy()
	}
	for _, err := range asks.Preflight(context.Background(), req) {
		if after {
			return nil, err.Error() + " now, and an earlier step may change that"
		}
		faults = append(faults, faultOf(NotHere, err))
	}
	return faults, ""
}

func faultOf(code *finding.Code, err error) Fault {
	f := Fault{Code: code, What: action.CleanLine(err.Error(), 400)}
	var e *action.Error
	if errors.As(err, &e) {
		f.Do = action.CleanLine(e.Hint, 400)
	}
	return f
}
