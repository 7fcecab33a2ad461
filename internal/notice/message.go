package notice

import (
	"cmp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Message is what a notice about a step says, for the action that sends it. Its
// texts come from the journal: they hold no secret.
func (r *Rules) Message(s engine.State, path string, n event.NoticeStarted) drive.Message {
	st := projection.Of(projection.Source{State: s, Driven: true, Now: s.Last()})
	subject, body := action.CleanLine(heading(st, path, n), 200), action.Clean(r.body(s, st, path, n))
	m := drive.Message{Action: n.Action, Target: n.Target, Number: n.Number}
	if n.To != "" && n.Address == "" {
		m.Lacks = "the environment does not say where " + n.To + " is reached by it"
	}
	switch n.Action {
	case "notify.email":
		m.With = map[string]any{"to": []any{n.Address}, "subject": subject, "body": body}
	case "notify.webhook":
		m.With = map[string]any{"text": subject + "\n\n" + body}
	case "notify.log":
		m.With = map[string]any{"text": subject, "severity": "warning", "fields": map[string]any{"why": n.Why}}
	}
	return m
}

// Instead is what to do if somebody could not be told, "" if nothing is known.
func (r *Rules) Instead(n event.NoticeStarted) string {
	if p, ok := r.env.Person(n.To); ok && p.Phone != "" {
		return "call " + p.Phone
	}
	if t, ok := r.env.Target(n.Target); ok && n.To == "" {
		return t.Fallback
	}
	return ""
}

func heading(st projection.Status, path string, n event.NoticeStarted) string {
	what := "A step waits for you"
	if w, ok := waits(st, path); ok && w.For == projection.ForApproval {
		what = "Approval is asked for"
	}
	switch n.Why {
	case engine.WhyReminder:
		what = "Still nobody has answered"
	case engine.WhyEscalation:
		what = "Nobody has answered, so that you are told"
	case engine.WhyBreakGlass:
		what = "Somebody has approved alone, past the others"
	}
	about := cmp.Or(st.Title, st.Runbook)
	if st.Incident != "" {
		about = st.Incident + ": " + about
	}
	return about + ": " + strings.ToLower(what[:1]) + what[1:] + " (" + path + ")"
}

func waits(st projection.Status, path string) (projection.Waiting, bool) {
	i := slices.IndexFunc(st.Waiting, func(w projection.Waiting) bool { return w.Path == path })
	if i < 0 {
		return projection.Waiting{}, false
	}
	return st.Waiting[i], true
}

func (r *Rules) body(s engine.State, st projection.Status, path string, n event.NoticeStarted) string {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	line("Run ", st.Run, ", ", cmp.Or(st.Title, st.Runbook), ", in ", st.Environment)
	if n.Why == engine.WhyBreakGlass {
		for _, text := range st.BreakGlass {
			line("\n", text)
		}
		line("\nWhat runs, and how to stop it, on ", cmp.Or(r.host, "the machine that drives it"), ":")
		line("  ", projection.Command("status", st.Run), "\n  ", projection.Command("cancel", st.Run), "\n  ", projection.Command("rollback", st.Run))
		return b.String()
	}
	w, ok := waits(st, path)
	if !ok {
		return b.String()
	}
	line(path, " waits since ", projection.Stamp(w.Since.Time, st.Started.Time))
	for _, text := range []string{w.Text, w.Why, w.Hint} {
		if text != "" {
			line("\n", strings.TrimSpace(text))
		}
	}
	line()
	if w.Action != "" {
		line("A yes does this: ", strings.TrimSuffix(w.Action+" on "+w.Target, " on "))
	}
	if len(w.Then) > 0 {
		line("It lets begin: ", projection.Some(w.Then, 6))
	}
	if w.For == projection.ForApproval {
		line("Asked: ", asked(w))
	}
	if !w.Deadline.IsZero() {
		line("Until: ", projection.Stamp(w.Deadline, w.Since.Time))
	}
	line("\nAnswer on ", cmp.Or(r.host, "the machine that drives it"), ":")
	for _, c := range append([]string{w.Command}, w.Others...) {
		line("  ", c)
	}
	if r.Code != nil {
		if code := r.Code(s, path); code != "" {
			line("\nOr from anywhere, with your key: paste the lines below into")
			line("  irctl approve --offline --request -")
			line("and send back what it says, to be pasted into")
			line("  ", projection.Command("approve", st.Run, path, "--response", "-"), "\n\n", code)
		}
	}
	line("\nAn answer to this message reaches nobody.")
	return b.String()
}

func asked(w projection.Waiting) string {
	out := strings.Join(w.Roles, " or ")
	if len(w.Besides) > 0 {
		out += "; from " + projection.Stamp(w.From, w.Since.Time) + " on " + strings.Join(w.Besides, " or ") + " too"
	}
	return out
}
