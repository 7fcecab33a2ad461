package cli

import (
	"errors"

	"github.com/irctl/irctl/internal/advice"
	"github.com/irctl/irctl/internal/library"
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

// tell writes v for machines, or says a text and what to type next.
func (a *app) tell(v any, text string, next ...string) error {
	if a.json() {
		return a.print().JSON(v)
	}
	if err := a.print().Say(text); err != nil {
		return err
	}
	return a.print().Next(next...)
}

// note says something to people who read no JSON.
func (a *app) note(text string) {
	if !a.json() {
		_ = a.print().Note(text)
	}
}

// complain tells a person what went wrong.
func (a *app) complain(err error) {
	var invalid *library.Invalid
	if errors.As(err, &invalid) { // talk: the data is what the command would have written
		_ = a.print().Complaints(1, invalid.Found, invalid.File.Sources)
		_ = a.print().Note(advice.NothingRun)
		return
	}
	p := advice.Of(err)
	_ = a.print().Problem(view.Problem{What: p.Error(), Means: p.Means, Next: p.Next})
}
