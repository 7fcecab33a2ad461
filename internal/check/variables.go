package check

import (
	"cmp"
	"slices"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/runbook"
)

// variable is a variable and the steps that set it.
type variable struct {
	steps []*node // in the order of the file
	// at holds, for each block that sets it somewhere inside, the positions of
	// the steps that do, ascending: whether one of them comes before a place is
	// asked for every mention.
	at    map[*block][]int
	typ   expr.Type // what the first one sets
	mixed bool      // the others set something else
	typed int       // how many of the steps were checked
}

func (c *checker) variable(name string) *variable {
	v := c.vars[name]
	if v == nil {
		v = &variable{at: map[*block][]int{}}
		c.vars[name] = v
	}
	return v
}

// setBy notes a step. Steps come in the order of the file.
func (v *variable) setBy(n *node) {
	v.steps = append(v.steps, n)
	for at := n; at != nil; at = at.parent() {
		known := v.at[at.block]
		if len(known) > 0 && known[len(known)-1] == at.pos {
			return // and so are the blocks around
		}
		v.at[at.block] = append(known, at.pos)
	}
}

// is notes what the next step sets.
func (v *variable) is(t expr.Type) {
	if v.typed == 0 {
		v.typ = t
	}
	v.mixed = v.mixed || v.typ != t
	v.typed++
}

// valueType is the type of the variable as far as it is known: what is set later
// in the file, by way of a jump or a loop, may be anything.
func (v *variable) valueType() expr.Type {
	if v.mixed || v.typed < len(v.steps) {
		return expr.Any
	}
	return v.typ
}

// setIn counts the steps between two indexes of the file that set the variable.
func (v *variable) setIn(from, to int) int {
	at := func(index int) int {
		i, _ := slices.BinarySearchFunc(v.steps, index, func(n *node, index int) int { return cmp.Compare(n.index, index) })
		return i
	}
	return at(to) - at(from)
}

// setBefore reports whether a step that sets the variable can have run before
// the expressions of n: what precedes says of one step at least, loops aside.
func (v *variable) setBefore(n *node, behind bool) bool {
	if n == nil || behind && v.setIn(n.index+1, n.end) > 0 {
		return true
	}
	inside := v.setIn(n.index, n.index+1) // of the steps that set it, those within the block below at
	for at := n; at != nil; at = at.parent() {
		known := v.at[at.block]
		if len(known) > 0 && known[0] < at.pos {
			return true
		}
		next, found := slices.BinarySearch(known, at.pos)
		if found && at == n && inside > 0 && at.block.again(at.pos, at.pos) {
			return true // n itself, the time before
		}
		if found {
			next++
		}
		if next < len(known) && at.block.again(at.pos, known[next]) {
			return true
		}
		if at != n && v.setIn(at.index, at.end) > inside && at.step.Kind != runbook.KindParallel && repeats(at) {
			return true // in another branch, the time before
		}
		inside = v.setIn(at.block.from, at.block.to)
	}
	return false
}

// setAround reports whether a while loop around a place, or at it, sets the
// variable, so that the setting comes first in a later pass.
func (v *variable) setAround(n *node) bool {
	for at := n; at != nil; at = at.parent() {
		if at.step.Kind == runbook.KindWhile && v.setIn(at.index, at.end) > 0 {
			return true
		}
	}
	return false
}
