package sessions

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/pkg/action"
)

// host is a system that tells which sessions an account has open, and ends
// them.
type host interface {
	Sessions(ctx context.Context, account string) (int, error)
	// EndSessions returns when they are gone, and how many there were.
	EndSessions(ctx context.Context, account string) (int, error)
	Close()
}

// ended ends the sessions of an account.
type ended struct {
	target action.TargetType
	open   func(ctx context.Context, req action.Request) (host, error)
	check  func(ctx context.Context, req action.Request) []error // the preflight
}

// Target implements kind.Kind.
func (e ended) Target() action.TargetType { return e.target }

// Inspect implements action.Inspector.
func (e ended) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	h, err := e.open(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer h.Close()
	n, err := h.Sessions(ctx, req.With.String("account"))
	return action.Inspection{
		Known: true, Desired: n == 0, Repeatable: true,
		Current: words(req, n) + " open", Want: words(req, 0) + " open", Outputs: map[string]any{},
	}, err
}

// Run implements kind.Kind. There is nothing to record: nobody can open the
// sessions again.
func (e ended) Run(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	h, err := e.open(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer h.Close()
	n, err := h.EndSessions(ctx, req.With.String("account"))
	if err != nil {
		return action.Result{}, err
	}
	r := action.Result{Outputs: map[string]any{"revoked": int64(n)}, Changed: n > 0, Summary: fmt.Sprintf("%s: %d ended", action.CleanLine(req.With.String("account"), 60), n)}
	if n == 0 {
		r.Already, r.Summary = true, words(req, 0)+" open already"
	}
	return r, nil
}

func words(req action.Request, n int) string {
	account := action.CleanLine(req.With.String("account"), 60)
	switch n {
	case 0:
		return account + " has no session"
	case 1:
		return account + " has 1 session"
	}
	return fmt.Sprintf("%s has %d sessions", account, n)
}

// Preflight implements action.Preflighter.
func (e ended) Preflight(ctx context.Context, req action.Request) []error { return e.check(ctx, req) }
