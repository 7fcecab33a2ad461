package account

import (
	"context"

	"github.com/irctl/irctl/pkg/action"
)

// standing is how an account is. Both are false if it is disabled in part.
type standing struct {
	disabled, enabled bool
	words             string // "alice may not log in"
	previous          map[string]any
}

// board is a system whose accounts can be disabled and enabled. Disabling and
// enabling are harmless when repeated.
type board interface {
	look(ctx context.Context, account string) (standing, error)
	// disable and enable are given the key of the step, for systems where one
	// has to tell whose change it is.
	disable(ctx context.Context, account, key string) error
	enable(ctx context.Context, account, key string) error
	// restore puts the previous of a standing back, after the step with this key
	// changed it, and nothing that others have changed since.
	restore(ctx context.Context, account, key string, previous action.Values) error
	Close()
}

// switched disables or enables the accounts of a board.
type switched struct {
	target  action.TargetType
	disable bool
	open    func(ctx context.Context, req action.Request) (board, error)
	check   func(ctx context.Context, req action.Request) []error // the preflight
}

// The names of what the first attempt records.
const (
	recordPrevious = "previous"
	recordWords    = "words"   // of the state before
	recordSettled  = "settled" // all of the change is done
)

// Target implements kind.Kind.
func (s switched) Target() action.TargetType { return s.target }

func (s switched) desired(now standing) bool {
	if s.disable {
		return now.disabled
	}
	return now.enabled
}

func (s switched) want(req action.Request) string {
	name := action.CleanLine(req.With.String("account"), 60)
	if s.disable {
		return name + " is disabled"
	}
	return name + " is enabled"
}

// look opens the system, which the caller closes unless there is an error.
func (s switched) look(ctx context.Context, req action.Request) (board, standing, error) {
	b, err := s.open(ctx, req)
	if err != nil {
		return nil, standing{}, err
	}
	now, err := b.look(ctx, req.With.String("account"))
	if err != nil {
		b.Close()
		return nil, standing{}, err
	}
	return b, now, nil
}

// Inspect implements action.Inspector.
func (s switched) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	b, now, err := s.look(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer b.Close()
	i := action.Inspection{
		Known: true, Desired: s.desired(now), Repeatable: true,
		Current: now.words, Want: s.want(req), Outputs: map[string]any{},
	}
	if len(req.Record) > 0 && !action.Values(req.Record).Bool(recordSettled) {
		i.Desired = false // the attempt was cut off: Run does what is missing
	}
	return i, nil
}

// Run implements kind.Kind.
func (s switched) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	b, now, err := s.look(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer b.Close()
	r := action.Result{Outputs: map[string]any{}, Summary: s.want(req)}
	if len(req.Record) == 0 {
		if s.desired(now) {
			r.Already, r.Summary = true, r.Summary+" already"
			return r, nil
		}
		if err := out.Record(map[string]any{recordPrevious: now.previous, recordWords: now.words}); err != nil {
			return action.Result{}, err
		}
	}
	change := b.enable
	if s.disable {
		change = b.disable
	}
	account := req.With.String("account")
	if err := change(ctx, account, req.Key); err != nil {
		return action.Result{}, err
	}
	if now, err = b.look(ctx, account); err != nil {
		return action.Result{}, action.Doubtful(err)
	}
	if !s.desired(now) {
		return action.Result{}, &action.Error{
			Message: "the change was made, but " + now.words,
			Hint:    "check whether another program manages the account, then retry",
		}
	}
	if err := out.Record(map[string]any{recordSettled: true}); err != nil {
		return action.Result{}, action.Doubtful(err)
	}
	r.Changed = true
	return r, nil
}

// Undo implements action.Undoer.
func (s switched) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	if len(req.Record) == 0 {
		return action.Result{Already: true, Summary: "nothing was changed, so nothing is put back"}, nil
	}
	b, before, err := s.look(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer b.Close()
	account, recorded := req.With.String("account"), action.Values(req.Record)
	if err := b.restore(ctx, account, req.Undoes, recorded.Map(recordPrevious)); err != nil {
		return action.Result{}, err
	}
	now, err := b.look(ctx, account)
	if err != nil {
		return action.Result{}, action.Doubtful(err)
	}
	r := action.Result{Outputs: map[string]any{}, Changed: now.words != before.words, Summary: now.words}
	r.Already = !r.Changed
	if was := recorded.String(recordWords); now.words != was {
		r.Summary += "; before the step it was: " + was + ". Somebody has changed it since, and that was left"
	}
	return r, nil
}

// Preflight implements action.Preflighter.
func (s switched) Preflight(ctx context.Context, req action.Request) []error {
	return s.check(ctx, req)
}
