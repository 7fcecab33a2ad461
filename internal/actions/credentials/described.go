package credentials

import (
	"context"
	"errors"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// system is whatever keeps passwords and has a request or a command to replace
// one.
func system() described.System {
	return described.System{
		Noun: "the password",
		Inputs: []action.Field{
			{Name: "account", Type: action.String},
			{Name: "password", Type: action.String, Secret: true, Description: "The new password."},
		},
		Verbs: []described.Verb{{Name: "rotate", Summary: "replace the password of {account} by {password}", Done: "{account} has a new password"}},
	}
}

// byDescription is the kinds http and command, and those that others describe: the
// password is made and stored here, and given to the description.
type byDescription struct {
	target action.TargetType
	change func(password action.Secret) kind.Change // sets it on the system
}

// given makes a kind of one that is described elsewhere.
func given(k kind.Kind) kind.Kind {
	if t, ok := k.(kind.Taker); ok {
		return byDescription{k.Target(), t.Given}
	}
	return k
}

func describedKinds() []kind.Kind {
	var kinds []kind.Kind
	for _, t := range system().Targets() {
		check := t.Check
		t.Fields = append(t.Fields, new(newsecret.Policy).Field().Field)
		t.Check = func(config action.Values) []action.Problem { return append(check(config), policyOf(config).Check()...) }
		kinds = append(kinds, byDescription{t, func(password action.Secret) kind.Change {
			return system().Change(t, "rotate", map[string]any{"password": password})
		}})
	}
	return kinds
}

// policyOf is how a described target, whose fields are all the description's,
// wants passwords to be.
func policyOf(values action.Values) *newsecret.Policy {
	var p newsecret.Policy
	config.Fields{p.Field()}.Fill(values)
	return &p
}

// Target implements kind.Kind.
func (d byDescription) Target() action.TargetType { return d.target }

// Run implements kind.Kind.
func (d byDescription) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	password, ref, err := passwordOf(ctx, req, out)
	if err != nil {
		return action.Result{}, err
	}
	r, err := d.change(password).Run(ctx, req, out)
	if err != nil {
		return action.Result{}, withhold(err, password)
	}
	done := result("password", req, ref, "")
	done.Already, done.Changed = r.Already, r.Changed
	return done, nil
}

// withhold takes the new password out of an error: a system may repeat it when
// it refuses it.
func withhold(err error, password action.Secret) error {
	hide := func(text string) string { return strings.ReplaceAll(text, password.Reveal(), password.String()) }
	if hide(err.Error()) == err.Error() {
		return err
	}
	var e *action.Error
	if !errors.As(err, &e) {
		return errors.New(hide(err.Error()))
	}
	hidden := *e
	hidden.Message, hidden.Hint = hide(e.Message), hide(e.Hint)
	if e.Cause != nil {
		hidden.Cause = errors.New(hide(e.Cause.Error()))
	}
	return &hidden
}

func passwordOf(ctx context.Context, req action.Request, out action.Sink) (action.Secret, string, error) {
	if begun(req) {
		password, ref, err := recalled(ctx, req)
		if !errors.Is(err, action.ErrSealed) {
			return password, ref, err
		}
		// Which of the two the system has, nobody can tell: it gets a new one.
	}
	if err := storeNamed(req); err != nil {
		return action.Secret{}, "", err
	}
	password, err := policyOf(req.Target.Config).Make(req.With.Int("length"))
	if err != nil {
		return action.Secret{}, "", err
	}
	ref, err := keep(ctx, req, password)
	if err != nil {
		return action.Secret{}, "", err
	}
	return password, ref, out.Record(map[string]any{recordStored: ref, recordAccount: req.With.String("account")})
}

// Inspect implements action.Inspector.
func (d byDescription) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	if !begun(req) {
		account := action.CleanLine(req.With.String("account"), 60)
		return action.Inspection{Known: true, Repeatable: true, Current: account + " has the password it had", Want: account + " has a new password"}, storeNamed(req)
	}
	password, ref, err := recalled(ctx, req)
	if errors.Is(err, action.ErrSealed) {
		account := action.CleanLine(req.With.String("account"), 60)
		return action.Inspection{
			Repeatable: true, Want: account + " has a new password",
			Current: "an earlier attempt stored a password that irctl cannot read, so nobody can see whether it is the account's",
		}, nil
	}
	if err != nil {
		return action.Inspection{}, err
	}
	i, err := d.change(password).Inspect(ctx, req)
	// The same password is set again, which is harmless.
	i.Repeatable = true
	if i.Known && i.Desired {
		i.Outputs = result("password", req, ref, "").Outputs
	}
	return i, err
}

// Preflight implements action.Preflighter.
func (d byDescription) Preflight(ctx context.Context, req action.Request) []error {
	var problems []error
	if err := storeNamed(req); err != nil {
		problems = append(problems, err)
	}
	return append(problems, d.change(action.Secret{}).Preflight(ctx, req)...)
}

// Validate implements action.Validator.
func (byDescription) Validate(with action.Values, _ string) []action.Problem { return validate(with) }
