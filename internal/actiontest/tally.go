package actiontest

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// Check is one thing that was tried ("protocol: it says hello", "door.lock: a look
// changes nothing"), and what is wrong with it; "" is nothing.
type Check struct{ Name, Problem string }

// Tally is a [T] for who tries an action outside of go test: it gathers what was
// tried.
type Tally struct {
	ctx    context.Context
	name   string
	said   []string // what failed
	checks []Check
}

// NewTally returns a tally for trials that end with ctx.
func NewTally(ctx context.Context) *Tally { return &Tally{ctx: ctx} }

// Checks is what was tried so far, in order.
func (t *Tally) Checks() []Check { return t.checks }

// Check adds something that was tried; err is what is wrong with it.
func (t *Tally) Check(name string, err error) {
	c := Check{Name: name}
	if err != nil {
		c.Problem = err.Error()
	}
	t.checks = append(t.checks, c)
}

// Context implements T.
func (t *Tally) Context() context.Context { return t.ctx }

// Errorf implements T. Where in the suite it failed tells nothing to
// whoever wrote the action.
func (t *Tally) Errorf(format string, args ...any) {
	var out []string
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		label, rest, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if text := strings.TrimSpace(rest); label == "Error:" || label == "Messages:" {
			out = append(out, text)
		} else if filepath.Ext(strings.Split(label, ":")[0]) != ".go" && !strings.HasPrefix(label, "Error Trace:") {
			out = append(out, strings.TrimSpace(label+" "+text))
		}
	}
	t.said = append(t.said, strings.TrimSpace(strings.Join(out, " ")))
}

// FailNow implements T.
func (t *Tally) FailNow() { runtime.Goexit() }

// Run implements T.
func (t *Tally) Run(name string, f func(T)) bool {
	if t.ctx.Err() != nil {
		return false
	}
	inner := &Tally{ctx: t.ctx, name: strings.TrimPrefix(t.name+": "+name, ": ")}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(inner)
	}()
	<-done
	if len(inner.checks) == 0 || len(inner.said) > 0 {
		t.checks = append(t.checks, Check{inner.name, strings.Join(inner.said, "; ")})
	}
	t.checks = append(t.checks, inner.checks...)
	return len(inner.said) == 0
}
