package engine

import (
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// This file says how many items of a loop are worked on at once, and when what
// failed among them is too much.

// width is how many lanes of a step run at once.
func (s State) width(st *Step) int {
	if st.Path != "" {
		if n := s.node(st); n.Kind == plan.ForEach && n.MaxParallel > 0 {
			return n.MaxParallel
		}
	}
	return st.lanes
}

// reach is the lane before which lanes may begin now. The next batch of a loop
// waits for the last item of the one before, and a loop with a budget or with
// batches that has failed begins nothing new.
func (s State) reach(st *Step) int {
	switch {
	case st.cleaned:
		return 0
	case st.Path == "":
		return st.lanes
	}
	n := s.node(st)
	switch {
	case n.Kind != plan.ForEach:
		return st.lanes
	case st.broken != nil && (n.MaxFailures != nil || len(n.Batches) > 0):
		return st.nextLane
	case st.openLanes > 0 && st.nextLane > 0:
		return n.BatchEnd(st.nextLane-1, st.lanes)
	}
	return n.BatchEnd(st.nextLane, st.lanes)
}

// noteBatch notes where the batch begins to which the next lane belongs.
func (t *tx) noteBatch(st *Step) {
	if st.Path == "" || st.nextLane == 0 {
		return
	}
	if t.nodeOf(st).BatchEnd(st.nextLane-1, st.lanes) == st.nextLane {
		st.batch, st.batchFailures = st.nextLane, 0
	}
}

// canary looks at the end of the first batch of a loop whether what was to hold in
// it holds: a step that was passed over, or succeeded without having been looked
// at, does not.
func (t *tx) canary(st *Step) {
	n := t.nodeOf(st)
	end := n.BatchEnd(0, st.lanes)
	if n.Kind != plan.ForEach || n.Canary == "" || st.broken != nil || st.openLanes > 0 || st.nextLane != end || end >= st.lanes {
		return
	}
	for lane := range end {
		held, why := false, ""
		for _, s := range t.Steps() {
			in, ok := strings.CutPrefix(s.Path, st.Path+"["+st.Keys[lane]+"]/")
			of := t.nodeOf(s)
			switch {
			case !ok || n.Canary == plan.AnyCheck && !of.Verifies() || n.Canary != plan.AnyCheck && (of.Name != n.Canary || strings.Contains(in, "/")):
			case s.Status == event.Succeeded && (s.Verified || !of.Verifies()):
				held = true
			case s.Status == event.Succeeded:
				why = s.Path + " was not verified"
			default:
				why = s.Path + " is " + string(s.Status)
			}
		}
		if why == "" && !held {
			why = "nothing was verified for " + st.Keys[lane]
		}
		if why != "" {
			st.broken = &event.Failure{Message: "the canary does not hold, and nothing more was begun: " + why}
			return
		}
	}
}

// breaks counts the failure of a lane of a block, and reports whether the block
// has failed with it, and of what: a loop may have a budget for them, but a
// batch of which nothing is left does not hold.
func (t *tx) breaks(block *Step, lane int, f event.Failure) (event.Failure, bool) {
	if lane == always || block.Path == "" {
		return f, true
	}
	block.Failures++
	block.batchFailures++
	n, all := t.nodeOf(block), block.lanes
	if n.Canary != "" && lane < n.BatchEnd(0, all) {
		f.Message = "the canary does not hold: " + f.Message
		return f, true
	}
	if n.MaxFailures == nil {
		return f, true
	}
	end, most := n.BatchEnd(lane, all), n.MaxFailures.Of(all)
	switch {
	case block.Failures > most:
		f.Message = fmt.Sprintf("%d of %d failed, and %d may: %s", block.Failures, all, most, f.Message)
	case end < all && block.batchFailures == end-block.batch:
		f.Message = fmt.Sprintf("all of a batch of %d failed: %s", block.batchFailures, f.Message)
	default:
		return f, false
	}
	return f, true
}
