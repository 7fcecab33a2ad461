package cacao

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/irctl/irctl/pkg/runbook"
)

// The bounds of a file. They are far above what people write and what tools
// export; they keep a hostile file from costing more than a tenth of a second.
const (
	maxBytes  = 1 << 20
	maxDepth  = 64
	maxValues = 100_000
)

var TooLarge = codes.Error("IR0700", "playbook too large",
	"A playbook's file holds at most 1 MiB. Parts of a longer one go into playbooks of their own, which a playbook-action step calls.")

// readJSON reads a text of JSON (RFC 8259) as a tree in which every value and
// every key has its place. Numbers keep their text, which is exact. The value
// is nil if the text is not JSON; then the last finding says where it breaks.
// A key that stands twice is reported, and its first value is kept.
func readJSON(file string, src []byte) (*runbook.Value, runbook.Diagnostics) {
	s := &scanner{file: file, src: src, dec: json.NewDecoder(bytes.NewReader(src)), at: runbook.Position{Line: 1, Column: 1}}
	s.dec.UseNumber()
	if len(src) > maxBytes {
		s.report(TooLarge, s.span(s.at, s.at), "split it into playbooks that call each other by playbook-action", "the file has %d bytes, the most is %d", len(src), maxBytes)
		return nil, s.found
	}
	if bad := invalid(src); bad >= 0 {
		s.fail(bad, "save the file as UTF-8", "the file is not UTF-8 here")
		return nil, s.found
	}
	var wrong *json.SyntaxError
	if err := json.Unmarshal(src, new(json.RawMessage)); errors.As(err, &wrong) {
		s.fail(s.broke(wrong))
		return nil, s.found
	}
	v := s.value(s.token(), 1)
	if s.broken {
		return nil, s.found
	}
	return v, s.found
}

// broke says where a text stops being JSON, and what to do about it.
func (s *scanner) broke(wrong *json.SyntaxError) (offset int, detail, format string, what any) {
	offset = max(0, int(wrong.Offset)-1)
	switch {
	case len(bytes.TrimSpace(s.src)) == 0:
		return len(s.src), "a playbook is one JSON object", "%s", "the file is empty"
	case int(wrong.Offset) >= len(s.src) && strings.Contains(wrong.Error(), "unexpected end"):
		return len(s.src), "close what is open: a quote, a brace or a bracket", "%s", "the file ends too early"
	case s.src[offset] < 0x20:
		return offset, fmt.Sprintf(`write it as an escape: \u%04x`, s.src[offset]), "a text holds the control character U+%04X", s.src[offset]
	}
	return offset, "keys and texts stand in double quotes; one comma stands between two entries, and none behind the last", "this is not JSON: %v", wrong
}

// invalid is where a text stops being UTF-8, -1 if it does not.
func invalid(src []byte) int {
	for at := 0; at < len(src); {
		r, n := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && n <= 1 {
			return at
		}
		at += n
	}
	return -1
}

type scanner struct {
	reader
	file   string
	src    []byte
	dec    *json.Decoder
	at     runbook.Position // the last place that was asked for
	values int
	broken bool // a problem after which nothing more can be read
}

// place is the position of an offset that is not before the last one.
func (s *scanner) place(offset int) runbook.Position {
	for s.at.Offset < offset {
		_, n := utf8.DecodeRune(s.src[s.at.Offset:])
		if s.at.Column++; s.src[s.at.Offset] == '\n' {
			s.at.Line, s.at.Column = s.at.Line+1, 1
		}
		s.at.Offset += n
	}
	return s.at
}

func (s *scanner) span(start, end runbook.Position) runbook.Span {
	return runbook.Span{File: s.file, Start: start, End: end}
}

var NotJSON = codes.Error("IR0701", "not valid JSON",
	"The text breaks JSON's rules (RFC 8259), holds more than 100,000 values, or nests them more than 64 deep. Most often it is a comma after the last entry, a missing quote, or a comment.")

// fail reports what ends the reading.
func (s *scanner) fail(offset int, detail, format string, args ...any) {
	if s.broken {
		return
	}
	start := s.place(offset)
	end := start
	if offset < len(s.src) && s.src[offset] != '\n' {
		end = s.place(offset + 1)
	}
	s.report(NotJSON, s.span(start, end), detail, format, args...)
	s.broken = true
}

// token is one token of the text, with its place.
type token struct {
	is         json.Token
	start, end runbook.Position
}

// begin is where the next token begins.
func (s *scanner) begin() int {
	at := int(s.dec.InputOffset())
	for at < len(s.src) && bytes.IndexByte([]byte(" \t\r\n,:"), s.src[at]) >= 0 {
		at++
	}
	return at
}

// token is the next token. The text is JSON, so that there is one.
func (s *scanner) token() token {
	start := s.begin()
	is, _ := s.dec.Token()
	from := s.place(start)
	return token{is, from, s.place(int(s.dec.InputOffset()))}
}

func (s *scanner) value(t token, depth int) *runbook.Value {
	s.values++
	switch {
	case s.broken:
	case s.values > maxValues:
		s.fail(s.at.Offset, "split it into playbooks that call each other by playbook-action", "the file holds more than %d values", maxValues)
	case depth > maxDepth:
		s.fail(s.at.Offset, "", "values are nested more than %d deep", maxDepth)
	}
	v := &runbook.Value{}
	if s.broken {
		return v
	}
	switch is := t.is.(type) {
	case nil:
		v.Kind, v.Text = runbook.Null, "null"
	case bool:
		v.Kind, v.Bool, v.Text = runbook.BoolValue, is, strconv.FormatBool(is)
	case json.Number:
		v.Kind, v.Text = runbook.FloatValue, is.String()
		if !strings.ContainsAny(v.Text, ".eE") {
			v.Kind = runbook.IntValue
			v.Int, _ = strconv.ParseInt(v.Text, 10, 64) // else the nearest
		}
		v.Float, _ = strconv.ParseFloat(v.Text, 64)
	case string:
		v = s.text(t)
	case json.Delim:
		if is == '{' {
			s.object(v, depth)
		} else {
			s.array(v, depth)
		}
	}
	v.Span = s.span(t.start, s.at)
	return v
}

var KeyTwice = codes.Error("IR0702", "key given twice",
	"A JSON object holds every key once. Readers differ in which of the two they take, and so would signatures.")

func (s *scanner) object(v *runbook.Value, depth int) {
	v.Kind = runbook.MapValue
	lines := map[string]int{}
	for s.dec.More() && !s.broken {
		t := s.token()
		key := runbook.Text{Value: s.text(t).Text, Span: s.span(t.start, t.end)}
		item := s.value(s.token(), depth+1)
		if line, twice := lines[key.Value]; twice {
			s.report(KeyTwice, key.Span, fmt.Sprintf("it stands on line %d already; remove one of them", line), "the key %q is given twice", short(key.Value))
			continue
		}
		lines[key.Value] = key.Span.Start.Line
		v.Pairs = append(v.Pairs, runbook.Pair{Key: key, Value: item})
	}
	s.token() // the brace
}

func (s *scanner) array(v *runbook.Value, depth int) {
	v.Kind = runbook.ListValue
	for s.dec.More() && !s.broken {
		v.Items = append(v.Items, s.value(s.token(), depth+1))
	}
	s.token() // the bracket
}

var HiddenCharacter = codes.Error("IR0738", "character that hides or reverses text",
	"Characters that change the direction of text can make a playbook read otherwise than it is. Where they are meant they are written as escapes, such as \\u202e.")

// text is a text in quotes. Its Plain says that it has no escapes, so that
// places inside it can be told.
func (s *scanner) text(t token) *runbook.Value {
	text, _ := t.is.(string)
	raw := string(s.src[t.start.Offset+1 : t.end.Offset-1])
	inside := t.start
	inside.Column++
	inside.Offset++
	v := &runbook.Value{Kind: runbook.StringValue, Text: text, TextStart: inside, Plain: !strings.Contains(raw, `\`)}
	if strings.ContainsRune(text, utf8.RuneError) && !strings.ContainsRune(raw, utf8.RuneError) && !strings.Contains(strings.ToLower(raw), `\ufffd`) {
		s.fail(t.end.Offset, "", "half of a surrogate pair stands alone")
	}
	for i, r := range raw {
		at := inside
		at.Offset += i
		if reverses(r) {
			at.Column += utf8.RuneCountInString(raw[:i])
			end := at
			end.Column++
			end.Offset += utf8.RuneLen(r)
			s.report(HiddenCharacter, s.span(at, end), "remove it; it may have come along when text was pasted", "the invisible character U+%04X is not allowed: it can make text read otherwise than it is", r)
		}
	}
	return v
}

// reverses reports characters that change the direction of the text behind
// them.
func reverses(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }
