package check

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/runbook"
)

var Deadlock = codes.Error("IR0235", "steps that wait for each other",
	"A step waits for one in another branch, which cannot end before this one has: both wait for ever. Wait for an earlier step, or move one of them.")

// maxMeetings is how many steps that wait for one step are remembered.
const maxMeetings = 100

// meets reports whether a place may mention a step that runs at the same time:
// how it stands, if the place is looked at again until that changes, and all of
// it behind a step that has waited for it. Inside of a loop that goes round until
// then, how it stands may be said.
func (s scope) meets(n *node, why, attribute string) bool {
	if !strings.HasPrefix(why, sameTime) {
		return false
	}
	for around := n; around != nil; around = around.parent() { // what is inside has ended too
		for _, w := range s.c.meetings[around] {
			if awaitsEnd(w) && precedes(s.at, s.behind, w) == "" || attribute == "status" && w != s.at && w.holds(s.at) || attribute == "status" && w != s.at && w.holds(s.at) {
				return true
			}
		}
	}
	if !s.awaits || attribute == "outputs" || attribute == "evidence" {
		return false
	}
	if s.c.meetings == nil {
		s.c.meetings = map[*node][]*node{}
	}
	if len(s.c.meetings[n]) < maxMeetings {
		s.c.meetings[n] = append(s.c.meetings[n], s.at)
	}
	return true
}

// moment is the beginning or the end of a step.
type moment struct {
	of    *node
	ended bool
}

// deadlocks finds steps whose ends come only after themselves. A step begins
// after the one before it, or else with the block around it; a block ends after
// its last steps, and a wait after what it waits for.
func (c *checker) deadlocks() {
	if len(c.meetings) == 0 {
		return
	}
	waits := map[*node][]*node{} // for which steps a step waits
	for n, by := range c.meetings {
		for _, w := range by {
			if v := awaited(w); v != nil && !strings.Contains(v.Text, "||") {
				waits[w] = append(waits[w], n)
			}
		}
	}
	seen := map[moment]int{} // 1: being followed, 2: done
	for _, w := range c.order {
		for _, n := range waits[w] {
			if c.full() {
				c.more = true
				return
			}
			if leadsBack(moment{w, true}, waits, seen) {
				c.report(Deadlock, awaited(w).Span, "this waits for `"+n.step.ID.Value+"`, which cannot end before this step", "wait for a step that comes before, or move `"+n.step.ID.Value+"`").Related = []runbook.Related{{Span: n.span(), Message: "the step that is waited for"}}
				break
			}
		}
	}
}

// awaited is the condition that a step waits for.
func awaited(n *node) *runbook.Value {
	switch {
	case n.step.Wait != nil:
		return n.step.Wait.Until
	case n.step.Kind == runbook.KindWhile:
		return n.step.While
	}
	return nil
}

// awaitsEnd reports whether a step waits until another one has ended: some words
// say only that it has begun.
func awaitsEnd(n *node) bool {
	v := awaited(n)
	begins := func(word string) bool { return strings.Contains(v.Text, word) }
	return v != nil && (n.step.Wait == nil || !slices.ContainsFunc([]string{"!=", "running", "waiting", "pending"}, begins))
}

// leadsBack reports whether what must come before a moment leads back to a moment
// that is being followed. Each moment is followed once.
func leadsBack(from moment, waits map[*node][]*node, seen map[moment]int) bool {
	found, open := false, []moment{from}
	for len(open) > 0 {
		at := open[len(open)-1]
		if seen[at] != 0 {
			seen[at] = 2
			open = open[:len(open)-1]
			continue
		}
		seen[at] = 1
		for _, before := range at.after(waits) {
			switch seen[before] {
			case 0:
				open = append(open, before)
			case 1:
				found = true
			}
		}
	}
	return found
}

// after lists what must come before a moment.
func (m moment) after(waits map[*node][]*node) []moment {
	n := m.of
	if !m.ended {
		switch {
		case n.pos > 0:
			return []moment{{n.block.steps[n.pos-1], true}}
		case n.parent() == nil:
			return nil
		}
		out := []moment{{n.parent(), false}}
		if n.block.always {
			for _, b := range n.parent().branches() {
				out = append(out, b.last()...)
			}
		}
		return out
	}
	out := []moment{{n, false}}
	for _, b := range n.children {
		out = append(out, b.last()...)
	}
	for _, to := range waits[n] {
		out = append(out, moment{to, awaitsEnd(n)})
	}
	return out
}

// last is the end of the last step of a block.
func (b *block) last() []moment {
	if len(b.steps) == 0 {
		return nil
	}
	return []moment{{b.steps[len(b.steps)-1], true}}
}
