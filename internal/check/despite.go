package check

import (
	"cmp"
	"slices"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// unreadable are the parser's findings after which a file is not known to its
// end or not as it was meant: nothing can be said about the rest of it.
var unreadable = []*finding.Code{
	language.FileTooLarge, language.BadCharacter, language.NotYAML, language.Anchor, language.Tag, language.SeveralDocuments, language.TooMany, language.MissingHeader, language.UnknownVersion, language.WrongFileKind, language.KeyNotText, language.TooManyFindings,
}

// hiding are the parser's findings that may hide a declaration: a misspelt
// `inputs`, `id` or `set`. That a name is unknown then follows from them.
var hiding = []*finding.Code{language.UnknownKey, language.KeyTwice, language.WrongShape, language.BadName}

// Despite is Analyze for a file in which the parser found errors. It returns
// those and everything else, in the order of the file, so that all is reported
// at once. What may only follow from the parser's errors is left out: it would
// be gone with them.
func Despite(rb *runbook.Runbook, parsed runbook.Diagnostics, d Deps) runbook.Diagnostics {
	among := func(codes []*finding.Code) bool {
		return slices.ContainsFunc(parsed, func(f runbook.Diagnostic) bool {
			return slices.ContainsFunc(codes, func(c *finding.Code) bool { return c.ID == f.Code })
		})
	}
	if rb == nil || among(unreadable) {
		return parsed
	}
	lines, steps := map[int]bool{}, map[*runbook.Step]bool{}
	for _, p := range parsed {
		lines[p.Span.Start.Line], steps[innermost(rb.Steps, p.Span)] = true, true
	}
	delete(steps, nil)
	hidden := among(hiding)
	out := slices.Clone(parsed)
	_, more := Analyze(rb, d)
	for _, f := range more {
		unknown := f.Code == UnknownName.ID || f.Code == UnknownVariable.ID || f.Code == JumpTarget.ID
		follows := lines[f.Span.Start.Line] || steps[innermost(rb.Steps, f.Span)] || hidden && unknown
		if f.Severity == runbook.Error && !follows {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b runbook.Diagnostic) int {
		return cmp.Compare(a.Span.Start.Offset, b.Span.Start.Offset)
	})
	return out
}

// innermost is the step that a place is in, nil for none.
func innermost(steps []*runbook.Step, at runbook.Span) *runbook.Step {
	for _, s := range steps {
		if at.Start.Line < s.Span.Start.Line || at.Start.Line > s.Span.End.Line {
			continue
		}
		for _, block := range blocksOf(s) {
			if inner := innermost(block.steps, at); inner != nil {
				return inner
			}
		}
		return s
	}
	return nil
}
