package connector

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/internal/systems/server"
	"github.com/irctl/irctl/pkg/action"
)

// Into returns a registry with the actions of the files too: one whose name is
// there already can act on targets of the connector's type then. What does not
// fit is left out and said.
func Into(r *registry.Registry, files []*File) (*registry.Registry, error) {
	if len(files) == 0 {
		return r, nil
	}
	actions := map[string]action.Action{}
	for _, name := range r.Names() {
		actions[name], _ = r.Lookup(name)
	}
	var problems []error
	for _, f := range files {
		for _, a := range f.Actions {
			there, err := f.into(actions[a.Name.Value], a)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", f.Path, err))
				continue
			}
			actions[a.Name.Value] = there
		}
	}
	all := make([]action.Action, 0, len(actions))
	for _, a := range actions {
		all = append(all, a)
	}
	return registry.New(all...), errors.Join(problems...)
}

// into is an action that can act on the connector's targets, too; there is the
// one of that name, nil if there is none.
func (f *File) into(there action.Action, a *Action) (action.Action, error) {
	if there == nil {
		if a.New == nil {
			return nil, fmt.Errorf("there is no action %s, and the connector does not describe a new one: it was left out", a.Name.Value)
		}
		spec := *a.New
		spec.Example = f.exampleStep(a)
		return kind.New(spec, f.kind(spec, a)), nil
	}
	spec := there.Spec()
	if _, twice := spec.TargetType(f.Name.Value); twice {
		return nil, fmt.Errorf("%s acts on targets of type %s already: it was left out", a.Name.Value, f.Name.Value)
	}
	more, ok := kind.With(there, f.kind(spec, a))
	if !ok {
		return nil, fmt.Errorf("%s acts on no targets of other types: it was left out", a.Name.Value)
	}
	return more, nil
}

// kind is an action of the file on its targets.
func (f *File) kind(spec action.Spec, a *Action) kind.Kind {
	c := kind.Change{
		Type: f.TargetType(a),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) { return f.open(spec, a, req) },
	}
	switch {
	case spec.Effect == action.Read:
		return reading{c}
	case makesSecret(spec.Name):
		return taking{c, func(secret action.Secret) kind.Change {
			c.Open = func(_ context.Context, req action.Request) (kind.Work, error) {
				w, err := f.open(spec, a, req)
				if err == nil {
					w.(*work).renew(secret)
				}
				return w, err
			}
			return c
		}}
	}
	return c
}

// makesSecret reports whether an action makes a new password, which requests then
// have as new.password.
func makesSecret(action string) bool { return action == "credentials.rotate" }

// taking is an action that sets a new password: a kind.Taker.
type taking struct {
	kind.Change
	given func(action.Secret) kind.Change
}

// Given implements kind.Taker.
func (t taking) Given(secret action.Secret) kind.Change { return t.given(secret) }

// reading is an action that only looks.
type reading struct{ kind.Change }

// Run implements kind.Kind.
func (r reading) Run(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	w, err := r.Open(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer w.Close()
	now, err := w.Look(ctx, nil)
	return action.Result{Outputs: now.Outputs, Summary: now.Current}, err
}

// TargetType describes the connector's targets, as one of its actions acts on them.
func (f *File) TargetType(a *Action) action.TargetType {
	return action.TargetType{
		Name: f.Name.Value, Summary: f.Summary.Value, Fields: append(f.Config[:len(f.Config):len(f.Config)], new(server.API).Way().Describe()...),
		Service: true, At: f.Base.Value, Example: f.exampleTarget(), Undo: a.Undo != nil && !makesSecret(a.Name.Value),
		Check: func(config action.Values) []action.Problem { return f.mistakes(config) },
	}
}

// mistakes are what the fields of a target's config cannot express.
func (f *File) mistakes(config action.Values) []action.Problem {
	s := &scene{file: f, req: action.Request{Target: action.Target{Name: f.Name.Value, Config: config}}}
	at, err := s.reachable()
	var e *action.Error
	if errors.As(err, &e) {
		return []action.Problem{{Message: "leads nowhere: " + e.Message, Hint: e.Hint}}
	}
	if err != nil {
		return []action.Problem{{Message: "leads nowhere: " + err.Error()}}
	}
	return f.api(config, at).Check()
}

// api is how the target is reached.
func (f *File) api(config action.Values, at *reachable) *server.API {
	api := &server.API{}
	api.Way().Fill(config)
	api.URL = at.base.String()
	if f.Auth.Span.Start.Line != 0 {
		api.Token = action.NewSecret("-") // something that must not travel unencrypted
	}
	return api
}

func (f *File) exampleTarget() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:\n  type: %s\n  config:\n", f.Name.Value, f.Name.Value)
	for _, c := range f.Config {
		value := c.Example
		switch {
		case c.Secret:
			value = "{secret: " + strings.ToUpper(strings.ReplaceAll(f.Name.Value, "-", "_")+"_"+c.Name) + "}"
		case value == "" && !c.Required:
			continue
		case value == "":
			value = c.Name
		}
		fmt.Fprintf(&b, "    %s: %s\n", c.Name, value)
	}
	return b.String()
}

func (f *File) exampleStep(a *Action) string {
	var with []string
	for _, in := range a.New.Inputs {
		if in.Required {
			with = append(with, in.Name+": "+in.Example)
		}
	}
	text := fmt.Sprintf("- id: %s\n  uses: %s\n  target: %s\n", strings.ReplaceAll(a.Name.Value, ".", "-"), a.Name.Value, f.Name.Value)
	if len(with) > 0 {
		text += "  with: {" + strings.Join(with, ", ") + "}\n"
	}
	return text
}

// Names are those of the file's actions, in its order.
func (f *File) Names() []string {
	return each.Of(f.Actions, func(a *Action) string { return a.Name.Value })
}
