package postgres

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/pkg/action"
)

// oldest is the first version with SCRAM verifiers, as the server numbers it.
const oldest = 100000

// Preflight says what keeps irctl from acting, on an account if that is not "".
// It changes nothing.
func (c *Conn) Preflight(ctx context.Context, account string) []error {
	var version int
	var super, roles, signal, standby bool
	err := c.db.QueryRow(ctx, `SELECT pg_catalog.current_setting('server_version_num')::int, rolsuper, rolcreaterole,
		pg_catalog.pg_has_role(oid, 'pg_signal_backend', 'USAGE'), pg_catalog.pg_is_in_recovery()
		FROM pg_catalog.pg_roles WHERE rolname = current_user`).Scan(&version, &super, &roles, &signal, &standby)
	if err != nil {
		return []error{c.Problem("could not look what "+c.Admin+" may do", err)}
	}
	var problems []error
	add := func(message, hint string) {
		problems = append(problems, &action.Error{Message: message, Hint: hint, Permanent: true})
	}
	if version < oldest {
		add(fmt.Sprintf("%s has the version %d, which keeps no SCRAM verifiers", c.Name, version/10000), "use a target of type command for this server")
	}
	if standby {
		add(c.Name+" is a standby, on which no role can be changed", "name the primary in the environment's target")
	}
	admin := action.CleanLine(c.Admin, 60)
	if !super && !roles {
		add(admin+" may not change roles", "as a superuser: ALTER ROLE "+admin+" CREATEROLE")
	}
	if !super && !signal {
		add(admin+" may not end sessions of others", "as a superuser: GRANT pg_signal_backend TO "+admin)
	}
	if account != "" {
		if _, err := c.Role(ctx, account); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}
