package cli

import (
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// standing is a run as it stands, when somebody wants to say something about
// it: what the words below are made from.
type standing struct {
	state   engine.State
	env     *environment.Environment // the run's own copy; nil if it has none
	account string
}

// word is what a person says to a run: a fact for its journal, and the person.
type word struct {
	path   string
	person string
	body   event.Body
	said   string // what to tell the person once it is durable
	// aim is how the run ends if it ends as the person wants; nil when a word
	// does not say.
	aim []event.Status
}

// answer is an approval or a refusal.
type answer struct {
	step, as, role, comment string
	yes                     bool
}

func (w answer) on(st standing) (word, error) {
	step, err := findStep(st.state, w.step)
	if err != nil {
		return word{}, err
	}
	undo := step.Undo.Phase == engine.UndoApproving
	if step.Phase != engine.Approving && !undo {
		return word{}, notAsked(st.state, step, "an approval")
	}
	verb := "reject"
	if w.yes {
		verb = "approve"
	}
	started, _, _ := st.state.Started()
	h, err := whoSpeaks(st.env, st.account, step.Roles, w.as, w.role, verb, started.Run, step.Path)
	if err != nil {
		return word{}, err
	}
	out := word{path: step.Path, person: h.person}
	if w.yes {
		out.body = event.ApprovalGiven{Role: h.role, Comment: w.comment, Undo: undo}
		out.said = fmt.Sprintf("%s: approved as %s.", step.Path, h)
	} else {
		out.body = event.ApprovalRefused{Role: h.role, Comment: w.comment, Undo: undo}
		out.said = fmt.Sprintf("%s: refused as %s.", step.Path, h)
	}
	return out, nil
}

// String names the person, if there is one, and the role.
func (h hat) String() string {
	if h.person == "" {
		return h.role
	}
	return h.person + ", " + h.role
}

// notAsked says that a step does not wait for what somebody wants to give.
func notAsked(s engine.State, step engine.Step, what string) error {
	return &problem{
		exit:  ExitFailed,
		what:  fmt.Sprintf("step %s does not wait for %s", step.Path, what),
		means: fmt.Sprintf("It is %s%s. Nothing was recorded.", step.Status, because(step.Summary)),
		next:  []string{statusOf(s)},
	}
}

// because adds how a step came to its status, if that is known.
func because(summary string) string {
	if summary == "" {
		return ""
	}
	return ": " + strings.TrimSuffix(summary, ".")
}

// skip passes a step over, or leaves it as it is during a rollback.
type skip struct{ step, reason string }

func (w skip) on(st standing) (word, error) {
	step, err := findStep(st.state, w.step)
	if err != nil {
		return word{}, err
	}
	out := word{path: step.Path, body: event.StepSkipped{Reason: w.reason}, said: step.Path + ": skipped."}
	if st.state.RollingBack() && step.Undo.Phase != "" {
		out.body, out.said = event.UndoSkipped{Reason: w.reason}, step.Path+": stays as it is."
	}
	return out, nil
}

// retry tries a failed step, or a failed undo, again.
type retry struct{ step, reason string }

func (w retry) on(st standing) (word, error) {
	step, err := findStep(st.state, w.step)
	if err != nil {
		return word{}, err
	}
	return word{path: step.Path, body: event.StepRetried{Reason: w.reason}, said: step.Path + ": to be tried again."}, nil
}

// resolve is a person's word on an outcome that nobody could tell.
type resolve struct {
	step, reason string
	happened     bool
}

func (w resolve) on(st standing) (word, error) {
	step, err := findStep(st.state, w.step)
	if err != nil {
		return word{}, err
	}
	if step.Phase != engine.Doubtful {
		return word{}, notAsked(st.state, step, "a word on its outcome")
	}
	said := step.Path + ": it happened."
	if !w.happened {
		said = step.Path + ": it did not happen."
	}
	return word{path: step.Path, body: event.StepResolved{Happened: w.happened, Reason: w.reason}, said: said}, nil
}

// note is a remark.
type note struct{ step, text string }

func (w note) on(st standing) (word, error) {
	out := word{body: event.NoteAdded{Text: w.text}, said: "Noted."}
	if w.step == "" {
		return out, nil
	}
	step, err := findStep(st.state, w.step)
	out.path = step.Path
	return out, err
}

// pause keeps anything new from starting.
type pause struct{ reason string }

func (w pause) on(standing) (word, error) {
	return word{body: event.RunPaused{Reason: w.reason}, said: "Paused: what runs goes on to its end, nothing new starts."}, nil
}

// cancel ends the run early.
type cancel struct{ reason string }

func (w cancel) on(standing) (word, error) {
	return word{body: event.CancelRequested{Reason: w.reason}, said: "Canceled: nothing new starts, and what runs is told to stop.",
		aim: []event.Status{event.Canceled}}, nil
}

// rollback undoes the run, or a part of it.
type rollback struct{ to, only, reason string }

func (w rollback) on(st standing) (word, error) {
	b := event.RollbackStarted{Reason: w.reason}
	for _, f := range []struct {
		given string
		path  *string
	}{{w.to, &b.To}, {w.only, &b.Only}} {
		if f.given == "" {
			continue
		}
		step, err := findStep(st.state, f.given)
		if err != nil {
			return word{}, err
		}
		*f.path = step.Path
	}
	// A part of a run that is undone leaves the run as it had ended.
	aim := []event.Status{event.Undone}
	if b.To != "" || b.Only != "" {
		aim = append(aim, event.Succeeded, event.Failed, event.Canceled)
	}
	said := "Rolling back."
	if steps := st.state.Undoable(b.To, b.Only); len(steps) > 0 {
		said = fmt.Sprintf("Rolling back %s, newest first.", count(len(steps), "step"))
	}
	return word{body: b, said: said, aim: aim}, nil
}

// count says how many, with the plural where it is due.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// done says that a manual step was done, with its answers.
type done struct {
	step, as string
	set      map[string]string
	evidence []event.Artifact
}

func (w done) on(st standing) (word, error) {
	step, err := findStep(st.state, w.step)
	if err != nil {
		return word{}, err
	}
	if step.Phase != engine.Asking {
		return word{}, notAsked(st.state, step, "a person to do it")
	}
	n := stepNode(st.state, step)
	fields := n.Outputs
	if step.Fallback && n.Kind == plan.Action {
		fields = optional(fields)
	}
	values, err := typed(step.Path, fields, w.set)
	if err != nil {
		return word{}, err
	}
	if err := w.complete(step, n); err != nil {
		return word{}, err
	}
	person, err := speaksAs(st.env, st.account, w.as)
	if err != nil {
		return word{}, err
	}
	return word{
		path:   step.Path,
		person: person,
		body:   event.StepSucceeded{Outputs: values, Artifacts: w.evidence, Summary: "done by hand"},
		said:   step.Path + ": done.",
	}, nil
}
