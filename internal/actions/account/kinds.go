package account

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/htpasswd"
	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/internal/systems/postgres"
	"github.com/irctl/irctl/internal/systems/redis"
	"github.com/irctl/irctl/pkg/action"
)

// kinds are the systems whose accounts irctl knows how to disable or enable. All
// but the directories change more than a look sees, and record their end.
func kinds(disable bool) []kind.Kind {
	settles := func(t action.TargetType) kind.Change { return kind.Change{Type: t, Settles: true} }
	return []kind.Kind{
		inLDAP(disable),
		inActiveDirectory(disable),
		inDovecot(disable),
		switched(settles(postgres.Target(true)), disable, postgres.Connect, func(c *postgres.Conn) board {
			return either{c, c.SetLogin, c.Others, "login", "may log in", "may not log in"}
		}),
		switched(settles(redis.Target(true)), disable, redis.Connect, func(c *redis.Conn) board {
			return either{c, c.SetOn, c.Open, "on", "is on", "is off"}
		}),
		switched(settles(login.KeysTarget(true)), disable, login.OpenKeys, func(k *login.Keys) board { return keys{k} }),
		switched(settles(login.UsersTarget(true)), disable, login.OpenUsers, func(u *login.Users) board { return locks{u, disable} }),
		switched(settles(htpasswd.Target(true)), disable, htpasswd.Open, func(f *htpasswd.File) board { return entries{f} }),
	}
}

// either is a board whose accounts are enabled or not, and nothing between: a
// role of PostgreSQL may sign in or not (LOGIN, NOLOGIN), a user of Redis is on
// or off.
type either struct {
	system interface {
		Find(ctx context.Context, account string) (disabled bool, err error)
		Preflight(ctx context.Context, account string) []error
		Close()
	}
	put                             func(ctx context.Context, account string, enabled bool) error
	open                            func(ctx context.Context, account string) (free []string, note string, err error) // the ways in that stay
	name, whenEnabled, whenDisabled string                                                                            // name is what it is recorded as
}

func (e either) Close() { e.system.Close() }

func (e either) Preflight(ctx context.Context, account string) []error {
	return e.system.Preflight(ctx, account)
}

func (e either) look(ctx context.Context, account string) (standing, error) {
	disabled, err := e.system.Find(ctx, account)
	s := oneOrOther(account, !disabled, e.name, e.whenEnabled, e.whenDisabled)
	if err == nil {
		s.open, s.note, err = e.open(ctx, account)
	}
	s.note = lasting + s.note
	return s, err
}

func (e either) set(ctx context.Context, account, _ string, disabled bool) error {
	return e.put(ctx, account, !disabled)
}

func (e either) restore(ctx context.Context, account, _ string, previous action.Values) error {
	return e.put(ctx, account, previous.Bool(e.name))
}

// keys are the SSH keys of a machine's accounts: all of one account are revoked,
// or accepted again. A key that is revoked is refused for every account.
type keys struct{ *login.Keys }

func (k keys) look(ctx context.Context, account string) (standing, error) {
	r, err := k.Look(ctx, account)
	return standing{
		disabled: r.Disabled(), enabled: r.Keys > 0 && r.Revoked == 0, previous: r.Previous(),
		words: fmt.Sprintf("%s has %d SSH keys, of which %d are revoked", action.CleanLine(account, 60), r.Keys, r.Revoked), open: r.Open, note: lasting,
	}, err
}

func (k keys) set(ctx context.Context, account, _ string, disabled bool) error {
	if disabled {
		return k.Revoke(ctx, account)
	}
	return k.Allow(ctx, account)
}

func (k keys) restore(ctx context.Context, account, _ string, previous action.Values) error {
	return k.Restore(ctx, account, previous)
}

// locks are on the passwords of a Linux machine's accounts, which expire
// besides, so that their keys are refused too.
type locks struct {
	*login.Users
	disable bool
}

func (l locks) look(ctx context.Context, account string) (standing, error) {
	now, err := l.Look(ctx, account)
	s := oneOrOther(account, !now.Locked, "", "is not locked", "is locked")
	s.disabled, s.enabled, s.open = now.Disabled(), now.Enabled(), now.Open
	s.previous = map[string]any{"locked": now.Locked, "expires": now.Expires}
	switch {
	case now.Expired():
		s.words += " and has expired"
	case now.Expires != "":
		s.words += " and expires on day " + now.Expires + " since 1970"
	}
	if err == nil && l.disable {
		s.note, err = l.Sudoers(ctx, account)
		s.note = lasting + s.note
	}
	return s, err
}

func (l locks) set(ctx context.Context, account, _ string, disabled bool) error {
	if disabled {
		return l.Lock(ctx, account)
	}
	return l.Set(ctx, account, login.Lock{})
}

func (l locks) restore(ctx context.Context, account, _ string, previous action.Values) error {
	return l.Restore(ctx, account, login.Lock{Locked: previous.Bool("locked"), Expires: previous.String("expires")})
}

// entries are those of a web server's password file, in use or out of it. They
// stay in the file.
type entries struct{ *htpasswd.File }

func (e entries) look(ctx context.Context, account string) (standing, error) {
	entry, err := e.Look(ctx, account)
	s := oneOrOther(account, entry.Active, "active", "has an entry in use", "has an entry that is out of use")
	s.previous["marks"] = texts(entry.Marks)
	if err == nil {
		s.open, s.note, err = e.Open(ctx, account)
	}
	return s, err
}

func (e entries) set(ctx context.Context, account, key string, disabled bool) error {
	if disabled {
		return e.Disable(ctx, account, key)
	}
	return e.Enable(ctx, account)
}

func (e entries) restore(ctx context.Context, account, key string, previous action.Values) error {
	return e.Restore(ctx, account, key, htpasswd.Entry{Active: previous.Bool("active"), Marks: previous.Strings("marks")})
}
