package environment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// Environment is a parsed environment file. It does not change and may be used
// from several goroutines at once. The zero Environment names nothing.
type Environment struct {
	File    string
	Source  []byte
	Title   string
	People  []Person // in the file's order
	Targets []Target // in the file's order
	Anchors []Anchor // in the file's order
	// Runbooks are those that the environment is for, by name; none names all.
	Runbooks []string

	// Clocks are who must be told of an incident, and by when, in the file's order.
	Clocks []event.Clock

	// Notify is how people are told that a run waits; its zero value is not at all.
	Notify Notify

	name      string
	pass      []string // variables that commands inherit
	allow     action.Allow
	values    map[string]string
	secrets   map[string]source
	policy    *Policy                 // that it is under; nil is none
	spots     map[string]runbook.Span // of settings that a policy may refuse
	sink      sink                    // where new credentials go; its zero value is nowhere
	playbooks Playbooks
	runbooks  Signing
	revoked   []string // fingerprints of keys
	rules     guard.Rules
	refused   map[string]*action.Error // why targets of a type are not resolved
	groups    []hosts
	index     map[string]int // of the targets, by name; nil if there are few
}

// Target is a system as the file describes it.
type Target struct {
	Name        string
	Type        string
	Zone        string
	Owner       string
	Fallback    string
	Description string
	Labels      map[string]string

	group    string // whose machine it is; "" of a target that the file names
	machine  Machine
	key      runbook.Text
	typeText runbook.Text
	config   *runbook.Value
	actions  []runbook.Pair // by noun, what is added to the config for actions about it
}

// Name is the environment's name.
func (e *Environment) Name() string { return e.name }

// Digest is the SHA-256 of the file's bytes, in lower-case hex.
func (e *Environment) Digest() string {
	sum := sha256.Sum256(e.Source)
	return hex.EncodeToString(sum[:])
}

// Passing returns a context whose commands inherit the variables that the
// environment passes on. Without an environment there are none.
func (e *Environment) Passing(ctx context.Context) context.Context {
	if e == nil || len(e.pass) == 0 {
		return ctx
	}
	return process.Passing(ctx, e.pass)
}

// PassedSecrets are the passwords that stand in variables which are passed on,
// as in that of a proxy: a command may show them.
func (e *Environment) PassedSecrets() []action.Secret {
	var out []action.Secret
	for _, name := range e.pass {
		if at, err := url.Parse(os.Getenv(name)); err == nil {
			if password, ok := at.User.Password(); ok && password != "" {
				out = append(out, action.NewSecret(password))
			}
		}
	}
	return out
}

// Policy is what the network policy allows.
func (e *Environment) Policy() action.Allow { return e.allow }

// Value returns one of the environment's texts, env.NAME in expressions.
func (e *Environment) Value(name string) (string, bool) {
	v, ok := e.values[name]
	return v, ok
}

// Values returns the names of the environment's texts, sorted.
func (e *Environment) Values() []string { return slices.Sorted(maps.Keys(e.values)) }

// Secrets returns the names of the declared secrets, sorted.
func (e *Environment) Secrets() []string { return slices.Sorted(maps.Keys(e.secrets)) }

// TargetNames returns the names of the targets, in the file's order.
func (e *Environment) TargetNames() []string {
	out := make([]string, len(e.Targets))
	for i, t := range e.Targets {
		out[i] = t.Name
	}
	return out
}

// Target returns a target by its name, or by what a playbook calls it if that
// is bound to one.
func (e *Environment) Target(name string) (Target, bool) {
	if bound, ok := e.Bound(name); ok {
		name = bound
	}
	i, ok := e.index[name]
	if e.index == nil {
		i = slices.IndexFunc(e.Targets, func(t Target) bool { return t.Name == name })
		ok = i >= 0
	}
	if !ok {
		return Target{}, false
	}
	return e.Targets[i], true
}

// path makes a path of the file absolute: relative ones start at the file's
// folder.
func (e *Environment) path(p string) (string, error) {
	if !filepath.IsAbs(p) {
		p = filepath.Join(filepath.Dir(e.File), p)
	}
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", fmt.Errorf("cannot tell where %s is: %w", action.CleanLine(p, 200), err)
	}
	return abs, nil
}

// noTarget says that a target is missing and which ones there are.
func (e *Environment) noTarget(name string) error {
	names := e.TargetNames()
	hint := "it names no targets at all; add it below `targets:`"
	if ask := suggest.DidYouMean(name, names); ask != "" {
		hint = ask + " It names " + strings.Join(names, ", ")
	} else if len(names) > 0 {
		hint = "it names " + strings.Join(names, ", ")
	}
	return &action.Error{
		Message:   fmt.Sprintf("the environment %s names no target %q", e.name, action.CleanLine(name, 80)),
		Hint:      hint,
		Permanent: true,
	}
}

// NewSecrets is where new credentials go; nil if the environment names no
// place for them.
func (e *Environment) NewSecrets() action.SecretStore {
	switch {
	case e.sink.folder != "":
		return &store{folder: func() (string, error) { return e.path(e.sink.folder) }, seal: e.sealing()}
	case len(e.sink.put) > 0:
		return &helper{put: e.sink.put, get: e.sink.get, dir: func() (string, error) { return e.path(".") }}
	}
	return nil
}

func (e *Environment) sealing() seal {
	s := seal{recipients: e.sink.recipients}
	if e.sink.identity != "" {
		s.identity = func() (string, error) { return e.path(e.sink.identity) }
	}
	return s
}

// Secret resolves a declared secret.
func (e *Environment) Secret(ctx context.Context, name string) (action.Secret, error) {
	s, ok := e.secrets[name]
	if !ok {
		return action.Secret{}, &action.Error{
			Message: fmt.Sprintf("the environment %s declares no secret %q", e.name, action.CleanLine(name, 80)), Permanent: true}
	}
	secret, err := s.resolve(ctx, e.path)
	if err != nil {
		return action.Secret{}, wrap(err, "the secret "+name+" cannot be read")
	}
	return secret, nil
}
