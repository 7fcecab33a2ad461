package runbook

// ValueKind is the shape of a Value. The zero value is invalid.
type ValueKind int

// The shapes of values.
const (
	Null ValueKind = iota + 1
	BoolValue
	IntValue
	FloatValue
	StringValue
	ListValue
	MapValue
)

// Value is any piece of YAML with its place: the tree that everything else is
// decoded from. Only the forms of YAML's core schema that mean one thing to
// every reader become bool, int or float; the rest is text.
type Value struct {
	Kind  ValueKind
	Span  Span
	Text  string // of a scalar: StringValue's content; for others what the file says
	Bool  bool
	Int   int64
	Float float64
	Items []*Value // ListValue
	Pairs []Pair   // MapValue, in the file's order, keys unique
	// TextStart is where the content of a StringValue begins in the file:
	// after the quote, or on the line after a block scalar's header. Plain
	// says that content and file agree character by character from there on,
	// so that a place inside the text can be given exactly; otherwise places
	// fall back to Span.
	TextStart Position
	Plain     bool
}

// Data returns the value as nil, bool, int64, float64, string, []any or
// map[string]any.
func (v *Value) Data() any {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case BoolValue:
		return v.Bool
	case IntValue:
		return v.Int
	case FloatValue:
		return v.Float
	case StringValue:
		return v.Text
	case ListValue:
		out := make([]any, len(v.Items))
		for i, e := range v.Items {
			out[i] = e.Data()
		}
		return out
	case MapValue:
		out := make(map[string]any, len(v.Pairs))
		for _, p := range v.Pairs {
			out[p.Key.Value] = p.Value.Data()
		}
		return out
	}
	return nil
}

// Get returns the value of a key of a MapValue, or nil.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for _, p := range v.Pairs {
		if p.Key.Value == key {
			return p.Value
		}
	}
	return nil
}
