package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/sent"
)

// told tells the log of the attempt which statements go to the server.
type told struct{ name string }

// TraceQueryStart implements [pgx.QueryTracer].
func (t told) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	text := t.name + ": " + password().ReplaceAllString(strings.Join(strings.Fields(q.SQL), " "), "PASSWORD '(not shown)'")
	for i, v := range q.Args {
		text += fmt.Sprintf("%s $%d = %v", [2]string{";", ","}[min(i, 1)], i+1, v)
	}
	sent.Say(ctx, text)
	return ctx
}

// TraceQueryEnd implements [pgx.QueryTracer].
func (told) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// password is what is kept of one, in a statement.
var password = pattern.Late(`PASSWORD '[^']*'`)
