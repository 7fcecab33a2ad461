package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// live is what the live screen shows and how it takes keys. It knows neither
// the terminal nor the time: frame is told both.
type live struct {
	theme    theme
	status   projection.Status
	progress map[string]string
	asks     bool // somebody here may answer
	decides  bool // and say how to go on after a failure
	check    checker
	person   string // who that is, "" if the answer must say
	prompt   *prompt
	put      map[string]bool // prompts that were put off
	said     string          // what became of the last answer
	keys     bool            // there is a keyboard
	stops    int             // how often Ctrl-C was pressed

	heard  map[string][]string                 // what running steps have said, by path
	output func(step projection.Step) []string // what was kept of a step's output
	at     string                              // path of the chosen step, "" while what is active is followed
	opened bool                                // the chosen step is shown whole in the place of the checklist
	unfold bool                                // no step is left out
	lines  []line                              // of the checklist, as last drawn
	top    int                                 // first line shown of what is shown in parts: the opened step, or the question
	end    bool                                // and its end is in sight
	parted bool                                // something is
}

// update takes a new state of the run.
func (m *live) update(s projection.Status) {
	m.status = s
	for i := range s.Steps {
		if st := &s.Steps[i]; st.Reached && st.Status != event.Running && st.Status != event.Undoing {
			delete(m.progress, st.Path)
			delete(m.heard, st.Path) // what was kept of it takes its place
		}
	}
	if m.prompt != nil && !m.open(m.prompt.about) {
		if !m.prompt.sent {
			m.said = m.prompt.about.Path + " has been answered elsewhere" + m.now(m.prompt.about.Path) + "."
		}
		m.prompt = nil
	}
	m.ask()
}

// now says how a step stands.
func (m *live) now(path string) string {
	for i := range m.status.Steps {
		if st := &m.status.Steps[i]; st.Path == path {
			return ", it is " + cmp.Or(st.Instead, string(st.Status)) + " now"
		}
	}
	return ""
}

// hear takes what a running step says.
func (m *live) hear(path string, lines []string) {
	const most = 200
	m.progress[path] = lines[len(lines)-1]
	all := append(m.heard[path], lines...)
	m.heard[path] = slices.Clone(all[max(len(all)-most, 0):])
}

// open reports whether a step still waits for the same.
func (m *live) open(w projection.Waiting) bool {
	return slices.ContainsFunc(m.status.Waiting, func(other projection.Waiting) bool {
		return promptID(other) == promptID(w) && other.Have == w.Have
	})
}

// ask begins a prompt for the first step that waits for one.
func (m *live) ask() {
	if m.prompt != nil || !m.asks {
		return
	}
	for _, w := range m.status.Waiting {
		if m.asksAbout(w) && !m.put[promptID(w)] {
			m.prompt, m.top, m.said = newPrompt(w, m.person, m.check), 0, ""
			return
		}
	}
}

// asksAbout reports whether what a step waits for can be answered here.
func (m *live) asksAbout(w projection.Waiting) bool {
	return w.For == projection.ForApproval || w.For == projection.ForManual || w.For == projection.ForDecision && m.decides
}

// key takes a key press and returns an answer to be sent, if one is complete.
func (m *live) key(k key) *Answer {
	typing := m.prompt != nil && m.prompt.typing()
	if m.prompt != nil {
		switch m.prompt.key(k) {
		case later:
			m.put[promptID(m.prompt.about)] = true
			m.prompt = nil
			m.ask()
		case answered:
			a := m.prompt.answer
			return &a
		}
	} else if k.char == 'a' {
		clear(m.put)
		m.ask()
	}
	m.navigate(k, typing)
	return nil
}

// navigate moves through the checklist, or through what is shown in parts.
func (m *live) navigate(k key, typing bool) {
	switch {
	case k.name == keyPageDown && m.parted:
		m.top += 5
	case k.name == keyPageUp && m.parted:
		m.top = max(m.top-5, 0)
	case k.name == keyPageDown:
		m.move(10)
	case k.name == keyPageUp:
		m.move(-10)
	case k.name == keyDown && m.opened:
		m.top++
	case k.name == keyUp && m.opened:
		m.top = max(m.top-1, 0)
	case k.name == keyDown:
		m.move(1)
	case k.name == keyUp:
		m.move(-1)
	case typing:
	case k.name == keyEnter && !m.opened:
		m.move(0)
		m.opened, m.top = m.at != "", 0
	case k.name == keyEnter || k.name == keyEscape:
		m.opened, m.at, m.top = false, "", 0
	case k.char == keyFold:
		m.unfold = !m.unfold
	}
}

// move chooses another step; what is folded is passed over.
func (m *live) move(by int) {
	i := m.place()
	for n := max(by, -by, 1); n > 0 && len(m.lines) > 0; n-- {
		for i += cmp.Compare(by, 0); i >= 0 && i < len(m.lines) && m.lines[i].step == nil; {
			i += cmp.Compare(by, 0)
		}
		if i = min(max(i, 0), len(m.lines)-1); m.lines[i].step != nil {
			m.at = m.lines[i].step.Path
		}
	}
}

// place is the line of the chosen step, or of what is active.
func (m *live) place() int {
	if i := slices.IndexFunc(m.lines, func(l line) bool { return l.step != nil && l.step.Path == m.at }); i >= 0 {
		return i
	}
	return activeLine(m.lines)
}

// sent says what became of an answer.
func (m *live) sent(a Answer, err error) {
	m.said = a.Path + ": the answer is in the journal."
	if err != nil {
		m.said = ""
	}
	if m.prompt == nil || m.prompt.about.Path != a.Path {
		if m.prompt != nil { // it would stand above another question
			m.said = ""
		}
		return
	}
	if err != nil {
		m.prompt.refuse(err)
		return
	}
	m.put[promptID(m.prompt.about)] = true // until the run has moved on
	m.prompt = nil
	m.ask()
}

// frame renders everything into at most height rows. What must not be missing
// comes last: the question, or the next commands.
func (m *live) frame(width, height int, now time.Time) []string {
	m.status.Now = now
	m.parted = false
	room := max(height-1, 1) // the cursor takes a row
	head := m.text(width, now, func(pg *page) { pg.title(m.status) })
	foot := m.text(width, now, func(pg *page) { m.foot(pg, m.status.Waiting, false) })
	if rows(head, width)+rows(foot, width)+4 > room {
		if foot = m.parts(width, room-rows(head, width)-4, now); m.parted { // rather no checklist than a part of a question
			m.parted = false
			foot = m.parts(width, room-1, now)
		}
	}
	if m.prompt != nil {
		m.prompt.read = m.prompt.read || m.parted && m.end
		m.prompt.unread = m.parted && !m.prompt.read
	}
	if left := room - rows(foot, width); rows(head, width)+2 > left {
		head = head[:min(max(left, 0), 1, len(head))]
	}
	body := m.body(width, room-rows(head, width)-rows(foot, width)-2, now)
	out := head
	if len(body) > 0 {
		out = append(append(append(out, ""), body...), "")
	}
	out = append(out, foot...)
	for len(out) > 1 && rows(out, width) > room {
		out = out[1:]
	}
	return out
}

// parts is a foot for little room: one question, a part of it at a time, and
// how to answer it. Nobody says yes before the end was in sight.
func (m *live) parts(width, room int, now time.Time) []string {
	s := m.status
	var first []projection.Waiting
	for _, w := range s.Waiting {
		if len(first) == 0 || m.prompt != nil && promptID(w) == promptID(m.prompt.about) {
			first = []projection.Waiting{w}
		}
	}
	var whole []string
	rest := m.text(width, now, func(pg *page) {
		for _, w := range first {
			pg.answers([]string{w.Command})
		}
		const named = 2
		also := slices.DeleteFunc(slices.Clone(s.Waiting), func(w projection.Waiting) bool { return promptID(w) == promptID(first[0]) })
		for _, w := range also[:min(len(also), named)] {
			pg.raw(pg.theme.cut("    also: "+inline(w.Path+": "+whom(w)), width))
		}
		if more := len(also) - named; more > 0 {
			pg.para(4, fmt.Sprintf("and %d more", more))
		}
		m.foot(pg, nil, true)
	})
	for _, w := range first {
		whole = m.text(width, now, func(pg *page) { pg.question(w) })
	}
	if room -= rows(rest, width); len(whole) > max(room, 2) {
		whole = m.part(whole, max(room, 2), width, now)
	}
	return append(whole, rest...)
}

// part is what is in sight of lines that have too little room, and how much is
// not: the last row says that.
func (m *live) part(lines []string, room, width int, now time.Time) []string {
	m.parted = true
	m.top = min(m.top, len(lines)-room+1)
	end := m.top + room - 1
	m.end = end == len(lines)
	text := fmt.Sprintf("lines %d to %d of %d: PgUp, PgDn", m.top+1, end, len(lines))
	return append(slices.Clone(lines[m.top:end]), m.text(width, now, func(pg *page) { pg.styled(4, text, faint) })...)
}

func (m *live) text(width int, now time.Time, write func(*page)) []string {
	pg := &page{theme: m.theme, width: min(max(width, 20), 120), now: now}
	write(pg)
	text := strings.TrimRight(pg.b.String(), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// foot is what people must act on, and what they can type.
func (m *live) foot(pg *page, asks []projection.Waiting, short bool) {
	s := m.status
	for i, w := range asks {
		if i == 3 {
			pg.para(2, fmt.Sprintf("and %d more", len(asks)-i))
			break
		}
		pg.wait(w)
	}
	pg.para(0, m.said)
	switch {
	case m.prompt != nil:
		pg.prompt(m.prompt)
		return
	case m.asks && m.putOff():
		pg.para(0, "Press a to answer here.")
	}
	switch {
	case len(s.Waiting) == 0:
		pg.commands("next:", s.Next[:min(len(s.Next), 3)])
	case !s.Driven && !s.Over():
		label, resume := "then:", projection.Command("resume", s.Run)
		if slices.Index(s.Next, resume) == 0 {
			label = "next:"
		}
		pg.commands(label, []string{resume})
	}
	if m.keys && !s.Over() && (s.Driven || !short) {
		text, color := m.stopping()
		pg.styled(0, text, color)
	}
	if m.keys && !short {
		pg.styled(0, "Arrows choose a step, Enter shows its output, f folds.", faint)
	}
}

// stopping says what Ctrl-C does, or is doing.
func (m *live) stopping() (string, ink) {
	switch {
	case !m.asks && len(m.status.Waiting) > 0:
		return "This only shows: answer with the commands above, in another terminal. q ends it.", faint
	case !m.asks:
		return "q or Ctrl-C ends watching; the run goes on.", faint
	case m.stops == 0:
		return "Ctrl-C once: begin nothing new and stop, resumable. Twice: kill what runs.", faint
	case m.stops == 1:
		return "Stopping: nothing new begins, what runs goes on to its end. Ctrl-C again kills it.", wants
	}
	return "Stopping: what runs is killed.", wants
}

func (m *live) putOff() bool {
	return slices.ContainsFunc(m.status.Waiting, func(w projection.Waiting) bool {
		return m.put[promptID(w)] && m.asksAbout(w)
	})
}

// body is the checklist: all of it if there is room, else folded, and then what
// is active or chosen; or the step that was opened.
func (m *live) body(width, room int, now time.Time) []string {
	if room < 1 {
		return nil
	}
	pg := &page{theme: m.theme, width: min(max(width, 20), 120), now: now}
	if i := slices.IndexFunc(m.status.Steps, func(s projection.Step) bool { return m.opened && s.Path == m.at }); i >= 0 {
		return m.whole(m.status.Steps[i], width, room, now)
	}
	if m.lines = everyLine(m.status.Steps); len(m.lines) > room && !m.unfold {
		m.lines = fold(m.status.Steps, max(room, 10))
	}
	lines := m.lines
	c := pg.columns(lines)
	from, to := 0, len(lines)
	if len(lines) > room {
		shown := max(room-2, 1)
		from = min(max(m.place()-shown/3, 0), len(lines)-shown)
		to = min(from+shown, len(lines))
		if from == 1 { // the line takes no more room than the words that it is left out
			from = 0
		}
		if to == len(lines)-1 {
			to = len(lines)
		}
	}
	var out []string
	if from > 0 && room > 2 {
		out = append(out, pg.theme.paint(faint, "  "+pg.theme.mark(ellipsis)+" "+group(from)+" more above"))
	}
	for _, l := range lines[from:to] {
		for _, row := range pg.line(l, c, now, oneLine, m.progress) {
			if l.step != nil && l.step.Path == m.at {
				row = pg.theme.paint(chosen, ansi.Strip(strings.Replace(row, " ", ">", 1)))
			}
			out = append(out, strings.TrimRight(row, " "))
		}
	}
	if n := len(out); n > 0 && room <= 2 && to-from < len(lines) {
		hidden := " " + group(from) + " above, " + group(len(lines)-to) + " below"
		out[n-1] = pg.theme.cut(ansi.Strip(out[n-1]), width-len(hidden)) + pg.theme.paint(faint, hidden)
	}
	if to < len(lines) && room > 2 {
		out = append(out, pg.theme.paint(faint, "  "+pg.theme.mark(ellipsis)+" "+group(len(lines)-to)+" more below"))
	}
	return out
}

// whole is all that is known of a step, and what it says.
func (m *live) whole(st projection.Step, width, room int, now time.Time) []string {
	lines := m.text(width, now, func(pg *page) {
		pg.step(st)
		pg.facts(0, given(st.With)...)
		for _, l := range append(m.heard[st.Path], m.output(st)...) {
			pg.raw(pg.theme.cut("| "+strings.ReplaceAll(action.Clean(l), "\t", "    "), width))
		}
	})
	if len(lines) <= room {
		return lines
	}
	return m.part(lines, max(room, 2), width, now)
}
