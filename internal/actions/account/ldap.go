package account

import (
	"context"
	"slices"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/directory"
	"github.com/irctl/irctl/pkg/action"
)

// inLDAP disables or enables an entry of a directory by the attribute that its
// password policy looks at.
func inLDAP(disable bool) kind.Kind { return inDirectory(directory.Target(true), disable) }

// inActiveDirectory disables or enables an account by a bit of its
// userAccountControl. The other bits are left alone, also by undo: what
// somebody else has changed since stays. An account that is locked for a while
// after wrong passwords is not what this is about, and stays locked.
func inActiveDirectory(disable bool) kind.Kind { return inDirectory(directory.Active(true), disable) }

func inDirectory(t action.TargetType, disable bool) kind.Kind {
	return switched(kind.Change{Type: t}, disable, directory.Connect, func(c *directory.Conn) board { return entry{c, disable} })
}

type entry struct {
	*directory.Conn
	disable bool
}

func (e entry) look(_ context.Context, account string) (standing, error) {
	a, err := e.Find(account)
	s := standing{
		disabled: a.Locked, enabled: len(a.Lock) == 0, words: action.CleanLine(account, 60),
		previous: map[string]any{"lock": texts(a.Lock)}, note: lasting + e.Tickets(),
	}
	switch {
	case a.Locked:
		s.words += " is disabled"
	case len(a.Lock) > 0:
		s.words += " is locked for a while by the directory's password policy"
	default:
		s.words += " is enabled"
	}
	if err != nil || !e.disable {
		return s, err
	}
	unlocked, err := e.Unlocked(a.DN)
	if unlocked != "" {
		s.open = []string{unlocked}
	}
	return s, err
}

func (e entry) set(_ context.Context, account, _ string, disabled bool) error {
	a, err := e.Find(account)
	switch {
	case err != nil:
		return err
	case disabled:
		return e.SetLock(a.DN, e.Lasting())
	}
	return e.SetLock(a.DN, nil)
}

func (e entry) restore(_ context.Context, account, _ string, previous action.Values) error {
	a, err := e.Find(account)
	if err != nil || sameValues(a.Lock, previous.Strings("lock")) {
		return err
	}
	return e.SetLock(a.DN, previous.Strings("lock"))
}

func (e entry) Preflight(_ context.Context, account string) []error {
	var problems []error
	add := func(err error) bool {
		if err != nil {
			problems = append(problems, err)
		}
		return err == nil
	}
	if !add(e.CheckKind()) {
		return problems
	}
	var a directory.Account
	if account != "" {
		var err error
		if a, err = e.Find(account); !add(err) {
			return problems
		}
		add(e.CheckMayDisable(account))
	}
	add(e.CheckMayLock(a.DN))
	unlocked, err := e.Unlocked(a.DN)
	if add(err) && unlocked != "" {
		add(&action.Error{Message: e.String() + " may let in who is disabled, by " + unlocked, Hint: "have the owner of the directory correct that before somebody has to be kept out", Permanent: true})
	}
	return problems
}

func sameValues(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func texts(values []string) []any {
	out := []any{}
	for _, v := range values {
		out = append(out, v)
	}
	return out
}
