package simulate

import (
	"context"
	"errors"
	"slices"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// working is an attempt under way.
type working struct {
	path    string
	undo    bool
	state   engine.State // that asked for it
	outcome Outcome
	aborted bool
}

func (w *working) action() string {
	st, _ := w.state.Step(w.path)
	return node(w.state, st).Action.Action
}

// performance is what the actions are told while the driver performs an
// attempt.
type performance struct {
	outcome Outcome
	checks  bool // what runs next is the step's verify, not its action
}

var errAborted = errors.New("told to stop")

// launch begins the attempts that the state asks for, and ends those that are
// told to stop.
func (s *sim) launch() {
	for _, f := range engine.Outstanding(s.state) {
		switch f.Kind {
		case engine.Perform:
			if s.working[f.Path] == nil {
				s.start(f.Path, false)
			}
		case engine.PerformUndo:
			if s.working[f.Path] == nil {
				s.start(f.Path, true)
			}
		case engine.Abort:
			if w := s.working[f.Path]; w != nil && !w.aborted {
				w.aborted = true
				s.hasten(w)
			}
		}
	}
}

func (s *sim) start(path string, undo bool) {
	st, _ := s.state.Step(path)
	a := Attempt{Path: path, Node: node(s.state, st), Number: st.Attempt, Target: st.Target, With: st.With, Undo: undo, At: s.now.Sub(s.cfg.Start)}
	if undo {
		a.Number = st.Undo.Attempt
	}
	w := &working{path: path, undo: undo, state: s.state, outcome: s.cfg.World.Attempt(a)}
	s.working[path] = w
	end := s.now.Add(w.outcome.Takes)
	if !undo && (w.outcome.Kind == TimesOut || !end.Before(st.Deadline)) {
		end = st.Deadline
		w.outcome.Kind = TimesOut
	}
	s.plan(&due{at: end, work: w})
}

// hasten lets an attempt end now.
func (s *sim) hasten(w *working) {
	i := slices.IndexFunc(s.due, func(d *due) bool { return d.work == w })
	s.due = slices.Delete(s.due, i, i+1)
	s.plan(&due{at: s.now, work: w})
}

// finish lets the driver find out how an attempt ended.
func (s *sim) finish(w *working) {
	if w.outcome.Kind == Dies && !w.aborted {
		s.die(w)
		return
	}
	delete(s.working, w.path)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	if w.aborted {
		cancel(errAborted)
	}
	s.current = &performance{outcome: w.outcome}
	if w.undo {
		o := s.driver.Undo(ctx, w.state, w.path, false, s.hooks(w.path))
		s.apply(s.driver.UndoOutcome(s.state, w.path, o))
		return
	}
	o := s.driver.Perform(ctx, w.state, w.path, s.hooks(w.path))
	s.apply(s.driver.Outcome(s.state, w.path, o))
}

// die ends irctl and resumes the run: whatever was under way is in doubt.
func (s *sim) die(first *working) {
	if spec, ok := s.cfg.Spec(first.action()); ok && spec.Effect != action.Read && !first.undo {
		_ = s.hooks(first.path).Record(recorded) // an attempt under way takes it always
	}
	by := s.cfg.By
	s.apply(event.Event{Time: s.now, By: &by, Body: event.RunResumed{}})
	lost := []*working{first}
	for _, d := range s.due {
		if d.work != nil {
			lost = append(lost, d.work)
		}
	}
	s.due = slices.DeleteFunc(s.due, func(d *due) bool { return d.work != nil })
	for _, w := range lost {
		delete(s.working, w.path)
		s.current = &performance{outcome: w.outcome, checks: true}
		if w.undo {
			s.current.checks, s.current.outcome.Kind = false, Succeeds
			o := s.driver.Undo(context.Background(), w.state, w.path, true, s.hooks(w.path))
			s.apply(s.driver.UndoOutcome(s.state, w.path, o))
			continue
		}
		o := s.driver.Settle(context.Background(), w.state, w.path, s.hooks(w.path))
		s.apply(s.driver.Outcome(s.state, w.path, o))
	}
}

// hooks take what an action records.
func (s *sim) hooks(path string) drive.Hooks {
	return drive.Hooks{Record: func(values event.Values) error {
		st, _ := s.state.Step(path)
		attempt := st.Attempt
		if s.state.RollingBack() && st.Undo.Phase == engine.UndoAttempting {
			attempt = st.Undo.Attempt
		}
		return s.try(event.Event{Time: s.now, Path: path, Body: event.AttemptRecorded{Attempt: attempt, Record: values}})
	}}
}
