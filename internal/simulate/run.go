package simulate

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// maxEvents ends a run that goes round in a circle in which no time passes.
const maxEvents = 20_000

// RunID is the id of every simulated run.
const RunID = "00000000000000000000000000"

// Run carries out a run until it has ended, or until nothing will happen any
// more: it waits for people who do not answer, or for a condition that cannot
// change.
func Run(cfg Config) Result {
	s := newSim(cfg)
	s.begin()
	for s.broken == "" && s.turn() {
		if len(s.events) > maxEvents {
			s.broken = "the run did not come to an end within " + strconv.Itoa(maxEvents) + " events: it goes round in a circle"
		}
	}
	return Result{s.state, s.events, s.refused, s.broken, s.state.Last().Sub(s.cfg.Start)}
}

// sim is one call of Run.
type sim struct {
	cfg     Config
	driver  *drive.Driver
	state   engine.State
	now     time.Time
	events  []event.Event
	perPath map[string]int // events about each step
	refused []Refusal
	broken  string

	due     []*due              // what will happen, in the order of being planned
	working map[string]*working // attempts under way, by path
	current *performance        // the attempt that the driver performs at this moment
	asked   map[string]bool     // questions that were put to the world
	looks   map[string]int      // waits whose condition did not hold after so many events
	targets map[string]looking  // waits whose target was asked
	atEnd   bool                // what follows the end is planned
	seen    int                 // events when attempts and questions were last looked for
}

func newSim(cfg Config) *sim {
	cfg.Start = cfg.Start.UTC().Truncate(time.Microsecond) // as events keep it
	if cfg.Evaluator == nil {
		cfg.Evaluator = expr.NewEvaluator()
	}
	s := &sim{
		cfg: cfg, state: engine.New(cfg.Plan), now: cfg.Start, perPath: map[string]int{},
		working: map[string]*working{}, asked: map[string]bool{}, looks: map[string]int{}, targets: map[string]looking{},
	}
	secrets := map[string]func() (action.Secret, error){}
	for name, secret := range cfg.Secrets {
		secrets[name] = func() (action.Secret, error) { return secret, nil }
	}
	acts := map[string]action.Action{}
	s.driver = drive.New(drive.Config{
		Run: RunID, Environment: nowhere{cfg}, Secrets: secrets, Evaluator: cfg.Evaluator,
		Action: func(name string) (action.Action, bool) {
			if a, ok := acts[name]; ok {
				return a, true
			}
			spec, ok := cfg.Spec(name)
			if ok {
				acts[name] = s.act(spec)
			}
			return acts[name], ok
		},
		Keep: func(io.Reader) (string, int64, string, error) {
			return "", 0, "", errors.New("a simulated run keeps no files")
		},
		Evidence: func(name string) (string, error) { return "evidence/" + name, nil },
		Now:      func() time.Time { return s.now },
		Until:    s.until,
	})
	return s
}

// until is context.WithDeadlineCause by the simulated clock.
func (s *sim) until(ctx context.Context, at time.Time, cause error) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancelCause(ctx)
	if !at.IsZero() && !s.now.Before(at) {
		cancel(cause)
	}
	return inner, func() { cancel(nil) }
}

// nowhere is the environment of a run without a world: every target is there.
type nowhere struct{ cfg Config }

func (n nowhere) Resolve(_ context.Context, name string, _ action.Spec) (action.Target, error) {
	return action.Target{Name: name}, nil
}

func (n nowhere) Value(name string) (string, bool) { return n.cfg.Value(name) }
func (n nowhere) Select(selector string) ([]string, error) {
	return []string{selector + "-1", selector + "-2"}, nil // nobody knows which there are
}
func (n nowhere) Name() string                    { return n.cfg.Environment }
func (n nowhere) Policy() action.Allow            { return action.Allow{} }
func (n nowhere) Described(string) map[string]any { return nil }
func (n nowhere) NewSecrets() action.SecretStore  { return nil }

// begin makes the run's first event and plans what people do unasked.
func (s *sim) begin() {
	refs := event.Values{}
	for name := range s.cfg.Secrets {
		refs[name] = "env:" + strings.ToUpper(name)
	}
	by := s.cfg.By
	s.apply(event.Event{Time: s.now, By: &by, Body: event.RunStarted{
		Run: RunID, Runbook: s.cfg.Plan.Runbook, Title: s.cfg.Plan.Title, Source: s.cfg.Plan.Source,
		Environment: s.cfg.Environment, Inputs: s.cfg.Inputs, SecretRefs: refs,
	}})
	for _, i := range s.cfg.Interventions {
		if !i.AtEnd {
			s.plan(&due{at: s.cfg.Start.Add(i.At), intervention: &i})
		}
	}
}

// turn does what is next. It reports whether anything was.
func (s *sim) turn() bool {
	if s.seen != len(s.events) {
		s.seen = len(s.events)
		s.launch()
		s.ask()
	}
	if s.deliver() || s.answer() {
		return true
	}
	at := s.next()
	if at.IsZero() {
		return false
	}
	s.now = at
	return true
}

// apply adds an event that must be possible.
func (s *sim) apply(e event.Event) {
	if err := s.try(e); err != nil && s.broken == "" {
		s.broken = "irctl is broken: the engine refuses the answer to its own question: " + err.Error()
	}
}

// try adds an event if it can happen now.
func (s *sim) try(e event.Event) error {
	next, err := engine.Apply(s.state, e)
	if err != nil {
		return err
	}
	s.state = next
	s.events = append(s.events, e)
	s.perPath[e.Path]++
	if s.cfg.Tell != nil {
		s.cfg.Tell(e)
	}
	return nil
}

// answer answers the effects whose time has come. It reports whether there was
// one.
func (s *sim) answer() bool {
	progress := false
	for _, f := range engine.Outstanding(s.state) {
		if f.At.After(s.now) {
			continue
		}
		e, ok := s.driver.Answer(s.state, f)
		if f.Kind == engine.Watch {
			e, ok = s.watch(f.Path)
		}
		if !ok {
			continue
		}
		if progress {
			if s.try(e) != nil {
				continue // an answer before this one has changed what is owed
			}
		} else {
			s.apply(e)
		}
		progress = s.broken == ""
	}
	return progress
}

func node(s engine.State, st engine.Step) *plan.Node { return s.Plan().Node(st.Node) }
