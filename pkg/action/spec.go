package action

import (
	"regexp"
	"slices"
	"strings"
)

// Effect says what an action does to the world. The zero value is invalid.
type Effect string

// The effects.
const (
	Read         Effect = "read"         // changes nothing
	Change       Effect = "change"       // changes something, and Undo or a counterpart can put it back
	Irreversible Effect = "irreversible" // cannot be taken back: a message sent, a password replaced
)

// Type is the type of an input, an output or a target's field. The words are
// those of the runbook language. The zero value is invalid.
type Type string

// The types. A duration is written "90s", "15m", "2h30m" (Go's ParseDuration);
// a time is RFC 3339; any is for outputs only.
const (
	String   Type = "string"
	Int      Type = "int"
	Float    Type = "float"
	Bool     Type = "bool"
	Duration Type = "duration"
	Time     Type = "time"
	List     Type = "list"
	Map      Type = "map"
	Enum     Type = "enum"
	Any      Type = "any"
)

// Field describes one input, output or target field, for people and for the
// checks alike.
type Field struct {
	Name        string   `json:"name"`
	Type        Type     `json:"type"`
	Items       Type     `json:"items,omitempty"` // of a list's elements or a map's values; "" is any
	Required    bool     `json:"required"`        // inputs and target fields
	Default     any      `json:"default,omitempty"`
	Enum        []string `json:"enum,omitempty"`    // for Enum
	Pattern     string   `json:"pattern,omitempty"` // RE2, for String; must match the whole text
	Secret      bool     `json:"secret,omitempty"`  // a target field that takes a secret reference
	Path        bool     `json:"path,omitempty"`    // a target field that holds a path; relative ones start at the environment file's folder
	Subject     bool     `json:"subject,omitempty"` // an input of an action that says of what in the target; the others say how
	Argv        bool     `json:"argv,omitempty"`    // an input that becomes a command line, or several, which every user of the machine can read
	Touches     Touch    `json:"touches,omitempty"` // an input that names what the action changes, beside its target or in it
	Description string   `json:"description"`       // one sentence
	Example     string   `json:"example,omitempty"` // as written in YAML
	Fields      []Field  `json:"fields,omitempty"`  // of a map with known keys; then no other key is accepted

	pattern *regexp.Regexp // what Pattern means, if Compiled has made it
}

// Compiled returns the field with its pattern compiled, and those of its fields:
// else [Field.Matches] compiles it every time.
func (f Field) Compiled() Field {
	if f.Pattern != "" && f.pattern == nil {
		f.pattern, _ = wholePattern(f.Pattern)
	}
	f.Fields = compiled(f.Fields)
	return f
}

// Matches reports whether the whole text fits the pattern, and false if that is
// no regular expression.
func (f Field) Matches(text string) bool {
	re := f.pattern
	if re == nil {
		var err error
		if re, err = wholePattern(f.Pattern); err != nil {
			return false
		}
	}
	return re.MatchString(text)
}

func wholePattern(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

// Compiled returns the description with the patterns of its inputs compiled; see
// [Field.Compiled].
func (s Spec) Compiled() Spec {
	s.Inputs = compiled(s.Inputs)
	return s
}

// compiled returns the same fields if none of them has a pattern.
func compiled(fields []Field) []Field {
	patterned := func(f Field) bool { return f.Pattern != "" || len(f.Fields) > 0 }
	if !slices.ContainsFunc(fields, patterned) {
		return fields
	}
	out := make([]Field, len(fields))
	for i, f := range fields {
		out[i] = f.Compiled()
	}
	return out
}

// Touch is what an input names: a list of protected things and limits go by it.
type Touch string

// The kinds. The zero value is none of them.
const (
	Account Touch = "account" // somebody who signs in, by name or address of mail
	Machine Touch = "machine" // a host, by name or address
	Address Touch = "address" // an address, a network or a name that is changed for others, such as one that is blocked: it is protected as a machine is, and not counted
)

// TargetType is one kind of system that an action can act on.
type TargetType struct {
	Name    string  `json:"name"` // "ldap"
	Summary string  `json:"summary"`
	Fields  []Field `json:"fields"`  // of the target's config in the environment
	Example string  `json:"example"` // the target's YAML in an environment file
	// Tools are the programs that must be on the machine that acts, which is
	// another one if the config's via says so.
	Tools []string `json:"tools"`
	// Check finds mistakes in a checked and typed config that Fields cannot
	// express; nil finds none. It does no I/O.
	Check func(config Values) []Problem `json:"-"`
	// Undo says that this type can put back its previous state.
	Undo bool `json:"undo"`
	// Service says that an action whose inputs say what it touches changes an entry
	// in what the system keeps, as in a directory, and not the machine it runs on.
	Service bool `json:"service,omitempty"`
	// At is the URL of what this type stands for if that is a service, which is no
	// machine of one's own and which its config tells from another one. It may say
	// ${{ config.NAME }}.
	At string `json:"at,omitempty"`
}

// Spec describes an action completely enough to be its manual.
type Spec struct {
	Name        string `json:"name"`        // "email.suspend"
	Summary     string `json:"summary"`     // one line
	Description string `json:"description"` // what it does, what it verifies, what undo does; a few sentences
	Effect      Effect `json:"effect"`
	// ReadIf says with which value of an input the action only reads, whatever
	// Effect says; its zero value is never.
	ReadIf     Choice       `json:"read_if,omitzero"`
	Idempotent bool         `json:"idempotent"`       // running it twice is harmless
	Traits     []Trait      `json:"traits,omitempty"` // what reviewers of a runbook have to know besides
	Inputs     []Field      `json:"inputs"`
	Outputs    []Field      `json:"outputs"`
	Targets    []TargetType `json:"targets"` // empty: the action needs no target
	// Counterpart names the action that reverses this one by hand
	// ("email.restore"), empty if there is none.
	Counterpart string `json:"counterpart"`
	Example     string `json:"example"` // a whole step, in YAML
}

// Noun is what an action of a name is about: "email" of email.suspend.
func Noun(name string) string {
	noun, _, _ := strings.Cut(name, ".")
	return noun
}

// EffectWith is the effect of a use that gives the input of ReadIf as a text,
// "" if it does not give it.
func (s Spec) EffectWith(given string) Effect {
	if given == "" {
		f, _ := s.Input(s.ReadIf.Input)
		given, _ = f.Default.(string)
	}
	if s.ReadIf.Input != "" && slices.Contains(s.ReadIf.Values, given) {
		return Read
	}
	return s.Effect
}

// Choice is an input with some of the values that it may have.
type Choice struct {
	Input  string   `json:"input"`
	Values []string `json:"values"`
}

// Trait is a fact about what an action does, beyond its Effect. The checks of
// runbooks go by traits, never by names, so that an action from elsewhere is
// judged as a built-in one is.
type Trait string

// The traits.
const (
	TakesOffline   Trait = "takes-offline"   // its target serves nobody until the counterpart or undo has run
	StopsMail      Trait = "stops-mail"      // what it takes offline is mail
	SendsMail      Trait = "sends-mail"      // needs working mail to do its work
	ThroughService Trait = "through-service" // uses what its target offers to everybody, changes nothing about the target, and so fails while that is offline
	TellsPeople    Trait = "tells-people"    // is there to tell people something
	OnlyAdds       Trait = "only-adds"       // adds what nobody has to approve or take back: a line in a chat room, an entry in a case
	KeepsEvidence  Trait = "keeps-evidence"  // copies what systems know now
	EndsSessions   Trait = "ends-sessions"   // ends what somebody is doing, and what could be seen of it
	LocksOut       Trait = "locks-out"       // whoever could sign in before cannot any more
	CutsOff        Trait = "cuts-off"        // nobody reaches its target any more but those it is told to let
	Shared         Trait = "shared"          // what it brings about is one state of its target, or of the subject in it, on which several runs may rely
	SaysDoubt      Trait = "says-doubt"      // an attempt that failed had no effect, or its error is [Doubtful]; trying again does nothing twice
)

// Has reports whether the action has a trait.
func (s Spec) Has(t Trait) bool { return slices.Contains(s.Traits, t) }

// TargetType returns the description of a kind of system.
func (s Spec) TargetType(name string) (TargetType, bool) {
	for _, t := range s.Targets {
		if t.Name == name {
			return t, true
		}
	}
	return TargetType{}, false
}

// Input returns the description of an input.
func (s Spec) Input(name string) (Field, bool) { return fieldNamed(s.Inputs, name) }

// Output returns the description of an output.
func (s Spec) Output(name string) (Field, bool) { return fieldNamed(s.Outputs, name) }

func fieldNamed(fields []Field, name string) (Field, bool) {
	for i := range fields {
		if fields[i].Name == name {
			return fields[i], true
		}
	}
	return Field{}, false
}
