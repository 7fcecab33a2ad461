package readiness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// lookTime bounds the look at one target, with every action that suits it, and
// lateTime what an action may take to notice.
const (
	lookTime = 30 * time.Second
	lateTime = 5 * time.Second
)

// Targets looks at targets, all at once, with every action that suits them.
// One that does not answer keeps nobody else waiting.
func Targets(ctx context.Context, actions *registry.Registry, env *environment.Environment, targets []environment.Target) []Check {
	checks := make([]Check, len(targets))
	ctx = env.Passing(ctx)
	var all sync.WaitGroup
	for i, t := range targets {
		all.Go(func() { checks[i] = lookAt(ctx, actions, env, t) })
	}
	all.Wait()
	return checks
}

// lookAt is everything that is wrong with one target, and what to do.
func lookAt(parent context.Context, actions *registry.Registry, env *environment.Environment, t environment.Target) Check {
	ctx, cancel := context.WithTimeout(parent, lookTime)
	defer cancel()
	done := make(chan Check, 1)
	go func() {
		l := look{actions: actions, env: env, target: t, hidden: drive.NewRedactor(), seen: map[string]bool{}}
		done <- l.check(ctx)
	}()
	select {
	case c := <-done:
		return c
	case <-after(ctx, lateTime):
		return checkOf(t.Name, t.Type+", not ready", &action.Error{
			Message: fmt.Sprintf("it did not answer within %s", lookTime),
			Hint:    "check that the system is up, and the network to it",
		})
	}
}

// after is closed some time after a context has ended.
func after(ctx context.Context, late time.Duration) <-chan struct{} {
	out := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(late, func() { close(out) }) })
	return out
}

// look is a look at one target. Several actions say the same about a target
// that is out of reach: each problem stands once.
type look struct {
	actions  *registry.Registry
	env      *environment.Environment
	target   environment.Target
	hidden   *drive.Redactor // a target may repeat what it was sent
	seen     map[string]bool
	problems []error
	// unchecked is what could not be found out, and answered how many actions
	// found out all that they asked.
	unchecked []string
	answered  int
	unasked   []string // actions that cannot ask it beforehand
}

func (l *look) check(ctx context.Context) Check {
	if err := l.env.ReadSecrets(ctx, l.target.Name); err != nil {
		l.add(err)
		return checkOf(l.target.Name, l.target.Type+", not ready", l.problems...)
	}
	suits, asked := 0, 0
	for _, s := range l.actions.Specs() {
		form, ok := s.TargetType(l.target.Type)
		if !ok {
			continue
		}
		suits++
		target, err := l.env.Resolve(ctx, l.target.Name, s)
		if err != nil {
			continue // this action needs fields that the target is not set up for
		}
		if form.Check != nil && len(form.Check(target.Config)) > 0 {
			continue // a mail system and a website may both say how to suspend them
		}
		l.hidden.Learn(target.Config)
		if asked > 0 && ctx.Err() != nil {
			break
		}
		if !l.tools(ctx, form, target) {
			asked++
			continue
		}
		found, _ := l.actions.Lookup(s.Name)
		asks, can := found.(action.Preflighter)
		if !can {
			l.unasked = append(l.unasked, s.Name)
		} else {
			asked++
			before := len(l.unchecked)
			for _, err := range asks.Preflight(ctx, action.Request{Target: target, Allow: l.env.Policy(), Secrets: l.env.NewSecrets()}) {
				l.add(err)
			}
			if len(l.unchecked) == before {
				l.answered++
			}
		}
	}
	if len(l.unasked) > 0 && l.answered > 0 {
		l.unchecked = append(l.unchecked, "what "+strings.Join(l.unasked, ", ")+" needs there, which cannot be asked beforehand")
	}
	c := l.sum(suits, asked)
	c.Unchecked = l.unchecked
	return c
}

// tools looks for the programs that a kind of target needs and says whether
// the action itself can be asked.
func (l *look) tools(ctx context.Context, form action.TargetType, target action.Target) bool {
	if len(form.Tools) == 0 {
		return true
	}
	h, err := host.New(target.Config, l.env.Policy())
	if err != nil {
		l.add(err)
		return false
	}
	defer h.Close()
	errs := h.Check(ctx, form.Tools...)
	for _, err := range errs {
		l.add(err)
	}
	return len(errs) == 0
}

// add adds a problem that was not there yet.
func (l *look) add(err error) {
	p := &Problem{What: action.Clean(l.hidden.Text(err.Error()))}
	if l.seen[p.What] {
		return
	}
	l.seen[p.What] = true
	var e *action.Error
	if errors.As(err, &e) && e.Unchecked {
		l.unchecked = append(l.unchecked, p.What)
		return
	}
	if e != nil && e.Hint != "" {
		p.Do = append(p.Do, action.Clean(l.hidden.Text(e.Hint)))
	}
	l.problems = append(l.problems, p)
}

func (l *look) sum(suits, asked int) Check {
	switch {
	case suits == 0:
		return checkOf(l.target.Name, "not ready", &Problem{What: "no action acts on a target of type " + l.target.Type, Do: []string{"irctl target types"}})
	case len(l.problems) == 0 && (asked == 0 || l.answered == 0):
		return checkOf(l.target.Name, l.target.Type+", not checked: it cannot be asked beforehand")
	case len(l.problems) == 0:
		return checkOf(l.target.Name, l.target.Type+", reachable and permitted")
	}
	check := checkOf(l.target.Name, l.target.Type+", not ready", l.problems...)
	check.Do = slices.Compact(check.Do)
	if l.target.Fallback != "" {
		check.Do = append(check.Do, "until then, by hand: "+l.target.Fallback)
	}
	return check
}
