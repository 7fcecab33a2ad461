//go:build unix

package real

import (
	"context"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/irctl/irctl/internal/cli"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/store/storetest"
	"github.com/irctl/irctl/pkg/action"
)

// The environment of a process that is irctl, not the tests.
const (
	asIrctl = "IRCTL_REAL_AS_IRCTL" // "1"
	dieAt   = "IRCTL_REAL_DIE_AT"   // a moment; "" is never
)

// The moments of an action at which a process can die.
const (
	beforeRecord = "before the record"
	afterRecord  = "after the record" // and before anything was changed
	afterEffect  = "after the effect" // and before its outcome was written
	afterUndo    = "after the undo"   // and before its outcome was written
)

// journalPoint and a number is the moment at which the process has written to
// its journal, or made it durable, so many times: before, amid or after one.
const journalPoint = "journal "

// TestMain is irctl when the environment says so.
func TestMain(m *testing.M) {
	if os.Getenv(asIrctl) == "" {
		os.Exit(m.Run())
	}
	w := cli.System()
	if n, ok := strings.CutPrefix(os.Getenv(dieAt), journalPoint); ok {
		w.FS = storetest.New(store.OS{}, dieAtPoint(n))
	}
	w.WrapAction = func(a action.Action) action.Action { return mortal(a, os.Getenv(dieAt)) }
	os.Exit(cli.Main(w))
}

// dieAtPoint counts stages of writes and syncs of the journal.
func dieAtPoint(number string) func(storetest.Point, storetest.Stage) error {
	left, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic(err)
	}
	var passed atomic.Int64
	return func(p storetest.Point, _ storetest.Stage) error {
		if p.File == "journal.jsonl" && (p.Op == "write" || p.Op == "sync") && passed.Add(1) == left {
			die()
		}
		return nil
	}
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // nothing more happens, however long the signal takes
}

// mortal is an action whose process dies at a moment of it.
func mortal(a action.Action, at string) action.Action {
	i, inspects := a.(action.Inspector)
	u, undoes := a.(action.Undoer)
	r := doomed{a, at}
	switch {
	case at == "":
		return a
	case inspects && undoes:
		return struct {
			doomed
			action.Inspector
			doomedUndo
		}{r, i, doomedUndo{u, at}}
	case inspects:
		return struct {
			doomed
			action.Inspector
		}{r, i}
	}
	return r
}

type doomed struct {
	action.Action
	at string
}

func (d doomed) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	res, err := d.Action.Run(ctx, req, doomedSink{out, d.at})
	if d.at == afterEffect {
		die()
	}
	return res, err
}

type doomedSink struct {
	action.Sink
	at string
}

func (s doomedSink) Record(values map[string]any) error {
	if s.at == beforeRecord {
		die()
	}
	err := s.Sink.Record(values)
	if s.at == afterRecord {
		die()
	}
	return err
}

type doomedUndo struct {
	action.Undoer
	at string
}

func (u doomedUndo) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	res, err := u.Undoer.Undo(ctx, req, out)
	if u.at == afterUndo {
		die()
	}
	return res, err
}
