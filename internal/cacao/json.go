package cacao

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
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
// every key has its place. Numbers keep their text, which is exact. A key that
// stands twice is reported, and its first value is kept.
//
// Where the text breaks JSON's rules the reading goes on with what was probably
// meant: the reader that is returned knows whether something was lost by that.
// The value is nil if nothing can be read.
func readJSON(file string, src []byte) (*runbook.Value, *reader) {
	s := &scanner{reader: reader{told: map[string]bool{}}, file: file, src: src, at: runbook.Position{Line: 1, Column: 1}}
	if len(src) > maxBytes {
		s.report(TooLarge, s.span(s.at, s.at), "split it into playbooks that call each other by playbook-action", "the file has %d bytes, the most is %d", len(src), maxBytes)
		return nil, &s.reader
	}
	if bad := invalid(src); bad >= 0 {
		s.wrong(bad, bad+1, "save the file as UTF-8", "the file is not UTF-8 here")
		return nil, &s.reader
	}
	if s.next() == 0 {
		s.wrong(len(src), len(src), "a playbook is one JSON object", "the file is empty")
		return nil, &s.reader
	}
	v := s.value(1)
	for rest := s.next(); rest != 0; rest = s.next() {
		s.lost, s.ended = true, true
		s.wrong(s.off, s.off+1, "remove it, or the brace above that closes too early", "the playbook has ended before this")
		goesOn := v.Kind == runbook.MapValue && (rest == ',' || rest == '"')
		if rest != '"' || !goesOn {
			s.off++
		}
		if goesOn {
			s.broken = false
			s.open = []byte{'{'}
			s.object(v, 1)
		}
	}
	if s.over {
		v = nil
	}
	return v, &s.reader
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
	off    int              // what is read next
	at     runbook.Position // the last place that was asked for
	values int
	open   []byte // the brackets around
	broken bool   // nothing has been read since the last mistake, so that the next one belongs to it
	over   bool   // a bound was reached
}

// place is the position of an offset. One before the last costs a walk through
// the file.
func (s *scanner) place(offset int) runbook.Position {
	if offset < s.at.Offset {
		s.at = runbook.Position{Line: 1, Column: 1}
	}
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
	"The text breaks JSON's rules (RFC 8259), holds more than 100,000 values, or nests them more than 64 deep. Most often it is a comma after the last entry, a missing quote, or a comment. The rest of the file is read all the same; if a value was lost, nothing is said that could follow from that.")

// wrong reports what is no JSON, between two offsets, unless it follows from
// the last mistake.
func (s *scanner) wrong(from, to int, detail, format string, args ...any) *runbook.Diagnostic {
	if s.broken || len(s.found) >= maxFindings {
		return &runbook.Diagnostic{}
	}
	start := s.place(from)
	return s.wrongAt(s.span(start, s.place(min(to, len(s.src)))), detail, format, args...)
}

func (s *scanner) wrongAt(at runbook.Span, detail, format string, args ...any) *runbook.Diagnostic {
	if s.broken {
		return &runbook.Diagnostic{}
	}
	s.broken = true
	return s.report(NotJSON, at, detail, format, args...)
}

// certain is wrong where it is certain what was meant: the new text stands in
// the place of the old one.
func (s *scanner) certain(from, to int, meant, detail, format string, args ...any) {
	d := s.wrong(from, to, detail, format, args...)
	d.Fix = &runbook.Edit{Span: d.Span, Text: meant}
}

// end reports, once, that the file ends inside a value.
func (s *scanner) end() {
	if !s.ended {
		s.wrong(len(s.src), len(s.src), "close what is open: a quote, a brace or a bracket", "the file ends too early")
	}
	s.lost, s.ended = true, true
}

// next is the next character that is neither space nor in a comment, 0 at the
// end.
func (s *scanner) next() byte {
	for s.off < len(s.src) && !s.over {
		c, rest := s.src[s.off], s.src[s.off:]
		var end int
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			s.off++
			continue
		case c == '#', bytes.HasPrefix(rest, []byte("//")):
			if end = bytes.IndexByte(rest, '\n'); end < 0 {
				end = len(rest)
			}
		case bytes.HasPrefix(rest, []byte("/*")):
			if end = bytes.Index(rest, []byte("*/")) + 2; end == 1 {
				end = len(rest)
			}
		default:
			return c
		}
		s.certain(s.off, s.off+end, "", "JSON has none; say it in a description", "this is a comment")
		s.off += end
	}
	return 0
}

// number is a number of JSON.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// almost are values of other languages.
var almost = map[string]string{"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "None": "null", "Null": "null", "NULL": "null", "nil": "null", "undefined": "null"}

func (s *scanner) value(depth int) *runbook.Value {
	v, c := &runbook.Value{}, s.next()
	s.values++
	switch {
	case s.over:
		return v
	case s.values > maxValues:
		s.over = true
		s.wrong(s.off, s.off, "split it into playbooks that call each other by playbook-action", "the file holds more than %d values", maxValues)
		return v
	case depth > maxDepth:
		s.over = true
		s.wrong(s.off, s.off, "", "values are nested more than %d deep", maxDepth)
		return v
	}
	start := s.place(s.off)
	switch c {
	case 0:
		s.end()
	case '{', '[':
		v.Kind = map[byte]runbook.ValueKind{'{': runbook.MapValue, '[': runbook.ListValue}[c]
		s.off++
		s.broken = false
		if s.open = append(s.open, c); c == '{' {
			s.object(v, depth)
		} else {
			s.array(v, depth)
		}
		s.open = s.open[:len(s.open)-1]
	case '"', '\'':
		v = s.text()
	case ',', ':', '}', ']':
		s.lost = true
		s.wrong(s.off, s.off+1, "write a value before it, or remove what needs one", "a value is missing here")
	default:
		word := s.word()
		v.Text = word
		if meant := almost[word]; meant != "" {
			s.certain(start.Offset, s.off, meant, "write "+meant, "%s is no value of JSON", short(word))
			v.Text = meant
		}
		switch {
		case v.Text == "null":
			v.Kind, s.broken = runbook.Null, false
		case v.Text == "true" || v.Text == "false":
			v.Kind, v.Bool, s.broken = runbook.BoolValue, v.Text == "true", false
		case number.MatchString(word):
			v.Kind, s.broken = runbook.FloatValue, false
			if !strings.ContainsAny(word, ".eE") {
				v.Kind = runbook.IntValue
				v.Int, _ = strconv.ParseInt(word, 10, 64) // else the nearest
			}
			v.Float, _ = strconv.ParseFloat(word, 64)
		default:
			s.lost = true
			s.wrong(start.Offset, s.off, "texts stand in double quotes; numbers are written as 10 or 1.5", "%s is no value of JSON", short(word))
		}
	}
	v.Span = s.span(start, s.place(s.off))
	return v
}

// word takes what stands up to the next space, quote or punctuation.
func (s *scanner) word() string {
	rest := s.src[s.off:]
	n := bytes.IndexAny(rest, " \t\r\n,:{}[]\"")
	if n < 0 {
		n = len(rest)
	}
	s.off += max(n, 1)
	return string(rest[:max(n, 1)])
}

// more goes to the next entry of an object or list whose last one ended at a
// place, and reports whether there is one.
func (s *scanner) more(last *runbook.Position, closes byte) bool {
	for comma := -1; !s.over; {
		switch c := s.next(); c {
		case 0:
			s.end()
			return false
		case ',':
			s.broken = s.broken && comma >= 0
			if last == nil || comma >= 0 {
				s.certain(s.off, s.off+1, "", "one comma stands between two entries, and none before the first", "this comma is one too many")
			}
			comma = s.off
			s.off++
		case closes:
			if comma >= 0 && last != nil {
				s.certain(comma, comma+1, "", "one comma stands between two entries, and none behind the last", "this comma is one too many")
			}
			s.off++
			return false
		case '}', ']':
			s.lost = true
			s.wrong(s.off, s.off+1, fmt.Sprintf("write %c", closes), "%c does not close what %c has opened", c, s.open[len(s.open)-1])
			if slices.Contains(s.open, map[byte]byte{'}': '{', ']': '['}[c]) {
				return false // it closes what is around
			}
			s.ended = true
			s.off++
		default:
			if comma < 0 && last != nil && !s.broken {
				at := s.span(*last, *last)
				s.wrongAt(at, "write a comma between two entries", "a comma is missing here").Fix = &runbook.Edit{Span: at, Text: ","}
			}
			return true
		}
	}
	return false
}

var KeyTwice = codes.Error("IR0702", "key given twice",
	"A JSON object holds every key once. Readers differ in which of the two they take, and so would signatures.")

// object reads the members of an object, whose brace has been read.
func (s *scanner) object(v *runbook.Value, depth int) {
	lines := map[string]int{}
	var last *runbook.Position
	for s.more(last, '}') {
		from := s.place(s.off)
		key := runbook.Text{}
		switch c := s.src[s.off]; c {
		case '"', '\'':
			key.Value = s.text().Text
		case '{', '[', ':':
			s.lost = true
			s.wrong(s.off, s.off+1, "write it as \"key\": value", "a key is missing before this")
			if s.off++; c != ':' {
				s.off--
				s.value(depth + 1)
			}
			continue
		default:
			key.Value = s.word()
			s.wrong(from.Offset, s.off, "write it in double quotes", "a key stands in double quotes")
		}
		key.Span = s.span(from, s.place(s.off))
		last = &runbook.Position{}
		*last = key.Span.End
		switch s.next() {
		case ':', '=':
			if s.src[s.off] == '=' {
				s.certain(s.off, s.off+1, ":", "write a colon", "no colon stands behind the key %q", short(key.Value))
			}
			s.off++
		case '"', '{', '[':
			if s.src[from.Offset] != '"' || s.broken {
				s.wrongAt(key.Span, "write it in double quotes", "a key stands in double quotes")
				if s.lost = true; !s.restOfLine() {
					continue
				}
				break
			}
			at := s.span(*last, *last)
			s.wrongAt(at, "write a colon", "no colon stands behind the key %q", short(key.Value)).Fix = &runbook.Edit{Span: at, Text: ":"}
		default:
			s.lost = true
			s.wrongAt(key.Span, "write it as \"key\": value", "no value stands behind %q", short(key.Value))
			if !s.restOfLine() {
				continue
			}
		}
		item := s.value(depth + 1)
		*last = item.Span.End
		if line, twice := lines[key.Value]; twice {
			s.report(KeyTwice, key.Span, fmt.Sprintf("it stands on line %d already; remove one of them", line), "the key %q is given twice", short(key.Value))
			continue
		}
		lines[key.Value] = key.Span.Start.Line
		v.Pairs = append(v.Pairs, runbook.Pair{Key: key, Value: item})
	}
}

// restOfLine leaves out the rest of a line in which nobody can tell what stands
// in quotes, and reports whether it ends with a bracket, which is read next.
func (s *scanner) restOfLine() bool {
	line, _, _ := bytes.Cut(s.src[s.off:], []byte("\n"))
	s.off += len(line)
	line = bytes.TrimRight(line, " \t\r")
	if !bytes.HasSuffix(line, []byte("{")) && !bytes.HasSuffix(line, []byte("[")) {
		return false
	}
	s.off = bytes.LastIndexAny(s.src[:s.off], "{[")
	return true
}

// member is a key with its colon, which no list holds.
var member = regexp.MustCompile(`^"(?:[^"\\\n]|\\.)*"[ \t\r\n]*:`)

// array reads the entries of a list, whose bracket has been read.
func (s *scanner) array(v *runbook.Value, depth int) {
	var last *runbook.Position
	for s.more(last, ']') {
		if s.src[s.off] == '"' && member.Match(s.src[s.off:]) {
			s.lost = true
			s.wrong(s.off, s.off+1, "write ] before it", "the list is not closed before this key")
			s.broken = true
			return
		}
		if s.src[s.off] == ':' {
			s.wrong(s.off, s.off+1, "remove it", "a list has no keys")
			s.off++
		}
		item := s.value(depth + 1)
		v.Items, last = append(v.Items, item), &item.Span.End
	}
}

var HiddenCharacter = codes.Error("IR0738", "character that hides or reverses text",
	"Characters that change the direction of text can make a playbook read otherwise than it is. Where they are meant they are written as escapes, such as \\u202e.")

// text reads a text in quotes. Its Plain says that it has no escapes, so that
// places inside it can be told.
func (s *scanner) text() *runbook.Value {
	start := s.place(s.off)
	quote := s.src[s.off]
	inside := start
	inside.Column++
	inside.Offset++
	end, control := inside.Offset, -1
	for end < len(s.src) && s.src[end] != quote && s.src[end] != '\n' {
		if s.src[end] < 0x20 && s.src[end] != '\r' && control < 0 {
			control = end
		}
		if s.src[end] == '\\' && end+1 < len(s.src) && s.src[end+1] != '\n' {
			end++
		}
		end++
	}
	closed := end < len(s.src) && s.src[end] == quote
	raw := string(s.src[inside.Offset:end])
	v := &runbook.Value{Kind: runbook.StringValue, Text: raw, TextStart: inside, Plain: !strings.Contains(raw, `\`)}
	s.off = end
	switch {
	case !closed && end >= len(s.src):
		s.end()
	case !closed:
		v.Text = strings.TrimRight(raw, ":{[, \t\r")
		s.off = inside.Offset + len(strings.TrimRight(raw, "{[ \t\r"))
		s.wrong(start.Offset, s.off, "end it with a quote; a line end inside it is written \\n", "the text is not closed")
		s.lost = true
	case quote == '\'':
		s.off++
		s.wrong(start.Offset, s.off, "write double quotes", "texts stand in double quotes")
		s.broken = false
	case control >= 0:
		s.off++
		s.certain(control, control+1, fmt.Sprintf(`\u%04x`, s.src[control]), fmt.Sprintf(`write it as an escape: \u%04x`, s.src[control]), "a text holds the control character U+%04X", s.src[control])
		s.broken = false
	default:
		s.off++
		if json.Unmarshal(s.src[start.Offset:s.off], &v.Text) != nil {
			s.wrong(start.Offset, s.off, `a backslash stands before one of "\/bfnrt, or u with four digits`, "the text has an escape that JSON does not know")
			s.broken = false
		} else if s.broken = false; strings.ContainsRune(v.Text, utf8.RuneError) && !strings.ContainsRune(raw, utf8.RuneError) && !strings.Contains(strings.ToLower(raw), `\ufffd`) {
			s.wrong(start.Offset, s.off, "", "half of a surrogate pair stands alone")
			s.broken = false
		}
	}
	for i, r := range raw {
		if reverses(r) {
			at := inside
			at.Offset, at.Column = at.Offset+i, at.Column+utf8.RuneCountInString(raw[:i])
			end := at
			end.Column, end.Offset = end.Column+1, end.Offset+utf8.RuneLen(r)
			s.report(HiddenCharacter, s.span(at, end), "remove it; it may have come along when text was pasted", "the invisible character U+%04X is not allowed: it can make text read otherwise than it is", r)
		}
	}
	v.Span = s.span(start, s.place(s.off))
	return v
}

// reverses reports characters that change the direction of the text behind
// them.
func reverses(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }
