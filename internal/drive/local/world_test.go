package local_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// world is a target in memory, a journal in memory, and actions that act on
// the target. It outlives the processes that drive the run.
type world struct {
	t    *testing.T
	plan *plan.Plan

	mu      sync.Mutex
	journal [][]byte
	appends int
	failAt  int // the append that fails, from 1; 0 is none
	effects []string
	on      map[string]bool // state of each action's target
	acts    map[string]*act
	secrets map[string]action.Secret
	inbox   inbox
}

// act is the action test.NAME. By default it switches its target on.
type act struct {
	w          *world
	name       string
	run        func(ctx context.Context, req action.Request, out action.Sink) (action.Result, error)
	blind      bool // Inspect cannot tell
	idempotent bool
	inspected  func(context.Context, action.Request) error // what a look finds out about itself
	found      func(*action.Inspection)                    // changes what a look found
	undone     func(action.Request)                        // sees what is undone
}

func newWorld(t *testing.T, p *plan.Plan) *world {
	return &world{t: t, plan: p, on: map[string]bool{}, acts: map[string]*act{}, secrets: map[string]action.Secret{}}
}

func (w *world) act(name string) *act {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, ok := w.acts[name]
	if !ok {
		a = &act{w: w, name: name, idempotent: true}
		w.acts[name] = a
	}
	return a
}

func (a *act) Spec() action.Spec {
	return action.Spec{Name: a.name, Effect: action.Change, Idempotent: a.idempotent, Inputs: []action.Field{
		{Name: "text", Type: action.String}, {Name: "password", Type: action.String, Secret: true},
	}}
}

func (a *act) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	if a.run != nil {
		return a.run(ctx, req, out)
	}
	return a.switchTo(req, true)
}

func (a *act) switchTo(req action.Request, on bool) (action.Result, error) {
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	if a.w.on[req.Path] == on {
		return action.Result{Already: true}, nil
	}
	a.w.on[req.Path] = on
	a.w.effects = append(a.w.effects, fmt.Sprintf("%s %v", req.Path, on))
	return action.Result{Changed: true, Outputs: map[string]any{"path": req.Path}}, nil
}

func (a *act) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	if a.inspected != nil {
		if err := a.inspected(ctx, req); err != nil {
			return action.Inspection{}, err
		}
	}
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	in := action.Inspection{Known: !a.blind, Desired: a.w.on[req.Path], Outputs: map[string]any{"path": req.Path}}
	if a.found != nil {
		a.found(&in)
	}
	return in, nil
}

func (a *act) Undo(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	if a.undone != nil {
		a.undone(req)
	}
	return a.switchTo(req, false)
}

var errDisk = errors.New("no space left on device")

func (w *world) append(_ journal.Due, bodies ...[]byte) ([][]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.appends++
	if w.appends == w.failAt {
		return nil, errDisk
	}
	w.journal = append(w.journal, bodies...)
	return bodies, nil
}

// fold is the state that a new process finds.
func (w *world) fold() (engine.State, map[string]bool) {
	s, seen := engine.New(w.plan), map[string]bool{}
	for _, line := range w.journal {
		e, err := event.Decode(line)
		require.NoError(w.t, err)
		s, err = engine.Apply(s, e)
		require.NoError(w.t, err, "%s", line)
		seen[e.Request] = true
	}
	return s, seen
}

func (w *world) keep(r io.Reader) (string, int64, string, error) {
	b, err := io.ReadAll(r)
	sum := sha256.Sum256(b)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.effects = append(w.effects, "kept "+string(b))
	return hex.EncodeToString(sum[:]), int64(len(b)), string(b), err
}

// drive runs the run in a new "process".
func (w *world) drive(change ...func(*local.Config)) (engine.State, error) {
	if len(w.journal) == 0 {
		body, err := event.Event{Time: time.Now(), By: &event.Actor{User: "root"}, Body: event.RunStarted{Run: "01RUN", Runbook: "test"}}.Encode()
		require.NoError(w.t, err)
		w.journal = append(w.journal, body)
	}
	s, seen := w.fold()
	cfg := local.Config{
		Driver: w.driver(time.Now),
		Append: w.append, Now: time.Now, Seen: seen, Actor: &event.Actor{User: "root"},
	}
	if w.inbox.waiting != nil {
		cfg.Inbox = &w.inbox
	}
	for _, c := range change {
		c(&cfg)
	}
	return local.Run(w.t.Context(), s, cfg)
}

func (w *world) driver(now func() time.Time) *drive.Driver {
	return drive.New(drive.Config{
		Run: "01RUN", Now: now, Keep: w.keep, Secrets: given(w.secrets),
		Action: func(name string) (action.Action, bool) { return w.act(name), true },
	})
}

func (w *world) trace() []string {
	var out []string
	for _, line := range w.journal {
		e, err := event.Decode(line)
		require.NoError(w.t, err)
		out = append(out, strings.TrimSpace(string(e.Type())+" "+e.Path))
	}
	return out
}

func (w *world) text() string { return string(bytes.Join(w.journal, []byte("\n"))) }

// inbox is a local.Inbox in memory.
type inbox struct {
	mu      sync.Mutex
	waiting []local.Request
	answers map[string]error
}

func (in *inbox) Requests() ([]local.Request, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.waiting), nil
}

func (in *inbox) Answer(id string, err error) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.answers == nil {
		in.answers = map[string]error{}
	}
	in.answers[id] = err
	in.waiting = slices.DeleteFunc(in.waiting, func(r local.Request) bool { return r.ID == id })
	return nil
}

func given(secrets map[string]action.Secret) map[string]func() (action.Secret, error) {
	out := map[string]func() (action.Secret, error){}
	for name, s := range secrets {
		out[name] = func() (action.Secret, error) { return s, nil }
	}
	return out
}
