package advice

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/store"
)

func TestExitStatusesFollowTypes(t *testing.T) {
	seen := map[command.Exit]bool{}
	for _, row := range command.Exits {
		require.False(t, seen[row.Code], row.Code)
		require.NotEmpty(t, row.Meaning)
		seen[row.Code] = true
	}
	for err, want := range map[error]command.Exit{
		errors.New("any"):                         command.ExitFailed,
		command.Usagef("wrong"):                   command.ExitUsage,
		command.End(command.ExitWaiting):          command.ExitWaiting,
		&store.LockedError{Run: "01"}:             command.ExitLocked,
		&store.AlteredError{Run: "01"}:            command.ExitAltered,
		&store.TruncatedError{Run: "01"}:          command.ExitAltered,
		&store.NotFoundError{Prefix: "01"}:        command.ExitUsage,
		&store.NotFoundError{}:                    command.ExitFailed,
		&store.AmbiguousError{Prefix: "01"}:       command.ExitUsage,
		&engine.IllegalError{Why: "no"}:           command.ExitFailed,
		&store.AppendError{Run: "01", Full: true}: command.ExitFailed,
		context.Canceled:                          command.ExitInterrupted,
	} {
		require.Equal(t, want, Exit(err), "%T", err)
		require.Equal(t, want, Exit(fmt.Errorf("while doing something: %w", err)), "wrapped %T", err)
	}
}

func TestRefusalSaysWhoMay(t *testing.T) {
	people := authority.People{
		{Name: "dana", FullName: "Dana Okafor", Roles: []string{"commander"}, User: "dana", Phone: "+1 555 0101"},
		{Name: "alex", FullName: "Alex Haddad", Roles: []string{"legal"}, User: "alex"},
	}
	_, err := people.Choose(authority.Speaker{Account: "dana"}, []string{"legal"})
	require.Equal(t, command.ExitFailed, Exit(err))
	p := Of(err)
	require.Equal(t, "Nothing was recorded; the run goes on waiting.", p.Means)
	require.Equal(t, []string{"ask Alex Haddad (alex, legal)"}, p.Next)

	_, err = people.Choose(authority.Speaker{Account: "alex", Person: "dana"}, []string{"commander"})
	p = Of(&desk.RefusedError{Run: "01", Err: err})
	require.Equal(t, "alex may not answer this as dana", p.What, "the same from the process that drives the run")
	require.Equal(t, []string{"ask Dana Okafor (dana, commander), +1 555 0101"}, p.Next)

	_, err = people.Choose(authority.Speaker{Account: "dana", Role: "legal"}, []string{"commander"})
	require.Equal(t, command.ExitUsage, Exit(err))
}
