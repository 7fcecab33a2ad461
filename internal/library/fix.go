package library

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/hashicorp/go-multierror"

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
// file holds its old text or its new one, whatever happens meanwhile. The error
// is a *multierror.Error with every file that could not be written.
func (l *Library) Fix(files []Candidate, against *Surroundings, wanted func(runbook.Diagnostic) bool) (runbook.Diagnostics, error) {
	var all runbook.Diagnostics
	unwritten := map[string]error{} // by name; each once, whatever the round
	for range fixRounds {
		before := len(all)
		for i, r := range l.Check(files, against) {
			if files[i].path == "" || r.File == nil || r.Kind == "" || unwritten[r.Name] != nil {
				continue
			}
			found := slices.DeleteFunc(slices.Clone(r.Found), func(d runbook.Diagnostic) bool { return !wanted(d) })
			text, done := finding.Fix(r.File.Path, r.File.Source, found)
			if len(done) == 0 {
				continue
			}
			if err := rewrite(r.File.File, text); err != nil {
				unwritten[r.Name] = fmt.Errorf("%s was not corrected: %w", r.Name, Reason(err))
				continue
			}
			all = append(all, done...)
		}
		if len(all) == before {
			break
		}
	}
	var failed *multierror.Error
	for _, name := range slices.Sorted(maps.Keys(unwritten)) {
		failed = multierror.Append(failed, unwritten[name])
	}
	return all, failed.ErrorOrNil()
}

// rewrite replaces a file that may be written to: a file that is read-only is so
// on purpose.
func rewrite(path string, text []byte) error {
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o200 == 0 {
		return errors.New("it is read-only")
	}
	return durable.Write(path, text, 0o644)
}
