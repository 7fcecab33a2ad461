package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/runbook"
)

// choice is which findings a person wants to see. A file with an error does
// not run, so no choice makes an error pass: `only` hides others' errors but
// not that there are some, and `without` leaves out warnings alone.
type choice struct {
	only    []string // beginnings of codes; none: all
	without []string
}

// codePrefixes checks what --rule and --ignore were given: codes, or their
// beginnings from the two letters and two digits on.
func codePrefixes(flag string, words []string) ([]string, error) {
	all := library.Codes()
	var out, known []string
	for _, c := range all {
		known = append(known, c.ID)
	}
	for _, w := range words {
		code := strings.ToUpper(strings.TrimSpace(w))
		if len(code) < len("IR01") || !slices.ContainsFunc(all, func(c runbook.Code) bool { return strings.HasPrefix(c.ID, code) }) {
			return nil, usagef("--%s %q is no code and no beginning of one%s", flag, w, didYouMean(nearest(code, known))).with("irctl help codes")
		}
		out = append(out, code)
	}
	return out, nil
}

// matches reports whether a code begins with one of some beginnings.
func matches(code string, beginnings []string) bool {
	return slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(code, b) })
}

// apply leaves the chosen findings in a report, and says in it what of the
// others counts all the same.
func (c choice) apply(v *view.Validation) {
	var kept runbook.Diagnostics
	stubborn := 0
	for _, d := range v.Found {
		switch {
		case len(c.only) > 0 && !matches(d.Code, c.only):
			if d.Severity == runbook.Error {
				v.Hidden++
			}
			continue
		case matches(d.Code, c.without) && d.Severity != runbook.Error:
			continue
		case matches(d.Code, c.without):
			stubborn++
		}
		kept = append(kept, d)
	}
	v.Found = kept
	if v.Hidden > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("Errors that --rule does not show: %d. They fail all the same, because irctl does not run such files.", v.Hidden))
	}
	if stubborn > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("Errors that --ignore cannot leave out: %d. Only warnings can be ignored, because irctl does not run files with errors.", stubborn))
	}
}
