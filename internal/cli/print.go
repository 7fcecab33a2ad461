package cli

import (
	"errors"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
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
			In: a.Stdin, Out: a.Stdout, Err: a.Stderr, Format: format, Env: a.Getenv, Now: a.Now,
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
	what, means, next := explain(err)
	_ = a.print().Problem(view.Problem{What: what, Means: means, Next: next})
}

// explain finds the words for an error by its type.
func explain(err error) (what, means string, next []string) {
	what = err.Error()
	if p := problemOf(err); p != nil {
		what, means, next = p.Error(), p.means, p.next
	}
	var illegal *engine.IllegalError
	var locked *store.LockedError
	var altered *store.AlteredError
	var truncated *store.TruncatedError
	var none *store.NotFoundError
	var many *store.AmbiguousError
	var notWritten *store.AppendError
	var storage *store.StorageError
	switch {
	case errors.As(err, &illegal):
		what = "this cannot be done now: " + illegal.Why
		if illegal.Path != "" {
			what = "this cannot be done now to step " + illegal.Path + ": " + illegal.Why
		}
		means = "Nothing was recorded."
		if len(next) == 0 {
			next = append(next, "irctl status")
		}
	case errors.As(err, &locked):
		means = "Only one process may drive a run. irctl status works meanwhile, and so do approve, note, pause and the like."
		next = append(next, projection.Command("status", locked.Run))
	case errors.As(err, &altered):
		means = "It is no longer what irctl wrote, so irctl does not act on it. Nothing was done."
		next = append(next, projection.Command("audit", "verify", altered.Run))
	case errors.As(err, &truncated):
		means = "Entries that were durable are gone, so irctl does not act on the rest: it could do again what was done. Nothing was done."
		next = append(next, projection.Command("audit", "verify", truncated.Run))
	case errors.As(err, &none), errors.As(err, &many):
		next = append(next, "irctl list")
	case errors.As(err, &notWritten):
		what = notWritten.Error() // says all that was wrapped around it
		means = "No entry, no action: nothing was done to any target after that."
		next = append(next, projection.Command("resume", notWritten.Run))
	case errors.As(err, &storage) && storage.Full && storage.Then == "":
		means = "Nothing was recorded and nothing was done to any target."
		next = append(next, "make room on the disk, then type the same again", "irctl doctor")
	}
	return what, means, next
}

// isAltered reports whether a journal does not verify.
func isAltered(err error) bool {
	var altered *store.AlteredError
	var truncated *store.TruncatedError
	return errors.As(err, &altered) || errors.As(err, &truncated)
}

// isUnfound reports whether a run that was named does not exist.
func isUnfound(err error) bool {
	var none *store.NotFoundError
	var many *store.AmbiguousError
	return errors.As(err, &none) && none.Prefix != "" || errors.As(err, &many)
}
