package projection

import (
	"slices"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
)

// mostNext bounds for how many waiting steps Next lists commands; Waiting
// holds them all.
const mostNext = 10

// next lists the commands that help most, in order.
func next(s engine.State, st *Status) []string {
	var out commands
	run := st.Run
	if run == "" { // nothing is known yet
		return []string{}
	}
	if st.Held {
		out.add(Command("halt"))
	}
	resume := !st.Over() && !st.Held && (!st.Driven || st.Pause != nil)
	person := engine.NeedsPerson(s)
	if resume && !person {
		out.add(Command("resume", run))
	}
	for _, w := range st.Waiting[:min(len(st.Waiting), mostNext)] {
		out.add(w.Command)
		if w.For == ForDecision || w.For == ForUnknown {
			for _, c := range w.Others {
				if c != Command("rollback", run) {
					out.add(c)
				}
			}
		}
	}
	if resume {
		out.add(Command("resume", run))
	}
	switch {
	case st.Over():
		for _, l := range st.LeftTo {
			out.add(Command("rollback", l.Run))
		}
		verify := Command("audit", "verify", run)
		if st.Status == event.Succeeded {
			if st.acted() && st.Archive == "" { // is it still so?
				out.add(Command("recheck", run))
			}
			out.add(verify)
		}
		if st.Undoable > 0 {
			out.add(Command("rollback", run))
		}
		out.add(verify)
	case st.RollingBack || st.Canceling:
		out.add(Command("status", run, "--watch"))
	case len(st.Waiting) > 0:
		out.add(giveUp(st))
	case st.Driven && st.Pause == nil:
		out.add(Command("status", run, "--watch"))
		out.add(Command("pause", run))
		out.add(Command("cancel", run))
	default:
		out.add(giveUp(st))
	}
	return out
}

// acted reports whether a step of the run acted on something.
func (s *Status) acted() bool {
	return slices.ContainsFunc(s.Steps, func(st Step) bool { return st.Action != "" && st.Status == event.Succeeded })
}

// giveUp ends a run for good: with nothing to take back, it is only canceled.
func giveUp(st *Status) string {
	if st.Undoable == 0 {
		return Command("cancel", st.Run)
	}
	return Command("rollback", st.Run)
}

// commands is a list without repetitions.
type commands []string

func (c *commands) add(command string) {
	if !slices.Contains(*c, command) {
		*c = append(*c, command)
	}
}
