package language

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/irctl/irctl/pkg/runbook"
)

// The bounds of a file. They are far above what a person writes; they keep a
// hostile file from costing much, as BenchmarkHostile measures: about a tenth of
// a second for the worst.
const (
	maxBytes    = 1 << 20
	maxDepth    = 64
	maxLines    = 100_000
	maxNodes    = 100_000 // values, keys not counted
	maxKeys     = 20_000  // of one mapping
	maxMarks    = 130_000 // characters that may begin a value, see marks
	maxFindings = 200     // diagnostics of one file

	maxSteps    = 12_000 // of one runbook; a run of 10,000 is promised
	maxPattern  = 1000   // bytes of an input's pattern, and its parts
	maxPatterns = 10_000 // parts of all patterns together
)

var FileTooLarge = codes.Error("IR0101", "file too large",
	"A file holds at most 1 MiB. Split a longer runbook: a step with `run: NAME` carries out another runbook, hands it inputs and takes its outputs.")

var BadCharacter = codes.Error("IR0102", "a character that is not allowed",
	"Files are UTF-8 without a byte order mark. Control characters, lone carriage returns, invisible characters and characters that reverse the direction of text are refused, because they can make a file read otherwise than it is. Inside double quotes they can be written as escapes.")

// guard looks at a file's bytes before yaml.v3 does, and keeps from it what it
// would stumble over. It returns ok if the rest may be parsed.
func guard(s *source) (ds runbook.Diagnostics, ok bool) {
	if len(s.text) > maxBytes {
		return runbook.Diagnostics{FileTooLarge.At(s.span(s.at(0), s.at(0)), fmt.Sprintf("the file has %d bytes, the most is %d", len(s.text), maxBytes), "split it into runbooks that call each other with `run`")}, false
	}
	if i := bytes.IndexByte(s.text, 0); i >= 0 && !bytes.HasPrefix(s.text, utf16Little) && !bytes.HasPrefix(s.text, utf16Big) {
		return runbook.Diagnostics{BadCharacter.At(s.spanOf(i, i+1), "the file holds a NUL byte; it does not look like text", "give the path of a YAML file")}, false
	}
	if ds, ok = s.encoding(); !ok {
		return ds, false
	}
	odd, lines := s.characters()
	if ds = append(ds, odd...); !lines {
		return ds, false
	}
	if at := min(maxLines, len(s.lines)-1); len(s.lines) > maxLines {
		return append(ds, TooMany.At(s.spanOf(s.lines[at], s.lines[at]), fmt.Sprintf("the file has %d lines, the most is %d", len(s.lines), maxLines), "split it into runbooks that call each other with `run`")), false
	}
	if len(s.text) > maxMarks/costliest && marks(s.text) > maxMarks {
		return append(ds, tooMany(runbook.Span{File: s.file, Start: s.at(0), End: s.at(0)})), false
	}
	return ds, true
}

// mostAlike is how many characters are reported for the same reason; how many
// more there are is said with the last.
const mostAlike = 20

// ordinary are the bytes of ASCII that may stand anywhere.
var ordinary = func() (is [256]bool) {
	for c := ' '; c < 0x7F; c++ {
		is[c] = true
	}
	is['\n'], is['\t'] = true, true
	return is
}()

// characters reports characters that are not allowed. yaml.v3 gets others for
// those that it refuses, or takes for the end of a line.
// Where carriage returns stand alone, nobody knows the lines.
func (s *source) characters() (ds runbook.Diagnostics, lines bool) {
	alike, last, at := map[string]int{}, map[string]int{}, s.at(s.lines[0])
	var handed []byte // nil as long as it is the text
	copied := 0
	for i := s.lines[0]; ; {
		for i < len(s.text) && ordinary[s.text[i]] {
			i++
		}
		if i == len(s.text) {
			break
		}
		r, n := utf8.DecodeRune(s.text[i:])
		summary, detail, instead := badCharacter(r, n, s.byteAt(i+1))
		if summary == "" && r >= utf8.RuneSelf && invisible(r, s.text[:i], s.text[i+n:]) {
			summary, detail = fmt.Sprintf("the invisible character U+%04X is not allowed here: it can hide in a word, or hide words", r), pasted
		} else if summary == "" && space(r, s.text[:i], s.text[i+n:]) {
			summary, detail, instead = fmt.Sprintf("the character U+%04X is not allowed here: it looks like a space and is none, so that words, names and commands are not what they seem", r),
				"write a space; it may have come along when text was pasted", " "
		}
		if alike[summary]++; summary != "" && alike[summary] <= mostAlike {
			at = s.advance(at, i)
			d := BadCharacter.At(s.span(at, s.advance(at, i+n)), summary, detail)
			if instead == " " {
				d.Fix = &runbook.Edit{Span: d.Span, Text: " "}
			}
			last[summary], ds = len(ds), append(ds, d)
		}
		if instead != "" {
			handed = append(append(handed, s.text[copied:i]...), instead...)
			copied = i + n
		}
		i += n
	}
	for summary, i := range last {
		if more := alike[summary] - mostAlike; more > 0 {
			ds[i].Detail += fmt.Sprintf("; there are %d more behind it", more)
		}
	}
	if handed != nil {
		s.handed = append(handed, s.text[copied:]...)
	}
	return ds, alike[returnAlone] == 0
}

func tooMany(at runbook.Span) runbook.Diagnostic {
	return TooMany.At(at, fmt.Sprintf("the file holds more than %d values", maxNodes), "split it into runbooks that call each other with `run`")
}

var (
	utf8Mark              = []byte("\xEF\xBB\xBF")
	utf16Little, utf16Big = []byte("\xFF\xFE"), []byte("\xFE\xFF")
)

// encoding refuses byte order marks: editors that write one hide it.
func (s *source) encoding() (ds runbook.Diagnostics, ok bool) {
	const detail = "save the file as UTF-8 without a byte order mark"
	switch {
	case bytes.HasPrefix(s.text, utf8Mark):
		d := BadCharacter.At(s.spanOf(0, len(utf8Mark)), "the file begins with a byte order mark", detail)
		d.Fix = &runbook.Edit{Span: d.Span}
		s.lines[0], s.handed = len(utf8Mark), s.text[len(utf8Mark):]
		return runbook.Diagnostics{d}, true
	case bytes.HasPrefix(s.text, utf16Little), bytes.HasPrefix(s.text, utf16Big):
		return runbook.Diagnostics{BadCharacter.At(s.spanOf(0, 2), "the file is in UTF-16, not in UTF-8", detail)}, false
	}
	return nil, true
}

const returnAlone = "a carriage return stands alone"

const pasted = "remove it; it may have come along when text was pasted"

// badCharacter says what is wrong with a character, or "", and what yaml.v3 gets
// instead if it is not to see it.
func badCharacter(r rune, size int, next byte) (summary, detail, instead string) {
	switch {
	case r == '\r' && next == '\n':
		return "", "", ""
	case r == '\r':
		return returnAlone, `end lines with \n or \r\n`, ""
	case r == utf8.RuneError && size <= 1:
		return "the file is not UTF-8 here", "save the file as UTF-8", "?"
	case r < 0x20 || r >= 0x7F && r < 0xA0:
		return fmt.Sprintf("the control character U+%04X is not allowed", r), `remove it; inside double quotes it can be written as an escape, such as "\x1b"`, "?"
	case r == 0x2028 || r == 0x2029 || r == 0xFEFF || r >= 0xFFFE && r <= 0xFFFF:
		return fmt.Sprintf("the invisible character U+%04X is not allowed", r), pasted, "?"
	case r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069:
		return fmt.Sprintf("the invisible character U+%04X is not allowed: it can make text read otherwise than it is", r), pasted, ""
	}
	return "", "", ""
}

// costliest is the most for which marks counts one character.
const costliest = 4

// marks counts the characters that may begin a value or end one. It knows
// nothing of quotes and so counts too many, never too few: yaml.v3 makes at
// most two nodes per mark. What costs it more than a value counts as several:
// comments, which it moves about, dates, which it tries to read, anchors, tags.
func marks(text []byte) int {
	n := 0
	for i, c := range text {
		switch c {
		case '{':
			// ${{ is the beginning of an expression in a text: in [ ] and { }
			// YAML refuses it without quotes.
			if (i < 1 || text[i-1] != '$') && (i < 2 || text[i-1] != '{' || text[i-2] != '$') {
				n++
			}
		case ',', '[':
			n++
		case '-':
			if i+1 == len(text) || text[i+1] <= ' ' {
				n++
			} else if i >= 4 && isDigit(text[i-1]) && isDigit(text[i-2]) && isDigit(text[i-3]) && isDigit(text[i-4]) {
				n += 3
			}
		case '?':
			if i+1 == len(text) || text[i+1] <= ' ' {
				n += 2
			}
		case '&', '!':
			if (i == 0 || text[i-1] <= ' ') && (i+1 == len(text) || text[i+1] != '=' && text[i+1] != c) { // != and && stand in expressions
				n += 2
			}
		case ':':
			if i == 0 || i+1 == len(text) || !isWord(text[i-1]) || !isWord(text[i+1]) {
				n++
			}
		case '#':
			if i == 0 || text[i-1] <= ' ' {
				n += costliest
			}
		}
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
