package authority

import (
	"fmt"
	"strings"

	"github.com/irctl/irctl/pkg/event"
)

// Reason is why somebody may not ask for something. The zero value is none.
type Reason string

// The reasons.
const (
	NotForPeople Reason = "not_for_people" // nobody may ask for such an event
	RoleNotAsked Reason = "role_not_asked" // the question was put to other roles
	NobodyNamed  Reason = "nobody_named"   // a person was named, and the environment names none
	Unknown      Reason = "unknown"        // the environment does not name that person
	NotHolder    Reason = "not_holder"     // the person holds no role that was asked
	NotTheirs    Reason = "not_theirs"     // the account is not that person's, or nobody's who was asked
)

// Refusal says why somebody may not ask for something. It keeps its fields as
// JSON, so that a process that asked is told the same as one that writes.
type Refusal struct {
	Reason  Reason      `json:"reason"`
	Event   event.Type  `json:"event,omitempty"` // that nobody may ask for
	Account string      `json:"account,omitempty"`
	Person  string      `json:"person,omitempty"`  // as whom it wanted to speak
	Role    string      `json:"role,omitempty"`    // in which
	Roles   []string    `json:"roles,omitempty"`   // to which the question was put; none if nothing was asked
	Own     []string    `json:"own,omitempty"`     // the persons as whom the account may speak, if nothing was asked
	Instead []Candidate `json:"instead,omitempty"` // who may answer
}

// Candidate is a person who may answer a question, and the role that says so.
type Candidate struct {
	Person   string `json:"person"`
	FullName string `json:"full_name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Role     string `json:"role"`
}

// Error implements error.
func (r *Refusal) Error() string {
	roles := strings.Join(r.Roles, " or ")
	switch {
	case r.Reason == NotForPeople:
		return fmt.Sprintf("%s is nothing that a person can ask for", r.Event)
	case r.Reason == RoleNotAsked:
		return fmt.Sprintf("role %q was not asked; %s may answer", r.Role, roles)
	case r.Reason == NobodyNamed:
		return fmt.Sprintf("the run's environment names no people, so nobody is %q", r.Person)
	case len(r.Roles) == 0:
		return fmt.Sprintf("%s may not act as %s", r.Account, r.Person)
	case r.Reason == Unknown:
		return fmt.Sprintf("the environment names nobody called %q", r.Person)
	case r.Reason == NotHolder:
		return fmt.Sprintf("%s may not answer this as %s, who is not %s", r.Account, r.Person, roles)
	case r.Person != "":
		return fmt.Sprintf("%s may not answer this as %s", r.Account, r.Person)
	}
	return fmt.Sprintf("%s may not answer this as %s", r.Account, roles)
}

// AmbiguousError says that an account may answer as more than one person.
type AmbiguousError struct {
	Account string
	Choices []Speaker
}

// Error implements error.
func (e *AmbiguousError) Error() string {
	return e.Account + " may act as more than one person here: say which"
}
