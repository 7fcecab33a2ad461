package authority

import (
	"errors"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/pkg/event"
)

// At returns the people with the roles that they hold at a time: who is absent
// has those of the stand-in's no more, whoever stands in has them, and what was
// handed over in the run has moved. No voice is added: a role moves from one
// person to another, so that nobody is two.
func (p People) At(s engine.State, at time.Time) People {
	out := slices.Clone(p)
	find := func(name string) *environment.Person {
		i := slices.IndexFunc(out, func(o environment.Person) bool { return o.Name == name })
		if i < 0 {
			return nil
		}
		return &out[i]
	}
	move := func(from, to *environment.Person, role string) {
		from.Roles = slices.DeleteFunc(slices.Clone(from.Roles), func(r string) bool { return r == role })
		if !slices.Contains(to.Roles, role) {
			to.Roles = append(slices.Clone(to.Roles), role)
		}
	}
	for _, person := range p {
		if to := find(p.standIn(person, at)); to != nil {
			for _, role := range person.Roles {
				move(find(person.Name), to, role)
			}
		}
	}
	for _, e := range s.Delegated() {
		b := e.Body.(event.AuthorityDelegated)
		from, to := find(e.By.Person), find(b.To)
		if from != nil && to != nil && at.Before(b.Until) && slices.Contains(from.Roles, b.Role) {
			move(from, to, b.Role)
		}
	}
	return out
}

// standIn returns who answers for a person at a time, "" if that is the person,
// or if all who could are absent themselves: somebody must answer.
func (p People) standIn(person environment.Person, at time.Time) string {
	seen := []string{person.Name}
	for {
		away, is := person.Away(at)
		if !is {
			break
		}
		next, known := p.person(away.StandIn)
		if !known || slices.Contains(seen, next.Name) {
			return ""
		}
		seen = append(seen, next.Name)
		person = next
	}
	if len(seen) == 1 {
		return ""
	}
	return person.Name
}

// away says of a refusal that a person holds the role and somebody stands in.
func (r Rules) away(err error, at time.Time) error {
	var no *Refusal
	if !errors.As(err, &no) || no.Reason != NotHolder {
		return err
	}
	person, _ := r.person(no.Person)
	if away, is := person.Away(at); is && held(person, no.Roles, "") != "" {
		no.Reason, no.Until = Away, away.Until
	}
	return err
}

// Signs reports whether an answer in some roles must be signed: somebody who may
// give it, or who may when nobody is absent, has keys. Without roles everybody
// may. Keys that count no longer count here: that a key has ended must not make
// way for answers without one.
func (r Rules) Signs(s engine.State, roles []string, at time.Time) bool {
	for _, people := range []People{r.People, r.At(s, at)} {
		for _, person := range people {
			if len(person.Keys) > 0 && (len(roles) == 0 || held(person, roles, "") != "") {
				return true
			}
		}
	}
	return false
}
