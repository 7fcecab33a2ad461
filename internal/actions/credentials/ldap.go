package credentials

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/directory"
	"github.com/irctl/irctl/pkg/action"
)

// inLDAP replaces the password of an entry of a directory by the password modify
// extended operation (RFC 3062).
func inLDAP() kind.Kind { return inDirectory(directory.Target(false)) }

// inActiveDirectory replaces the password of an account of an Active Directory,
// twice over, so that the old one is refused at once. Kerberos tickets that were
// given out for the old password last until they expire; sessions.revoke with
// the account krbtgt ends them.
func inActiveDirectory() kind.Kind { return inDirectory(directory.Active(false)) }

func inDirectory(t action.TargetType) kind.Kind {
	return rotate(rotation{noun: "password", guarded: true}, t, func(ctx context.Context, req action.Request) (entries, error) {
		c, err := directory.Connect(ctx, req)
		return entries{c}, err
	})
}

// entries is a directory as a keeper. It has no sessions to end.
type entries struct{ *directory.Conn }

func (e entries) Find(_ context.Context, account string) (disabled bool, err error) {
	a, err := e.Conn.Find(account)
	return a.Locked, err
}

// Tell implements teller.
func (e entries) Tell(ctx context.Context, account string, password action.Secret) (answer, error) {
	a, err := e.Conn.Find(account)
	if err != nil {
		return answer{}, err
	}
	if len(a.Lock) > 0 && !e.SaysWhy() {
		return answer{unknown: "the account is disabled"}, nil
	}
	said, err := e.Try(ctx, a.DN, password)
	switch said {
	case directory.Silent:
		return answer{unknown: "wrong passwords have locked the account for a while"}, err
	case directory.Barred:
		return answer{right: true, note: "; the account cannot sign in, as before"}, err
	}
	return answer{right: said == directory.Accepted}, err
}

// Open implements leaky.
func (e entries) Open(context.Context, string) (free []string, note string, err error) {
	return nil, e.Tickets(), nil
}

// Settle disables the account again that was disabled before.
func (e entries) Settle(_ context.Context, account string, disabled bool) (string, error) {
	if !disabled {
		return "", nil
	}
	return "", e.Relock(account, e.Lasting())
}

func (e entries) Old() action.Secret { return action.Secret{} }

func (e entries) Make(length int64) (action.Secret, error) { return e.New.Make(length) }

func (e entries) Preflight(_ context.Context, account string) []error {
	var problems []error
	if err := e.CheckReplaces(); err != nil {
		problems = append(problems, err)
	}
	var a directory.Account
	if account != "" {
		var err error
		if a, err = e.Conn.Find(account); err != nil {
			return append(problems, err)
		}
	}
	if err := e.CheckMayReplace(a.DN); err != nil {
		problems = append(problems, err)
	}
	return problems
}
