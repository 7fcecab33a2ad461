//go:build unix

package child

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"

	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/store/storetest"
	"github.com/irctl/irctl/pkg/action"
)

const (
	dieAt    = "IRCTL_TEST_DIE_AT"
	pointsTo = "IRCTL_TEST_POINTS"
)

// The points of a step: each is followed by a blank and the step's path.
const (
	Intent     = "intent"      // the action is about to be used
	Record     = "record"      // before what it records is written down
	Recorded   = "recorded"    // and after that, before anything is changed
	Effect     = "effect"      // the action has returned, and no outcome is written
	UndoIntent = "undo intent" // the same for undoing
	UndoEffect = "undo effect"
)

// Journal is the point at which the process has come for the nth time to a
// stage of a write or a sync of the journal: before it, in the middle of it,
// or after it.
func Journal(n int) string { return fmt.Sprintf("journal %d", n) }

// Disk is the point at which the process has come for the nth time to a stage
// of an operation of the store that changes a file or a folder: before it, in
// the middle of a write, or after it.
func Disk(n int) string { return fmt.Sprintf("disk %d", n) }

// Dying are the variables of a [Command] that dies at a point; one of a step
// without the path is that of the first step to reach it, "" is never. The
// names of all points that it passes are written to the file trace, unless
// that is "".
func Dying(at, trace string) []string { return []string{dieAt + "=" + at, pointsTo + "=" + trace} }

// dieAtPoint arranges what the environment says about dying.
func dieAtPoint(w *outside.World) error {
	k := &killer{at: os.Getenv(dieAt)}
	trace := os.Getenv(pointsTo)
	if k.at == "" && trace == "" {
		return nil
	}
	if trace != "" {
		var err error
		if k.points, err = os.OpenFile(trace, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
			return err
		}
	}
	w.FS, w.WrapAction = storetest.New(store.OS{}, k.disk), k.wrap
	return nil
}

// killer names the points that the process reaches and ends it at one.
type killer struct {
	mu      sync.Mutex
	at      string
	journal int // points at the journal so far
	disks   int // points at any file so far
	points  *os.File
}

func (k *killer) reach(point, path string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pass(point + " " + path)
}

func (k *killer) pass(name string) {
	if k.points != nil {
		_, _ = fmt.Fprintln(k.points, name)
	}
	if k.at != "" && (name == k.at || strings.HasPrefix(name, k.at+" ")) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // nothing more happens, however long the signal takes
	}
}

func (k *killer) disk(p storetest.Point, _ storetest.Stage) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.disks++
	k.pass(Disk(k.disks))
	if p.File == "journal.jsonl" && (p.Op == "write" || p.Op == "sync") {
		k.journal++
		k.pass(Journal(k.journal))
	}
	return nil
}

func (k *killer) wrap(a action.Action) action.Action {
	d := mortal{a, k}
	i, inspects := a.(action.Inspector)
	u, undoes := a.(action.Undoer)
	switch {
	case inspects && undoes:
		return struct {
			mortal
			action.Inspector
			mortalUndo
		}{d, i, mortalUndo{u, k}}
	case inspects:
		return struct {
			mortal
			action.Inspector
		}{d, i}
	case undoes:
		return struct {
			mortal
			mortalUndo
		}{d, mortalUndo{u, k}}
	}
	return d
}

type mortal struct {
	action.Action
	k *killer
}

// Run implements [action.Action].
func (m mortal) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	m.k.reach(Intent, req.Path)
	res, err := m.Action.Run(ctx, req, mortalSink{out, m.k, req.Path})
	m.k.reach(Effect, req.Path)
	return res, err
}

type mortalSink struct {
	action.Sink
	k    *killer
	path string
}

// Record implements [action.Sink].
func (s mortalSink) Record(values map[string]any) error {
	s.k.reach(Record, s.path)
	err := s.Sink.Record(values)
	s.k.reach(Recorded, s.path)
	return err
}

type mortalUndo struct {
	action.Undoer
	k *killer
}

// Undo implements [action.Undoer].
func (m mortalUndo) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	m.k.reach(UndoIntent, req.Path)
	res, err := m.Undoer.Undo(ctx, req, out)
	m.k.reach(UndoEffect, req.Path)
	return res, err
}
