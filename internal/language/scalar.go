package language

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// scalar makes a Value of a YAML scalar that begins at start, in v unless it is
// nil: of one that is used again only kind, text and place are right.
func (s *source) scalar(n *yaml.Node, start runbook.Position, v *runbook.Value) *runbook.Value {
	if v == nil {
		v = s.next()
	}
	v.Kind, v.Text, v.TextStart = runbook.StringValue, n.Value, start
	var end runbook.Position
	switch {
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		end = s.quoted(v, start)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		end = s.block(v, start, n.Style&yaml.LiteralStyle != 0)
	default:
		end = s.plain(v, start)
		resolve(v)
	}
	v.Span = s.span(start, end)
	return v
}

// quoted finds the end of a text in quotes.
func (s *source) quoted(v *runbook.Value, start runbook.Position) runbook.Position {
	quote, i, exact := s.byteAt(start.Offset), start.Offset+1, true
	v.TextStart = s.advance(start, i)
	for ; i < len(s.text); i++ {
		c := s.text[i]
		switch {
		case c == '\\' && quote == '"':
			exact = false
			i++
		case c == '\n':
			exact = false
		case c == quote && quote == '\'' && s.byteAt(i+1) == quote:
			exact = false
			i++
		case c == quote:
			v.Plain = exact
			return s.advance(v.TextStart, i+1)
		}
	}
	return s.advance(v.TextStart, len(s.text))
}

// plain finds the end of a text without quotes: one on a single line stands in
// the file as it is, one on several lines is compared without its white space.
func (s *source) plain(v *runbook.Value, start runbook.Position) runbook.Position {
	i := start.Offset
	if end := i + len(v.Text); end <= len(s.text) && string(s.text[i:end]) == v.Text && !strings.Contains(v.Text, "\n") {
		v.Plain = true
		return s.advance(start, end)
	}
	for j := 0; j < len(v.Text); j++ {
		if c := v.Text[j]; isBlank(c) || c == '\n' {
			continue
		}
		for i < len(s.text) && (isBlank(s.text[i]) || s.text[i] == '\n') {
			i++
		}
		if s.byteAt(i) != v.Text[j] {
			break
		}
		i++
	}
	return s.advance(start, i)
}

// block finds the end of a block scalar (| or >) and where its content begins.
// The header may give the indentation; the content tells it either way.
func (s *source) block(v *runbook.Value, start runbook.Position, literal bool) runbook.Position {
	header := s.lineEnd(start.Offset)
	first, line := -1, s.nextLine(header)
	for ; line < len(s.text); line = s.nextLine(s.lineEnd(line)) {
		if indent := s.indent(line); line+indent < s.lineEnd(line) {
			first = line
			break
		}
	}
	content := strings.TrimLeft(v.Text, "\n")
	if first < 0 || strings.TrimSpace(content) == "" {
		return s.advance(start, header)
	}
	v.Indent = max(0, s.indent(first)-(len(content)-len(strings.TrimLeft(content, " "))))
	end := first
	for line = first; line < len(s.text); line = s.nextLine(s.lineEnd(line)) {
		indent, lineEnd := s.indent(line), s.lineEnd(line)
		if line+indent >= lineEnd {
			continue
		}
		if indent < v.Indent || v.Indent == 0 && isDocumentMark(s.text[line:lineEnd]) {
			break
		}
		end = lineEnd
	}
	v.Literal = literal && len(content) == len(v.Text)
	v.Plain = v.Literal && end == s.lineEnd(first)
	v.TextStart = s.advance(start, first+min(v.Indent, s.lineEnd(first)-first))
	return s.advance(v.TextStart, end)
}

// nextLine returns where the next line begins, given a line's end.
func (s *source) nextLine(end int) int {
	for end < len(s.text) && s.text[end] != '\n' {
		end++
	}
	return end + 1
}

func (s *source) indent(line int) int {
	n := 0
	for s.byteAt(line+n) == ' ' {
		n++
	}
	return n
}

func isDocumentMark(line []byte) bool {
	s := string(line)
	return s == "..." || s == "---" || strings.HasPrefix(s, "--- ") || strings.HasPrefix(s, "... ")
}

// isWhole reports whether a text is a whole number: 0, or digits that do not
// begin with 0, behind a minus sign or not.
func isWhole(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || digits[0] == '0' && digits != "0" {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}

var realNumber = pattern.Late(`^-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+][0-9]+)?$`)

// resolve gives a scalar without quotes its type. Only forms on which YAML
// 1.1, YAML 1.2 and JSON agree are more than text: 017, 0x1f, 1_000, 1:30,
// +49, .5, yes, on and 2026-01-02 stay text.
func resolve(v *runbook.Value) {
	switch v.Text {
	case "", "~", "null", "Null", "NULL":
		v.Kind = runbook.Null
		return
	case "true", "True", "TRUE", "false", "False", "FALSE":
		v.Kind, v.Bool = runbook.BoolValue, v.Text[0] == 't' || v.Text[0] == 'T'
		return
	}
	if c := v.Text[0]; c != '-' && !isDigit(c) || !isDigit(v.Text[len(v.Text)-1]) || len(v.Text) > 40 {
		return
	}
	if isWhole(v.Text) {
		v.Kind = runbook.IntValue
		v.Int, _ = strconv.ParseInt(v.Text, 10, 64) // else the nearest
	} else if realNumber().MatchString(v.Text) {
		if f, err := strconv.ParseFloat(v.Text, 64); err == nil {
			v.Kind, v.Float = runbook.FloatValue, f
		}
	}
}
