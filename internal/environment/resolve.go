package environment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Resolve returns a target for an action of that Spec: its config typed, paths
// absolute, secrets read now. Errors are *action.Error and hold no secret.
func (e *Environment) Resolve(ctx context.Context, name string, spec action.Spec) (action.Target, error) {
	t, ok := e.Target(name)
	if !ok {
		return action.Target{}, e.noTarget(name)
	}
	form, ok := spec.TargetType(t.Type)
	if !ok {
		return action.Target{}, t.unsuitable(spec)
	}
	if err := t.says(spec); err != nil {
		return action.Target{}, err
	}
	if err := e.refused[t.Type]; err != nil {
		return action.Target{}, err
	}
	given, err := data(t.configFor(action.Noun(spec.Name)), func(secret string) (action.Secret, error) { return e.Secret(ctx, secret) })
	if err != nil {
		return action.Target{}, wrap(err, "the target "+name+" cannot be used")
	}
	values, _ := given.(map[string]any)
	config, problems := coerce.Fields(form.Fields, values)
	if len(problems) > 0 {
		return action.Target{}, badConfig(name, spec.Name, problems)
	}
	if err := e.absolute(form.Fields, config); err != nil {
		return action.Target{}, err
	}
	return action.Target{
		Name: t.Name, Type: t.Type, Zone: t.Zone, Owner: t.Owner, Fallback: t.Fallback, Config: config,
	}, nil
}

// Refuse has no target of a type be resolved: what describes the type cannot be
// relied on, and gets no secret. It is said before anybody uses the environment.
func (e *Environment) Refuse(targetType string, why *action.Error) {
	if e.refused == nil {
		e.refused = map[string]*action.Error{}
	}
	e.refused[targetType] = why
}

// ReadSecrets reads every secret that a target's config names and says why one
// cannot be read.
func (e *Environment) ReadSecrets(ctx context.Context, target string) error {
	t, ok := e.Target(target)
	if !ok {
		return e.noTarget(target)
	}
	if why := e.refused[t.Type]; why != nil {
		return why
	}
	var err error
	t.eachSecret(func(secret *runbook.Value) {
		if err == nil {
			_, err = e.Secret(ctx, secret.Text)
		}
	})
	return err
}

// says reports a target that says for each kind of action what it can do, and
// nothing of this one.
func (t Target) says(spec action.Spec) error {
	if noun := action.Noun(spec.Name); len(t.actions) > 0 && !slices.Contains(t.nouns(), noun) {
		return &action.Error{
			Message:   fmt.Sprintf("the target %s does not say how to do %s: its `actions` are %s", t.Name, spec.Name, strings.Join(t.nouns(), ", ")),
			Hint:      fmt.Sprintf("add `%s` below its `actions`; `irctl target types %s %s` shows its fields", noun, t.Type, noun),
			Permanent: true,
		}
	}
	return nil
}

func (t Target) unsuitable(spec action.Spec) error {
	types := each.Of(spec.Targets, func(f action.TargetType) string { return f.Name })
	hint := "it needs no target; remove `target` from the step"
	if len(types) > 0 {
		hint = "it acts on targets of type " + strings.Join(types, ", ")
	}
	return &action.Error{
		Message:   fmt.Sprintf("%s cannot act on the target %s, which is of type %s", spec.Name, t.Name, t.Type),
		Hint:      hint,
		Permanent: true,
	}
}

func badConfig(name, use string, problems []action.Problem) *action.Error {
	e := &action.Error{Permanent: true, Hint: "correct its config in the environment file; `irctl environment check` shows the place"}
	lines := each.Of(problems, func(p action.Problem) string { return fmt.Sprintf("%s %s", p.Input, p.Message) })
	e.Message = fmt.Sprintf("the target %s does not suit %s: %s", name, use, strings.Join(lines, "; "))
	return e
}

// absolute makes the paths of a config absolute.
func (e *Environment) absolute(fields []action.Field, config map[string]any) error {
	for _, f := range fields {
		switch v := config[f.Name].(type) {
		case string:
			if !f.Path || v == "" {
				continue
			}
			abs, err := e.path(v)
			if err != nil {
				return err
			}
			config[f.Name] = abs
		case map[string]any:
			if err := e.absolute(f.Fields, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// wrap says what was being attempted, and keeps the hint of what went wrong.
func wrap(err error, attempt string) error {
	var e *action.Error
	if !errors.As(err, &e) {
		return &action.Error{Message: attempt, Cause: err}
	}
	out := *e
	out.Message = attempt + ": " + e.Message
	return &out
}

// InputError says that a secret input cannot be read.
type InputError struct {
	Input string
	Err   error
}

// Error implements error.
func (e *InputError) Error() string {
	return "the secret input " + e.Input + " cannot be read: " + e.Err.Error()
}

// Unwrap returns why.
func (e *InputError) Unwrap() error { return e.Err }

// InputSecrets are the secret inputs of a run, by their names: each follows its
// reference when it is called. The error is an *InputError and holds no secret.
type InputSecrets map[string]func() (action.Secret, error)

// SecretsAt returns the secret inputs at references.
func SecretsAt(refs map[string]any) InputSecrets {
	out := InputSecrets{}
	for name, ref := range refs {
		text, _ := ref.(string)
		out[name] = func() (action.Secret, error) {
			secret, err := ResolveRef(text)
			if err != nil {
				err = &InputError{name, err}
			}
			return secret, err
		}
	}
	return out
}

// Check reports the first secret that cannot be had.
func (s InputSecrets) Check() error {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if _, err := s[name](); err != nil {
			return err
		}
	}
	return nil
}
