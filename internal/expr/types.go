package expr

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/irctl/irctl/pkg/action"
)

// Type is the type of a value as expressions see it. The zero value is no type
// at all; a value of which nothing is known has the type [Any].
type Type struct {
	Of    action.Type
	Items action.Type // of a list's elements or a map's values; "" is any
}

// The types that are needed by name.
var (
	Any      = Type{Of: action.Any}
	Bool     = Type{Of: action.Bool}
	Int      = Type{Of: action.Int}
	Float    = Type{Of: action.Float}
	String   = Type{Of: action.String}
	Duration = Type{Of: action.Duration}
	Time     = Type{Of: action.Time}
)

// String returns the type as prose with its article: "a string", "a list of int".
func (t Type) String() string {
	switch t.Of {
	case action.Int:
		return "an int"
	case action.Enum:
		return "a string"
	case action.Any:
		return "a value of any type"
	case "":
		return "no value"
	case action.List, action.Map:
		if t.Items != "" && t.Items != action.Any {
			return "a " + string(t.Of) + " of " + string(t.Items)
		}
	}
	return "a " + string(t.Of)
}

// scalars are the types that lists and maps may be declared to hold, and that
// variables may have.
var scalars = map[action.Type]*cel.Type{
	action.String: cel.StringType, action.Int: cel.IntType, action.Float: cel.DoubleType,
	action.Bool: cel.BoolType, action.Duration: cel.DurationType, action.Time: cel.TimestampType,
}

// canonical makes types equal that CEL cannot tell apart.
func (t Type) canonical() Type {
	if t.Of == action.Enum {
		t.Of = action.String
	}
	if t.Items == action.Enum {
		t.Items = action.String
	}
	if t.Of != action.List && t.Of != action.Map {
		t.Items = ""
	}
	if _, known := scalars[t.Items]; !known {
		t.Items = ""
	}
	if _, known := scalars[t.Of]; !known && t.Of != action.List && t.Of != action.Map {
		t.Of = action.Any
	}
	return t
}

// cel returns CEL's word for a canonical type.
func (t Type) cel() *cel.Type {
	items := cel.DynType
	if s, ok := scalars[t.Items]; ok {
		items = s
	}
	switch t.Of {
	case action.List:
		return cel.ListType(items)
	case action.Map:
		return cel.MapType(cel.StringType, items)
	}
	if s, ok := scalars[t.Of]; ok {
		return s
	}
	return cel.DynType
}

// typeOf is the inverse of cel.
func typeOf(t *cel.Type) Type {
	switch t.Kind() {
	case types.ListKind:
		return Type{action.List, typeOf(t.Parameters()[0]).Of}.canonical()
	case types.MapKind:
		return Type{action.Map, typeOf(t.Parameters()[1]).Of}.canonical()
	case types.UintKind:
		return Int
	case types.BytesKind:
		return String
	}
	for name, s := range scalars {
		if s.Kind() == t.Kind() {
			return Type{Of: name}
		}
	}
	return Any
}

// Fits reports whether a value of type got may stand where want is wanted.
// Durations and times may be written as text and the other way round, an int
// is a float and has one form as text.
func Fits(got, want Type) bool {
	got, want = got.canonical(), want.canonical()
	if got.Of == action.Any || want.Of == action.Any {
		return true
	}
	if got.Of != want.Of {
		switch want.Of {
		case action.Float:
			return got.Of == action.Int
		case action.Duration, action.Time:
			return got.Of == action.String
		case action.String:
			return got.Of == action.Int || got.Of == action.Duration || got.Of == action.Time
		}
		return false
	}
	if got.Items == "" || want.Items == "" {
		return true
	}
	return Fits(Type{Of: got.Items}, Type{Of: want.Items})
}
