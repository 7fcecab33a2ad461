package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/irctl/irctl/pkg/action"
)

// Role is what the server knows of an account.
type Role struct {
	Login bool // it may sign in
}

// Role looks for an account. The role that irctl signs in as is refused:
// irctl would lock itself out. So is a superuser, unless irctl is one.
func (c *Conn) Role(ctx context.Context, account string) (Role, error) {
	var r Role
	var beyond bool
	err := c.db.QueryRow(ctx, `SELECT rolcanlogin, rolsuper AND NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
		FROM pg_catalog.pg_roles WHERE rolname = $1`, account).Scan(&r.Login, &beyond)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Role{}, c.Missing("role", account)
	case err != nil:
		return Role{}, c.Problem("could not look for the role "+action.CleanLine(account, 60), err)
	case beyond:
		return Role{}, &action.Error{
			Message: action.CleanLine(account, 60) + " is a superuser of " + c.Name + ", whom " + action.CleanLine(c.Admin, 60) + " may not change, so nothing was changed",
			Hint:    "have irctl sign in as a superuser for this account: a second target with another admin", Permanent: true,
		}
	}
	return r, c.NotOneself("role", account)
}

// Find looks for an account, and says whether it may not sign in.
func (c *Conn) Find(ctx context.Context, account string) (disabled bool, err error) {
	r, err := c.Role(ctx, account)
	return !r.Login, err
}

// SetCredential replaces the password of a role, and nothing else of it. It
// takes effect for the next sign-in.
func (c *Conn) SetCredential(ctx context.Context, account string, password action.Secret) error {
	v, err := verifier(password)
	if err != nil {
		return err
	}
	return c.alter(ctx, account, "PASSWORD '"+v+"'", "could not replace the password of "+action.CleanLine(account, 60))
}

// SetLogin says whether a role may sign in. Its sessions stay open.
func (c *Conn) SetLogin(ctx context.Context, account string, may bool) error {
	word := "NOLOGIN"
	if may {
		word = "LOGIN"
	}
	return c.alter(ctx, account, word, fmt.Sprintf("could not set %s for %s", word, action.CleanLine(account, 60)))
}

// alter takes no parameters on the server: what is must be safe as it stands.
func (c *Conn) alter(ctx context.Context, account, what, failed string) error {
	if _, err := c.db.Exec(ctx, "ALTER ROLE "+pgx.Identifier{account}.Sanitize()+" "+what); err != nil {
		return c.Changing(failed, err)
	}
	return nil
}
