package language

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// Behind a mistake the reader goes on. A file is entries, lines that can be
// read by themselves: those that cannot are found out one by one, and of each
// the least is left out with which the rest of it can be read. What was left
// out stands beside the finding, so that nobody takes it for checked.

// resumption is a file of which yaml.v3 gets other lines than it has.
type resumption struct {
	*source
	given [][]byte // what yaml.v3 was given, with line ends
	lines [][]byte // what it gets
	tried int      // bytes that were parsed to find out
	found runbook.Diagnostics
}

// mostTried is how much is parsed to find out what is wrong, beyond the file
// itself; mostMends is in how many places of one entry.
const (
	mostTried    = 2 << 20
	costOfTrying = 8 << 10 // what yaml.v3 sets up for the shortest text
	mostMends    = 10
)

// resume reads what can be read of a text that yaml.v3 refuses. The nodes are
// nil if the text fits together in no way.
func (s *source) resume(err error) (*yaml.Node, runbook.Diagnostics) {
	r := &resumption{source: s, given: bytes.SplitAfter(s.handed, []byte{'\n'})}
	r.lines = slices.Clone(r.given)
	all := r.entries()
	if len(all) == 1 {
		return nil, r.nothing(err)
	}
	for len(all) > 0 {
		n, size := 0, 0
		for n < len(all) && size < 16<<10 {
			size += r.source.lines[all[n].to-1] - r.source.lines[all[n].from]
			n++
		}
		if n == 1 || r.refused(entry{all[0].from, all[n-1].to}) != "" {
			for _, e := range all[:n] {
				r.entry(e)
			}
		}
		all = all[n:]
	}
	if len(r.found) == 0 {
		return nil, r.nothing(err)
	}
	s.wider = map[int]int{}
	for i, l := range r.lines {
		if d := len(l) - len(r.given[i]); d > 0 {
			s.wider[i+1] = d
		}
	}
	n, err := decode(yaml.NewDecoder(bytes.NewReader(bytes.Join(r.lines, nil))))
	if err != nil || len(n.Content) == 0 {
		r.leaveOut(entry{0, len(r.lines)})
		return nil, r.found
	}
	return n.Content[0], r.found
}

// nothing says of a file why nothing of it can be read.
func (r *resumption) nothing(err error) runbook.Diagnostics {
	whole := entry{0, len(r.lines)}
	_, d := r.blame(whole, fmt.Sprint(err))
	r.found = append(r.found, d)
	r.leaveOut(whole)
	return r.found
}

// entry is lines that can be read by themselves, counted from 0: a key at the
// left edge with what belongs to it, or one of those below such a key.
type entry struct{ from, to int }

func (r *resumption) entries() []entry {
	var out []entry
	below, open := -1, false // how far the entries below a key are indented; whether it may have some
	for i, line := range r.lines {
		indent, first := indentOf(line), bytes.TrimLeft(line, " \t\r\n")
		begins := false
		switch {
		case len(first) == 0 || line[indent] == '\t' || bytes.IndexByte([]byte("#,]}"), first[0]) >= 0:
		case indent == 0 && !isEntry(first):
			begins, below, open = true, -1, bytes.HasSuffix(bytes.TrimRight(beforeComment(first), " \t\r\n"), []byte{':'})
		case below < 0 && (open || len(out) == 0):
			begins, below = true, indent
		case below >= 0:
			begins = indent <= below
		}
		if begins || len(out) == 0 {
			out = append(out, entry{i, i})
		}
		out[len(out)-1].to = i + 1
	}
	return out
}

func beforeComment(line []byte) []byte {
	before, _, _ := bytes.Cut(line, []byte(" #"))
	return before
}

func isEntry(text []byte) bool {
	return text[0] == '-' && (len(text) == 1 || text[1] <= ' ')
}

func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// entry makes lines readable, and reports what was wrong with them.
func (r *resumption) entry(e entry) {
	from := e.from // of the lines in which the next mistake may be
	for range mostMends {
		if r.tried > mostTried {
			break
		}
		at, d, ok := r.mistake(e)
		if ok {
			return
		}
		if len(r.found) < maxFindings {
			r.found = append(r.found, d)
		}
		if r.tabs(e) {
			continue
		}
		if at < from {
			break
		}
		out := r.leastToLeaveOut(e, at)
		r.leaveOut(out)
		if from = out.to; out == e {
			return
		}
	}
	if r.refused(e) != "" {
		r.leaveOut(e)
	}
}

// refused is what yaml.v3 says against lines, "" if nothing. An anchor may stand
// in another entry.
func (r *resumption) refused(e entry) string {
	text := bytes.Join(r.lines[e.from:e.to], nil)
	r.tried += len(text) + costOfTrying
	if said := refusal(text); !strings.Contains(said, "unknown anchor") {
		return said
	}
	return ""
}

// mistake finds the first mistake in an entry, and its line.
func (r *resumption) mistake(e entry) (line int, d runbook.Diagnostic, ok bool) {
	said := r.refused(e)
	if said == "" {
		return 0, d, true
	}
	line, d = r.blame(e, said)
	return line, d, false
}

// blame finds where in an entry is what yaml.v3 says against it.
func (r *resumption) blame(e entry, said string) (line int, d runbook.Diagnostic) {
	part := newSource(r.file, bytes.Join(r.lines[e.from:e.to], nil))
	if len(part.text) < searchable {
		r.tried += 10 * (len(part.text) + 2*costOfTrying)
	}
	d = part.syntax(said)
	line = e.from + d.Span.Start.Line - 1
	if !bytes.Equal(r.lines[line], r.given[line]) {
		d.Span = r.lineSpan(line + 1) // of which something was changed already
		return line, d
	}
	end := e.from + d.Span.End.Line
	d.Span = r.span(r.place(line+1, d.Span.Start.Column), r.place(end, d.Span.End.Column))
	return line, d
}

// tabs writes spaces for tabs in the indentation of lines around a mistake, as
// many as make the entry readable, or else move its next mistake down.
func (r *resumption) tabs(e entry) bool {
	var with []int
	for i := e.from; i < e.to; i++ {
		if blank := len(r.lines[i]) - len(bytes.TrimLeft(r.lines[i], " \t")); bytes.IndexByte(r.lines[i][:blank], '\t') >= 0 && len(bytes.TrimSpace(r.lines[i])) > 0 {
			with = append(with, i)
		}
	}
	if len(with) == 0 || r.tried > mostTried {
		return false
	}
	before := each.Of(with, func(l int) []byte { return r.lines[l] })
	try := func(indent func(line []byte) int) bool {
		for i, l := range with {
			blank := len(before[i]) - len(bytes.TrimLeft(before[i], " \t"))
			r.lines[l] = append(bytes.Repeat([]byte{' '}, indent(before[i][:blank])), before[i][blank:]...)
		}
		return r.refused(e) == ""
	}
	var widths []int
	if last := r.contentBefore(e, with[0]); last >= 0 {
		indent := indentOf(r.lines[last])
		if text := r.lines[last][indent:]; isEntry(text) && !isEntry(bytes.TrimLeft(before[0], " \t")) {
			indent += 2
		}
		widths = append(widths, indent, indentOf(r.lines[e.from]))
	}
	for _, n := range widths {
		if try(func([]byte) int { return n }) {
			return true
		}
	}
	for _, n := range []int{2, 4, 8} {
		if try(func(blank []byte) int { return len(blank) + (n-1)*bytes.Count(blank, []byte{'\t'}) }) {
			return true
		}
	}
	for i, l := range with {
		r.lines[l] = before[i]
	}
	return false
}

// contentBefore is the last line of an entry before another that says something,
// -1 for none.
func (r *resumption) contentBefore(e entry, line int) int {
	for line--; line >= e.from; line-- {
		if text := bytes.TrimSpace(r.lines[line]); len(text) > 0 && text[0] != '#' {
			return line
		}
	}
	return -1
}

// leastToLeaveOut are the fewest lines around a mistake without which an entry
// can be read at least down to them: the line alone, with what is indented
// below it, one of the entries around it, the whole.
func (r *resumption) leastToLeaveOut(e entry, at int) entry {
	if e.to == e.from+1 {
		return e
	}
	tries := []entry{{at, at + 1}, r.block(e, at)}
	indent := indentOf(r.lines[at])
	for i := at; i > e.from; i-- {
		if n := indentOf(r.lines[i]); n <= indent && n < len(r.lines[i]) && isEntry(r.lines[i][n:]) {
			tries, indent = append(tries, r.block(e, i)), n-1
		}
	}
	for _, t := range tries {
		if r.tried > mostTried {
			break
		}
		kept := slices.Clone(r.lines[t.from:t.to])
		r.blank(t)
		line, _, ok := r.mistake(e)
		copy(r.lines[t.from:t.to], kept)
		if ok || line >= t.to {
			return t
		}
	}
	return e
}

// block is a line of an entry with what is indented below it.
func (r *resumption) block(e entry, line int) entry {
	end := line + 1
	for end < e.to && (len(bytes.TrimSpace(r.lines[end])) == 0 || indentOf(r.lines[end]) > indentOf(r.lines[line])) {
		end++
	}
	return entry{line, end}
}

func (r *resumption) blank(e entry) {
	for i := e.from; i < e.to; i++ {
		r.lines[i] = r.lines[i][len(bytes.TrimRight(r.lines[i], "\n")):]
	}
}

// notRead begins what is said of lines that were left out.
const notRead = "not read because of it"

// leaveOut takes lines out, and says so beside the last finding.
func (r *resumption) leaveOut(e entry) {
	r.blank(e)
	for e.to > e.from+1 && r.lineSpan(e.to).Start == r.lineSpan(e.to).End {
		e.to--
	}
	at := r.lineSpan(e.from + 1)
	at.End = r.lineSpan(e.to).End
	if len(r.found) == 0 {
		return
	}
	d := &r.found[len(r.found)-1]
	d.Related = append(d.Related, runbook.Related{Span: at, Message: notRead})
}
