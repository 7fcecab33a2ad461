package environment

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Person is somebody who may approve, answer or decide.
type Person struct {
	Name     string    `json:"id"` // the key, "dana"
	FullName string    `json:"name"`
	Roles    []string  `json:"roles"`
	User     string    `json:"user"` // login name that may act as this person; "*" is everybody, "" nobody
	Email    string    `json:"email"`
	Phone    string    `json:"phone"`
	Keys     []Key     `json:"keys"`
	Absent   []Absence `json:"absent,omitempty"`
}

// Key is an SSH public key of a person, and for how long it counts.
type Key struct {
	sshsig.Key
	sshsig.Limits
	Revoked bool

	line string // as it stands in the file
}

// MarshalText implements encoding.TextMarshaler: the line of the file.
func (k Key) MarshalText() ([]byte, error) { return []byte(cmp.Or(k.line, string(k.Key))), nil }

// Permit returns nil if the key counts for a signature that is made in a
// namespace at a time; the error is [ErrRevoked] or a *[sshsig.OutsideError].
func (k Key) Permit(namespace string, at time.Time) error {
	if k.Revoked {
		return ErrRevoked
	}
	return k.Limits.Permit(namespace, at)
}

// ErrRevoked says that a key was revoked.
var ErrRevoked = errors.New("the key was revoked")

// Absence is a time for which somebody else stands in for a person.
type Absence struct {
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	StandIn string    `json:"stand_in"` // a person of the environment
}

// Away returns the absence of a time, and whether there is one.
func (p Person) Away(at time.Time) (Absence, bool) {
	i := slices.IndexFunc(p.Absent, func(a Absence) bool { return !at.Before(a.From) && at.Before(a.Until) })
	if i < 0 {
		return Absence{}, false
	}
	return p.Absent[i], true
}

// Person returns a person by name.
func (e *Environment) Person(name string) (Person, bool) {
	i := slices.IndexFunc(e.People, func(p Person) bool { return p.Name == name })
	if i < 0 {
		return Person{}, false
	}
	return e.People[i], true
}

// Owner returns whose key it is, "" if it is nobody's.
func (e *Environment) Owner(key sshsig.Key) string {
	for _, p := range e.People {
		if slices.ContainsFunc(p.Keys, func(k Key) bool { return k.Key == key }) {
			return p.Name
		}
	}
	return ""
}

// PeopleWith returns those who hold a role, in the file's order.
func (e *Environment) PeopleWith(role string) []Person {
	var out []Person
	for _, p := range e.People {
		if slices.Contains(p.Roles, role) {
			out = append(out, p)
		}
	}
	return out
}

var NobodyCanActAs = codes.Warning("IR0407", "person whom nobody can act as",
	"Approvals are given by login name, or signed: `user` says which login name is this person's, `keys` which keys are.")

var NotPublicKey = codes.Error("IR0415", "not a public key",
	"A person's keys are SSH public keys: a type, the key in base64 and perhaps a comment, on one line (sshd(8), AUTHORIZED_KEYS FILE FORMAT). A private key has no place in an environment.")

var BadLimits = codes.Error("IR0417", "key that cannot count",
	"A key may have the options that it has in a file of allowed signers (ssh-keygen(1), ALLOWED SIGNERS): valid-after and valid-before, in UTC with a Z, and namespaces. DSA keys and RSA keys below 2048 bits do not count, and neither do certificates.")

var SharedKey = codes.Error("IR0418", "key of two people",
	"Whoever signs is known by the key. A key that two people have would let one of them agree twice.")

var NotRevocable = codes.Error("IR0419", "revoked key that is not clear",
	"`revoked_keys` names keys that count no longer, whoever has them and whatever their times say: each as the line of the file that ends with .pub, or as its fingerprint, SHA256:..., as ssh-keygen -l shows it.")

var BadAbsence = codes.Error("IR0427", "absence that leaves nobody",
	"While a person is absent, the stand-in answers instead. The stand-in is another person of the environment, and the absence ends after it begins.")

var CannotSign = codes.Warning("IR0428", "person who cannot sign where others do",
	"As soon as one person who may answer has keys, an answer without a signature counts for nothing, so that nobody can pass for that person. A person without keys then cannot answer.")

func (p *parser) person(pair runbook.Pair) {
	m := p.Fields(pair.Value, "`"+pair.Key.Value+"`", personTable)
	if m == nil {
		return
	}
	person := Person{
		Name: pair.Key.Value, FullName: m.Text("name").Value, User: m.Text("user").Value,
		Email: m.Text("email").Value, Phone: m.Text("phone").Value,
	}
	p.env.spots["person "+person.Name] = pair.Key.Span
	for _, text := range m.Texts("keys") {
		key, limits, err := sshsig.ParseLimited(text.Value)
		switch {
		case errors.Is(err, sshsig.ErrNoKey):
			p.Report(NotPublicKey, text.Span, "copy the one line of the file that ends with .pub", "`%s` is not an SSH public key", action.CleanLine(text.Value, 30))
		case err != nil:
			p.Report(BadLimits, text.Span, "write it as in valid-before=\"20270101Z\" ssh-ed25519 AAAA...", "the key does not count: %s", action.CleanLine(err.Error(), 200))
		case p.env.Owner(key) != "":
			p.Report(SharedKey, text.Span, "give each of them a key of their own: irctl key new", "`%s` and `%s` have the same key", p.env.Owner(key), person.Name)
		default:
			person.Keys = append(person.Keys, Key{Key: key, Limits: limits, line: text.Value})
		}
	}
	for _, item := range m.Items("absent") {
		a := p.Fields(item, "an entry of `absent`", absenceTable)
		out := Absence{From: a.Time("from").UTC(), Until: a.Time("until").UTC(), StandIn: a.Text("stand_in").Value}
		if !out.Until.After(out.From) && !out.From.IsZero() && !out.Until.IsZero() {
			p.Report(BadAbsence, item.Span, "let `until` be later than `from`", "the absence of `%s` ends before it begins", person.Name)
			continue
		}
		person.Absent = append(person.Absent, out)
	}
	for _, role := range m.Texts("roles") {
		if p.CheckName(role, language.StepName) && !slices.Contains(person.Roles, role.Value) {
			person.Roles = append(person.Roles, role.Value)
		}
	}
	if person.FullName == "" {
		person.FullName = person.Name
	}
	if len(person.Roles) > 0 && person.User == "" && len(person.Keys) == 0 {
		p.Report(NobodyCanActAs, pair.Key.Span, "add `user:` with a login name, or \"*\" for everybody", "nobody can act as `%s`", person.Name)
	}
	p.env.People = append(p.env.People, person)
}

// revoked reads which keys do not count any more: keys and fingerprints.
func (p *parser) revoked(m *language.Mapping) []string {
	var out []string
	for _, text := range m.Texts("revoked_keys") {
		key, err := sshsig.ParseKey(text.Value)
		switch {
		case err == nil:
			out = append(out, key.Fingerprint())
		case strings.HasPrefix(text.Value, "SHA256:") && len(text.Value) == len("SHA256:")+43:
			out = append(out, text.Value)
		default:
			p.Report(NotRevocable, text.Span, "ssh-keygen -l -f KEY.pub shows the fingerprint", "`%s` is neither a public key nor its fingerprint", action.CleanLine(text.Value, 60))
		}
	}
	return out
}

// revoke marks the keys with one of some fingerprints.
func (e *Environment) revoke(fingerprints []string) {
	for i := range e.People {
		for j := range e.People[i].Keys {
			k := &e.People[i].Keys[j]
			k.Revoked = k.Revoked || slices.Contains(fingerprints, k.Fingerprint())
		}
	}
}

// seats makes sure that somebody can answer for everybody.
func (p *parser) seats() {
	for _, person := range p.env.People {
		at := p.env.spots["person "+person.Name]
		for _, a := range person.Absent {
			if _, there := p.env.Person(a.StandIn); a.StandIn != "" && (!there || a.StandIn == person.Name) {
				p.Report(BadAbsence, at, "name another person of the environment as `stand_in`", "nobody is there for `%s`: `%s` cannot stand in", person.Name, action.CleanLine(a.StandIn, 40))
			}
		}
		for _, role := range person.Roles {
			signs := slices.ContainsFunc(p.env.PeopleWith(role), func(o Person) bool { return len(o.Keys) > 0 })
			if signs && len(person.Keys) == 0 {
				p.Report(CannotSign, at, "add `keys:` with what irctl key show prints for that person", "`%s` cannot answer as %s: others sign, and this person has no key", person.Name, role)
				break
			}
		}
	}
}
