package projection

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// waiting lists what people must do, longest waiting first.
func waiting(src Source, run string, begun []*engine.Step) []Waiting {
	s, out := src.State, []Waiting{}
	rollback := map[string]bool{}
	queue, gates := s.RollbackQueue()
	for _, path := range append(queue, gates...) {
		rollback[path] = true
	}
	for _, st := range begun {
		if w, ok := wait(s, run, st, src.Now); ok {
			out = append(out, w)
		}
		if rollback[st.Path] {
			if w, ok := waitUndo(s, run, st, queue, src.Now); ok {
				out = append(out, w)
			}
		}
	}
	for i := range out {
		out[i].answered(src, run)
	}
	slices.SortStableFunc(out, func(a, b Waiting) int { return a.Since.Compare(b.Since.Time) })
	return out
}

// answered says of an approval whether it must be signed, and whether it is too
// late: then only the run itself can go on.
func (w *Waiting) answered(src Source, run string) {
	if w.For != ForApproval {
		return
	}
	w.Signed = src.Signs != nil && src.Signs(w.Roles)
	if w.Expired = !w.Deadline.IsZero() && src.Now.After(w.Deadline); w.Expired {
		w.Command, w.Others = Command("resume", run), nil
	}
}

// wait says what a step waits for.
func wait(s engine.State, run string, st *engine.Step, now time.Time) (Waiting, bool) {
	n := s.Plan().Node(st.Node)
	w := Waiting{
		Path: st.Path, Roles: []string{}, Need: 1, Since: Time{st.Since},
		Title: cmp.Or(st.Title, n.Title, n.Name), Text: st.Text, Deadline: st.Deadline,
	}
	if st.Error != nil {
		w.Why, w.Hint = st.Error.Message, st.Error.Hint
	}
	switch st.Phase {
	case engine.Approving:
		w.For, w.Need, w.Have = ForApproval, max(st.Need, 1), len(st.Approvals)
		w.asks(st, now)
		if n.Action != nil {
			w.Action, w.Target, w.With = n.Action.Action, cmp.Or(st.Target, n.Action.Target), st.With
		}
		if st.Asked != nil {
			w.Again = st.Asked.Body.(event.ApprovalAsked).Again
		}
		w.Command = Command("approve", run, st.Path)
		w.Others = []string{Command("reject", run, st.Path)}
	case engine.Asking:
		w.For, w.Answers, w.Evidence = ForManual, n.Outputs, n.Evidence
		if st.Fallback { // it answers for an action, whose outputs nobody can type
			w.Answers, w.Evidence = nil, nil
			w.Others = []string{Command("retry", run, st.Path)}
		}
		w.Command = DoneWith(run, st.Path, w.Answers, w.Evidence)
		w.Owner = n.Owner
		w.Others = append(w.Others, Command("skip", run, st.Path, "--reason", ""))
		w.refused(st.Error, run)
	case engine.Deciding:
		w.For, w.Command = ForDecision, Command("retry", run, st.Path)
		if st.Refused != nil && st.Error != nil {
			w.Refused = st.Error.Message
		}
		if w.Asks = n.Kind == plan.Approve; !w.Asks { // nobody passes an approval over
			w.Others = []string{Command("skip", run, st.Path, "--reason", "")}
		}
		w.Others = append(w.Others, Command("rollback", run))
		w.refused(st.Error, run)
	case engine.Doubtful:
		w.For, w.Deadline = ForUnknown, time.Time{} // the attempt's time says nothing about the person's
		w.Command = Command("resolve", run, st.Path, "--happened", "--reason", "")
		w.Others = []string{
			Command("resolve", run, st.Path, "--did-not-happen", "--reason", ""),
			Command("resolve", run, st.Path, "--failed", "--reason", ""),
		}
	default:
		return Waiting{}, false
	}
	w.Told = toldOf(st.Told, w.Since.Time)
	return w, true
}

// refused puts first what helps where a list or a limit stood in the way: to try
// again as before is refused again.
func (w *Waiting) refused(why *event.Failure, run string) {
	if why == nil || !why.Refused {
		return
	}
	plain := Command("retry", run, w.Path)
	others := slices.DeleteFunc(append([]string{w.Command}, w.Others...), func(c string) bool { return c == plain })
	if why.Touch != "" {
		others = append([]string{Command("retry", run, w.Path, "--touch", why.Touch, "--reason", "")}, others...)
	}
	if len(others) > 0 {
		w.Command, w.Others = others[0], others[1:]
	}
}

// DoneWith is the command that says that a manual step is done, with a place for
// each answer and file that it needs.
func DoneWith(run, path string, answers, files []plan.Field) string {
	args := []string{"done", run, path}
	for _, f := range answers {
		if f.Required {
			args = append(args, "--set", f.Name+"="+f.Placeholder())
		}
	}
	for _, f := range files {
		if f.Required {
			args = append(args, "--evidence", f.Name+"=<file>")
		}
	}
	return Command(args...)
}

// asks says who may answer, now and later.
func (w *Waiting) asks(st *engine.Step, now time.Time) {
	w.Roles = append(w.Roles, st.MayAnswer(now)...)
	if at := st.EscalatesAt(); at.After(now) {
		w.Besides, w.From = st.Escalate.To, at
	}
}

// about says of an approval what a yes leads to, and what has happened since it
// was asked.
func (w *Waiting) about(steps []Step) {
	if w.For != ForApproval || w.Undo {
		return
	}
	passed, later := false, held(steps, w.Path)
	for i := range steps {
		st := &steps[i]
		passed = passed || st.Path == w.Path
		switch {
		case st.Path != w.Path && !st.Block && st.Reached && st.Ended.After(w.Since.Time):
			w.Meanwhile = append(w.Meanwhile, st.Path+" "+string(st.Status))
		case passed && !later[i] && st.Path != w.Path && !st.Reached && st.Status == event.Pending && st.Action != "":
			does := st.Action + " on " + st.Target
			if st.Target == "" || strings.Contains(st.Target, "${{") { // the step says more than that
				does = st.Action + " (" + st.Path + ")"
			}
			if !slices.Contains(w.Then, does) {
				w.Then = append(w.Then, does)
			}
		}
	}
}

// waitUndo says what undoing a step waits for. queue is what is to be undone.
func waitUndo(s engine.State, run string, st *engine.Step, queue []string, now time.Time) (Waiting, bool) {
	n := s.Plan().Node(st.Node)
	w := Waiting{Path: st.Path, Roles: []string{}, Need: 1, Since: Time{st.Undo.Since}, Title: cmp.Or(st.Title, n.Title, n.Name), Undo: true}
	switch st.Undo.Phase {
	case engine.UndoApproving:
		w.For, w.Text, w.Need, w.Have, w.Undoes = ForApproval, mayUndo(st.Path, queue), max(st.Need, 1), len(st.Undo.Approvals), 1
		if !slices.Contains(queue, st.Path) {
			w.Undoes = len(queue)
		}
		if reason, by := s.RollbackAsked(); reason != "" {
			w.Text += " The reason of " + cmp.Or(Who(by), "the runbook") + ": " + reason
		}
		if st.Undo.Asked != nil {
			w.Text = st.Undo.Asked.Body.(event.ApprovalAsked).Text
		}
		w.asks(st, now)
		w.Command = Command("approve", run, st.Path)
		w.Others = []string{Command("reject", run, st.Path)}
	case engine.UndoDeciding:
		w.For, w.Command = ForDecision, Command("retry", run, st.Path)
		w.Others = []string{Command("skip", run, st.Path, "--reason", "")}
		if st.Undo.Error != nil {
			w.Why, w.Hint = st.Undo.Error.Message, st.Undo.Error.Hint
		}
		w.refused(st.Undo.Error, run)
	default:
		return Waiting{}, false
	}
	w.Told = toldOf(st.Told, w.Since.Time)
	return w, true
}

// mayUndo asks for the yes to undo a step, or, where the yes once let others
// begin, to undo all of them: whoever answers must see what goes back.
func mayUndo(path string, queue []string) string {
	if len(queue) == 0 || slices.Contains(queue, path) {
		return "May " + path + " be undone?"
	}
	return "May " + count(len(queue), "step") + " be undone, newest first? " + Some(queue, 5) + "."
}

// Some lists the first few names and says how many there are besides.
func Some(names []string, most int) string {
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(len(names)-most) + " more"
}

// Command writes a command of irctl so that a shell reads it as it is meant. A
// value that the person has to fill in is left out: pasted as it is, the command
// is refused.
func Command(args ...string) string {
	var b strings.Builder
	b.WriteString("irctl")
	for _, a := range args {
		b.WriteByte(' ')
		b.WriteString(Quote(a))
	}
	return b.String()
}

// Quote writes one word for a POSIX shell. Loops have brackets in their paths,
// which zsh would take for a pattern.
func Quote(word string) string {
	const safe = "_@%+=:,./-"
	if word == "" {
		return `""`
	}
	for _, r := range word {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(safe, r) {
			return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return word
}

// Over reports whether the run has ended.
func (s Status) Over() bool { return !s.Ended.IsZero() }
