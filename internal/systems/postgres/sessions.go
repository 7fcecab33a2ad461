package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// others are the sessions of a role, without irctl's own.
const others = ` FROM pg_catalog.pg_stat_activity WHERE usename = $1 AND pid <> pg_catalog.pg_backend_pid()`

// Sessions counts the sessions that a role has open, in all databases.
func (c *Conn) Sessions(ctx context.Context, account string) (int, error) {
	if _, err := c.Role(ctx, account); err != nil {
		return 0, err
	}
	return c.count(ctx, account)
}

func (c *Conn) count(ctx context.Context, account string) (int, error) {
	var n int
	if err := c.db.QueryRow(ctx, `SELECT count(*)`+others, account).Scan(&n); err != nil {
		return 0, c.Problem("could not count the sessions of "+action.CleanLine(account, 60), err)
	}
	return n, nil
}

// ending is how long sessions may take to end, which takes a moment.
var ending = patience.Limit{For: 30 * time.Second, Every: 50 * time.Millisecond}

// EndSessions ends the sessions of a role, whatever they do, and returns when
// they are gone. Their transactions are rolled back.
func (c *Conn) EndSessions(ctx context.Context, account string) (int, error) {
	n, err := c.Sessions(ctx, account)
	if err != nil || n == 0 {
		return 0, err
	}
	return n, ending.Until(ctx, func() error {
		if _, err := c.db.Exec(ctx, `SELECT pg_catalog.pg_terminate_backend(pid)`+others, account); err != nil {
			return patience.Stop(c.Changing("could not end the sessions of "+action.CleanLine(account, 60), err))
		}
		left, err := c.count(ctx, account)
		if err != nil {
			return patience.Stop(action.Doubtful(err))
		}
		if left == 0 {
			return nil
		}
		return &action.Error{
			Message: fmt.Sprintf("%s still has %d sessions, which were told to end", action.CleanLine(account, 60), left),
			Hint:    "see pg_stat_activity for what opens them: a pool may sign in again with another way of signing in",
			Doubt:   true,
		}
	})
}

// Settle ends what was opened with the old password. A role that may not sign
// in stays so: a new password does not change that.
func (c *Conn) Settle(ctx context.Context, account string, _ bool) (string, error) {
	n, err := c.EndSessions(ctx, account)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("sessions ended: %d", n), nil
}
