//go:build unix

package crash

import (
	"context"
	"fmt"
	"os"
	"sync"
	"syscall"
	"testing"

	"github.com/irctl/irctl/internal/cli"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/store/storetest"
	"github.com/irctl/irctl/pkg/action"
)

// The environment of a process that is irctl, not the tests.
const (
	asIrctl  = "IRCTL_CRASH_AS_IRCTL" // "1"
	dieAt    = "IRCTL_CRASH_AT"       // name of the point to die at; "" is never
	pointsTo = "IRCTL_CRASH_POINTS"   // file that gets the name of every point
)

// TestMain is irctl when the environment says so.
func TestMain(m *testing.M) {
	if os.Getenv(asIrctl) == "" {
		os.Exit(m.Run())
	}
	k := &killer{at: os.Getenv(dieAt)}
	if path := os.Getenv(pointsTo); path != "" {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		k.points = f
	}
	w := cli.System()
	w.FS = storetest.New(store.OS{}, k.disk)
	w.WrapAction = k.wrap
	os.Exit(cli.Main(w))
}

// killer names the points that the process reaches and ends it at one.
type killer struct {
	mu      sync.Mutex
	at      string
	journal int // points at the journal so far
	points  *os.File
}

// journalPoint is the name of a process's nth point at its journal.
func journalPoint(n int) string { return fmt.Sprintf("journal %d", n) }

func (k *killer) reach(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pass(name)
}

func (k *killer) pass(name string) {
	if k.points != nil {
		_, _ = fmt.Fprintln(k.points, name)
	}
	if name == k.at {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // nothing more happens, however long the signal takes
	}
}

// disk makes every stage of every write and sync of the journal a point:
// before it, in the middle of a write, and after it.
func (k *killer) disk(p storetest.Point, _ storetest.Stage) error {
	if p.File == "journal.jsonl" && (p.Op == "write" || p.Op == "sync") {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.journal++
		k.pass(journalPoint(k.journal))
	}
	return nil
}

// wrap makes the moments between intent, effect and outcome points.
func (k *killer) wrap(a action.Action) action.Action {
	d := deadly{a, k}
	i, inspects := a.(action.Inspector)
	u, undoes := a.(action.Undoer)
	switch {
	case inspects && undoes:
		return struct {
			deadly
			action.Inspector
			deadlyUndo
		}{d, i, deadlyUndo{u, k}}
	case inspects:
		return struct {
			deadly
			action.Inspector
		}{d, i}
	case undoes:
		return struct {
			deadly
			deadlyUndo
		}{d, deadlyUndo{u, k}}
	}
	return d
}

type deadly struct {
	action.Action
	k *killer
}

func (d deadly) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	d.k.reach("intent " + req.Path)
	res, err := d.Action.Run(ctx, req, out)
	d.k.reach("effect " + req.Path)
	return res, err
}

type deadlyUndo struct {
	action.Undoer
	k *killer
}

func (d deadlyUndo) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	d.k.reach("undo intent " + req.Path)
	res, err := d.Undoer.Undo(ctx, req, out)
	d.k.reach("undo effect " + req.Path)
	return res, err
}
