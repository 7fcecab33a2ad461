package account

import (
	"context"
	"slices"

	"github.com/irctl/irctl/internal/systems/directory"
	"github.com/irctl/irctl/pkg/action"
)

// ldap disables or enables an entry of a directory by the attribute that its
// password policy looks at.
type ldap struct {
	disable bool
	target  func(undo bool) action.TargetType
}

// Target implements kind.Kind.
func (l ldap) Target() action.TargetType { return l.target(true) }

func (l ldap) desired(a directory.Account) bool {
	if l.disable {
		return a.Locked
	}
	return len(a.Lock) == 0
}

func (l ldap) find(ctx context.Context, req action.Request) (*directory.Conn, directory.Account, error) {
	c, err := directory.Connect(ctx, req.Target, req.Allow)
	if err != nil {
		return nil, directory.Account{}, err
	}
	a, err := c.Find(req.With.String("account"))
	if err != nil {
		c.Close()
		return nil, directory.Account{}, err
	}
	return c, a, nil
}

// Inspect implements action.Inspector.
func (l ldap) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	c, a, err := l.find(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer c.Close()
	return action.Inspection{
		Known: true, Desired: l.desired(a), Repeatable: true,
		Current: state(req, a), Want: l.want(req), Outputs: map[string]any{},
	}, nil
}

func state(req action.Request, a directory.Account) string {
	name := action.CleanLine(req.With.String("account"), 60)
	switch {
	case a.Locked:
		return name + " is disabled"
	case len(a.Lock) > 0:
		return name + " is locked for a while by the directory's password policy"
	}
	return name + " is enabled"
}

func (l ldap) want(req action.Request) string {
	name := action.CleanLine(req.With.String("account"), 60)
	if l.disable {
		return name + " is disabled"
	}
	return name + " is enabled"
}

// Run implements kind.Kind.
func (l ldap) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	c, a, err := l.find(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer c.Close()
	r := action.Result{Outputs: map[string]any{}, Summary: l.want(req)}
	if l.desired(a) {
		// An attempt that recorded has changed it; then there is something to undo.
		r.Changed = len(req.Record) > 0
		if !r.Changed {
			r.Already, r.Summary = true, r.Summary+" already"
		}
		return r, nil
	}
	if len(req.Record) == 0 {
		if err := out.Record(map[string]any{"dn": a.DN, "previous": texts(a.Lock)}); err != nil {
			return action.Result{}, err
		}
	}
	if l.disable {
		err = c.Lock(a.DN)
	} else {
		err = c.SetLock(a.DN, nil)
	}
	if err != nil {
		return action.Result{}, err
	}
	r.Changed = true
	return r, l.check(c, req, l.desired)
}

// Undo implements action.Undoer.
func (l ldap) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	if len(req.Record) == 0 {
		return action.Result{Already: true, Summary: "nothing was changed, so nothing is put back"}, nil
	}
	c, a, err := l.find(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer c.Close()
	before := action.Values(req.Record).Strings("previous")
	same := func(a directory.Account) bool { return sameValues(a.Lock, before) }
	if same(a) {
		return action.Result{Outputs: map[string]any{}, Already: true, Summary: state(req, a)}, nil
	}
	if err := c.SetLock(a.DN, before); err != nil {
		return action.Result{}, err
	}
	if err := l.check(c, req, same); err != nil {
		return action.Result{}, err
	}
	return action.Result{Outputs: map[string]any{}, Changed: true, Summary: "the account is as it was before the step"}, nil
}

// check looks at the entry again.
func (l ldap) check(c *directory.Conn, req action.Request, good func(directory.Account) bool) error {
	a, err := c.Find(req.With.String("account"))
	if err != nil {
		return err
	}
	if !good(a) {
		return &action.Error{
			Message: "the directory confirmed the change, but " + state(req, a),
			Hint:    "check whether another program manages the account, then retry",
		}
	}
	return nil
}

// Preflight implements action.Preflighter. Whether the account may be changed
// cannot be told without changing one, except in an Active Directory.
func (l ldap) Preflight(ctx context.Context, req action.Request) []error {
	c, err := directory.Connect(ctx, req.Target, req.Allow)
	if err != nil {
		return []error{err}
	}
	defer c.Close()
	if err := c.CheckKind(); err != nil {
		return []error{err}
	}
	if account := req.With.String("account"); account != "" {
		if _, err := c.Find(account); err != nil {
			return []error{err}
		}
		if err := c.CheckMayDisable(account); err != nil {
			return []error{err}
		}
	}
	return nil
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
