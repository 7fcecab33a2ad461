package projection

import (
	"fmt"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
)

// paused says who paused the run, nil if nobody has.
func paused(s engine.State) *Pause {
	e := s.Pausing()
	if e == nil {
		return nil
	}
	b := e.Body.(event.RunPaused)
	return &Pause{By: Who(e.By), Reason: b.Reason, Since: Time{e.Time}, halt: b.Halt}
}

// notUndone is the no with which the last rollback ended, "" if none did.
func notUndone(begun []*engine.Step) string {
	var no *engine.Approval
	undone := 0
	for _, st := range begun {
		if st.Undo.Refused != nil {
			no = st.Undo.Refused
		}
		if st.Undo.Phase == engine.UndoDone {
			undone++
		}
	}
	if no == nil {
		return ""
	}
	text := "rollback refused by " + engine.Name(no.By)
	if no.Comment != "" {
		text += ": " + no.Comment
	}
	if undone == 0 {
		return phrases(text, "nothing was put back")
	}
	return phrases(text, count(undone, "step")+" had been put back, the rest was not")
}

// leftTo lists what a rollback left as it is because others rely on it.
func leftTo(begun []*engine.Step) (out []LeftTo) {
	for _, st := range begun {
		if st.Undo.To != "" {
			out = append(out, LeftTo{Path: st.Path, Run: st.Undo.To})
		}
	}
	return out
}

// stand says of each step whether anything of it goes on.
func (s *Status) stand() {
	if s.Over() || s.Driven && s.Pause == nil {
		return
	}
	for i := range s.Steps {
		st := &s.Steps[i]
		switch {
		case st.Status != event.Running && st.Status != event.Undoing || s.Driven && st.acts:
			continue
		case st.acts:
			st.Instead = "interrupted"
		case !st.Block && s.Pause != nil:
			st.Instead = "held"
		}
		st.Still = true
	}
}

// String says who paused it, when and why, "" if nobody has.
func (p *Pause) String() string {
	switch {
	case p == nil:
		return ""
	case p.halt && p.Reason != "": // it says all that
		return p.Reason
	}
	text := "paused"
	if p.By != "" {
		text += " by " + p.By
	}
	text += fmt.Sprintf(" at %s", p.Since.UTC().Format("2006-01-02 15:04 UTC"))
	if p.Reason != "" {
		text += ": " + p.Reason
	}
	return text
}
