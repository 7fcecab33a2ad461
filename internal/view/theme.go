package view

import (
	"io"
	"runtime"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// ink names what a text means; the theme says what that looks like. The zero
// value is text like any other.
type ink int

const (
	normal  ink = iota
	strong      // headings, names
	faint       // what may be overlooked
	command     // to be typed
	good        // done as it should be
	bad         // failed
	wants       // a person must act
	active      // goes on now
	undo        // is being put back
	chosen      // under the cursor
	inks
)

// theme holds what every meaning looks like on one stream. Colours are the
// terminal's own sixteen, so that people's schemes apply. What somebody must
// read or type is bold, or magenta or red, which can be read on black and on
// white whatever the scheme; yellow and cyan cannot.
type theme struct {
	ascii  bool
	styles [inks]lipgloss.Style
}

func newTheme(w io.Writer, ascii, color bool) theme {
	r := lipgloss.NewRenderer(w)
	r.SetHasDarkBackground(true) // nothing here depends on it, and asking takes a terminal that answers
	r.SetColorProfile(termenv.Ascii)
	if color {
		r.SetColorProfile(termenv.ANSI)
	}
	style := func() lipgloss.Style { return r.NewStyle().Inline(true).TabWidth(lipgloss.NoTabConversion) }
	colored := func(c string) lipgloss.Style { return style().Foreground(lipgloss.Color(c)) }
	return theme{ascii, [inks]lipgloss.Style{
		normal:  style(),
		strong:  style().Bold(true),
		faint:   style().Faint(true),
		command: style().Bold(true),
		good:    colored("2"),
		bad:     colored("1").Bold(true),
		wants:   colored("5").Bold(true),
		active:  colored("4"),
		undo:    colored("3"),
		chosen:  style().Reverse(true),
	}}
}

// paint renders a clean line in an ink.
func (t theme) paint(i ink, line string) string {
	if i == normal || line == "" {
		return line
	}
	return t.styles[i].Render(line)
}

// mark is a symbol with what to write where there is only ASCII.
type mark struct{ symbol, ascii string }

func (t theme) mark(m mark) string {
	if t.ascii {
		return m.ascii
	}
	return m.symbol
}

var (
	ellipsis = mark{"…", "..."}
	dash     = mark{"–", "-"}
	okMark   = mark{"✓", "+"}
	badMark  = mark{"✗", "!"}
	tick     = mark{"☐", "[ ]"}
)

// status returns a status's symbol and style. The word stands beside it always.
func (t theme) status(s event.Status) (string, ink) {
	switch s {
	case event.Pending:
		return t.mark(mark{"·", "."}), faint
	case event.Running:
		return t.mark(mark{"▸", ">"}), active
	case event.Waiting:
		return t.mark(mark{"◆", "*"}), wants
	case event.Succeeded:
		return t.mark(okMark), good
	case event.Failed:
		return t.mark(badMark), bad
	case event.Skipped:
		return t.mark(dash), faint
	case event.Canceled:
		return t.mark(mark{"■", "#"}), faint
	case event.InDoubt:
		return "?", bad
	case event.Undoing:
		return t.mark(mark{"◂", "<"}), undo
	case event.Undone:
		return t.mark(mark{"↩", "<"}), undo
	}
	return " ", strong
}

// word renders a status word with its symbol.
func (t theme) word(s event.Status) string {
	symbol, i := t.status(s)
	return t.paint(i, symbol+" "+string(s))
}

// verdictInk returns how a plan's verdict is shown.
func verdictInk(v projection.Verdict) ink {
	switch v {
	case projection.Checked:
		return good
	case projection.CannotKnow:
		return wants
	}
	return faint
}

// readsUTF8 reports whether the locale is one of UTF-8 (POSIX: LC_ALL, then
// LC_CTYPE, then LANG). Windows has no such variables; its terminals do.
func readsUTF8(env func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(env(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return runtime.GOOS == "windows" || runtime.GOOS == "darwin"
}
