package local

import (
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
)

// watch looks at a wait's condition when something has happened, or its
// interval is over.
func (l *loop) watch(path string) (event.Event, bool) {
	now := l.now()
	if k, looked := l.look[path]; l.stop != "" || looked && k.staged == l.staged && k.next.After(now) {
		return event.Event{}, false
	}
	e, ok := l.Driver.Watch(l.next, path)
	if !ok {
		l.look[path] = look{now.Add(l.Driver.Interval(l.next, path)), l.staged}
	}
	return e, ok
}

// asks reports whether a wait is over when its target says so.
func (l *loop) asks(path string) bool {
	st, _ := l.next.Step(path)
	return l.next.Plan().Node(st.Node).Looks()
}

// due reports whether a wait's target is to be asked now.
func (l *loop) due(path string) bool { return l.stop == "" && !l.look[path].next.After(l.now()) }

// unseen reports whether a wait asks its target and no answer has come since it
// began: its time is not up before the first one, or one that nobody drove
// meanwhile, or on a machine that is slow, would end without a look.
func (l *loop) unseen(path string) bool {
	st, _ := l.next.Step(path)
	return l.stop == "" && st.Phase == engine.Timing && l.asks(path) && !l.look[path].next.After(st.Since)
}

// looked carries out what a wait's target said.
func (l *loop) looked(m message) error {
	l.look[m.path] = look{next: l.Driver.NextLook(l.next, m.path)}
	if l.stop != "" && m.outcome.Err != nil {
		return nil // it was cut off
	}
	if e, ok := l.Driver.Looked(l.next, m.path, m.outcome); ok {
		return l.stage(e)
	}
	return nil
}
