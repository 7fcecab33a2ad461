package view

import (
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// line is what the checklist shows: a step, or a note in place of several.
type line struct {
	step   *projection.Step
	note   string // with a step: instead of its own text; without one: all there is
	hidden int    // without a step: how many steps this stands for
	status event.Status
	depth  int
}

// How many lines a checklist may have before finished parts are folded, and
// how much of a fold is still shown.
const (
	manyLines = 40
	manyItems = 6
	fewSteps  = 2
)

// everyLine shows every step.
func everyLine(steps []projection.Step) []line {
	out := make([]line, len(steps))
	for i := range steps {
		out[i] = line{step: &steps[i], status: steps[i].Status, depth: steps[i].Depth}
	}
	return out
}

// fold leaves out what a reader under stress does not need: items of a loop
// that are done or have not begun, blocks that ended well, and long runs of
// steps that are all alike, where more than so many lines would remain.
func fold(steps []projection.Step, most int) []line {
	var out []line
	for i := 0; i < len(steps); {
		s := &steps[i]
		switch {
		case s.Kind == plan.ForEach && s.Inside > manyItems:
			out = append(out, foldItems(steps[i:i+s.Inside+1])...)
			i += s.Inside + 1
			continue
		case s.Block && s.Inside > 0 && len(steps) > most && s.Inside > fewSteps && well(s.Status):
			out = append(out, block(s, steps[i+1:i+1+s.Inside]))
			i += s.Inside + 1
			continue
		}
		out = append(out, line{step: s, status: s.Status, depth: s.Depth})
		i++
	}
	if len(out) > most {
		return collapse(out)
	}
	return out
}

// block is a finished block in one line; what was undone in it shows.
func block(s *projection.Step, inside []projection.Step) line {
	out := line{step: s, note: plural(s.Inside, "step"), status: s.Status, depth: s.Depth}
	undone := 0
	for _, st := range inside {
		if st.Status == event.Undone {
			undone++
		}
	}
	if undone > 0 {
		out.note, out.status = group(undone)+" of "+out.note+" undone", event.Undone
	}
	return out
}

// well reports whether a step is over and needs nobody's attention.
func well(s event.Status) bool {
	return s == event.Succeeded || s == event.Skipped || s == event.Undone
}

// foldItems shows a loop in one line, and below it the items that run, wait or
// went wrong.
func foldItems(steps []projection.Step) []line {
	loop := &steps[0]
	var shown []line
	items, done, idle, unshown := 0, 0, 0, 0
	for i := 1; i < len(steps); {
		end := i
		good, untouched := true, true
		for end < len(steps) && steps[end].Branch == steps[i].Branch && steps[end].Depth == loop.Depth+1 {
			for k := end; k <= end+steps[end].Inside; k++ {
				good = good && well(steps[k].Status)
				untouched = untouched && !steps[k].Reached
			}
			end += steps[end].Inside + 1
		}
		items++
		switch {
		case untouched:
			idle++
		case good:
			done++
		case len(shown) > manyLines/2:
			unshown++
		default:
			shown = append(shown, fold(steps[i:end], manyLines)...)
		}
		if end == i {
			end++
		}
		i = end
	}
	if !loop.Reached {
		return everyLine(steps)
	}
	note := group(done) + " of " + plural(items, "item") + " done"
	if idle > 0 {
		note += ", " + group(idle) + " not begun"
	}
	if unshown > 0 {
		shown = append(shown, line{note: plural(unshown, "more item") + " that run, wait or failed", depth: loop.Depth + 1})
	}
	return append([]line{{step: loop, note: note, status: loop.Status, depth: loop.Depth}}, shown...)
}

// collapse puts a note in place of long runs of lines that say the same, and
// keeps the ends that lie next to something else.
func collapse(lines []line) []line {
	var out []line
	for i := 0; i < len(lines); {
		end := i
		for end < len(lines) && alike(lines[i], lines[end]) {
			end++
		}
		if end-i <= 2*fewSteps+1 {
			end = max(end, i+1)
			out = append(out, lines[i:end]...)
			i = end
			continue
		}
		out = append(out, lines[i:i+fewSteps]...)
		out = append(out, line{hidden: end - i - 2*fewSteps, status: lines[i].status, depth: lines[i].depth})
		out = append(out, lines[end-fewSteps:end]...)
		i = end
	}
	return out
}

func alike(a, b line) bool {
	return a.status == b.status && a.depth == b.depth && b.note == "" && a.note == "" &&
		(well(a.status) || a.status == event.Pending || a.status == event.Canceled)
}

// activeLine is the line of what is active, else of what ended last.
func activeLine(lines []line) int {
	last := 0
	for i, l := range lines {
		if l.step == nil || l.step.Block && l.step.Inside > 0 && l.note == "" {
			continue
		}
		switch l.status {
		case event.Running, event.Waiting, event.InDoubt, event.Undoing:
			return i
		case event.Failed:
			if l.step.Ended.IsZero() {
				return i
			}
			last = i
		case event.Pending:
		default:
			last = i
		}
	}
	return last
}
