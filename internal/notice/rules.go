package notice

import (
	"slices"
	"time"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Rules are who is told when, as an environment says it. They do not change and
// may be used from several goroutines.
type Rules struct {
	env  *environment.Environment
	spec func(name string) (action.Spec, bool)
	host string // where the run is driven
	// Code is the question of a step as lines that somebody answers who is not at
	// the run, "" if nobody can; nil is nobody ever.
	Code func(s engine.State, path string) string
}

// New returns the rules of an environment; nil if it tells nobody. spec knows the
// actions; host is where the run is driven, for people.
func New(env *environment.Environment, spec func(name string) (action.Spec, bool), host string) *Rules {
	if env == nil || len(env.Notify.Ways) == 0 {
		return nil
	}
	return &Rules{env: env, spec: spec, host: host}
}

// A message that did not get there is tried again after a minute, then after two
// and so on, mostTries times in all.
const (
	pause     = time.Minute
	mostTries = 5
)

// due is a notice with the time from which on it is due.
type due struct {
	path string
	at   time.Time
	body event.NoticeStarted
}

// Due are the notices to begin now, each as its intent. They have to be durable
// before anything is sent.
func (r *Rules) Due(s engine.State, now time.Time) []event.Event {
	var out []event.Event
	for _, d := range r.all(s, now) {
		if d.at.After(now) {
			continue
		}
		d.body.Number = s.Notices() + len(out) + 1
		out = append(out, event.Event{Time: now, Path: d.path, Body: d.body})
	}
	return out
}

// Next is when something is due that is not yet; zero if nothing will be unless
// something else happens.
func (r *Rules) Next(s engine.State, now time.Time) time.Time {
	var next time.Time
	for _, d := range r.all(s, now) {
		if d.at.After(now) && (next.IsZero() || d.at.Before(next)) {
			next = d.at
		}
	}
	return next
}

// all is the next notice to each one who is to be told something, now or later.
func (r *Rules) all(s engine.State, now time.Time) []due {
	var out []due
	for _, e := range s.BrokenGlass() { // even if the run has ended since
		st, _ := s.Step(e.Path)
		q := question{path: e.Path, since: e.Time, told: told(st, e.Time, true)}
		others := slices.DeleteFunc(slices.Clone(r.env.People), func(p environment.Person) bool { return p.Name == engine.Name(*e.By) })
		out = r.each(out, q, others, occasion{engine.WhyBreakGlass, e.Time})
		out = r.rooms(out, q, occasion{engine.WhyBreakGlass, e.Time})
	}
	if !s.EndedAt().IsZero() {
		return out
	}
	holders := authority.People(r.env.People).At(s, now)
	for _, q := range r.questions(s) {
		asked, others := q.people(s, holders)
		first, second := occasion{engine.WhyWaiting, q.since}, occasion{engine.WhyEscalation, q.from}
		out = r.each(out, q, asked, first)
		out = r.each(out, q, others, second)
		if len(q.others) > 0 {
			out = r.rooms(out, q, first, second)
		} else {
			out = r.rooms(out, q, first)
		}
	}
	return out
}

// each adds the next notice to each of some people, through what reaches them.
func (r *Rules) each(out []due, q question, people []environment.Person, once ...occasion) []due {
	for _, p := range people {
		for _, w := range r.ways(p) {
			out = r.add(out, q, w, p, once)
		}
	}
	return out
}

// rooms adds the next notice to each place that many read.
func (r *Rules) rooms(out []due, q question, once ...occasion) []due {
	for _, w := range r.env.Notify.Ways {
		if w.Room() {
			out = r.add(out, q, w, environment.Person{}, once)
		}
	}
	return out
}

func (r *Rules) add(out []due, q question, w environment.Way, p environment.Person, once []occasion) []due {
	at, why, ok := q.next(p.Name, w.Target, once)
	name := r.env.Action(w, r.spec)
	if !ok || name == "" {
		return out
	}
	return append(out, due{q.path, at, event.NoticeStarted{Why: why, To: p.Name, Address: w.Address(p), Target: w.Target, Action: name}})
}

// ways are those that reach a person; if none does, the first one, which will say
// so.
func (r *Rules) ways(p environment.Person) []environment.Way {
	var out, vain []environment.Way
	for _, w := range r.env.Notify.Ways {
		switch {
		case w.Room():
		case w.Address(p) != "":
			out = append(out, w)
		case len(vain) == 0:
			vain = append(vain, w)
		}
	}
	if len(out) == 0 {
		return vain
	}
	return out
}

// occasion is a time from which on somebody is told something once.
type occasion struct {
	why string
	at  time.Time
}

// next is when and why somebody is told next through a target; ok is false if
// they are not unless something else happens.
func (q question) next(to, target string, once []occasion) (at time.Time, why string, ok bool) {
	var last engine.Notice
	had, failed := map[string]bool{}, 0
	for _, t := range q.told {
		if t.To != to || t.Target != target {
			continue
		}
		last, had[t.Why] = t, true
		if failed++; t.Error == nil || t.Error.Doubt {
			failed = 0
		}
	}
	consider := func(a time.Time, w string) {
		if !ok || a.Before(at) {
			at, why, ok = a, w, true
		}
	}
	for _, o := range once {
		if !had[o.why] {
			consider(o.at, o.why)
		}
	}
	switch {
	case last.Number == 0:
	case last.Ended.IsZero(): // nobody knows yet how it went
		return at, why, false
	case failed > 0 && !last.Again:
	case failed > 0 && failed < mostTries:
		consider(last.Ended.Add(time.Duration(failed)*pause), last.Why)
	case q.remind > 0:
		consider(last.At.Add(q.remind), engine.WhyReminder)
	}
	return at, why, ok
}
