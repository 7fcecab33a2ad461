package exercise

import (
	"cmp"
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/action"
)

// Simulated is the type of all targets of an exercise that has no lab.
const Simulated = "simulated"

// Stage is where actions are played. It may be used from several goroutines.
type Stage struct {
	Folder  *Folder
	Injects []scenario.Inject
	// Die ends this process at once, as a crash does.
	Die func()
}

// Kill ends this process as a crash does.
func Kill() {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Kill()
	}
	select {} // nothing more is done until that has come
}

// Play returns what is done in an action's place. Of the action itself only the
// description is used, unless the exercise reaches the lab.
func (s *Stage) Play(a action.Action) action.Action {
	p := played{s: s, real: a, spec: a.Spec()}
	p.reaches = s.Folder.Lab && len(p.spec.Targets) > 0
	if !s.Folder.Lab && len(p.spec.Targets) > 0 {
		p.spec.Targets = []action.TargetType{{Name: Simulated, Summary: "what stands for a system in an exercise and remembers what was done to it", Undo: true}}
	}
	_, inspects := a.(action.Inspector)
	_, undoes := a.(action.Undoer)
	switch {
	case inspects && undoes:
		return p
	case inspects:
		return struct {
			action.Action
			action.Inspector
		}{p, p}
	case undoes:
		return struct {
			action.Action
			action.Undoer
		}{p, p}
	}
	return struct{ action.Action }{p}
}

// played is an action of an exercise.
type played struct {
	s    *Stage
	real action.Action
	spec action.Spec
	// reaches says that the real action is used: its target is one of the lab's.
	reaches bool
}

// Spec implements action.Action.
func (p played) Spec() action.Spec { return p.spec }

// key is what an action changes: the target, and of what in it.
func (p played) key(name string, req action.Request) string {
	out := []string{name, req.Target.Name}
	for _, f := range p.spec.Inputs {
		if f.Subject {
			out = append(out, f.Name+"="+data.Text(data.Of(req.With[f.Name])))
		}
	}
	return strings.Join(out, " ")
}

// Run implements action.Action.
func (p played) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	key := p.key(p.spec.Name, req)
	begin := func() error {
		if text, _ := req.With[p.spec.ReadIf.Input].(string); p.spec.EffectWith(text) == action.Read {
			return nil
		}
		return out.Record(map[string]any{"before": "simulated"})
	}
	fault, err := p.fault(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	half := fault.How == scenario.Half
	if p.reaches {
		r, err := p.real.Run(ctx, req, out)
		switch now, _ := p.s.Folder.snapshot(); {
		case err != nil:
		case half:
			err = p.halfway(key)
		case now.targets[key].What == doubtful:
			err = p.s.Folder.update(func(*state) []entry { return []entry{{What: putBack, Key: key}} })
		}
		return r, err
	}
	now, _ := p.s.Folder.snapshot()
	was, done := now.targets[key]
	changes := (!done || was.What != changed) && p.spec.Effect != action.Read
	if changes {
		if err := begin(); err != nil {
			return action.Result{}, err
		}
	}
	if half {
		return action.Result{}, p.halfway(key)
	}
	if changes {
		err := p.s.Folder.update(func(*state) []entry {
			return []entry{{What: putBack, Key: p.key(p.spec.Counterpart, req)}, {What: changed, Key: key}}
		})
		if err != nil {
			return action.Result{}, err
		}
	}
	return action.Result{Outputs: p.outputs(), Changed: changes, Already: !changes, Summary: "EXERCISE: " + p.spec.Name + " was played"}, nil
}

// halfway leaves it open whether something was changed.
func (p played) halfway(key string) error {
	err := p.s.Folder.update(func(*state) []entry { return []entry{{What: doubtful, Key: key}} })
	return cmp.Or(err, error(&action.Error{Message: "the exercise cuts the answer off", Doubt: true}))
}

// outputs are samples of what the real action returns.
func (p played) outputs() map[string]any {
	out := make(map[string]any, len(p.spec.Outputs))
	for _, f := range p.spec.Outputs {
		out[f.Name] = simulate.Sample(f, p.s.Folder.Now())
	}
	return out
}

// Inspect implements action.Inspector.
func (p played) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	now, _ := p.s.Folder.snapshot()
	was := now.targets[p.key(p.spec.Name, req)]
	switch look, can := p.real.(action.Inspector); {
	case was.What == doubtful:
		return action.Inspection{}, nil
	case p.reaches && can:
		return look.Inspect(ctx, req)
	case was.What == changed || p.spec.Effect == action.Read:
		return action.Inspection{Known: true, Desired: true, Current: "EXERCISE: as " + p.spec.Name + " leaves it", Outputs: p.outputs()}, nil
	}
	return action.Inspection{Known: true, Current: "EXERCISE: as it was", Want: "as " + p.spec.Name + " leaves it", Repeatable: true}, nil
}

// Undo implements action.Undoer.
func (p played) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	if _, err := p.fault(ctx, req); err != nil {
		return action.Result{}, err
	}
	key := p.key(p.spec.Name, req)
	if err := p.s.Folder.update(func(*state) []entry { return []entry{{What: putBack, Key: key}} }); err != nil {
		return action.Result{}, err
	}
	if p.reaches {
		return p.real.(action.Undoer).Undo(ctx, req, out)
	}
	return action.Result{Changed: true, Summary: "EXERCISE: put back"}, nil
}

// fault plays what does not work now: its error is that of the action. What goes
// on all the same, slow or half, is returned.
func (p played) fault(ctx context.Context, req action.Request) (scenario.Fault, error) {
	var found scenario.Inject
	err := p.s.Folder.update(func(s *state) []entry {
		at := p.s.Folder.now()
		for _, in := range p.s.Injects {
			if _, came := s.thrown[in.ID.Value]; !came {
				continue
			}
			if in.Crash && !s.died[in.ID.Value] {
				found = in
				return []entry{{What: died, Inject: in.ID.Value}}
			}
			f := in.Fault
			over := f.For > 0 && at.Sub(s.thrown[in.ID.Value]) >= f.For || f.Times > 0 && len(s.hits[in.ID.Value]) >= f.Times
			if f.How != "" && !over && hits(f, req.Path, req.Target.Name, p.spec.Name) {
				found = in
				return []entry{{What: hit, Inject: in.ID.Value, Path: req.Path}}
			}
		}
		return nil
	})
	if err != nil {
		return scenario.Fault{}, err
	}
	if found.Crash {
		p.s.Die()
	}
	f := found.Fault
	if f.How == scenario.TimesOut {
		f.Takes = forEver
	}
	if err := p.s.Folder.wait(ctx, f.Takes); err != nil {
		return f, &action.Error{Message: "the exercise has it not answer in time", Cause: err}
	}
	out := broken(f, simulate.Outcome{Kind: simulate.Succeeds})
	if out.Kind == simulate.Fails && f.How != "" {
		return f, &action.Error{Message: out.Message, Permanent: out.Permanent}
	}
	return f, nil
}

// Tick is how often a wait looks at the clock of an exercise, which may be set on.
const Tick = 100 * time.Millisecond

// wait lets so much of the exercise's time pass, if the context does not end.
func (f *Folder) wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	begun, poll := f.Now(), time.NewTicker(Tick)
	defer poll.Stop()
	for f.Now().Sub(begun) < d {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-poll.C:
		}
	}
	return nil
}

// Until is a context that ends at a time of the exercise's clock.
func (f *Folder) Until(ctx context.Context, at time.Time, cause error) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancelCause(ctx)
	go func() {
		if f.wait(inner, at.Sub(f.Now())) == nil {
			cancel(cause)
		}
	}()
	return inner, func() { cancel(context.Canceled) }
}

func (s state) clone() state {
	s.thrown, s.died, s.targets = maps.Clone(s.thrown), maps.Clone(s.died), maps.Clone(s.targets)
	s.hits = maps.Clone(s.hits)
	for k, v := range s.hits {
		s.hits[k] = slices.Clone(v)
	}
	return s
}
