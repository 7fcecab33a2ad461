package check

import (
	"bytes"
	"strings"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// ignoreComment is how an author says that a warning is known and meant:
//
//	# irctl: ignore IR0312 the reason
//
// It stands at the end of the line that the warning is about, or on a line of
// its own above it. At the first line of a step it holds for all that is said
// of that step. Several codes stand one after another.
var ignoreComment = pattern.Late(`^#[ \t]*irctl:[ \t]*ignore\b((?:[ \t,]+IR[0-9]{4})*)[ \t]*([^\r]*)`)

var codeWord = pattern.Late(`IR[0-9]{4}`)

// ignoring is one code in one comment.
type ignoring struct {
	code string
	at   runbook.Span
	used bool
}

var IgnoredInVain = codes.Warning("IR0391", "a comment that ignores what is not reported",
	"The warning is gone, or the comment stands at another line. Left behind, it would silence the next mistake.")

// ignore removes the warnings that the author knows, and adds those about
// comments that are not clear or silence nothing. Errors cannot be ignored.
func (c *checker) ignore() {
	if !bytes.Contains(c.rb.Source, []byte("irctl:")) || !bytes.Contains(c.rb.Source, []byte("ignore")) {
		return
	}
	found := c.found
	c.found, c.most = nil, maxFindings
	byLine, all := c.ignorings()
	unclear := c.found
	c.found = nil
	for _, d := range found {
		if d.Severity != runbook.Warning || !c.known(byLine, d) {
			c.found = append(c.found, d)
		}
	}
	c.found = append(c.found, unclear...)
	c.most = len(c.found) + maxFindings
	for _, i := range all {
		if !i.used {
			c.report(IgnoredInVain, i.at, "nothing here is reported as "+i.code, "remove the code, or the comment")
		}
	}
}

// known reports whether a comment silences a warning, on its own line or on
// the first line of the step that it is in.
func (c *checker) known(byLine map[int][]*ignoring, d runbook.Diagnostic) bool {
	lines := []int{d.Span.Start.Line}
	if s := innermost(c.rb.Steps, d.Span); s != nil {
		lines = append(lines, s.Span.Start.Line)
	}
	for _, line := range lines {
		for _, i := range byLine[line] {
			if i.code == d.Code {
				i.used = true
				return true
			}
		}
	}
	return false
}

// ignorings reads the comments of a file: by the line that they are about, and
// in their order. It reports those that are not clear.
func (c *checker) ignorings() (byLine map[int][]*ignoring, all []*ignoring) {
	byLine = map[int][]*ignoring{}
	warnings := map[string]bool{}
	for _, code := range finding.Codes(codes) {
		warnings[code.ID] = code.Severity == runbook.Warning
	}
	var waiting []*ignoring // on lines of their own, for the next line
	offset := 0
	for number, text := range strings.SplitAfter(string(c.rb.Source), "\n") {
		line := strings.TrimRight(text, "\r\n")
		alone := strings.HasPrefix(strings.TrimLeft(line, " \t"), "#")
		var here []*ignoring
		if at := commentAt(line); at >= 0 {
			begins := runbook.Position{Line: number + 1, Column: 1, Offset: offset}
			here = c.ignoring(&runbook.Value{Text: line, TextStart: begins, Plain: true, Span: runbook.Span{File: c.rb.File}}, at, warnings)
			all = append(all, here...)
		}
		switch {
		case alone:
			waiting = append(waiting, here...)
		case strings.TrimSpace(line) != "":
			byLine[number+1] = append(waiting, here...)
			waiting = nil
		}
		offset += len(text)
	}
	return byLine, all
}

// maxIgnore is how much of a comment is looked at: nobody reads a longer list of
// codes.
const maxIgnore = 1000

// commentAt finds where a comment to irctl may begin in a line, -1 for nowhere.
func commentAt(line string) int {
	for i := 0; i < len(line); i++ {
		n := strings.IndexByte(line[i:], '#')
		if n < 0 {
			break
		}
		i += n
		if strings.HasPrefix(strings.TrimLeft(line[i+1:], " \t"), "irctl:") && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return i
		}
	}
	return -1
}

var IgnoreUnclear = codes.Warning("IR0390", "a comment that ignores nothing clear",
	"`# irctl: ignore CODE the reason` silences a warning of the line, of the line below, or of the step that begins there. It names a warning and says why; errors cannot be ignored.")

// ignoring reads one comment, given where it begins in the line.
func (c *checker) ignoring(line *runbook.Value, begin int, warnings map[string]bool) []*ignoring {
	comment := line.Text[begin:]
	m := ignoreComment().FindStringSubmatchIndex(comment[:min(len(comment), maxIgnore)])
	if m == nil {
		return nil
	}
	unclear := func(why, remedy string) { c.report(IgnoreUnclear, line.Place(begin, len(line.Text)), why, remedy) }
	if m[2] == m[3] {
		unclear("the comment does not say which warning it ignores", "write `# irctl: ignore CODE the reason`")
		return nil
	}
	if strings.TrimSpace(comment[m[4]:m[5]]) == "" {
		unclear("the comment does not say why the warning may be ignored", "write the reason behind the code")
	}
	var out []*ignoring
	for _, at := range codeWord().FindAllStringIndex(comment[m[2]:m[3]], -1) {
		from, to := m[2]+at[0], m[2]+at[1]
		i := &ignoring{code: comment[from:to], at: line.Place(begin+from, begin+to)}
		if isWarning, known := warnings[i.code]; !known || !isWarning {
			why := "there is no warning " + i.code + " of a runbook"
			if known {
				why = i.code + " is an error, which cannot be ignored"
			}
			c.report(IgnoreUnclear, i.at, why, "see `irctl help codes`")
			continue
		}
		out = append(out, i)
	}
	return out
}
