package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/projection"
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
	scroll   int
	keys     bool // there is a keyboard
	stops    int  // how often Ctrl-C was pressed
}

// update takes a new state of the run.
func (m *live) update(s projection.Status) {
	m.status = s
	for i := range s.Steps {
		if st := &s.Steps[i]; st.Reached && st.Status != event.Running && st.Status != event.Undoing {
			delete(m.progress, st.Path)
		}
	}
	if m.prompt != nil && !m.open(m.prompt.about) {
		if !m.prompt.sent {
			m.said = m.prompt.about.Path + " has been answered elsewhere."
		}
		m.prompt = nil
	}
	m.ask()
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
			m.prompt = newPrompt(w, m.person, m.check)
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
	switch k.name {
	case keyUp:
		m.scroll--
	case keyDown:
		m.scroll++
	case keyPageUp:
		m.scroll -= 10
	case keyPageDown:
		m.scroll += 10
	}
	return nil
}

// sent says what became of an answer.
func (m *live) sent(a Answer, err error) {
	m.said = a.Path + ": the answer is in the journal."
	if err != nil {
		m.said = ""
	}
	if m.prompt == nil || m.prompt.about.Path != a.Path {
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
	room := max(height-1, 1) // the cursor takes a row
	head := m.text(width, now, func(pg *page) { pg.title(m.status) })
	foot := m.text(width, now, func(pg *page) { m.foot(pg, 0) })
	if rows(head, width)+rows(foot, width)+4 > room {
		foot = m.text(width, now, func(pg *page) { m.foot(pg, 1) })
		if spare := room - 4 - rows(head, width) - rows(foot, width); spare > 0 { // for more of the question
			foot = m.text(width, now, func(pg *page) { m.foot(pg, 1+spare) })
		}
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

func (m *live) text(width int, now time.Time, write func(*page)) []string {
	pg := &page{theme: m.theme, width: min(max(width, 20), 120), now: now}
	write(pg)
	text := strings.TrimRight(pg.b.String(), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// foot is what people must act on. With most above 0 only the first thing is
// shown, and no more lines of its text.
func (m *live) foot(pg *page, most int) {
	s, short := m.status, most > 0
	for i, w := range s.Waiting {
		if i == 3 || short && i == 1 {
			pg.para(2, fmt.Sprintf("and %d more", len(s.Waiting)-i))
			break
		}
		if short {
			w.Others, w.Hint, w.Deadline = nil, "", time.Time{}
			w.Text, w.Why = pg.begin(w.Text, most), pg.begin(w.Why, 1)
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
	case !short && !s.Driven && !s.Over():
		pg.commands("next:", []string{projection.Command("resume", s.Run)})
	}
	if m.keys && !s.Over() {
		text, color := m.stopping()
		pg.styled(0, text, color)
	}
}

// stopping says what Ctrl-C does, or is doing.
func (m *live) stopping() (string, ink) {
	switch {
	case !m.asks:
		return "q or Ctrl-C ends watching; the run goes on.", faint
	case m.stops == 0:
		return "Ctrl-C once: begin nothing new and stop, resumable. Twice: kill what runs.", faint
	case m.stops == 1:
		return "Stopping: nothing new begins, what runs goes on to its end. Ctrl-C again kills it.", wants
	}
	return "Stopping: what runs is killed.", wants
}

// begin is the beginning of a text, in at most so many lines.
func (pg *page) begin(text string, lines int) string {
	text = inline(text)
	parts := wrap(text, pg.width-4)
	if len(parts) <= lines {
		return text
	}
	cut := strings.Join(parts[:lines-1], " ")
	last := pg.theme.cut(strings.Join(parts[lines-1:], " "), pg.width-4)
	return strings.TrimSpace(cut + " " + last)
}

func (m *live) putOff() bool {
	return slices.ContainsFunc(m.status.Waiting, func(w projection.Waiting) bool {
		return m.put[promptID(w)] && m.asksAbout(w)
	})
}

// body is the checklist: all of it if there is room, else what is active.
func (m *live) body(width, room int, now time.Time) []string {
	if room < 1 {
		return nil
	}
	pg := &page{theme: m.theme, width: min(max(width, 20), 120), now: now}
	lines := fold(m.status.Steps)
	c := pg.columns(lines)
	from, to := 0, len(lines)
	if len(lines) > room {
		from = m.window(lines, max(room-2, 1))
		to = min(from+max(room-2, 1), len(lines))
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
			out = append(out, strings.TrimRight(row, " "))
		}
	}
	if to < len(lines) && room > 2 {
		out = append(out, pg.theme.paint(faint, "  "+pg.theme.mark(ellipsis)+" "+group(len(lines)-to)+" more below"))
	}
	return out
}

// window is the first line to show so that what is active is in sight.
func (m *live) window(lines []line, room int) int {
	last := 0 // the last line that is over, if nothing is active
	active := -1
	for i, l := range lines {
		if l.step == nil || l.step.Block && l.step.Inside > 0 && l.note == "" {
			continue
		}
		switch l.status {
		case event.Running, event.Waiting, event.InDoubt, event.Undoing:
			active = i
		case event.Failed:
			if l.step.Ended.IsZero() {
				active = i
			}
		case event.Pending:
			continue
		default:
			last = i
		}
		if active >= 0 {
			break
		}
	}
	if active < 0 {
		active = last
	}
	most := max(len(lines)-room, 0)
	start := min(max(active-room/3, 0), most)
	m.scroll = min(max(m.scroll, -start), most-start)
	return start + m.scroll
}
