package simulate

import (
	"context"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
)

// due is something that will happen: an attempt ends, an answer is given, or
// somebody does something unasked. One of the pointers is set.
type due struct {
	at           time.Time
	work         *working
	reply        *reply
	intervention *Intervention
}

func (s *sim) plan(d *due) { s.due = append(s.due, d) }

// deliver lets the first thing happen whose time has come: the earliest, and
// of several at once the one that was planned first. It reports whether there
// was one.
func (s *sim) deliver() bool {
	first := -1
	for i, d := range s.due {
		if !d.at.After(s.now) && (first < 0 || d.at.Before(s.due[first].at)) {
			first = i
		}
	}
	if first < 0 {
		return false
	}
	d := s.due[first]
	s.due = slices.Delete(s.due, first, first+1)
	switch {
	case d.work != nil:
		s.finish(d.work)
	case d.reply != nil:
		s.reply(d.reply)
	case d.intervention != nil:
		i := d.intervention
		by := i.By
		s.say(event.Event{Time: s.now, By: &by, Body: i.Body}, i.Label)
	}
	return true
}

// next is the time at which the clock is set: when the next thing is due. It
// is zero if nothing will happen any more.
func (s *sim) next() time.Time {
	var at time.Time
	earlier := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	for _, d := range s.due {
		earlier(d.at)
	}
	for _, f := range engine.Outstanding(s.state) {
		switch l := s.targets[f.Path]; {
		case f.Kind == engine.Watch && l.at.After(s.now) && l.times < maxLooks:
			earlier(l.at)
		case f.At.After(s.now):
			earlier(f.At)
		}
	}
	return at
}

// watch looks at a wait's condition whenever something has happened: what it
// sees changes only by events.
func (s *sim) watch(path string) (event.Event, bool) {
	st, _ := s.state.Step(path)
	if node(s.state, st).Looks() {
		return s.lookAt(st)
	}
	if seen, looked := s.looks[path]; looked && seen == len(s.events) {
		return event.Event{}, false
	}
	e, ok := s.driver.Watch(s.state, path)
	if !ok {
		s.looks[path] = len(s.events)
	}
	return e, ok
}

// maxLooks is how often a target is asked that never says what is waited for.
const maxLooks = 1000

// looking is how often the target of a wait was asked, and when it is next.
type looking struct {
	at    time.Time
	times int
}

// lookAt asks the target of a wait, when a driver would.
func (s *sim) lookAt(st engine.Step) (event.Event, bool) {
	l := s.targets[st.Path]
	if l.at.After(s.now) || l.times >= maxLooks {
		return event.Event{}, false
	}
	n := node(s.state, st)
	s.targets[st.Path] = looking{s.driver.NextLook(s.state, st.Path), l.times + 1}
	outcome := s.cfg.World.Attempt(Attempt{Path: st.Path, Node: n, Number: l.times + 1, Target: n.Verify.Target})
	s.current = &performance{outcome: outcome}
	return s.driver.Looked(s.state, st.Path, s.driver.Look(context.Background(), s.state, st.Path, drive.Hooks{}))
}
