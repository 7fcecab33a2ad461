package cli

import (
	"errors"

	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/readiness"
	"github.com/irctl/irctl/internal/view"
)

// print returns what writes to the streams, in the format that was asked for.
func (a *app) print() *view.Printer {
	if a.printer == nil {
		format := view.Text
		if a.json() {
			format = view.JSON
		}
		a.printer = view.New(view.Options{
			YAML: a.output == "yaml", In: a.Stdin, Out: a.Stdout, Err: a.Stderr, Format: format, Env: a.Getenv, Now: a.Now,
		})
	}
	return a.printer
}

// complain tells a person what went wrong.
func (a *app) complain(err error) {
	var invalid *library.Invalid
	if errors.As(err, &invalid) { // talk: the data is what the command would have written
		_ = a.print().Complaints(1, invalid.Found, invalid.File.Sources)
		_ = a.print().Note(nothingRun)
		return
	}
	p := problemOf(err)
	_ = a.print().Problem(view.Problem{What: p.Error(), Means: p.means, Next: p.next})
}

// showChecks writes what was looked at and ends with failure if something is
// wrong.
func (a *app) showChecks(checks []readiness.Check) error {
	shown, wrong := make([]view.Check, len(checks)), false
	for i, c := range checks {
		shown[i] = view.Check{Name: c.Name, OK: len(c.Problems) == 0, Found: c.Found, Problems: c.Problems, Do: c.Do, Unchecked: c.Unchecked}
		wrong = wrong || !shown[i].OK
	}
	if err := a.print().Checks(shown); err != nil || !wrong {
		return err
	}
	return end(ExitFailed)
}
