package cacao

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/irctl/irctl/pkg/runbook"
)

// scanner takes a text of JSON apart, from left to right.
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
	s.broken = true
	start := s.place(from)
	return s.report(NotJSON, s.span(start, s.place(min(to, len(s.src)))), detail, format, args...)
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
