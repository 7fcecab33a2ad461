package sessions

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// host is a system that tells which sessions an account has open, and ends
// them.
type host interface {
	Sessions(ctx context.Context, account string) (int, error)
	// EndSessions returns when they are gone, and how many there were.
	EndSessions(ctx context.Context, account string) (int, error)
	// Preflight says what keeps irctl from acting, on an account if that is not "".
	Preflight(ctx context.Context, account string) []error
	Close()
}

// ended makes a kind out of a host. There is nothing to record: nobody can open
// the sessions again.
func ended[H host](t action.TargetType, open func(ctx context.Context, req action.Request) (H, error)) kind.Kind {
	return kind.Change{
		Type: t,
		Open: func(ctx context.Context, req action.Request) (kind.Work, error) {
			h, err := open(ctx, req)
			if err != nil {
				return nil, err
			}
			return &ending{host: h, account: req.With.String("account")}, nil
		},
	}
}

// ending ends the sessions of one account.
type ending struct {
	host
	account string
	done    bool
	revoked int
}

// Check implements kind.Checker.
func (e *ending) Check(ctx context.Context) []error { return e.Preflight(ctx, e.account) }

// Look implements kind.Work. What is opened after the others have ended is not
// waited for.
func (e *ending) Look(ctx context.Context, _ action.Values) (kind.State, error) {
	s := kind.State{Want: e.words(0) + " open", Already: e.words(0) + " open already"}
	if e.done {
		s.Desired, s.Summary = true, fmt.Sprintf("%s: %d ended", action.CleanLine(e.account, 60), e.revoked)
		s.Outputs = map[string]any{"revoked": int64(e.revoked)}
		return s, nil
	}
	n, err := e.Sessions(ctx, e.account)
	s.Current = e.words(n) + " open"
	if n == 0 {
		s.Desired, s.Outputs = true, map[string]any{"revoked": int64(0)}
	}
	return s, err
}

// Change implements kind.Work.
func (e *ending) Change(ctx context.Context, _ action.Values, _ action.Sink) (err error) {
	e.revoked, err = e.EndSessions(ctx, e.account)
	e.done = err == nil
	return err
}

func (e *ending) words(n int) string {
	account := action.CleanLine(e.account, 60)
	switch n {
	case 0:
		return account + " has no session"
	case 1:
		return account + " has 1 session"
	}
	return fmt.Sprintf("%s has %d sessions", account, n)
}
