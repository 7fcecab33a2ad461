package view

import (
	"cmp"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// mode is how much of a checklist is shown.
type mode int

const (
	folded     mode = iota // finished parts folded, a line per step that did not fail
	oneLine                // the same, a line per step whatever it is
	everything             // every step, texts in full
)

// printed is how many cells a line takes.
func printed(line string) int { return ansi.StringWidth(line) }

// steps adds the checklist. progress holds what running steps say now, by path.
func (pg *page) steps(s projection.Status, m mode, progress map[string]string) {
	lines := everyLine(s.Steps)
	if m == folded {
		lines = fold(s.Steps, cmp.Or(pg.most, manyLines))
	}
	c := pg.columns(lines)
	for _, l := range lines {
		for _, row := range pg.line(l, c, s.Now, m, progress) {
			pg.raw(row)
		}
	}
}

// columns are the widths of a checklist's columns; 0 leaves one out.
type columns struct{ name, word, took, text int }

func (pg *page) columns(lines []line) columns {
	c := columns{word: 11, took: 6}
	for _, l := range lines {
		if l.step != nil {
			c.name = max(c.name, 2*l.depth+printed(label(l.step)))
		}
	}
	c.name = min(c.name, max(pg.width*2/5, 18), pg.width-15)
	left := pg.width - 2 - c.name - 2 - c.word
	if left-1-c.took < 12 {
		c.took = 0
	} else {
		left -= c.took + 1
	}
	if c.text = left - 2; c.text < 10 {
		c.text = 0
	}
	return c
}

// label is how a step is called in a checklist: its id, and which item of a
// loop it belongs to.
func label(s *projection.Step) string {
	name := s.Path
	if base := name[:len(name)-len(tail(name))]; strings.HasSuffix(base, "]/") && s.Branch != "" {
		return "[" + inline(s.Branch) + "] " + inline(tail(name))
	}
	return inline(tail(name))
}

// tail is the last name of a path; keys in brackets may hold slashes.
func tail(path string) string {
	depth := 0
	for i := len(path) - 1; i >= 0; i-- {
		switch path[i] {
		case ']':
			depth++
		case '[':
			depth--
		case '/':
			if depth <= 0 {
				return path[i+1:]
			}
		}
	}
	return path
}

// line renders one line of the checklist.
func (pg *page) line(l line, c columns, now time.Time, m mode, progress map[string]string) []string {
	symbol, color := pg.theme.status(l.status)
	indent := strings.Repeat("  ", min(l.depth, 8))
	if l.step == nil {
		text := l.note
		if l.hidden > 0 {
			text = plural(l.hidden, "more step") + " " + string(l.status)
		}
		text = indent + pg.theme.mark(ellipsis) + " " + text
		return []string{pg.theme.paint(faint, pg.theme.cut("  "+text, pg.width))}
	}
	name := pad(pg.theme.cut(indent+label(l.step), c.name), c.name)
	head := pg.theme.paint(color, symbol) + " " + name + "  " + pg.theme.paint(color, pad(cmp.Or(l.step.Instead, string(l.status)), c.word))
	if c.took > 0 {
		head += " " + pg.theme.paint(faint, pad(took(l.step, now), c.took))
	}
	text, textInk := about(l, now, progress)
	text = inline(text)
	switch {
	case text == "" || c.text == 0 && m != everything && (m != folded || textInk != bad):
		return []string{head}
	case m == oneLine || m == folded && textInk != bad || printed(text) <= c.text: // why a step failed is read to its end
		return []string{head + "  " + pg.theme.paint(textInk, pg.theme.cut(text, c.text))}
	case c.text == 0:
		return append([]string{head}, pg.below(6, wrap(text, pg.width-6), textInk)...)
	}
	parts := wrap(text, c.text)
	return append([]string{head + "  " + pg.theme.paint(textInk, parts[0])},
		pg.below(printed(head)+2, parts[1:], textInk)...)
}

func (pg *page) below(indent int, lines []string, color ink) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.Repeat(" ", indent) + pg.theme.paint(color, l)
	}
	return out
}

// took is how long a step has taken so far.
func took(s *projection.Step, now time.Time) string {
	switch {
	case s.Started.IsZero() || s.Still || s.Status == event.Skipped:
		return ""
	case !s.Ended.IsZero():
		return span(s.Ended.Sub(s.Started.Time))
	}
	return sofar(now.Sub(s.Started.Time))
}

// about is what a line of the checklist says about its step.
func about(l line, now time.Time, progress map[string]string) (string, ink) {
	s := l.step
	running := s.Status == event.Running || s.Status == event.Undoing
	switch {
	case running && s.Still && s.Error != nil:
		return "attempt " + group(s.Attempts) + " failed, tries again after irctl resume: " + s.Error.Message, wants
	case running && s.RetryAt.After(now) && s.Error != nil:
		return "attempt " + group(s.Attempts) + " failed, tries again " + ago(s.RetryAt, now) + ": " + s.Error.Message, wants
	case l.note != "":
		return l.note, normal
	case !s.Reached && s.Status == event.Skipped:
		return cmp.Or(s.Summary, "not taken"), faint
	case running && progress[s.Path] != "":
		return attempt(s) + progress[s.Path], normal
	case s.Error != nil && s.Status != event.Succeeded && s.Status != event.Skipped:
		return s.Error.Message, bad
	case s.Summary != "":
		return s.Summary, normal
	case s.Status == event.Running && s.Attempts > 0:
		return attempt(s) + doing(s), normal
	case s.Status == event.Waiting && s.RetryAt.After(now):
		return "begins " + ago(s.RetryAt, now), normal
	}
	return doing(s), faint
}

func attempt(s *projection.Step) string {
	if s.Attempts < 2 {
		return ""
	}
	return "attempt " + group(s.Attempts) + ": "
}

// doing says what a step is for: its title, or the action and its target.
func doing(s *projection.Step) string {
	switch {
	case s.Title != "":
		return s.Title
	case s.Action != "" && s.Target != "":
		return s.Action + " on " + s.Target
	case s.Action != "":
		return s.Action
	case s.Kind == plan.Parallel:
		return "all at once"
	}
	return ""
}
