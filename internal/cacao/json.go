package cacao

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/runbook"
)

// The bounds of a file. They are far above what people write and what tools
// export; they keep a hostile file from costing more than a tenth of a second.
const (
	maxBytes  = 1 << 20
	maxDepth  = 64
	maxValues = 100_000
)

// readJSON reads a text of JSON (RFC 8259) as a tree in which every value and
// every key has its place. Numbers keep their text, which is exact. The value
// is nil if the text is not JSON; then the last finding says where it breaks.
// A key that stands twice is reported, and its first value is kept.
func readJSON(file string, src []byte) (*runbook.Value, runbook.Diagnostics) {
	s := &scanner{file: file, src: src, line: 1, column: 1}
	if len(src) > maxBytes {
		s.report(TooLarge, s.spanFrom(s.here()), "split it into playbooks that call each other by playbook-action", "the file has %d bytes, the most is %d", len(src), maxBytes)
		return nil, s.found
	}
	v := s.document()
	if s.broken {
		return nil, s.found
	}
	return v, s.found
}

type scanner struct {
	file              string
	src               []byte
	pos, line, column int
	values            int
	broken            bool // a problem after which nothing more can be read
	found             runbook.Diagnostics
}

func (s *scanner) here() runbook.Position {
	return runbook.Position{Line: s.line, Column: s.column, Offset: s.pos}
}

func (s *scanner) spanFrom(start runbook.Position) runbook.Span {
	return runbook.Span{File: s.file, Start: start, End: s.here()}
}

func (s *scanner) report(code *finding.Code, at runbook.Span, detail, format string, args ...any) {
	if len(s.found) < maxFindings {
		s.found = append(s.found, code.At(at, fmt.Sprintf(format, args...), detail))
	}
}

// fail reports what ends the reading.
func (s *scanner) fail(detail, format string, args ...any) {
	if s.broken {
		return
	}
	start := s.here()
	at := runbook.Span{File: s.file, Start: start, End: start}
	if s.pos < len(s.src) && s.src[s.pos] != '\n' {
		_, n := utf8.DecodeRune(s.src[s.pos:])
		at.End.Offset += n
		at.End.Column++
	}
	s.report(NotJSON, at, detail, format, args...)
	s.broken = true
}

// step moves over one byte of ASCII that is not a line end.
func (s *scanner) step() { s.pos++; s.column++ }

func (s *scanner) peek() byte {
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\r':
			s.step()
		case '\n':
			s.pos++
			s.line, s.column = s.line+1, 1
		default:
			return
		}
	}
}

func (s *scanner) document() *runbook.Value {
	s.space()
	if s.pos >= len(s.src) {
		s.fail("a playbook is one JSON object", "the file is empty")
		return nil
	}
	v := s.value(1)
	s.space()
	if !s.broken && s.pos < len(s.src) {
		s.fail("a file holds one JSON object", "something follows the end of the JSON value")
	}
	return v
}

func (s *scanner) value(depth int) *runbook.Value {
	s.values++
	switch {
	case s.values > maxValues:
		s.fail("split it into playbooks that call each other by playbook-action", "the file holds more than %d values", maxValues)
	case depth > maxDepth:
		s.fail("", "values are nested more than %d deep", maxDepth)
	}
	if s.broken {
		return &runbook.Value{}
	}
	start := s.here()
	var v *runbook.Value
	switch c := s.peek(); {
	case c == '{':
		v = s.object(depth)
	case c == '[':
		v = s.array(depth)
	case c == '"':
		v = s.text()
	case c == '-' || c >= '0' && c <= '9':
		v = s.number()
	default:
		v = s.word()
	}
	v.Span = s.spanFrom(start)
	return v
}

func (s *scanner) object(depth int) *runbook.Value {
	v := &runbook.Value{Kind: runbook.MapValue}
	lines := map[string]int{}
	s.step()
	s.space()
	if s.peek() == '}' {
		s.step()
		return v
	}
	for !s.broken {
		s.space()
		if s.peek() != '"' {
			s.fail("a key is a text in double quotes; the last entry has no comma behind it", "a key is expected here")
			return v
		}
		start := s.here()
		key := runbook.Text{Value: s.text().Text}
		key.Span = s.spanFrom(start)
		s.space()
		if !s.expect(':', "after a key comes a colon") {
			return v
		}
		s.space()
		item := s.value(depth + 1)
		if line, twice := lines[key.Value]; twice {
			s.report(KeyTwice, key.Span, fmt.Sprintf("it stands on line %d already; remove one of them", line), "the key %q is given twice", short(key.Value))
		} else {
			lines[key.Value] = key.Span.Start.Line
			v.Pairs = append(v.Pairs, runbook.Pair{Key: key, Value: item})
		}
		if !s.more('}') {
			return v
		}
	}
	return v
}

func (s *scanner) array(depth int) *runbook.Value {
	v := &runbook.Value{Kind: runbook.ListValue}
	s.step()
	s.space()
	if s.peek() == ']' {
		s.step()
		return v
	}
	for !s.broken {
		s.space()
		v.Items = append(v.Items, s.value(depth+1))
		if !s.more(']') {
			return v
		}
	}
	return v
}

// more moves over what follows an entry: a comma, or the end of all entries.
func (s *scanner) more(end byte) bool {
	if s.broken {
		return false
	}
	s.space()
	switch s.peek() {
	case ',':
		s.step()
		return true
	case end:
		s.step()
		return false
	}
	s.fail("", "a comma or %q is expected here", string(end))
	return false
}

func (s *scanner) expect(c byte, detail string) bool {
	if s.broken {
		return false
	}
	if s.peek() != c {
		s.fail(detail, "%q is expected here", string(c))
		return false
	}
	s.step()
	return true
}

func (s *scanner) word() *runbook.Value {
	for text, v := range map[string]runbook.Value{
		"true": {Kind: runbook.BoolValue, Bool: true}, "false": {Kind: runbook.BoolValue}, "null": {Kind: runbook.Null},
	} {
		if end := s.pos + len(text); end <= len(s.src) && string(s.src[s.pos:end]) == text {
			s.pos, s.column = end, s.column+len(text)
			v.Text = text
			return &v
		}
	}
	s.fail("texts stand in double quotes; true, false and null in lower case", "a JSON value is expected here")
	return &runbook.Value{}
}

// number reads a number. One that is whole and fits 64 bits becomes an
// IntValue, any other a FloatValue; Text is what the file says.
func (s *scanner) number() *runbook.Value {
	start := s.pos
	digits := func() bool {
		from := s.pos
		for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
			s.step()
		}
		return s.pos > from
	}
	if s.peek() == '-' {
		s.step()
	}
	if s.peek() == '0' {
		s.step()
	} else if !digits() {
		s.fail("", "a digit is expected here")
	}
	whole := true
	if s.peek() == '.' {
		whole = false
		s.step()
		if !digits() {
			s.fail("", "a digit is expected after the point")
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		whole = false
		s.step()
		if c := s.peek(); c == '+' || c == '-' {
			s.step()
		}
		if !digits() {
			s.fail("", "a digit is expected in the exponent")
		}
	}
	v := &runbook.Value{Kind: runbook.FloatValue, Text: string(s.src[start:s.pos])}
	if i, err := strconv.ParseInt(v.Text, 10, 64); err == nil && whole {
		v.Kind, v.Int = runbook.IntValue, i
	}
	v.Float, _ = strconv.ParseFloat(v.Text, 64)
	return v
}

// text reads a text in quotes. Its Plain says that it has no escapes, so that
// places inside it can be told.
func (s *scanner) text() *runbook.Value {
	s.step()
	v := &runbook.Value{Kind: runbook.StringValue, TextStart: s.here(), Plain: true}
	var out []byte
	for !s.broken {
		switch c := s.peek(); {
		case s.pos >= len(s.src):
			s.fail("close the quote", "the file ends inside a text")
		case c == '"':
			s.step()
			v.Text = string(out)
			return v
		case c == '\\':
			v.Plain = false
			out = s.escape(out)
		case c < 0x20:
			s.fail(fmt.Sprintf(`write it as an escape: \u%04x`, c), "a text holds the control character U+%04X", c)
		default:
			r, n := utf8.DecodeRune(s.src[s.pos:])
			if r == utf8.RuneError && n <= 1 {
				s.fail("save the file as UTF-8", "the file is not UTF-8 here")
				break
			}
			if reverses(r) {
				s.report(HiddenCharacter, runbook.Span{File: s.file, Start: s.here(), End: s.after(n)}, "remove it; it may have come along when text was pasted", "the invisible character U+%04X is not allowed: it can make text read otherwise than it is", r)
			}
			out = append(out, s.src[s.pos:s.pos+n]...)
			s.pos, s.column = s.pos+n, s.column+1
		}
	}
	v.Text = string(out)
	return v
}

func (s *scanner) after(n int) runbook.Position {
	p := s.here()
	p.Offset += n
	p.Column++
	return p
}

// reverses reports characters that change the direction of the text behind
// them.
func reverses(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (s *scanner) escape(out []byte) []byte {
	s.step()
	c := s.peek()
	if plain, ok := escapes[c]; ok {
		s.step()
		return append(out, plain)
	}
	if c != 'u' {
		s.fail(`a backslash itself is written \\`, "there is no such escape")
		return out
	}
	r := s.unit()
	if utf16.IsSurrogate(r) {
		low := rune(utf8.RuneError)
		if s.peek() == '\\' && s.pos+1 < len(s.src) && s.src[s.pos+1] == 'u' {
			s.step()
			low = s.unit()
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			s.fail("", "half of a surrogate pair stands alone")
			return out
		}
	}
	return utf8.AppendRune(out, r)
}

// unit reads the u of an escape and its four hexadecimal digits.
func (s *scanner) unit() rune {
	s.step()
	if s.pos+4 > len(s.src) {
		s.fail("", "four hexadecimal digits are expected here")
		return 0
	}
	n, err := strconv.ParseUint(string(s.src[s.pos:s.pos+4]), 16, 32)
	if err != nil {
		s.fail("", "four hexadecimal digits are expected here")
		return 0
	}
	s.pos, s.column = s.pos+4, s.column+4
	return rune(n)
}
