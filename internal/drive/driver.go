package drive

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Config is what a driver works with. All of it may be used from several
// goroutines at once.
type Config struct {
	// Run is the run's id, a ULID.
	Run string
	// Action finds an action by its name.
	Action func(name string) (action.Action, bool)
	// Environment gives targets, values and the policy.
	Environment Environment
	// Secrets look up the run's secret inputs, which are never journaled. All are
	// asked for at the beginning, so that they are known where they are shown; one
	// that cannot be had then is asked for again by each step that uses it.
	Secrets map[string]func() (action.Secret, error)
	// Hidden are secrets that no step is given, and that its output may show.
	Hidden []action.Secret
	// Keep stores bytes beside the journal by digest (a run's artifacts).
	Keep func(r io.Reader) (digest string, size int64, head string, err error)
	// Evidence returns the path of what a person handed in, by its digest, once it
	// has seen that the file has it; nil if no files are kept.
	Evidence func(digest string) (path string, err error)
	// Dir returns an existing private folder for the files of the run.
	Dir string
	// Children are the processes that attempts start; nil if none are kept.
	Children Children
	// Guard holds what is about to be done against what is protected and limited;
	// nil if nothing is.
	Guard *guard.Guard
	// Policy says what overriding it takes at least; nil is one person.
	Policy Policy
	// Claims knows what other runs rely on; nil if there are none to be seen.
	Claims Claims
	// Now is the clock, in UTC.
	Now func() time.Time
	// Until ends a context at a time of the clock, with a cause; nil suits a
	// clock that goes as fast as the real time, whatever time it shows.
	Until func(ctx context.Context, at time.Time, cause error) (context.Context, context.CancelFunc)
	// Evaluator may be shared by the drivers of many runs of one plan, so that
	// its expressions are compiled once; nil is one of the driver's own.
	Evaluator *expr.Evaluator
}

// Environment is the part of an environment that a driver needs.
type Environment interface {
	// Resolve returns a target with its secrets, for an action of that Spec.
	Resolve(ctx context.Context, name string, spec action.Spec) (action.Target, error)
	// Value returns one of the environment's texts, env.NAME in expressions.
	Value(name string) (string, bool)
	// Select returns the names of the targets that a selector means, sorted; none is
	// an error.
	Select(selector string) ([]string, error)
	// Described is how a target is described, a text for each field; nil if there
	// is no such target.
	Described(name string) map[string]any
	// Name of the environment.
	Name() string
	// Policy of the network.
	Policy() action.Allow
	// NewSecrets is where new credentials go; nil if the environment has no place.
	NewSecrets() action.SecretStore
}

// Driver answers effects. Its methods may be called from several goroutines.
type Driver struct {
	cfg    Config
	eval   *expr.Evaluator
	redact *Redactor
	had    sync.Map // secret inputs that were looked up, by name

	holding sync.Mutex
	held    []func() // counts that nobody else may go by meanwhile

	sparing sync.Mutex
	checked sync.Map // what the checks of this process have touched, and when
}

// secret is a secret input.
func (d *Driver) secret(name string) (action.Secret, error) {
	if had, ok := d.had.Load(name); ok {
		return had.(action.Secret), nil
	}
	s, err := d.cfg.Secrets[name]()
	if err == nil {
		d.redact.Add(s)
		d.had.Store(name, s)
	}
	return s, err
}

// New returns a driver of one run.
func New(cfg Config) *Driver {
	d := &Driver{cfg: cfg, eval: cfg.Evaluator, redact: NewRedactor()}
	if d.eval == nil {
		d.eval = expr.NewEvaluator()
	}
	if d.cfg.Until == nil {
		d.cfg.Until = func(ctx context.Context, at time.Time, cause error) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, at.Sub(d.now()), cause)
		}
	}
	for _, s := range cfg.Hidden {
		d.redact.Add(s)
	}
	for name := range cfg.Secrets {
		_, _ = d.secret(name) // who needs it says what is wrong
	}
	return d
}

// defaultTimeout ends an attempt whose step names no timeout: at 3 am a step
// that hangs for ever looks like one that works.
const defaultTimeout = 10 * time.Minute

// defaultInterval is how often a wait's condition is looked at.
const defaultInterval = 10 * time.Second

func (d *Driver) now() time.Time { return d.cfg.Now().UTC() }

// event makes an event about a step, now.
func (d *Driver) event(path string, b event.Body) event.Event {
	return event.Event{Time: d.now(), Path: path, Body: b}
}

// Answer returns the event that answers an effect whose time has come, and that
// needs neither a target nor a second look. ok is false for the others:
// Perform, Abort, Watch and PerformUndo.
func (d *Driver) Answer(s engine.State, f engine.Effect) (e event.Event, ok bool) {
	switch f.Kind {
	case engine.Begin:
		return d.Begin(s, f.Path), true
	case engine.Conclude:
		return d.Conclude(s, f.Path), true
	case engine.Expire:
		return d.Expire(s, f.Path), true
	case engine.BeginUndo:
		return d.BeginUndo(s, f.Path), true
	case engine.EndRun:
		return d.End(s, f.Status), true
	}
	return event.Event{}, false
}

func nodeOf(s engine.State, st engine.Step) *plan.Node { return s.Plan().Node(st.Node) }
