package view

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// Status writes a run on one screen: what is done, what runs, what waits for
// whom since when, what to type next, how to undo. With all, no step is left
// out and no text is cut.
func (p *Printer) Status(s projection.Status, all bool) error {
	if p.format == JSON {
		b, err := statusJSON(s)
		if err != nil {
			return err
		}
		return p.data(escapeJSON(indented(b)), false)
	}
	pg := p.page(p.out)
	pg.status(s, all)
	if s.Words != "" {
		pg.para(0, s.Fingerprint+" as words: "+s.Words)
	}
	return p.print(p.out, pg)
}

// statusJSON encodes the steps of a long run a part at a time: the encoder would
// copy all of them again and again while its memory grows.
func statusJSON(s projection.Status) ([]byte, error) {
	const most, field = 512, `"steps":`
	var head, b bytes.Buffer
	steps := s.Steps
	if len(steps) > most {
		s.Steps = nil
	}
	if err := encode(&head, s); err != nil || len(steps) <= most {
		return head.Bytes(), err
	}
	// Quotes in a text stand behind a \, so this is the field itself.
	before, after, _ := bytes.Cut(head.Bytes(), []byte(field+"null"))
	b.Write(before)
	b.WriteString(field)
	begin := b.Len()
	for part := range slices.Chunk(steps, most) {
		from := b.Len()
		if err := encode(&b, part); err != nil {
			return nil, err
		}
		if from == begin {
			b.Grow((b.Len() - from) * len(steps) / most)
		}
		b.Bytes()[from] = ',' // not [
		b.Truncate(b.Len() - len("]\n"))
	}
	b.Bytes()[begin] = '['
	b.WriteByte(']')
	b.Write(after)
	return b.Bytes(), nil
}

func (pg *page) status(s projection.Status, all bool) {
	pg.title(s)
	pg.gap()
	mode := folded
	if all {
		mode = everything
	}
	pg.steps(s, mode, nil)
	if s.Message != "" {
		pg.gap()
		pg.para(0, s.Message)
	}
	outputs := "outputs"
	if slices.ContainsFunc(s.Steps, func(st projection.Step) bool { return st.Status == event.Undone }) {
		outputs = "outputs, before the rollback"
	}
	pg.values(outputs, s.Outputs)
	pg.waiting(s, all)
	pg.next(s)
}

// next says what to type next and how to undo. A command that stands above,
// beside what it answers, is repeated only if it is the first.
func (pg *page) next(s projection.Status) {
	above := map[string]bool{}
	if s.Undoable > 0 && !s.RollingBack {
		above[projection.Command("rollback", s.Run)] = true
	}
	for _, w := range s.Waiting[:min(len(s.Waiting), mostWaiting)] {
		above[w.Command] = true
		for _, c := range w.Others {
			above[c] = true
		}
	}
	var list []string
	for i, c := range s.Next {
		if i == 0 || !above[c] {
			list = append(list, c)
		}
	}
	pg.gap()
	pg.inOrder(s.Run, list)
	pg.undoing(s)
}

// inOrder says which of the commands of a run to type first: a run that only
// people hold up goes on nowhere until they have answered.
func (pg *page) inOrder(run string, list []string) {
	label, resume := "next:", projection.Command("resume", run)
	if i := slices.Index(list, resume); i > 0 {
		pg.commands(label, list[:i])
		pg.commands("then:", list[i:i+1])
		label, list = "or:", list[i+1:]
	}
	pg.commands(label, list)
}

// mostWaiting is how many things that wait a screen shows.
const mostWaiting = 10

// title says which run this is, how it stands, and who began it when.
func (pg *page) title(s projection.Status) {
	for _, l := range wrap(inline(cmp.Or(s.Title, s.Runbook)), pg.width) {
		pg.raw(pg.theme.paint(strong, l))
	}
	word, more := pg.theme.word(s.Status), condition(s)
	if more != "" && printed(word)+3+len(more) <= pg.width {
		word, more = word+" ("+more+")", ""
	}
	about := ", " + inline(s.Runbook)
	if s.Environment != "" {
		about += " in " + inline(s.Environment)
	}
	head := "run " + inline(s.Run) + "  " + word
	if printed(head)+printed(about) > pg.width {
		pg.raw("run " + inline(s.Run))
		head = word
	}
	if printed(head)+printed(about) > pg.width {
		pg.raw(head)
		head, about = "", strings.TrimPrefix(about, ", ")
	}
	if printed(head)+printed(about) <= pg.width {
		head, about = head+about, ""
	}
	pg.hang(0, head, about, normal)
	pg.para(0, more)
	begun := ""
	if s.Incident != "" {
		begun = "incident " + inline(s.Incident) + ", "
	}
	begun += "started " + when(s.Started.Time, s.Now)
	if who := projection.Who(&s.By); who != "" {
		begun += " by " + inline(who)
	}
	switch {
	case s.Started.IsZero():
		begun = "not started"
	case s.Over():
		begun += "; ended " + when(s.Ended.Time, s.Now) + ", after " + span(s.Ended.Sub(s.Started.Time))
	}
	pg.para(0, begun)
	pg.fingerprint(s.Fingerprint)
	for _, text := range s.Warnings {
		pg.styled(0, text, bad)
	}
	for _, a := range s.Anchors {
		pg.hang(0, "anchor "+inline(a.Name)+": ", a.Says()+" ("+ago(a.At.Time, s.Now)+")", faint)
	}
	pg.styled(0, s.NotUndone, bad)
	pg.styled(0, s.Pause.String(), wants)
	pg.para(0, s.Signed)
	pg.para(0, s.Override)
	pg.para(0, s.Hold)
	for _, text := range s.BreakGlass {
		pg.styled(0, text, bad)
	}
	for _, text := range s.Delegated {
		pg.para(0, text)
	}
	pg.clocks(s.Run, s.Clocks, false)
	if s.Archive != "" {
		pg.para(0, "archived: it can only be read until it is imported")
	}
	pg.answers(pg.expired(0, s.Expiring))
	pg.left(0, s.Run, s.Left)
	for _, e := range s.Refused {
		pg.styled(0, "refused, what you asked for "+ago(e.Time.Time, pg.now)+" ("+strings.TrimSpace(e.Path+" "+e.Word)+"): "+e.Text, bad)
	}
}

// fingerprint says how people can tell this journal from any other.
func (pg *page) fingerprint(code string) {
	if code != "" {
		pg.hang(0, "fingerprint ", code, faint)
	}
}

// condition adds to a run's status what the one word does not say.
func condition(s projection.Status) string {
	var out []string
	if s.Degraded > 0 {
		out = append(out, goneOn(s.Degraded))
	}
	switch {
	case s.Over():
		if n := len(s.LeftTo); n > 0 {
			out = append(out, leftForOthers(n))
		}
		return strings.Join(out, ", ")
	case s.RollingBack:
		out = append(out, "rolling back")
	case s.Canceling:
		out = append(out, "canceling")
	}
	switch {
	case s.Held:
		out = append(out, "held back: everything is halted")
	case s.Pause != nil:
		out = append(out, "paused")
	}
	if !s.Driven {
		out = append(out, "no process drives it")
	}
	return strings.Join(out, ", ")
}

// leftForOthers counts what a rollback left as it is.
func leftForOthers(n int) string { return plural(n, "step") + " left to runs that rely on it" }

// goneOn counts the failed steps that the plan goes on without.
func goneOn(n int) string { return plural(n, "failed step") + " gone on without" }

// waiting says for whom what waits, since when, and which command answers.
func (pg *page) waiting(s projection.Status, all bool) {
	if len(s.Waiting) == 0 {
		return
	}
	pg.heading("Waiting")
	told := false
	for i, w := range s.Waiting {
		if i == mostWaiting && !all {
			pg.para(2, fmt.Sprintf("and %d more; irctl status %s --all shows them", len(s.Waiting)-i, s.Run))
			return
		}
		pg.wait(w)
		told = told || len(w.Told) > 0
	}
	if told && !s.Driven && !s.Over() {
		pg.para(2, "Nobody is told again while no process drives the run: irctl resume "+s.Run+" --wait")
	}
}

// left says what others have asked for while no process drove the run.
func (pg *page) left(indent int, run string, left []projection.Entry) {
	for _, e := range left {
		what := strings.TrimSpace(e.Path + " " + e.Word)
		pg.para(indent, "left by "+e.By+" "+ago(e.Time.Time, pg.now)+": "+what+"; taken when the run is resumed:")
	}
	if len(left) > 0 {
		pg.answers([]string{projection.Command("resume", run)})
	}
}

func (pg *page) wait(w projection.Waiting) {
	pg.question(w)
	pg.answers(append([]string{w.Command}, w.Others...))
}

func (pg *page) answers(commands []string) {
	for _, c := range commands {
		pg.raw("    " + pg.theme.paint(command, literal(c)))
	}
}

// question says all that somebody must know who answers.
func (pg *page) question(w projection.Waiting) {
	symbol, color := pg.theme.status(event.Waiting)
	if w.For == projection.ForUnknown {
		symbol, color = pg.theme.status(event.InDoubt)
	}
	head := pg.theme.paint(color, symbol) + " "
	pg.hang(2, head, w.Path+": "+whom(w)+", since "+when(w.Since.Time, pg.now), normal)
	pg.styled(4, w.Text, strong)
	pg.styled(4, w.Why, bad)
	pg.para(4, w.Hint)
	for _, f := range w.Answers {
		pg.para(4, "asks for "+f.Name+" ("+answerType(f)+")"+sentence(f.Description))
	}
	for _, f := range w.Evidence {
		pg.para(4, "wants a file as "+f.Name+sentence(f.Description))
	}
	switch {
	case w.Expired:
		pg.styled(4, "expired "+when(w.Deadline, pg.now)+": an answer counts for nothing any more", bad)
	case !w.Deadline.IsZero():
		pg.para(4, "until "+when(w.Deadline, pg.now))
	}
	if len(w.Again) > 0 {
		pg.styled(4, "Asked again, what was agreed to is not what would be done now: "+strings.Join(w.Again, "; "), bad)
	}
	if len(w.Besides) > 0 {
		pg.para(4, strings.Join(w.Besides, " or ")+" may answer, too, from "+when(w.From, pg.now)+" on")
	}
	pg.notices(w.Told)
	if w.Action != "" {
		pg.para(4, "A yes does this: "+strings.TrimSuffix(w.Action+" on "+w.Target, " on "))
		pg.facts(6, given(w.With)...)
	}
	if len(w.Then) > 0 {
		pg.para(4, "It lets begin: "+projection.Some(w.Then, 6))
	}
	if len(w.Meanwhile) > 0 {
		pg.para(4, "Since it was asked: "+projection.Some(w.Meanwhile, 6))
	}
}

// notices say who was told, and who could not be.
func (pg *page) notices(list []projection.Told) {
	var reached []string
	for _, t := range projection.Latest(list) {
		who := cmp.Or(t.To, t.Target)
		how := " through " + t.Target
		if t.To == "" {
			how = ""
		}
		switch t.Outcome {
		case projection.Reached:
			reached = append(reached, who+how+" "+projection.Stamp(t.At.Time, pg.now))
		case projection.OnItsWay:
			pg.para(4, "being told: "+who+how)
		case projection.Failed:
			pg.styled(4, who+" could not be told"+how+": "+joined("; ", t.Error, t.Instead), bad)
		case projection.Perhaps:
			pg.styled(4, "nobody knows whether "+who+" was told"+how+": "+joined("; ", t.Error, t.Instead), wants)
		}
	}
	if len(reached) > 0 {
		pg.para(4, "told: "+strings.Join(reached, ", "))
	}
}

func sentence(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// whom says what is waited for and from whom, in words.
func whom(w projection.Waiting) string {
	roles := cmp.Or(strings.Join(w.Roles, " or "), "anybody")
	switch w.For {
	case projection.ForApproval:
		what := "approval by " + roles
		if w.Undo {
			what = "approval of the rollback by " + roles
		}
		if w.Need > 1 {
			what += fmt.Sprintf(", %d of %d given", w.Have, w.Need)
		}
		if !w.Signed {
			return what + ", not signed"
		}
		return what + ", signed"
	case projection.ForManual:
		if w.Owner != "" {
			return "by hand, by " + w.Owner
		}
		return "a person to do it by hand"
	case projection.ForDecision:
		if w.Undo {
			return "a decision, undoing it failed"
		}
		return "a decision, " + cmp.Or(w.Refused, "it failed")
	case projection.ForUnknown:
		return "somebody to find out whether it happened"
	}
	return string(w.For)
}

// undoing says how to take the run back, if there is anything to take back,
// and what nobody must believe to be back afterwards.
func (pg *page) undoing(s projection.Status) {
	back := s.RollingBack || s.Status == event.Undone
	if s.Belongs != "" {
		pg.para(0, "nothing of its own to take back: "+s.Belongs)
	}
	indent := 0
	if s.Undoable > 0 && !s.RollingBack && s.Run != "" {
		pg.commands("undo:", []string{projection.Command("rollback", s.Run)})
		pg.para(6, "goes back over "+plural(s.Undoable, "step")+", newest first; --dry-run says what of each")
		back, indent = back || s.Over(), 6
	}
	if !back { // nobody asked
		return
	}
	const most = 12 // what stays is what nobody may overlook, such as a new password
	if len(s.ByHand) > 0 {
		pg.styled(indent, "was done by hand, undo it by hand: "+projection.Some(s.ByHand, most), wants)
	}
	switch n := len(s.Stays); {
	case n > 4 && s.Undoable > 0 && s.Over(): // a rollback can be foreseen
		pg.para(indent, "cannot be taken back: "+projection.Some(s.Stays, 2)+"; to see them all:")
		pg.raw(strings.Repeat(" ", indent) + pg.theme.paint(command, literal(projection.Command("rollback", s.Run, "--dry-run"))))
	case n > 0:
		pg.para(indent, "cannot be taken back: "+projection.Some(s.Stays, most))
	}
}

// plural counts: "1 step", "3 steps".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return group(n) + " " + noun + "s"
}

// group writes a number with its thousands apart: "10,000".
func group(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
