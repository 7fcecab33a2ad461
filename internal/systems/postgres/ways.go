package postgres

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/irctl/irctl/internal/systems/server"
	"github.com/irctl/irctl/pkg/action"
)

// hba are the lines for a role, without those behind one that is for the same
// connections.
const hba = `SELECT line_number, type, auth_method, coalesce(address, '') FROM (
		SELECT DISTINCT ON (type, database, address, netmask) * FROM pg_catalog.pg_hba_file_rules
		WHERE error IS NULL AND ('all' = ANY (user_name) OR $1 = ANY (user_name) OR EXISTS (
			SELECT FROM pg_catalog.pg_roles r WHERE '+' || r.rolname = ANY (user_name) AND pg_catalog.pg_has_role($1, r.oid, 'MEMBER')))
		ORDER BY type, database, address, netmask, line_number) AS first
	WHERE auth_method NOT IN ('reject', 'password', 'md5', 'scram-sha-256') ORDER BY line_number`

// Open names the ways in besides the password of a role that exists, as
// pg_hba.conf has them (PostgreSQL, chapter "Client Authentication"): free are
// those that ask for nothing, note those that ask for something else. Where irctl
// may not read the file, as only superusers may as a rule, it names none. For ""
// they are those of irctl's own role.
func (c *Conn) Open(ctx context.Context, account string) (free []string, note string, err error) {
	rows, err := c.db.Query(ctx, hba, cmp.Or(account, c.Admin))
	if err == nil {
		var line int
		var kind, method, address string
		_, err = pgx.ForEachRow(rows, []any{&line, &kind, &method, &address}, func() error {
			where := fmt.Sprintf("line %d of pg_hba.conf, %s", line, action.CleanLine(kind+" "+address, 80))
			switch {
			case method == "trust":
				free = append(free, "no password at all (trust: "+where+")")
			case note == "":
				note = "; it may also sign in by " + method + " (" + where + ")"
			default:
				note += ", " + method + " (" + where + ")"
			}
			return nil
		})
	}
	if err != nil && c.Judge(err) != server.NoRight {
		return nil, "", c.Problem("could not look how else "+action.CleanLine(account, 60)+" may sign in", err)
	}
	return free, note, nil
}

// Others names the roles that may act as one that may not log in (SET ROLE).
// Superusers, who may act as everybody, are not among them, nor is irctl's own.
func (c *Conn) Others(ctx context.Context, account string) (free []string, note string, err error) {
	rows, err := c.db.Query(ctx, `SELECT m.rolname FROM pg_catalog.pg_roles m, pg_catalog.pg_roles r
		WHERE r.rolname = $1 AND m.oid <> r.oid AND m.rolcanlogin AND NOT m.rolsuper AND m.rolname <> current_user
		AND pg_catalog.pg_has_role(m.oid, r.oid, 'MEMBER') ORDER BY 1`, account)
	var names []string
	if err == nil {
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	switch {
	case err != nil:
		return nil, "", c.Problem("could not look who may act as "+action.CleanLine(account, 60), err)
	case len(names) > 0:
		note = "; " + action.CleanLine(strings.Join(names, ", "), 200) + " may still act as it (SET ROLE)"
	}
	return nil, note, nil
}
