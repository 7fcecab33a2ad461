package authority

import (
	"cmp"
	"slices"

	"github.com/irctl/irctl/internal/environment"
)

// everybody is the login name of a person as whom every account may speak.
const everybody = "*"

// Choose finds the person, and among the roles that were asked the one, for an
// account that answers; without roles, the person for something that everybody
// may ask for. What by says of them already narrows the choice. One's own name
// comes before one that is open to everybody. Whoever signs is the person whose
// key it is, whatever the account. The error is a *[Refusal], or an
// *[AmbiguousError] if the account may answer as several.
func (p People) Choose(by Speaker, roles []string) (Speaker, error) {
	if len(p) == 0 && by.Person != "" {
		return by, &Refusal{Reason: NobodyNamed, Account: by.Account, Person: by.Person}
	}
	if by.Key != "" {
		owner := (&environment.Environment{People: p}).Owner(by.Key)
		if owner == "" || by.Person != "" && by.Person != owner {
			return by, &Refusal{Reason: KeyUnknown, Account: by.Account, Person: by.Person, Own: some(owner), Key: by.Key.Fingerprint()}
		}
		by.Person = owner
	}
	if len(roles) == 0 {
		return p.act(by)
	}
	if by.Role != "" && !slices.Contains(roles, by.Role) {
		return by, &Refusal{Reason: RoleNotAsked, Account: by.Account, Role: by.Role, Roles: roles}
	}
	if len(p) == 0 {
		by.Role = cmp.Or(by.Role, roles[0])
		return by, nil
	}
	var own, open []Speaker
	for _, person := range p {
		role := held(person, roles, by.Role)
		if role == "" || by.Person != "" && by.Person != person.Name {
			continue
		}
		as := Speaker{Account: by.Account, Person: person.Name, Role: role, From: by.From, Key: by.Key}
		switch {
		case person.User == by.Account || by.Key != "":
			own = append(own, as)
		case person.User == everybody:
			open = append(open, as)
		}
	}
	if len(own) == 0 {
		own = open
	}
	switch len(own) {
	case 0:
		return by, p.refuse(by, roles)
	case 1:
		return own[0], nil
	}
	return by, &AmbiguousError{Account: by.Account, Choices: own}
}

// act finds the person as whom an account asks for what needs no role. Nobody
// in particular is fine, unless a name was given.
func (p People) act(by Speaker) (Speaker, error) {
	if by.Key != "" {
		return by, nil
	}
	var own []string
	for _, person := range p {
		if person.User == by.Account || person.User == everybody {
			own = append(own, person.Name)
		}
	}
	switch {
	case by.Person == "" && len(own) == 1:
		by.Person = own[0]
	case by.Person != "" && !slices.Contains(own, by.Person):
		return by, &Refusal{Reason: NotTheirs, Account: by.Account, Person: by.Person, Own: own}
	}
	return by, nil
}

// some is a list of one name, or of none.
func some(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// held returns the first role of some that a person holds, "" if none; only
// narrows them to one.
func held(person environment.Person, roles []string, only string) string {
	for _, r := range roles {
		if slices.Contains(person.Roles, r) && (only == "" || r == only) {
			return r
		}
	}
	return ""
}

// refuse says why an account may not answer a question, and who may.
func (p People) refuse(by Speaker, roles []string) error {
	out := &Refusal{Reason: NotTheirs, Account: by.Account, Person: by.Person, Roles: roles}
	known := by.Person == ""
	for _, person := range p {
		role := held(person, roles, by.Role)
		if role != "" && (person.Name != by.Person || person.User != by.Account) {
			out.Instead = append(out.Instead, Candidate{person.Name, person.FullName, person.Phone, role})
		}
		if person.Name == by.Person {
			known = true
			if held(person, roles, "") == "" {
				out.Reason = NotHolder
			}
		}
	}
	if !known {
		out.Reason = Unknown
	}
	return out
}
