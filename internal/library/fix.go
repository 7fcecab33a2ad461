package library

import (
	"fmt"
	"slices"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/runbook"
)

// fixRounds is how often files are looked at again: a key that is corrected may
// bring to light what stands below it.
const fixRounds = 10

// Fix corrects in files what is certain, as far as wanted says, and returns what
// it corrected. It changes files that a path or a folder means and that are
// irctl's, or that were named; never what comes from a stream, lies inside irctl
// or was found by a runbook's name. The rest of a file stays byte for byte. A
// file holds its old text or its new one, whatever happens meanwhile.
func (l *Library) Fix(files []Candidate, against *Surroundings, wanted func(runbook.Diagnostic) bool) (runbook.Diagnostics, error) {
	var all runbook.Diagnostics
	for range fixRounds {
		before := len(all)
		for i, r := range l.Check(files, against) {
			if files[i].path == "" || r.File == nil || r.Kind == "" {
				continue
			}
			found := slices.DeleteFunc(slices.Clone(r.Found), func(d runbook.Diagnostic) bool { return !wanted(d) })
			text, done := finding.Fix(r.File.Path, r.File.Source, found)
			if len(done) == 0 {
				continue
			}
			if err := durable.Write(r.File.File, text, 0o644); err != nil {
				return all, fmt.Errorf("correct %s: %w", r.Name, err)
			}
			all = append(all, done...)
		}
		if len(all) == before {
			break
		}
	}
	return all, nil
}
