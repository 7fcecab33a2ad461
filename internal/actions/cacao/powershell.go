package cacao

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"

	"github.com/irctl/irctl/internal/cacao/reference"
)

// powershellScript makes a script of a PowerShell text: every value is
// assigned to a variable, as base64, and every reference becomes that variable.
// Values are never a part of the text that PowerShell reads as a program.
func powershellScript(text string, vars values) (string, error) {
	refs := references(text, vars)
	if len(refs) == 0 {
		return text, nil
	}
	if len(text) > maxText {
		return "", tooLong()
	}
	if word := evaluatesAgain.FindString(text); word != "" {
		return "", refusal(text, refs[0], fmt.Sprintf("in a command that uses %s, where a value could be read as a program or be missing", strings.TrimSpace(word)))
	}
	if i := strings.IndexAny(text, "‘’‚‛“”„"); i >= 0 {
		return "", permanent("the command holds typographic quotes, which PowerShell reads as quotes", "write plain ones, so that it is clear what stands inside quotes")
	}
	p := &powershellText{text: text, refs: refs, names: map[string]string{}}
	var prelude strings.Builder
	for _, ref := range refs {
		if p.names[ref.Name] != "" {
			continue
		}
		value, err := vars.text(ref)
		if err != nil {
			return "", err
		}
		name := fmt.Sprintf("%s%d", freshPrefix(text), len(p.names))
		p.names[ref.Name] = name
		fmt.Fprintf(&prelude, "$%s = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('%s'))\n", name, base64.StdEncoding.EncodeToString([]byte(value)))
	}
	p.code(0)
	if p.err != nil {
		return "", p.err
	}
	return prelude.String() + p.out.String(), nil
}

// evaluatesAgain finds what in PowerShell reads a text as a program, or runs a
// block where the variables of this one are not known; and options behind which
// other programs take one.
var evaluatesAgain = regexp.MustCompile(`(?i)(\b(iex|invoke-expression|invokescript|newscriptblock|add-type|invoke-command|icm|start-job|start-threadjob|enter-pssession)([\s;|)]|$)|scriptblock\]\s*::|-parallel\b|-encodedcommand\b|-command\b|\s/c\s|--%)`)

// powershellText reads a text from left to right and writes it anew. The
// position is always on a character that has not been written yet.
type powershellText struct {
	text  string
	refs  []reference.Place
	names map[string]string
	at    int
	out   strings.Builder
	err   error
}

func (p *powershellText) done() bool { return p.err != nil || p.at >= len(p.text) }

func (p *powershellText) has(prefix string) bool { return strings.HasPrefix(p.text[p.at:], prefix) }

// copyOut writes the next n bytes as they are.
func (p *powershellText) copyOut(n int) {
	end := min(p.at+n, len(p.text))
	p.out.WriteString(p.text[p.at:end])
	p.at = end
}

// here returns the reference at the position.
func (p *powershellText) here() (reference.Place, bool) {
	for _, ref := range p.refs {
		if ref.Start == p.at {
			return ref, true
		}
	}
	return reference.Place{}, false
}

func (p *powershellText) fail(ref reference.Place, why string) { p.err = refusal(p.text, ref, why) }

// code reads a program up to its end, or up to the parenthesis that closes it.
func (p *powershellText) code(depth int) {
	open := 0
	for !p.done() {
		if ref, ok := p.here(); ok {
			p.bareReference(ref)
			continue
		}
		switch c := p.text[p.at]; {
		case p.has("<#"):
			p.copyThrough("#>")
		case c == '#' && p.wordBegins():
			p.copyLine()
		case p.has("@'"):
			p.singleHere()
		case p.has(`@"`):
			p.double(depth, "\n\"@")
		case c == '\'':
			p.single()
		case c == '"':
			p.double(depth, `"`)
		case c == '`' && p.refersWithin(p.at+1, p.at+2):
			p.fail(p.refs[0], "behind a backtick")
		case c == '`':
			p.copyOut(2)
		case c == '(':
			open++
			p.copyOut(1)
		case c == ')' && open == 0 && depth > 0:
			return
		case c == ')':
			open--
			p.copyOut(1)
		default:
			p.copyOut(1)
		}
	}
}

// wordBegins reports whether the position is where a word would begin.
func (p *powershellText) wordBegins() bool {
	return p.at == 0 || strings.IndexByte(" \t\r\n;(){}|&,=", p.text[p.at-1]) >= 0
}

// bareReference writes a reference that stands outside of quotes: it must be a
// word of its own that is not the command.
func (p *powershellText) bareReference(ref reference.Place) {
	before, after := strings.TrimRight(p.text[:ref.Start], " \t"), p.text[ref.End:]
	switch {
	case before == "" || strings.IndexByte("\r\n;{|&", before[len(before)-1]) >= 0:
		p.fail(ref, "where the program is named: which program runs is not for a variable to say")
	case !strings.ContainsAny(before[len(before)-1:], "(,=[!+*/%<>") && len(before) == ref.Start:
		p.fail(ref, "in the middle of a word; put the word in double quotes")
	case strings.HasSuffix(before, " .") || before == ".":
		p.fail(ref, "where a program is named: which program runs is not for a variable to say")
	case after != "" && strings.IndexByte(" \t\r\n),;|}]", after[0]) < 0:
		p.fail(ref, "in the middle of a word; put the word in double quotes")
	default:
		p.out.WriteString("$" + p.names[ref.Name])
		p.at = ref.End
	}
}

// single writes a text in single quotes; one that holds references is written
// in double quotes, with everything in it escaped that means something there.
func (p *powershellText) single() {
	end := p.at + 1
	for end < len(p.text) && (p.text[end] != '\'' || strings.HasPrefix(p.text[end:], "''")) {
		if p.text[end] == '\'' {
			end++
		}
		end++
	}
	if end >= len(p.text) || !p.refersWithin(p.at, end) {
		p.copyOut(end + 1 - p.at)
		return
	}
	p.at++
	p.out.WriteByte('"')
	for p.at < end {
		if p.has("''") {
			p.out.WriteByte('\'')
			p.at += 2
			continue
		}
		p.inDouble("`$\"")
	}
	p.out.WriteByte('"')
	p.at++
}

// singleHere does the same for a here-string.
func (p *powershellText) singleHere() {
	length := strings.Index(p.text[p.at:], "\n'@")
	if length < 0 || !p.refersWithin(p.at, p.at+length) {
		p.copyThrough("\n'@")
		return
	}
	end := p.at + length
	p.at += 2
	p.out.WriteString(`@"`)
	for p.at < end {
		p.inDouble("`$")
	}
	p.out.WriteString("\n\"@")
	p.at += 3
}

// inDouble writes the next character or reference of a text that was in single
// quotes.
func (p *powershellText) inDouble(special string) {
	if ref, ok := p.here(); ok {
		p.out.WriteString("${" + p.names[ref.Name] + "}")
		p.at = ref.End
		return
	}
	if strings.IndexByte(special, p.text[p.at]) >= 0 {
		p.out.WriteByte('`')
	}
	p.copyOut(1)
}

// double writes a text in double quotes, or a here-string, up to its end.
func (p *powershellText) double(depth int, end string) {
	if end != `"` {
		p.copyOut(1) // the @ of a here-string
	}
	p.copyOut(1)
	for !p.done() {
		if ref, ok := p.here(); ok {
			if strings.HasSuffix(p.text[:ref.Start], "$") {
				p.fail(ref, "behind a dollar sign")
				return
			}
			p.out.WriteString("${" + p.names[ref.Name] + "}")
			p.at = ref.End
			continue
		}
		switch {
		case p.has("`"):
			if p.refersWithin(p.at+1, p.at+2) {
				p.fail(p.refs[0], "behind a backtick")
				return
			}
			p.copyOut(2)
		case end == `"` && p.has(`""`):
			p.copyOut(2)
		case p.has(end):
			p.copyOut(len(end))
			return
		case p.has("$("):
			p.copyOut(2)
			p.code(depth + 1)
		default:
			p.copyOut(1)
		}
	}
}

// refersWithin reports whether a reference begins in a part of the text.
func (p *powershellText) refersWithin(start, end int) bool {
	for _, ref := range p.refs {
		if ref.Start >= start && ref.Start < end {
			return true
		}
	}
	return false
}

// copyThrough writes everything up to an end, the end included.
func (p *powershellText) copyThrough(end string) {
	if i := strings.Index(p.text[p.at:], end); i >= 0 {
		p.copyOut(i + len(end))
		return
	}
	p.copyOut(len(p.text))
}

func (p *powershellText) copyLine() {
	if i := strings.IndexByte(p.text[p.at:], '\n'); i >= 0 {
		p.copyOut(i)
		return
	}
	p.copyOut(len(p.text))
}
