package language

import (
	"slices"

	"github.com/irctl/irctl/pkg/runbook"
)

// Table says which keys one kind of mapping has and what they mean. Parsers
// take from it which keys they know, which must be there and which words they
// take, and schemas, formatters and help are made from it, so that these
// cannot disagree. Make it with [NewTable] or [Table.With]. A table does not change.
type Table struct {
	Keys []Key // in the order in which a file is best written
	// OneOf names keys of which exactly one must be there, AnyOf keys of which
	// at least one must be.
	OneOf, AnyOf []string

	names, required []string
}

// Key is one key of a mapping.
type Key struct {
	Name        string
	Required    bool
	Forms       []Form // the ways to write its value, the best one first
	Default     string // what holds without the key, as it would be written; "" is nothing
	Description string // one sentence
	Example     string // a value, as YAML that fits behind the colon
}

// Shape is what a value looks like. The zero value is invalid.
type Shape string

// The shapes.
const (
	TextShape       Shape = "text"      // a text or a whole number; ${{ }} may stand in it
	NameShape       Shape = "name"      // a text of the form Form.Name
	WordShape       Shape = "word"      // one of Form.Words
	BoolShape       Shape = "bool"      // true or false
	WholeShape      Shape = "int"       // a whole number
	ShareShape      Shape = "share"     // a whole number of things from Form.Least, or a part of them: 10%
	NumberShape     Shape = "number"    // a number
	DurationShape   Shape = "duration"  // 90s, 15m, 2h30m
	TimeShape       Shape = "time"      // RFC 3339
	PatternShape    Shape = "pattern"   // RE2
	ConditionShape  Shape = "condition" // true, false, or CEL, bare or in ${{ }}
	ExprShape       Shape = "expr"      // a text that holds ${{ }}
	AnyShape        Shape = "any"       // anything
	EmptyShape      Shape = "empty"     // nothing behind the colon
	ListShape       Shape = "list"      // a list of Form.Of
	EntriesShape    Shape = "entries"   // a mapping with free keys of the form Form.Name and values Form.Of
	FieldsShape     Shape = "fields"    // a mapping with the keys of Form.Keys
	StepsShape      Shape = "steps"     // a list of steps, not empty
	ActionShape     Shape = "action"    // the name of an action
	WithShape       Shape = "with"      // the inputs of the action that stands beside it
	TargetTypeShape Shape = "type"      // the name of a type of target
	ConfigShape     Shape = "config"    // the fields of the type of target that stands beside it
)

// Form is one way to write a value.
type Form struct {
	Shape       Shape
	Name        NameForm
	Words       []string
	Least, Most float64 // of WholeShape and NumberShape, both included
	Keys        *Table
	Of          []Form // nil is anything
	Filled      bool   // of ListShape and EntriesShape: must not be empty
	Expr        bool   // a text that holds ${{ }} may stand for it
}

// NewTable returns a table of keys.
func NewTable(keys ...Key) Table {
	t := Table{Keys: keys, names: make([]string, len(keys))}
	for i, k := range keys {
		t.names[i] = k.Name
		if k.Required {
			t.required = append(t.required, k.Name)
		}
	}
	return t
}

// With returns a table of keys with the OneOf and the AnyOf of this one.
func (t Table) With(keys ...Key) Table {
	out := NewTable(keys...)
	out.OneOf, out.AnyOf = t.OneOf, t.AnyOf
	return out
}

// Names returns the names of the keys; the slice belongs to the table.
func (t Table) Names() []string { return t.names }

// Required returns the names of the keys that must be there; the slice belongs
// to the table.
func (t Table) Required() []string { return t.required }

// Key returns a key by its name.
func (t Table) Key(name string) (Key, bool) {
	i := slices.Index(t.names, name)
	if i < 0 {
		return Key{}, false
	}
	return t.Keys[i], true
}

// bounds returns between which numbers a key's number must be, as its table says.
func (m *Mapping) bounds(name string) (least, most float64) {
	k, _ := m.table.Key(name)
	for _, f := range k.Forms {
		if f.Shape == WholeShape || f.Shape == NumberShape {
			return f.Least, f.Most
		}
	}
	return 0, 0
}

// Fields reads a value as a mapping with the keys of a table, and reports
// those that are not known and those that are missing. The mapping is nil if
// the value is no mapping; see [Decoder.Mapping].
func (d *Decoder) Fields(v *runbook.Value, what string, t Table) *Mapping {
	m := d.known(v, what, t)
	m.Require(t.required...)
	return m
}

// known is Fields for a mapping of which others say what is missing.
func (d *Decoder) known(v *runbook.Value, what string, t Table) *Mapping {
	m := d.Mapping(v, what, t.names...)
	if m != nil {
		m.table = t
	}
	return m
}

// Fields reads a key's value as a mapping; see [Decoder.Fields].
func (m *Mapping) Fields(key, what string, t Table) *Mapping {
	return m.decoder().Fields(m.Value(key), what, t)
}

// Texts is a list of texts; a text alone counts as a list of one.
func Texts() []Form {
	return []Form{{Shape: ListShape, Of: []Form{{Shape: TextShape}}}, {Shape: TextShape}}
}

// AText is a text.
func AText() []Form { return []Form{{Shape: TextShape}} }

// AName is a name of a form.
func AName(form NameForm) []Form { return []Form{{Shape: NameShape, Name: form}} }

// AMapping is a mapping with the keys of a table.
func AMapping(t Table) []Form { return []Form{{Shape: FieldsShape, Keys: &t}} }

// YesNo is true or false.
func YesNo() []Form { return []Form{{Shape: BoolShape}} }

// AWord is one of a few words.
func AWord(words ...string) []Form { return []Form{{Shape: WordShape, Words: words}} }

// Entries is a mapping with free keys.
func Entries(form NameForm, of ...Form) []Form {
	return []Form{{Shape: EntriesShape, Name: form, Of: of}}
}

// Header is how every file begins, for a file of a kind. The key `kind` may be
// left out in a runbook alone.
func Header(kind string) []Key {
	return []Key{
		{Name: "irctl", Required: true, Forms: AWord(Version), Example: Version,
			Description: "The version of the language; it stands first in every file."},
		{Name: "kind", Required: kind != kindRunbook, Forms: AWord(kind), Example: kind, Default: "runbook",
			Description: "What the file is: a runbook, an environment, a test or a scenario."},
	}
}
