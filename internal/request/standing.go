package request

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/event"
)

// Step returns the step that a person means: by its path, or by the end of its
// path if only one step that has begun ends like that.
func (st Standing) Step(name string) (engine.Step, error) {
	if found, ok := st.State.Step(name); ok {
		return found, nil
	}
	var found []engine.Step
	var paths []string
	for _, s := range st.State.Steps() {
		paths = append(paths, s.Path)
		if strings.HasSuffix(s.Path, "/"+name) || engine.Base(s.Path) == name {
			found = append(found, *s)
		}
	}
	e := &StepError{Run: st.Run, Name: name}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return engine.Step{}, st.unbegun(e, paths)
	}
	e.Matches = each.Of(found, func(s engine.Step) string { return s.Path })
	return engine.Step{}, e
}

// unbegun tells a step that has not begun from one that does not exist.
func (st Standing) unbegun(e *StepError, paths []string) error {
	for _, n := range st.State.Plan().Nodes {
		if n.Path == e.Name || n.Name == e.Name {
			e.Unbegun = n.Path
			return e
		}
		paths = append(paths, n.Path, n.Name)
	}
	e.Near = suggest.Near(e.Name, paths)
	return e
}

// notWaiting says that a step does not wait for what somebody wants to give.
func (st Standing) notWaiting(step engine.Step, what string) error {
	e := &NotWaitingError{Run: st.Run, Path: step.Path, For: what, Status: step.Status, Summary: strings.TrimSuffix(step.Summary, ".")}
	if f := step.Error; f != nil && f.Timeout && len(step.Roles) > 0 {
		e.Late = cmp.Or(step.Ended, step.Since)
	}
	if step.Phase == engine.Deciding {
		e.Next = "retry"
	}
	return e
}

// Emptied are the steps to come that read what a step gives.
func (st Standing) Emptied(step engine.Step) (out []string) {
	p := st.State.Plan()
	reads := "steps." + p.Node(step.Node).Name + ".outputs"
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if begun, ok := st.State.Step(n.Path); n.ID == step.Node || ok && begun.Phase == engine.Ended {
			continue
		}
		names := compile.Names(&plan.Plan{Version: plan.Version, Nodes: []plan.Node{*n}})
		if slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, reads) }) {
			out = append(out, n.Path)
		}
	}
	return out
}

// as is the person as whom somebody asks for what everybody may ask for.
func (st Standing) as(name string) (string, error) {
	by, err := st.Rules.Choose(authority.Speaker{Account: st.Account, Person: name}, nil)
	return by.Person, err
}

// decider finds the person who decides something with the authority of a role,
// and the key to sign it with; nil where nobody signs.
func (st Standing) decider(path string, body event.Body, as, role string) (authority.Speaker, sshsig.Signer, error) {
	by := authority.Speaker{Account: st.Account, Person: as, Role: role}
	roles, _ := st.Rules.Asked(st.State, event.Event{Time: st.At, Path: path, Body: body})
	var signer sshsig.Signer
	if st.Rules.Signs(st.State, roles, st.At) {
		var err error
		if signer, err = st.Signer(); err != nil {
			return by, nil, err
		}
		if signer == nil {
			return by, nil, &UnsignedError{Run: st.Run}
		}
		by.Key = signer.Key()
	}
	by, err := st.Rules.As(st.State, st.At, by, roles)
	return by, signer, err
}

// person finds a person of the environment.
func (st Standing) person(name string) (environment.Person, bool) {
	return (&environment.Environment{People: st.Rules.People}).Person(name)
}

// longestSigned is for how long a signed decision may lie until it is written
// down, where the question has no end.
const longestSigned = 24 * time.Hour

// Sign signs an event in the name of its person, unless signer is nil.
func Sign(ctx context.Context, s engine.State, e event.Event, signer sshsig.Signer) (event.Event, error) {
	if signer == nil {
		return e, nil
	}
	statement, err := authority.StatementOf(s, e, rand.Text(), expiry(s, e))
	if err != nil {
		return e, err
	}
	out := event.Signed{Statement: statement.Text(), Key: string(signer.Key())}
	if out.Signature, err = signer.Sign(ctx, sshsig.Approval, []byte(out.Statement)); err != nil {
		return e, err
	}
	return authority.Under(e, out), nil
}

// expiry is until when what is signed counts: as long as the question stands.
func expiry(s engine.State, e event.Event) time.Time {
	step, _ := s.Step(e.Path)
	if at := step.Deadline; step.Phase == engine.Approving && !at.IsZero() && at.Sub(e.Time) < longestSigned && at.After(e.Time) {
		return at.Add(time.Second) // a statement has whole seconds
	}
	return e.Time.Add(longestSigned)
}
