package authority

import (
	"errors"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/sshsig"
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
	for _, e := range p.handOvers(s) {
		b := e.Body.(event.AuthorityDelegated)
		from, to := find(e.By.Person), find(b.To)
		if from != nil && to != nil && at.Before(b.Until) && slices.Contains(from.Roles, b.Role) {
			move(from, to, b.Role)
		}
	}
	return out
}

// handOvers are those of a run that count, oldest first: not those that were
// signed with a key that counts no more.
func (p People) handOvers(s engine.State) []event.Event {
	return slices.DeleteFunc(slices.Clone(s.Delegated()), func(e event.Event) bool { return !p.Counts(e) })
}

// Counts reports whether a hand-over counts: its key has not been revoked since.
func (p People) Counts(handOver event.Event) bool {
	return !p.gone(handOver.Body.(event.AuthorityDelegated).Signed.Key)
}

// gone reports whether a key with which something was signed was revoked since, or
// is nobody's by now.
func (p People) gone(key string) bool {
	return key != "" && !slices.ContainsFunc(p, func(o environment.Person) bool {
		return slices.ContainsFunc(o.Keys, func(k environment.Key) bool { return string(k.Key) == key && !k.Revoked })
	})
}

// voices are the persons whose voice in a role each person has at a time: one's
// own, and those of whom one stands in for or who handed it over.
func (p People) voices(s engine.State, role string, at time.Time) map[string][]string {
	out := map[string][]string{}
	move := func(from, to string) {
		if to != "" && from != to {
			out[to] = append(out[to], out[from]...)
			delete(out, from)
		}
	}
	for _, person := range p {
		if slices.Contains(person.Roles, role) {
			out[person.Name] = []string{person.Name}
		}
	}
	for _, person := range p {
		if slices.Contains(person.Roles, role) {
			move(person.Name, p.standIn(person, at))
		}
	}
	for _, e := range p.handOvers(s) {
		b := e.Body.(event.AuthorityDelegated)
		if b.Role == role && !e.Time.After(at) && at.Before(b.Until) {
			move(e.By.Person, b.To)
		}
	}
	return out
}

// voice refuses a yes whose every voice was given to this question before, by
// whoever had it then, or was handed on by who started the run and may not answer;
// and one beside a yes that was signed with a key that counts no more.
func (r Rules) voice(s engine.State, step engine.Step, e event.Event, yes event.ApprovalGiven) error {
	given := step.Approvals
	if yes.Undo {
		given = step.Undo.Approvals
	}
	if e.By == nil || yes.BreakGlass != "" || len(given)+len(s.Delegated()) == 0 {
		return nil
	}
	by := map[string]string{} // who gave the voice of whom
	for _, a := range given {
		if r.gone(a.Key) {
			return &Refusal{Reason: KeyEnded, Person: a.By.Person, Key: sshsig.Key(a.Key).Fingerprint(),
				What: "the key was revoked since; say no (irctl reject), and have it asked anew (irctl retry)"}
		}
		for _, whose := range r.voices(s, a.Role, a.At)[a.By.Person] {
			if by[whose] == "" {
				by[whose] = a.By.Person
				break
			}
		}
	}
	no := &Refusal{Reason: VoiceGiven, Person: e.By.Person, Role: yes.Role}
	for _, whose := range r.voices(s, yes.Role, e.Time)[e.By.Person] {
		switch by[whose] {
		case "":
			if whose == e.By.Person || !r.handedOn(s, step, whose, e.Time) {
				return nil
			}
			no.Reason, no.Own = IsRequester, []string{whose}
		case e.By.Person:
			return nil // the engine says that this person has agreed
		case whose:
			no.Reason, no.Own = VoiceGiven, []string{whose}
		default:
			no.Reason, no.Own = VoiceGiven, []string{by[whose], whose}
		}
	}
	if no.Own == nil {
		return nil
	}
	return no
}

// handedOn reports whether a voice that another person has is that of who started
// the run and may not answer. Who is absent has not chosen who answers: the
// environment has.
func (r Rules) handedOn(s engine.State, step engine.Step, whose string, at time.Time) bool {
	_, starter, _ := s.Started()
	approval := s.Plan().Node(step.Node).Approval
	person, _ := r.person(whose)
	return approval != nil && approval.NotRequester && r.requester(starter, whose) && r.standIn(person, at) == ""
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
