package cacao

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/irctl/irctl/internal/pattern"
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

// number is a number of JSON.
var number = pattern.Late(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

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
		case number().MatchString(word):
			v.Kind, s.broken = runbook.FloatValue, false
			if !strings.ContainsAny(word, ".eE") {
				v.Kind = runbook.IntValue
				v.Int, _ = strconv.ParseInt(word, 10, 64) // else the nearest
			}
			if v.Float, _ = strconv.ParseFloat(word, 64); v.Kind == runbook.FloatValue {
				v.Int = int64(v.Float)
			}
		default:
			s.lost = true
			s.wrong(start.Offset, s.off, "texts stand in double quotes; numbers are written as 10 or 1.5", "%s is no value of JSON", short(word))
		}
	}
	v.Span = s.span(start, s.place(s.off))
	return v
}

// more goes to the next entry of an object or list whose last one ended at an
// offset, 0 if there is none yet, and reports whether there is one.
func (s *scanner) more(last int, closes byte) bool {
	for comma := -1; !s.over; {
		switch c := s.next(); c {
		case 0:
			s.end()
			return false
		case ',':
			s.broken = s.broken && comma >= 0
			if last == 0 || comma >= 0 {
				s.certain(s.off, s.off+1, "", "one comma stands between two entries, and none before the first", "this comma is one too many")
			}
			comma = s.off
			s.off++
		case closes:
			if comma >= 0 && last > 0 {
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
			if comma < 0 && last > 0 {
				s.certain(last, last, ",", "write a comma between two entries", "a comma is missing here")
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
	last := 0
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
		last = s.off
		switch s.next() {
		case ':', '=':
			if s.src[s.off] == '=' {
				s.certain(s.off, s.off+1, ":", "write a colon", "no colon stands behind the key %q", short(key.Value))
			}
			s.off++
		case '"', '{', '[':
			if s.src[from.Offset] != '"' || s.broken {
				s.wrong(from.Offset, last, "write it in double quotes", "a key stands in double quotes")
				if s.lost = true; !s.restOfLine() {
					continue
				}
				break
			}
			s.certain(last, last, ":", "write a colon", "no colon stands behind the key %q", short(key.Value))
		default:
			s.lost = true
			s.wrong(from.Offset, last, "write it as \"key\": value", "no value stands behind %q", short(key.Value))
			if !s.restOfLine() {
				continue
			}
		}
		item := s.value(depth + 1)
		last = item.Span.End.Offset
		if line, twice := lines[key.Value]; twice {
			s.report(KeyTwice, key.Span, fmt.Sprintf("it stands on line %d already; remove one of them", line), "the key %q is given twice", short(key.Value))
			continue
		}
		lines[key.Value] = key.Span.Start.Line
		v.Pairs = append(v.Pairs, runbook.Pair{Key: key, Value: item})
	}
}

// member is a key with its colon, which no list holds.
var member = pattern.Late(`^"(?:[^"\\\n]|\\.)*"[ \t\r\n]*:`)

// array reads the entries of a list, whose bracket has been read.
func (s *scanner) array(v *runbook.Value, depth int) {
	last := 0
	for s.more(last, ']') {
		if s.src[s.off] == '"' && member().Match(s.src[s.off:]) {
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
		v.Items, last = append(v.Items, item), item.Span.End.Offset
	}
}
