package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/irctl/irctl/pkg/action"
)

// maxText is the most characters of one foreign text that a screen shows.
const maxText = 4000

// page is a text under construction: lines that fit a width. Texts go in
// uncleaned and unstyled; page cleans them, breaks them, then styles them.
type page struct {
	theme theme
	width int
	now   time.Time
	most  int // lines of a checklist before finished parts are folded; 0 is the usual
	b     strings.Builder
}

// inline makes any text one harmless line, bounded.
func inline(s string) string { return action.CleanLine(s, maxText) }

// literal makes a command harmless without changing its spaces.
func literal(command string) string {
	return strings.NewReplacer("\n", "\u2424", "\t", "\u2409").Replace(bounded(command))
}

// raw adds a finished line: parts that are clean and styled already.
func (pg *page) raw(line string) {
	pg.b.WriteString(strings.TrimRight(line, " "))
	pg.b.WriteByte('\n')
}

// gap adds an empty line, never at the beginning and never two.
func (pg *page) gap() {
	if s := pg.b.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		pg.b.WriteByte('\n')
	}
}

// heading adds a line that names what follows.
func (pg *page) heading(text string) {
	pg.gap()
	for _, l := range wrap(inline(text), pg.width) {
		pg.raw(pg.theme.paint(strong, l))
	}
}

// para adds a text, its own line breaks kept, wrapped and indented.
func (pg *page) para(indent int, text string) { pg.styled(indent, text, normal) }

// styled is para in a style.
func (pg *page) styled(indent int, text string, i ink) {
	pad := strings.Repeat(" ", indent)
	for _, l := range paragraph(text, pg.width-indent) {
		pg.raw(pad + pg.theme.paint(i, l))
	}
}

// hung adds a finished line broken at spaces, its later rows below its first
// cells, which lead is.
func (pg *page) hung(lead, line string) {
	pad := "\n" + strings.Repeat(" ", ansi.StringWidth(lead))
	pg.raw(lead + strings.Join(wrap(line, pg.width-len(pad)+1), pad))
}

// hang adds a text whose first line begins with head (clean, maybe styled);
// the other lines are indented as far as the head reaches.
func (pg *page) hang(indent int, head, text string, i ink) {
	pad := strings.Repeat(" ", indent)
	room := ansi.StringWidth(head)
	if pg.width-indent-room < 16 && room > 4 { // too narrow to hang
		pg.raw(pad + strings.TrimRight(head, " "))
		pg.styled(indent+2, text, i)
		return
	}
	lines := paragraph(text, pg.width-indent-room)
	for n, l := range lines {
		if n > 0 {
			head = strings.Repeat(" ", room)
		}
		pg.raw(pad + head + pg.theme.paint(i, l))
	}
	if len(lines) == 0 {
		pg.raw(pad + head)
	}
}

// commands adds literal commands under or beside a label. They are never
// broken: they are there to be copied.
func (pg *page) commands(label string, commands []string) {
	pad := strings.Repeat(" ", ansi.StringWidth(label)+1)
	for i, c := range commands {
		lead := pad
		if i == 0 {
			lead = pg.theme.paint(strong, label) + " "
		}
		pg.raw(lead + pg.theme.paint(command, literal(c)))
	}
}

// bounded cleans a text of any length and cuts it at maxText characters.
func bounded(text string) string {
	if len(text) > 8*maxText {
		text = text[:8*maxText]
	}
	text = action.Clean(text)
	if len(text) <= maxText {
		return text
	}
	r := []rune(text)
	if len(r) > maxText {
		r = append(r[:maxText-1], '…')
	}
	return string(r)
}

// paragraph cleans a text and breaks it into lines.
func paragraph(text string, width int) []string {
	var out []string
	for _, l := range strings.Split(strings.TrimRight(bounded(text), "\n"), "\n") {
		out = append(out, wrap(strings.ReplaceAll(l, "\t", "    "), width)...)
	}
	if len(out) == 1 && out[0] == "" {
		return nil
	}
	return out
}

// wrap breaks a clean line, styled or not, at spaces, and inside words where it must.
func wrap(line string, width int) []string {
	width = max(width, 8)
	if ansi.StringWidth(line) <= width {
		return []string{line}
	}
	lead := line[:len(line)-len(strings.TrimLeft(line, " "))]
	if len(lead) > width/2 {
		lead = ""
	}
	var out []string
	current := ""
	for _, word := range strings.Split(line, " ") { // empty words are the spaces that were there
		switch {
		case strings.TrimSpace(current) == "":
			current = lead + word
		case ansi.StringWidth(current)+1+ansi.StringWidth(word) <= width:
			current += " " + word
		default:
			out = append(out, current)
			current = lead + word
		}
		for ansi.StringWidth(current) > width {
			head := ansi.Truncate(current, width, "")
			if head == "" {
				break
			}
			out = append(out, head)
			current = current[len(head):]
		}
	}
	return append(out, current)
}

// cut shortens a clean line to a width.
func (t theme) cut(line string, width int) string {
	if width < 1 {
		return ""
	}
	return ansi.Truncate(line, width, t.mark(ellipsis))
}

// pad fills a line, styled or not, with spaces up to a width.
func pad(line string, width int) string {
	if n := width - ansi.StringWidth(line); n > 0 {
		return line + strings.Repeat(" ", n)
	}
	return line
}

// asciiOnly makes every other character visible as its code point, for a
// terminal that would read the bytes of UTF-8 as something else.
func asciiOnly(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r == '…':
			b.WriteString("...")
		case r > 0xFFFF:
			fmt.Fprintf(&b, "<U+%06X>", r)
		default:
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}
