package kind

import (
	"context"

	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/pkg/action"
)

// Described returns the kinds `http` and `command` for one verb of a system.
// The verb's description in the environment says how it is done.
func Described(s described.System, verb string) []Kind {
	var kinds []Kind
	for _, t := range s.Targets() {
		d := describedKind{target: t, system: s, verb: verb}
		if t.Undo {
			kinds = append(kinds, describedState{d})
		} else {
			kinds = append(kinds, d)
		}
	}
	return kinds
}

type describedKind struct {
	target action.TargetType
	system described.System
	verb   string
}

type describedState struct{ describedKind }

func (d describedKind) Target() action.TargetType { return d.target }

func (d describedKind) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	return d.system.Call(d.verb, req).Run(ctx, out)
}

// Inspect implements action.Inspector.
func (d describedKind) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	return d.system.Call(d.verb, req).Inspect(ctx)
}

// Preflight implements action.Preflighter.
func (d describedKind) Preflight(ctx context.Context, req action.Request) []error {
	return d.system.Call(d.verb, req).Preflight(ctx)
}

// Undo implements action.Undoer.
func (d describedState) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	return d.system.Call(d.verb, req).Undo(ctx, out)
}
