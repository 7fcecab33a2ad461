package view

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// loopOf is a foreach of one step per item.
func loopOf(loop event.Status, items ...event.Status) []projection.Step {
	each := step("rotate", 0, loop)
	each.Kind, each.Block, each.Inside = plan.ForEach, true, len(items)
	steps := []projection.Step{each}
	for i, status := range items {
		st := step(fmt.Sprintf("rotate[%d]/reset", i), 1, status)
		st.Branch = fmt.Sprint(i)
		steps = append(steps, st)
	}
	return steps
}

func repeat(s event.Status, n int) (out []event.Status) {
	for range n {
		out = append(out, s)
	}
	return out
}

// folds renders folded lines briefly.
func folds(steps []projection.Step) string {
	var b strings.Builder
	for _, l := range fold(steps, manyLines) {
		switch {
		case l.step != nil:
			fmt.Fprintf(&b, "%s %s %s\n", l.step.Path, l.status, l.note)
		case l.hidden > 0:
			fmt.Fprintf(&b, "... %d %s\n", l.hidden, l.status)
		default:
			fmt.Fprintf(&b, "... %s\n", l.note)
		}
	}
	return b.String()
}

func TestFinishedLoopIsOneLine(t *testing.T) {
	require.Equal(t, "rotate succeeded 12 of 12 items done\n", folds(loopOf(event.Succeeded, repeat(event.Succeeded, 12)...)))
}

func TestShortLoopIsShown(t *testing.T) {
	require.Len(t, fold(loopOf(event.Succeeded, repeat(event.Succeeded, 6)...), manyLines), 7)
}

func TestLoopThatWasCutOffSaysWhatHasNotBegun(t *testing.T) {
	steps := loopOf(event.Canceled, append(repeat(event.Succeeded, 7), repeat(event.Skipped, 3)...)...)
	for i := 8; i <= 10; i++ {
		steps[i].Reached = false
	}
	require.Equal(t, "rotate canceled 7 of 10 items done, 3 not begun\n", folds(steps))
}

func TestLoopWithManyFailuresStaysOnOneScreen(t *testing.T) {
	lines := fold(loopOf(event.Running, repeat(event.Failed, 1000)...), manyLines)
	require.Less(t, len(lines), manyLines)
	require.Equal(t, "979 more items that run, wait or failed", lines[len(lines)-1].note)
}

func TestLongRunsOfTheSameAreCollapsed(t *testing.T) {
	require.Equal(t, "step-0 succeeded \nstep-1 succeeded \n... 4994 succeeded\nstep-4996 succeeded \nstep-4997 succeeded \n"+
		"step-4998 running \nstep-4999 pending \n", folds(many(5000, 4998).Steps))
}

func TestTailsOfPaths(t *testing.T) {
	for path, want := range map[string]string{"a": "a", "a/b": "b", "rotate[o'neil/x]/reset": "reset", "rotate[a[b]/c]/reset[x]": "reset[x]", "]/b": "b", "": ""} {
		require.Equal(t, want, tail(path), path)
	}
}
