package engine

import (
	"strconv"
	"time"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// This file moves tokens: into a step, on to the next, through the blocks of a
// step, and off the board when a block is ended early.

// arrive puts a token on a node, as a new step.
func (t *tx) arrive(parent string, lane int, id plan.NodeID) {
	n := t.ix.plan.Node(id)
	path := t.lanePrefix(t.must(parent), lane) + n.Name
	if first, again := t.steps.get(path); again {
		f := t.private(first)
		f.visits++
		f.latest = path + "#" + strconv.Itoa(f.visits+1)
		path = f.latest
	}
	st := &Step{
		Path: path, Parent: parent, Lane: lane, Node: id,
		Status: event.Pending, Phase: Entering, Since: t.e.Time,
	}
	t.put(st)
	t.order = &turn{path: path, before: t.order, number: 1}
	if t.owner {
		t.order.folded = st
	}
	if t.order.before != nil {
		t.order.number += t.order.before.number
	}
	t.open = append(t.open[:len(t.open):len(t.open)], path)
}

// lanePrefix is what the paths of the steps in a lane begin with.
func (s State) lanePrefix(st *Step, lane int) string {
	if st.Path == "" {
		return ""
	}
	if lane == always {
		return st.Path + "/"
	}
	switch s.node(st).Kind {
	case plan.ForEach:
		return st.Path + "[" + st.Keys[lane] + "]/"
	case plan.While:
		return st.Path + "[" + strconv.Itoa(st.Iteration) + "]/"
	}
	return st.Path + "/"
}

// advance moves the token of a step that has ended along next.
func (t *tx) advance(st *Step, next plan.NodeID) {
	if c := t.closingAround(st); c != nil {
		t.settle(c.Path)
		return
	}
	if next != plan.None {
		t.arrive(st.Parent, st.Lane, next)
		return
	}
	parent := t.get(st.Parent)
	parent.openLanes--
	t.startLanes(st.Parent)
}

// startLanes begins as many of the blocks of the step at path as may run at
// once, and ends the step when none is left.
func (t *tx) startLanes(path string) {
	st := t.get(path)
	if path != "" {
		t.canary(st)
	}
	for st.openLanes < t.width(st) && st.nextLane < t.reach(st) {
		lane := st.nextLane
		t.noteBatch(st)
		st.nextLane++
		if entry := t.entry(st, lane); entry != plan.None {
			st.openLanes++
			t.arrive(path, lane, entry)
		}
	}
	if st.openLanes > 0 {
		return
	}
	t.endBlock(st)
}

// endBlock is what follows once no lane of a step is open or to begin: its
// always steps, then its outcome.
func (t *tx) endBlock(st *Step) {
	if t.cleanUp(st) {
		return
	}
	if c := t.closingAround(st); c != nil {
		st.Summary = "the block around it was ended"
		t.finish(st, event.Canceled)
		t.settle(c.Path)
		return
	}
	if f := st.broken; f != nil {
		st.broken = nil
		t.fail(st, *f, "")
		return
	}
	t.phase(st, Concluding, event.Running)
}

// pass hands the failure of a step to the block around it: the lane ends, the
// others go on, and then the block has failed.
func (t *tx) pass(st *Step, f event.Failure) {
	t.finish(st, event.Failed)
	parent := t.get(st.Parent)
	f.Message = "step " + st.Path + " failed: " + f.Message
	if f, broken := t.breaks(parent, st.Lane, f); broken && parent.broken == nil {
		parent.broken = &f
	}
	parent.openLanes--
	t.startLanes(st.Parent)
}

// answered reports whether a block around a step says what follows a failure,
// so that nobody needs to be asked.
func (s State) answered(st *Step) bool {
	for up := s.must(st.Parent); up.Path != ""; up = s.must(up.Parent) {
		if n := s.node(up); n.OnFailure.Policy != plan.FailStop || n.MaxFailures != nil {
			return true
		}
	}
	return false
}

// entry is the node at which a lane begins.
func (s State) entry(st *Step, lane int) plan.NodeID {
	if st.Path == "" {
		return s.ix.plan.Entry
	}
	n := s.node(st)
	if n.Kind == plan.ForEach || n.Kind == plan.While {
		lane = 0
	}
	return n.Blocks[lane].Entry
}

// finish gives a step its last status and takes its token off the board. The
// caller moves the token on.
func (t *tx) finish(st *Step, status event.Status) {
	if st.By == nil && t.e.By != nil && t.e.Path == st.Path {
		st.By = t.e.By
	}
	t.phase(st, Ended, status)
	st.Ended, st.Aborting, st.closing = t.e.Time, false, nil
	t.run.outcomes++
	st.outcome = t.run.outcomes
	t.retire(st.Path)
}

// fail is what follows when a step failed for good.
func (t *tx) fail(st *Step, f event.Failure, fallback string) {
	st.Error = &f
	n := t.nodeOf(st)
	switch {
	case t.closingAround(st) != nil:
		t.finish(st, event.Failed)
		t.advance(st, plan.None)
	case fallback != "":
		st.Fallback, st.Text, st.Deadline = true, fallback, time.Time{}
		t.phase(st, Asking, event.Waiting)
	case n.OnFailure.Policy == plan.FailContinue:
		t.finish(st, event.Failed)
		t.advance(st, n.Next)
	case n.OnFailure.Policy == plan.FailNext:
		t.finish(st, event.Failed)
		t.advance(st, n.OnFailure.Next)
	case n.OnFailure.Policy == plan.FailRollback && t.root.closing == nil:
		t.finish(st, event.Failed)
		t.close("", closing{why: byRollback, rollback: event.RollbackStarted{Reason: "step " + st.Path + " failed"}})
	case t.answered(st):
		t.pass(st, f)
	default:
		st.Deadline = time.Time{}
		t.phase(st, Deciding, event.Failed)
	}
}

// close ends the blocks of the step at path early: what waits is canceled,
// what runs is told to stop (but for a stop step, which lets it finish), what
// cleans up goes on, and settle goes on once all is quiet.
func (t *tx) close(path string, c closing) {
	st := t.get(path)
	st.closing = &c
	t.phase(st, Closing, event.Running)
	for _, p := range t.open {
		if !inside(p, path) {
			continue
		}
		d := t.get(p)
		if t.cleaning(d, path) {
			continue
		}
		if t.mayCleanUp(d) {
			d.Deadline = time.Time{}
			continue
		}
		switch d.Phase {
		case Attempting:
			d.Aborting = c.why != byStop
		case Doubtful:
			if c.why.leavesDoubts() {
				t.retire(p)
			}
		case Deciding:
			t.finish(d, event.Failed)
		default:
			d.Summary = "the block around it was ended"
			if path == "" {
				d.Summary = "the run was ended"
			}
			t.finish(d, event.Canceled)
		}
	}
	t.settle(path)
}

// committed reports whether the run is being ended early in a way that people
// can change no more. A stop step lets finish what runs; they need not.
func (s State) committed() bool {
	c := s.root.closing
	return c != nil && (c.why != byStop || s.root.Phase != Closing)
}

// closingAround returns the step whose blocks are being ended early and around
// st, or nil.
func (s State) closingAround(st *Step) *Step {
	for st.Path != "" {
		if st.Lane == always {
			return nil
		}
		st = s.must(st.Parent)
		if st.closing != nil && st.Phase == Closing {
			return st
		}
	}
	return nil
}

// BeingEnded reports whether a block around the step at path, or the run, is
// being ended early: the attempt that runs is the step's last.
func (s State) BeingEnded(path string) bool { return s.closingAround(s.must(path)) != nil }

// settle goes on after close, once nothing inside is left.
func (t *tx) settle(path string) {
	quiet := true
	for _, p := range t.open {
		if inside(p, path) {
			quiet = false
			if st := t.must(p); t.mayCleanUp(st) && t.quiet(p) {
				t.cleanUp(t.private(st))
			}
		}
	}
	if !quiet {
		return
	}
	st := t.get(path)
	c := *st.closing
	switch c.why {
	case byTimeout:
		st.broken = c.failure
		if !t.cleanUp(st) {
			st.closing, st.broken = nil, nil
			t.fail(st, *c.failure, "")
		}
	case byRollback:
		t.beginUndo(c.rollback, c.by, "")
	default:
		t.phase(st, Concluding, event.Running)
		st.Summary = c.message
	}
}

// Stopped reports how a stop step inside ended the called runbook st, or what
// ended the run; ok is false if it came to its end by itself.
func (st Step) Stopped() (status event.Status, message string, ok bool) {
	if st.closing == nil {
		return "", "", false
	}
	return st.closing.status, st.closing.message, true
}

// Root returns the run itself, as the step around all others.
func (s State) Root() Step { return *s.root }

// scopePath is the path of the called runbook that st stands in, "" for the
// main one.
func (s State) scopePath(st *Step) string {
	for st.Path != "" && st.Parent != "" {
		st = s.must(st.Parent)
		if s.node(st).Kind == plan.Call {
			return st.Path
		}
	}
	return ""
}
