package language

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// What yaml.v3 says, and what it means to the author. The first entry whose
// words occur in the message counts.
var syntaxWords = []struct{ message, summary, detail string }{
	{"found a tab character", "a tab stands in the indentation", "indent with spaces"},
	{"mapping values are not allowed", "a second colon on this line, or wrong indentation",
		"put a text that holds \": \" in quotes; otherwise check that the line is indented like those beside it"},
	{"could not find expected ':'", "a key without a colon", "write `key: value`, with a space after the colon"},
	{"did not find expected key", "this line does not fit the lines above", "check its indentation, and the quotes and brackets of the lines before"},
	{"did not find expected '-' indicator", "this line does not fit the list above", "indent it like the other entries, or begin it with `- `"},
	{"block sequence entries are not allowed", "a list entry cannot stand here", "begin the list on a line of its own, below its key"},
	{"block collection entries", "a list entry cannot stand here", "begin the list on a line of its own, below its key"},
	{"did not find expected ',' or ']'", "the list in [ ] does not go on as it should", "separate entries with commas, close with ], and put ${{ }} and texts with : , ? [ ] { } in quotes"},
	{"did not find expected ',' or '}'", "the mapping in { } does not go on as it should", "separate entries with commas, close with }, and put ${{ }} and texts with : , ? [ ] { } in quotes"},
	{"did not find expected node content", "a value is missing here, or begins with a character that has a meaning in YAML", "put the value in quotes"},
	{"cannot start any token", "a text cannot begin with this character", "put the text in quotes"},
	{"found unexpected end of stream", "a quote or a bracket is not closed", "close it"},
	{"found unexpected document indicator", "a quote is not closed before the document ends", "close it"},
	{"found unknown escape character", "an escape that YAML does not know", `inside double quotes write \\ for a backslash, or use single quotes`},
	{"hexdecimal number", `an escape such as \x1b or \u00e9 is not complete`, `inside double quotes write \\ for a backslash, or use single quotes`},
	{"exceeded max depth", "values are nested too deep", "move inner steps into a runbook of their own and call it with `run`"},
	{"unknown anchor", "aliases (*) are not allowed", "a text that begins with * must be in quotes"},
	{"indentation indicator", "the indentation number after | or > is wrong", "leave it out"},
	{"comment or line break", "something follows | or > on the same line", "begin the text on the next line, indented"},
	{"alphabetic or numeric character", "an anchor (&) or alias (*) without a name", "put a text that begins with & or * in quotes"},
	{"directive", "directives (%) are not allowed", "remove the line; put a text that begins with % in quotes"},
	{"tag", "tags (!) are not allowed", "put a text that begins with ! in quotes"},
	{"<document start>", "the file goes on after its end", "a file holds one document; check the indentation of this line"},
}

// searchable is how long a text may be in which a mistake is searched for.
const searchable = 64 << 10

var yamlLine = pattern.Late(`^yaml: line (\d+): `)

var NotYAML = codes.Error("IR0103", "not valid YAML",
	"The text breaks YAML's rules. Most often it is indentation, a colon or a bracket inside a text without quotes, or a quote that is not closed. In { } and [ ], put ${{ }} in quotes.")

// syntax makes a diagnostic of what yaml.v3 refuses.
func (s *source) syntax(message string) runbook.Diagnostic {
	d := NotYAML.At(s.blame(message), "this is not YAML as irctl reads it", "check indentation, quotes and brackets of this line and the one before")
	for _, w := range syntaxWords {
		if strings.Contains(message, w.message) {
			d.Summary, d.Detail = w.summary, w.detail
			break
		}
	}
	if at, ok := s.indentingTab(d.Span.Start.Line); ok {
		d.Summary, d.Detail, d.Span = "a tab stands in the indentation", "indent with spaces", at
	}
	if strings.HasSuffix(d.Summary, "as irctl reads it") {
		d.Detail += " (" + short(strings.TrimPrefix(yamlLine().ReplaceAllString(message, ""), "yaml: ")) + ")"
	}
	return d
}

// blame finds what yaml.v3 stumbled over. Its messages give a line at most,
// often that of the block around the mistake; so search for the shortest
// beginning of the file that is refused with the same words. That takes some
// twenty tries, and for large files the line must do.
func (s *source) blame(message string) runbook.Span {
	if len(s.text) > searchable {
		line := 1
		if m := yamlLine().FindStringSubmatch(message); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		return s.lineSpan(line)
	}
	refused := func(n int) bool { return refusal(s.text[:n]) == message }
	if strings.Contains(message, "expected ',' or") {
		words := yamlLine().ReplaceAllString(message, "")
		at, closers := openBrackets(s.text)
		if len(at) > 0 && !strings.Contains(refusal(s.text, closers...), words) {
			return s.spanOf(at[len(at)-1], at[len(at)-1]+1) // it only lacks its end
		}
		// Every beginning of a list or mapping lacks its end: close it.
		refused = func(n int) bool {
			_, closers := openBrackets(s.text[:n])
			return strings.Contains(refusal(s.text[:n], closers...), words)
		}
	}
	lo, hi := 0, len(s.text) // the beginning [0, hi) is refused, [0, lo) is not
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; refused(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	from := max(hi-1, 0)
	for from > 0 && (isBlank(s.byteAt(from)) || s.byteAt(from) == '\n' || s.byteAt(from) == 0) {
		from-- // the mistake was noticed only behind it
	}
	to := s.wordEnd(from)
	for strings.Contains(message, "anchor") && from > 0 && s.text[from] != '*' && s.text[from] != '&' {
		from-- // noticed at the end of the name
	}
	return s.spanOf(from, max(to, min(from+1, len(s.text))))
}

// refusal is what yaml.v3 says of a text that goes on with some more.
func refusal(text []byte, more ...byte) string {
	dec := yaml.NewDecoder(io.MultiReader(bytes.NewReader(text), bytes.NewReader(more)))
	for range 2 { // the second document, too
		if _, err := decode(dec); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Sprint(err)
		}
	}
	return ""
}

var blockHeader = pattern.Late(`(^|[ \t])[|>][-+0-9]*[ \t]*(#.*)?\r?$`)

// openBrackets finds the brackets that a text opens and does not close, and
// what would close them, innermost first. It knows quotes, comments and block
// texts well enough for a message.
func openBrackets(text []byte) (at []int, closers []byte) {
	quote, skip := byte(0), -1 // skip: lines indented deeper belong to a block text
	for start := 0; start < len(text); {
		end := start + len(text[start:])
		if i := bytes.IndexByte(text[start:], '\n'); i >= 0 {
			end = start + i
		}
		line := text[start:end]
		indent := len(line) - len(bytes.TrimLeft(line, " "))
		if skip < 0 || indent <= skip && indent < len(line) {
			skip = -1
			at, closers, quote = lineBrackets(line, start, at, closers, quote)
			if len(at) == 0 && quote == 0 && blockHeader().Match(line) {
				skip = indent
			}
		}
		start = end + 1
	}
	slices.Reverse(closers)
	return at, closers
}

func lineBrackets(line []byte, start int, at []int, closers []byte, quote byte) ([]int, []byte, byte) {
	for i := 0; i < len(line); i++ {
		c, before := line[i], byte(' ')
		if i > 0 {
			before = line[i-1]
		}
		switch {
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '#' && isBlank(before):
			return at, closers, quote
		case strings.IndexByte(" \t[{,:", before) < 0 && (len(at) == 0 || c == '"' || c == '\''):
			// inside a text without quotes
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '{':
			at, closers = append(at, start+i), append(closers, c+2) // ] and } follow [ and { by two
		case (c == ']' || c == '}') && len(at) > 0:
			at, closers = at[:len(at)-1], closers[:len(closers)-1]
		}
	}
	return at, closers, quote
}

// indentingTab finds a tab in the indentation of a line or of the two before,
// where tabs are most often the mistake.
func (s *source) indentingTab(line int) (runbook.Span, bool) {
	for l := max(1, line-2); l <= min(line+1, len(s.lines)); l++ {
		begin := s.lines[l-1]
		for i := begin; i < s.lineEnd(begin) && isBlank(s.text[i]); i++ {
			if s.text[i] == '\t' {
				return s.spanOf(i, i+1), true
			}
		}
	}
	return runbook.Span{}, false
}
