package check

import (
	"cmp"
	"slices"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// Despite returns what the parser found in a runbook together with what was
// found behind it, in the order of the file, and how many findings it held back
// because they may only follow from what could not be read: each is a check that
// could not be made.
func Despite(rb *runbook.Runbook, parsed, found runbook.Diagnostics) (all runbook.Diagnostics, held int) {
	if !parsed.HasErrors() {
		return append(parsed, found...), 0
	}
	held = language.Unread(parsed)
	l := lost{source: rb.Source, words: map[string]bool{}, steps: map[*runbook.Step]bool{}}
	for _, p := range parsed {
		l.note(rb, p)
	}
	all = slices.Clone(parsed)
	for _, f := range found {
		if l.follows(rb, parsed, f) {
			held++
		} else {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b runbook.Diagnostic) int {
		return cmp.Compare(a.Span.Start.Offset, b.Span.Start.Offset)
	})
	return all, held
}

// lost is what the parser could not read of a runbook.
type lost struct {
	source []byte
	words  map[string]bool // in it; a name among them may have been declared there
	steps  map[*runbook.Step]bool
}

var words = pattern.Late(`[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*`)

// note notes what is lost by an error. Nothing is where it is certain what was
// meant.
func (l *lost) note(rb *runbook.Runbook, p runbook.Diagnostic) {
	if p.Severity != runbook.Error || p.Fix != nil || p.Code == language.KeyTwice.ID || p.Code == language.MissingHeader.ID {
		return
	}
	switch p.Code {
	case language.NotYAML.ID:
		for _, r := range p.Related {
			l.text(r.Span.Start.Offset, r.Span.End.Offset)
			l.steps[around(rb.Steps, r.Span)] = true
		}
		return
	case language.MissingKey.ID, language.DoesNothing.ID:
	default:
		l.text(p.Span.Start.Offset, l.blockEnd(p.Span.Start))
	}
	l.steps[innermost(rb.Steps, p.Span)] = true
}

func (l *lost) text(from, to int) {
	for _, w := range words().FindAllString(string(l.source[from:to]), -1) {
		l.words[w] = true
	}
}

// blockEnd is the end of a line with the lines below it that are indented
// deeper than a place in it.
func (l *lost) blockEnd(at runbook.Position) int {
	end := at.Offset
	for first := true; end < len(l.source); first = false {
		line := l.source[end:]
		indent := 0
		for indent < len(line) && line[indent] == ' ' {
			indent++
		}
		if !first && indent < at.Column && indent < len(line) && line[indent] != '\n' {
			break
		}
		i := slices.Index(line, '\n')
		if i < 0 {
			return len(l.source)
		}
		end += i + 1
	}
	return end
}

// follows reports whether a finding may be gone once the parser's are: it is
// about the same word, or says that something is not there which may be among
// what is lost.
func (l *lost) follows(rb *runbook.Runbook, parsed runbook.Diagnostics, f runbook.Diagnostic) bool {
	if slices.ContainsFunc(parsed, func(p runbook.Diagnostic) bool {
		return p.Span.Start.Offset < f.Span.End.Offset && f.Span.Start.Offset < p.Span.End.Offset && p.Code != language.UnknownKey.ID
	}) {
		return true
	}
	is := func(codes ...*finding.Code) bool {
		return slices.ContainsFunc(codes, func(c *finding.Code) bool { return c.ID == f.Code })
	}
	if is(UnknownName, UnknownVariable, OutputNeverDeclared, JumpTarget, UnusedInput) {
		return l.words[words().FindString(string(l.source[f.Span.Start.Offset:f.Span.End.Offset]))]
	}
	return (is(MissingInput, MissingTarget) || f.Severity == runbook.Warning) && l.steps[innermost(rb.Steps, f.Span)]
}

// around is the step that lines belong to which were left out: the innermost
// that they are in or that ends just before them, and is not indented deeper.
func around(steps []*runbook.Step, at runbook.Span) *runbook.Step {
	var found *runbook.Step
	for _, s := range steps {
		if s.Span.Start.Line > at.Start.Line {
			break
		}
		if s.Span.Start.Column <= at.Start.Column+1 {
			found = s
		}
	}
	if found == nil {
		return nil
	}
	for _, block := range found.Blocks() {
		if inner := around(block, at); inner != nil {
			return inner
		}
	}
	return found
}

// innermost is the step that a place is in, nil for none.
func innermost(steps []*runbook.Step, at runbook.Span) *runbook.Step {
	for _, s := range steps {
		if at.Start.Line < s.Span.Start.Line || at.Start.Line > s.Span.End.Line {
			continue
		}
		for _, block := range s.Blocks() {
			if inner := innermost(block, at); inner != nil {
				return inner
			}
		}
		return s
	}
	return nil
}
