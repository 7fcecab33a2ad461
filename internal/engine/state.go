package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/benbjohnson/immutable"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// State is where a run stands. It is a value: Apply returns a new one and
// leaves the old one as it was, sharing what did not change. It may be read
// from several goroutines.
type State struct {
	ix    *index
	root  *Step // the run itself, as the step around all others; its path is ""
	steps records
	order *turn // the latest step to have had its turn
	vars  *immutable.Map[string, any]
	open  []string // steps whose token still stands, oldest first; replaced, never changed
	run   run
}

// turn is a step's place in the order of beginning. The turns before it are
// shared by all later states.
type turn struct {
	path   string
	folded *Step // as a Fold left it, if one did
	before *turn
	number int // from 1
}

// run is what is known about the run as a whole.
type run struct {
	started    *event.RunStarted // nil before the run's first event
	by         *event.Actor
	startedAt  time.Time
	endedAt    time.Time
	last       time.Time
	status     event.Status // once ended, else ""
	message    string
	outputs    event.Values
	paused     bool
	halted     bool         // paused with all other runs
	pausing    *event.Event // that paused it last
	outcomes   int          // how many steps have had an outcome; numbers them
	rollback   *rollback
	shared     []event.TargetShared
	overrides  []event.OverrideRequested
	granted    []string                          // what people let the whole run do
	touched    *immutable.Map[string, time.Time] // by its attempts, and when last
	hold       *event.Event                      // that placed it; nil if the run is not on hold
	checkpoint string                            // the last one
	delegated  []event.Event
	stated     []event.Event
	glass      []event.Event // approvals that one person gave in place of others
	// statements are those that were signed: none counts twice.
	statements *immutable.Map[string, struct{}]
	notices    int       // how many were started
	telling    []Telling // notices without an outcome, oldest first; replaced, never changed
}

// Phase says what a step's token is doing. It is finer than a Status. The zero
// value is invalid.
type Phase string

// The phases.
const (
	Entering   Phase = "entering"   // its turn has come; the driver finds out what it needs
	Delayed    Phase = "delayed"    // begins at NotBefore
	Approving  Phase = "approving"  // waits for people to agree
	Ready      Phase = "ready"      // people agreed; it may begin
	Attempting Phase = "attempting" // the intent is durable, the outcome is not known yet
	Retrying   Phase = "retrying"   // tries again at RetryAt
	Asking     Phase = "asking"     // waits for a person to do something and say so
	Timing     Phase = "timing"     // waits for a time or a condition
	Inside     Phase = "inside"     // its blocks run
	Closing    Phase = "closing"    // its blocks are being ended early
	Concluding Phase = "concluding" // all is in; the driver works out the outcome
	Deciding   Phase = "deciding"   // failed; a person decides how to go on
	Doubtful   Phase = "doubtful"   // nobody can tell what happened; a person resolves it
	Ended      Phase = "ended"
)

// Step is one instance of a node: the node's turn in this run. Callers must
// not change what it points to.
type Step struct {
	Path   string      // "rotate[alice]/reset"; "#2" is appended on a second visit
	Parent string      // path of the step whose block it stands in, "" for the run
	Lane   int         // which block or item of Parent
	Node   plan.NodeID // None for the run itself
	Status event.Status
	Phase  Phase

	Started, Ended time.Time
	Since          time.Time // since when it is in this phase
	NotBefore      time.Time // Delayed, Timing: when that is over
	RetryAt        time.Time // Retrying
	Deadline       time.Time // when it fails by itself; zero is never

	Attempt   int          // tries so far
	Base      int          // tries before a person last said "retry"
	Doubted   []int        // attempts whose end nobody saw
	Key       string       // idempotency key of the attempts
	Target    string       // of the latest attempt, or of the one that people are asked about
	With      event.Values // inputs of that attempt, without secrets
	Record    event.Values // what its attempts recorded for undo and recovery
	Title     string       // with its expressions filled in; "" if the node's title has none
	Text      string       // what people are asked
	Outputs   event.Values // nil until it has an outcome
	Summary   string       // one line about the outcome
	Error     *event.Failure
	Changed   bool // the target was changed by this step
	Observed  bool // the outcome was found by looking
	Verified  bool
	Fallback  bool // asks a person because the automation failed
	Artifacts []event.Artifact
	By        *event.Actor // the person who ended it, if one did

	Roles     []string // who may approve, while and after it was asked; see MayAnswer
	Escalate  Escalation
	Need      int
	Asked     *event.Event // the approval_asked that is to be answered, or was
	Granted   []string     // what people let it touch although it is protected
	Approvals []Approval
	Refused   *Approval
	Told      []Notice // oldest first; replaced, never changed
	Denied    string   // a person said that it did not happen, for this reason, and is not tried again

	Branch    string       // If, Switch: the block taken
	Items     []any        // ForEach
	Keys      []string     // ForEach
	Inputs    event.Values // Call
	Looks     int          // Wait: how often something new was seen
	Failures  int          // ForEach: items that failed
	Iteration int          // While

	untried  bool // failed before its condition was known to hold
	Aborting bool // told to stop; its outcome moves no token
	Undo     Undo

	// Inherited are the steps of other runs whose undoing was left to this one,
	// newest first.
	Inherited []event.Kept

	lanes, nextLane, openLanes int
	batch, batchFailures       int // ForEach: the lane at which the batch began, and what failed in it
	closing                    *closing
	cleaned                    bool           // its always steps have had their turn
	broken                     *event.Failure // of the first lane that failed, if a block around says what follows
	outcome                    int            // number of its outcome, for the order of undoing
	visits                     int            // of the first visit's path
	latest                     string         // path of the latest visit
}

// Approval is one person's word.
type Approval struct {
	By      event.Actor
	Role    string
	Comment string
	At      time.Time
	Key     string // that signed it, "" if none did
	// BreakGlass says that it stands for all others.
	BreakGlass bool
}

// closing says why a block is being ended early and what follows.
type closing struct {
	why     cause
	status  event.Status   // stop: how the runbook ends
	message string         // stop
	failure *event.Failure // timeout
	// the RollbackStarted to carry out, once all is quiet, and who asked
	rollback event.RollbackStarted
	by       *event.Actor
}

type cause int

const (
	byTimeout cause = iota + 1
	byStop
	byCancel
	byRollback
)

// leavesDoubts reports whether what is in doubt is left so, for a person to
// resolve at any time. Otherwise the block waits for that person.
func (c cause) leavesDoubts() bool { return c == byCancel || c == byRollback }

// New returns the state of a run of p before its first event.
func New(p *plan.Plan) State {
	return State{
		ix:    newIndex(p),
		root:  &Step{Node: plan.None, Status: event.Pending, Phase: Entering},
		steps: records{kept: immutable.NewMap[string, *Step](nil)},
		vars:  immutable.NewMap[string, any](nil),
	}
}

// Plan returns the plan that runs.
func (s State) Plan() *plan.Plan { return s.ix.plan }

// Started returns the run's first event; its body is zero before that.
func (s State) Started() (body event.RunStarted, by *event.Actor, at time.Time) {
	if s.run.started == nil {
		return event.RunStarted{}, nil, time.Time{}
	}
	return *s.run.started, s.run.by, s.run.startedAt
}

// EndedAt returns when the run ended; zero while it has not.
func (s State) EndedAt() time.Time { return s.run.endedAt }

// Last returns the time of the last event.
func (s State) Last() time.Time { return s.run.last }

// Message is the run's last word: of a stop step, or why it ended.
func (s State) Message() string { return s.run.message }

// Outputs are the run's outputs once it ended.
func (s State) Outputs() event.Values { return s.run.outputs }

// Shared are the targets that this run may change although others do.
func (s State) Shared() []event.TargetShared { return s.run.shared }

// Overrides are what people want the run to touch although it is protected.
func (s State) Overrides() []event.OverrideRequested { return s.run.overrides }

// Granted reports whether people let a step, or the undoing of it, or the run do
// something, as [event.ApprovalAsked] names it.
func (s State) Granted(st Step, undo bool, what string) bool {
	granted := st.Granted
	if undo {
		granted = st.Undo.Granted
	}
	return slices.Contains(granted, what) || slices.Contains(s.run.granted, what)
}

// Touched is what the attempts of the run may have changed, where that is
// counted, and when last.
func (s State) Touched() map[string]time.Time {
	out := map[string]time.Time{}
	if s.run.touched != nil {
		for it := s.run.touched.Iterator(); !it.Done(); {
			key, at, _ := it.Next()
			out[key] = at
		}
	}
	return out
}

// NotRequester reports whether whoever started the run may not agree to what a
// step asks.
func (s State) NotRequester(st Step) bool {
	asked := st.Asked
	if st.Undo.Phase != "" {
		asked = st.Undo.Asked
	}
	if asked != nil && asked.Body.(event.ApprovalAsked).NotRequester {
		return true
	}
	n := s.Plan().Node(st.Node)
	return n.Approval != nil && n.Approval.NotRequester
}

// Checkpoint is the last checkpoint of the run's journal, a signed note; "" if it
// has none.
func (s State) Checkpoint() string { return s.run.checkpoint }

// Delegated are the hand-overs of a role, oldest first.
func (s State) Delegated() []event.Event { return s.run.delegated }

// Stated are the events by which people set and held clocks, oldest first. The
// caller must not change them.
func (s State) Stated() []event.Event { return s.run.stated }

// BrokenGlass are the approvals that one person gave in place of others.
func (s State) BrokenGlass() []event.Event { return s.run.glass }

// Hold is the event that placed the run on hold, nil if it is not.
func (s State) Hold() *event.Event { return s.run.hold }

// Paused reports whether people asked that nothing new begins.
func (s State) Paused() bool { return s.run.paused }

// Pausing is the event that paused the run, nil if it is not paused.
func (s State) Pausing() *event.Event {
	if !s.run.paused {
		return nil
	}
	return s.run.pausing
}

// Halted reports whether the run is paused because all are.
func (s State) Halted() bool { return s.run.paused && s.run.halted }

// Canceling reports whether the run was canceled and has not ended yet.
func (s State) Canceling() bool {
	return s.run.status == "" && s.root.closing != nil && s.root.closing.why == byCancel
}

// RollingBack reports whether steps are being undone.
func (s State) RollingBack() bool {
	return s.run.status == "" && (s.run.rollback != nil || s.root.closing != nil && s.root.closing.why == byRollback)
}

// Status says in one word how the run stands.
func (s State) Status() event.Status {
	switch {
	case s.run.startedAt.IsZero():
		return event.Pending
	case s.run.status != "":
		return s.run.status
	case s.run.rollback != nil:
		return s.undoStatus()
	}
	status := event.Waiting
	if len(s.open) == 0 {
		status = event.Running
	}
	for _, path := range s.open {
		switch st := s.must(path); st.Phase {
		case Inside, Closing, Approving, Asking, Deciding:
		case Doubtful:
			status = event.InDoubt
		case Entering, Delayed, Ready, Retrying, Timing:
			if !s.run.paused {
				return event.Running
			}
		default:
			return event.Running
		}
	}
	return status
}

// Steps returns every step that has had its turn, in order of beginning. It
// takes time in proportion to their number.
func (s State) Steps() []*Step {
	if s.order == nil {
		return nil
	}
	out := make([]*Step, s.order.number)
	later := s.steps.owned == nil && s.steps.kept.Len() > 0
	for t := s.order; t != nil; t = t.before {
		if out[t.number-1] = t.folded; t.folded == nil || later {
			out[t.number-1] = s.must(t.path)
		}
	}
	return out
}

// Step returns the step with the path.
func (s State) Step(path string) (Step, bool) {
	st, ok := s.steps.get(path)
	if !ok {
		return Step{}, false
	}
	return *st, true
}

// Open returns the steps whose token still stands, oldest first: what runs,
// what waits, what failed and waits for a decision.
func (s State) Open() []Step {
	out := make([]Step, 0, len(s.open))
	for _, path := range s.open {
		out = append(out, *s.must(path))
	}
	return out
}

func (s State) must(path string) *Step {
	if path == "" {
		return s.root
	}
	st, ok := s.steps.get(path)
	if !ok {
		panic("engine: open step without a record: " + path)
	}
	return st
}

func (s State) node(st *Step) *plan.Node { return s.ix.plan.Node(st.Node) }

// inside reports whether path lies within the blocks of the step at outer.
func inside(path, outer string) bool {
	if outer == "" {
		return path != ""
	}
	return len(path) > len(outer) && strings.HasPrefix(path, outer) &&
		(path[len(outer)] == '/' || path[len(outer)] == '[')
}
