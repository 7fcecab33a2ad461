package authority

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

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
	Away         Reason = "away"           // the person is absent, and somebody stands in

	NotSigned        Reason = "not_signed"        // where people have keys, an answer without a signature counts for nothing
	NobodySigns      Reason = "nobody_signs"      // signed where nobody has keys
	BadSignature     Reason = "bad_signature"     // What says why
	OtherStatement   Reason = "other_statement"   // it was signed for something else; What is the first thing that differs
	SignatureExpired Reason = "signature_expired" // at Until
	KeyUnknown       Reason = "key_unknown"       // the key is not the person's
	KeyEnded         Reason = "key_ended"         // revoked, or outside its time; What says which

	VoiceGiven   Reason = "voice_given"    // by Own, whose the voice was or is now
	IsRequester  Reason = "is_requester"   // the person may be who started the run
	NoBreakGlass Reason = "no_break_glass" // the machine's policy does not permit it
	HasRole      Reason = "has_role"       // it cannot be handed to somebody who has it
	NoKey        Reason = "no_key"         // nor to somebody who cannot sign
	TooLong      Reason = "too_long"       // nor for so long
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
	Step    string      `json:"step,omitempty"`
	Key     string      `json:"key,omitempty"` // the fingerprint of the one that signed
	What    string      `json:"what,omitempty"`
	Until   time.Time   `json:"until,omitzero"`
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
	case r.about() != "":
		return r.about()
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

// about says why a signature, a hand-over or a broken glass does not count; "" of
// other reasons.
func (r *Refusal) about() string {
	who := cmp.Or(r.Person, r.Account)
	switch r.Reason {
	case NotSigned:
		return "the answer is not signed, and where people have keys it counts for nothing"
	case NobodySigns:
		return "the answer is signed, and nobody whom it could be from has a key in the environment"
	case BadSignature:
		return r.What
	case OtherStatement:
		if r.What == "shown" || r.What == "asks" {
			return "what was signed is an answer to another question than the one that is asked now"
		}
		return "what was signed is about another " + r.What
	case SignatureExpired:
		return "what was signed counted until " + r.Until.UTC().Format(time.RFC3339)
	case KeyUnknown:
		whose := "nobody's in the environment"
		if len(r.Own) > 0 {
			whose = "the key of " + r.Own[0]
		} else if r.Person != "" {
			whose = "not a key of " + r.Person
		}
		return r.Key + " is " + whose
	case KeyEnded:
		return "the signature of " + who + " with " + r.Key + " does not count: " + r.What
	case VoiceGiven:
		if len(r.Own) > 1 {
			return r.Own[0] + " has agreed, for " + r.Own[1] + ": a voice counts once, whoever has it now"
		}
		return r.Own[0] + " has agreed, for whom " + r.Person + " would answer: a voice counts once, whoever has it now"
	case IsRequester:
		if len(r.Own) > 0 {
			return r.Person + " would answer for " + r.Own[0] + ", who may be who started the run, so someone else must agree"
		}
		return r.Person + " may be who started the run, as " + r.Account + ", so someone else must agree"
	case NoBreakGlass:
		return "nobody may break the glass on this machine: its policy does not permit it"
	case HasRole:
		return r.Person + " is " + r.Role + " already: a role is handed over to somebody who does not have it"
	case NoKey:
		return r.Person + " has no key, so that nobody could tell whose answer it is"
	case TooLong:
		return "a role is handed over for " + strconv.Itoa(int(LongestHandOver.Hours())) + " hours at most"
	case Away:
		return r.Person + " is absent until " + r.Until.UTC().Format(time.RFC3339) + ", and somebody else stands in"
	}
	return ""
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
