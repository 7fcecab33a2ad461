//go:build unix

package proof

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"testing"

	"github.com/irctl/irctl/internal/child"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/store/storetest"
	"github.com/irctl/irctl/pkg/action"
)

// The environment of a process that is irctl, not the tests.
const (
	faultAt   = "IRCTL_PROOF_FAULT"   // a fault, as fault.String writes it
	witnessTo = "IRCTL_PROOF_WITNESS" // file that gets a line for every write and every effect
	panics    = "IRCTL_PROOF_PANIC"   // how exec panics with what it was given: value, text, or process
)

func TestMain(m *testing.M) { os.Exit(child.Main(m, arrange)) }

// arrange puts the fault and the witness that the environment asks for into a
// world.
func arrange(w *outside.World) error {
	said, err := parrots()
	if err != nil {
		return err
	}
	w.WrapAction = said
	path := os.Getenv(witnessTo)
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	see := &witness{out: f}
	at, err := parseFault(os.Getenv(faultAt))
	if err != nil {
		return err
	}
	w.FS = storetest.New(unsynced{}, see.disk(at))
	w.WrapAction = see.action
	return nil
}

// unsynced is the disk without its slowest part: no power is lost here, and
// what a sync is for is counted before it would happen.
type unsynced struct{ store.OS }

// OpenFile implements [store.FS].
func (u unsynced) OpenFile(name string, flag int, perm fs.FileMode) (store.File, error) {
	f, err := u.OS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return unsyncedFile{f}, nil
}

// SyncDir implements [store.FS].
func (unsynced) SyncDir(string) error { return nil }

type unsyncedFile struct{ store.File }

// Sync implements [store.File].
func (unsyncedFile) Sync() error { return nil }

// fault is what goes wrong with the disk, and when. The zero value is nothing.
type fault struct {
	kind  string // full, dead, or fail
	n     int    // at (fail) or from (full, dead) which operation, from 1
	stage storetest.Stage
	errno syscall.Errno
}

func (f fault) String() string {
	return fmt.Sprintf("%s %d %d %d", f.kind, f.n, f.stage, f.errno)
}

func parseFault(text string) (storetest.At, error) {
	var f fault
	if text == "" {
		return func(storetest.Point, storetest.Stage) error { return nil }, nil
	}
	if _, err := fmt.Sscanf(text, "%s %d %d %d", &f.kind, &f.n, &f.stage, &f.errno); err != nil {
		return nil, fmt.Errorf("%q is no fault: %w", text, err)
	}
	switch f.kind {
	case "full":
		return storetest.FullFrom(f.n, f.errno), nil
	case "dead":
		return storetest.DeadFrom(f.n, f.errno), nil
	case "fail":
		return storetest.FailAt(f.n, f.stage, f.errno), nil
	}
	return nil, fmt.Errorf("%q is no fault", text)
}

// witness writes down what the process does, in the order in which it does it.
type witness struct {
	mu  sync.Mutex
	out *os.File
}

func (s *witness) saw(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = fmt.Fprintf(s.out, format+"\n", args...)
}

// disk notes every operation of the store that changes something, and whether
// it failed.
func (s *witness) disk(at storetest.At) storetest.At {
	return func(p storetest.Point, stage storetest.Stage) error {
		err := at(p, stage)
		switch {
		case err != nil:
			s.saw("broke %s %s", p.Op, p.File)
		case stage == storetest.Before:
			s.saw("disk %s %s", p.Op, p.File)
		}
		return err
	}
}

// action notes every use of the actions that these tests act with.
func (s *witness) action(a action.Action) action.Action {
	if name := a.Spec().Name; name != "exec" && name != "assert" {
		return a
	}
	return witnessed{a, s}
}

type witnessed struct {
	action.Action
	s *witness
}

// Run implements [action.Action].
func (w witnessed) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	if ctx.Err() == nil {
		w.s.saw("act %s", req.Path)
	}
	if how := os.Getenv(panics); how != "" {
		breaks(how, req)
	}
	return w.Action.Run(ctx, req, out)
}

// breaks is an action with a fault in it, and with secrets in hand.
func breaks(how string, req action.Request) {
	env, _ := req.With["env"].(map[string]any)
	secret := env["TOKEN"].(action.Secret)
	switch how {
	case "value":
		panic(secret)
	case "text":
		panic("cannot use " + secret.Reveal())
	}
	died := make(chan struct{})
	go func() {
		defer close(died)
		panic(fmt.Errorf("cannot use %v in %+v", secret, req.With))
	}()
	<-died
	select {} // the process ends
}
