package convert

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// yaml writes runbooks: texts so that every reader takes them for what they
// are, whatever they hold.
type yaml struct{ strings.Builder }

func (y *yaml) line(indent int, format string, args ...any) {
	y.WriteString(strings.Repeat(" ", indent))
	_, _ = fmt.Fprintf(y, format, args...) // a strings.Builder takes everything
	y.WriteByte('\n')
}

// comment writes a text as comment lines.
func (y *yaml) comment(indent int, text string) {
	for _, l := range wrap(text, 78-indent) {
		y.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+"# "+l, " ") + "\n")
	}
}

// steps writes a list of steps.
func (y *yaml) steps(indent int, steps []*draft) {
	for i, d := range steps {
		if i > 0 && indent == 2 {
			y.WriteByte('\n')
		}
		for _, r := range d.remarks {
			y.comment(indent, r)
		}
		for j, m := range d.fields {
			mark := "  "
			if j == 0 {
				mark = "- "
			}
			y.WriteString(strings.Repeat(" ", indent) + mark)
			y.member(indent+2, m)
		}
	}
}

// member writes a key with its value; the indentation of its first line stands
// already.
func (y *yaml) member(indent int, m member) {
	y.WriteString(scalar(m.key) + ":")
	if v, ok := m.value.(*runbook.Value); ok {
		m.value = treeOf(v)
	}
	switch v := m.value.(type) {
	case []*draft:
		y.WriteByte('\n')
		y.steps(indent+2, v)
	case object:
		if flow, ok := flowing(v, 76-indent-len(m.key)); ok {
			y.WriteString(" " + flow + "\n")
			return
		}
		y.WriteByte('\n')
		for _, inner := range v {
			y.WriteString(strings.Repeat(" ", indent+2))
			y.member(indent+2, inner)
		}
	case []any:
		y.list(indent, v)
	case string:
		if lines, ok := block(v); ok {
			y.WriteString(" " + lines[0] + "\n")
			for _, l := range lines[1:] {
				if l != "" {
					l = strings.Repeat(" ", indent+2) + l
				}
				y.WriteString(l + "\n")
			}
			return
		}
		y.WriteString(" " + scalar(v) + "\n")
	default:
		y.WriteString(" " + scalar(v) + "\n")
	}
}

func (y *yaml) list(indent int, items []any) {
	flow, ok := flowing(items, 70-indent)
	if ok {
		y.WriteString(" " + flow + "\n")
		return
	}
	y.WriteByte('\n')
	for _, e := range items {
		y.WriteString(strings.Repeat(" ", indent+2) + "- " + flowed(e) + "\n")
	}
}

// flowing writes a value on one line if it is short and simple.
func flowing(v any, width int) (string, bool) {
	if o, ok := v.(object); ok {
		for _, m := range o {
			if _, steps := m.value.([]*draft); steps {
				return "", false
			}
		}
	}
	text := flowed(v)
	return text, len(text) <= width || text == "{}" || text == "[]"
}

func flowed(v any) string {
	switch v := v.(type) {
	case *runbook.Value:
		return flowed(treeOf(v))
	case object:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = scalar(m.key) + ": " + flowed(m.value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = flowed(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return scalar(v)
}

// block returns a text of several lines as a literal block, header first, if
// that keeps every character.
func block(s string) ([]string, bool) {
	body := strings.TrimSuffix(s, "\n")
	if !strings.Contains(body, "\n") && len(s) < 100 || strings.HasSuffix(body, "\n") || body == "" || s[0] == ' ' || s[0] == '\t' || s[0] == '\n' {
		return nil, false
	}
	header := "|"
	if body == s {
		header = "|-"
	}
	lines := strings.Split(body, "\n")
	for _, l := range lines {
		if strings.TrimSpace(l) == "" && l != "" || strings.IndexFunc(l, unprintable) >= 0 {
			return nil, false
		}
	}
	if !strings.Contains(body, "\n") {
		return nil, false
	}
	return append([]string{header}, lines...), true
}

// unprintable is what a reader of YAML may refuse or a person would not see.
func unprintable(r rune) bool {
	return r != ' ' && !unicode.IsGraphic(r) || r == '\uFEFF' || r == unicode.ReplacementChar || r != ' ' && unicode.IsSpace(r) || r >= 0xFFFE && r&0xFFFE == 0xFFFE
}

// simple is a text that is nothing but a text to every reader of YAML.
var simple = pattern.Late(`^(?:[A-Za-z_/][A-Za-z0-9_./()' -]*|[0-9]+(?:h|m|s|ms)[0-9hms]*)$`)

// words are texts that some readers take for something else.
var words = pattern.Late(`^(?i:true|false|yes|no|on|off|y|n|null|nan|inf)$`)

// scalar writes a single value on one line.
func scalar(v any) string {
	s, ok := v.(string)
	if !ok {
		if raw, ok := v.(json.RawMessage); ok {
			return string(raw)
		}
		return string(compact(v))
	}
	if simple().MatchString(s) && s[len(s)-1] != ' ' && !words().MatchString(s) {
		return s
	}
	if strings.Contains(s, `"`) && !strings.Contains(s, "'") && strings.IndexFunc(s, unprintable) < 0 {
		return "'" + s + "'"
	}
	return strconv.Quote(s) // all of Go's escapes are among those of YAML
}

// item writes a text as an entry of a list in comments.
func (y *yaml) item(text string) {
	for i, l := range wrap(text, 74) {
		mark := "#   "
		if i == 0 {
			mark = "# - "
		}
		y.WriteString(strings.TrimRight(mark+l, " ") + "\n")
	}
}

// wrap breaks a text into lines for comments; nothing in it can end one early.
func wrap(text string, width int) []string {
	var out []string
	for _, par := range strings.Split(text, "\n") {
		var line string
		for _, w := range strings.Fields(visible(par)) {
			if line != "" && len([]rune(line))+1+len([]rune(w)) > width {
				out = append(out, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += w
		}
		out = append(out, line)
	}
	return out
}

// visible shows characters that would not be seen as their code.
func visible(s string) string {
	if strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unprintable(r) {
			fmt.Fprintf(&b, `\u%04X`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
