package convert

import (
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// yaml writes a runbook with comments at its steps.
type yaml struct {
	strings.Builder
	asides map[*runbook.Value][]string // by step
}

// comment writes a text as comment lines, the first with a mark.
func (y *yaml) comment(indent int, mark, text string) {
	for _, l := range wrap(text, 78-indent-len(mark)) {
		y.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+"# "+mark+l, " ") + "\n")
		mark = strings.Repeat(" ", len(mark))
	}
}

// steps writes a list of steps.
func (y *yaml) steps(indent int, steps []*runbook.Value) {
	pad := strings.Repeat(" ", indent)
	for i, s := range steps {
		if i > 0 && indent == 2 {
			y.WriteByte('\n')
		}
		for _, r := range y.asides[s] {
			y.comment(indent, "", r)
		}
		for j, p := range s.Pairs {
			mark := "  "
			if j == 0 {
				mark = "- "
			}
			y.WriteString(pad + mark)
			switch {
			case p.Key.Value == "cases":
				y.WriteString("cases:\n")
				for _, c := range p.Value.Pairs {
					name, _ := strings.CutSuffix(text(indent, runbook.Pair{Key: c.Key, Value: valueOf(nil)}), " null\n")
					y.WriteString(pad + "    " + name + "\n")
					y.steps(indent+6, c.Value.Items)
				}
			case nested[p.Key.Value]:
				y.WriteString(p.Key.Value + ":\n")
				y.steps(indent+4, p.Value.Items)
			default:
				y.WriteString(text(indent+2, p))
			}
		}
	}
}

// text is a key with its value. The indentation of its first line stands
// already.
func text(indent int, p runbook.Pair) string {
	plain := compact(&runbook.Value{Kind: runbook.MapValue, Pairs: []runbook.Pair{p}})
	out, err := language.YAML([]byte(plain), func(r rune) bool { return r != '\n' && unprintable(r) }, 76-indent)
	if err != nil { // a key is too long to stand before a colon
		return plain[1:len(plain)-1] + "\n"
	}
	var b strings.Builder
	for i, l := range strings.SplitAfter(string(out), "\n") {
		if i > 0 && strings.TrimSpace(l) != "" {
			b.WriteString(strings.Repeat(" ", indent))
		}
		b.WriteString(l)
	}
	return b.String()
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
