package engine

import (
	"slices"
	"time"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// This file is about the always steps of a block. They begin once the block's
// other steps have ended, whatever ended them: their own last step, a failure
// that somebody answers for, a time limit, a stop step, a cancel, a rollback.
// The token of the block stays while they run, so that what follows waits for
// them.

// always is the lane of a block's always steps.
const always = -1

// mayCleanUp reports whether a step has begun, and has always steps that have
// not had their turn.
func (s State) mayCleanUp(st *Step) bool {
	if st.Path == "" || st.cleaned || st.Phase != Inside && st.Phase != Closing {
		return false
	}
	n := s.node(st)
	block, ok := n.Always()
	return ok && n.Blocks[block].Entry != plan.None
}

// cleanUp begins the always steps of a step, if it has any that have not had
// their turn. They have time limits of their own.
func (t *tx) cleanUp(st *Step) bool {
	if !t.mayCleanUp(st) {
		return false
	}
	n := t.nodeOf(st)
	block, _ := n.Always()
	st.cleaned, st.closing, st.Deadline, st.openLanes = true, nil, time.Time{}, 1
	t.phase(st, Inside, event.Running)
	t.arrive(st.Path, always, n.Blocks[block].Entry)
	return true
}

// cleaning reports whether a step inside path is, or belongs to, clean-up that
// has begun: it goes on whatever ends what is around it.
func (s State) cleaning(st *Step, path string) bool {
	if st.cleaned && st.Phase == Inside {
		return true
	}
	for ; st.Path != "" && st.Path != path; st = s.must(st.Parent) {
		if st.Lane == always {
			return true
		}
	}
	return false
}

// quiet reports whether no token stands inside of the step at path.
func (s State) quiet(path string) bool {
	return !slices.ContainsFunc(s.open, func(p string) bool { return inside(p, path) })
}
