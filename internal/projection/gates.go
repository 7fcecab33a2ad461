package projection

import (
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// held says of each step whether it waits for another yes than the one at path:
// it asks itself, or comes after a step that does. What is beside that, in another
// branch of a parallel block, does not.
func held(steps []Step, path string) []bool {
	out, around := make([]bool, len(steps)), make([]int, len(steps))
	var open []int // the blocks around a step
	for i := range steps {
		for len(open) > 0 && i > open[len(open)-1]+steps[open[len(open)-1]].Inside {
			open = open[:len(open)-1]
		}
		if around[i] = -1; len(open) > 0 {
			around[i] = open[len(open)-1]
		}
		if steps[i].Inside > 0 {
			open = append(open, i)
		}
	}
	for gate := range steps {
		st := &steps[gate]
		if !st.Gate || st.Path == path || out[gate] || st.Status != event.Pending && st.Status != event.Waiting {
			continue
		}
		hold := func(from, to int) {
			for i := from; i <= to; i++ {
				out[i] = true
			}
		}
		hold(gate, gate+st.Inside)
		for at := gate; at >= 0; {
			branch, block := at, around[at]
			for block >= 0 && steps[block].Kind != plan.Parallel {
				branch, block = block, around[block]
			}
			end := len(steps) - 1
			if block >= 0 {
				end = branch + steps[branch].Inside
			}
			hold(at+steps[at].Inside+1, end)
			at = block // what comes after all branches comes after this one
		}
	}
	return out
}
