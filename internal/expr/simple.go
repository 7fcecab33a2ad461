package expr

import (
	"encoding/json"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"

	"github.com/irctl/irctl/internal/data"
)

// Most expressions are a single name. These need no CEL: neither to be
// checked nor to be evaluated.

// simple returns the segments and the place of a text that is a single
// qualified name and nothing else.
func simple(text string, symbols Symbols) (path []string, start, end int, ok bool) {
	start = len(text) - len(strings.TrimLeft(text, " \t\n"))
	name := strings.TrimRight(text[start:], " \t\n")
	for i := range len(name) {
		if !isWordByte(name[i]) && name[i] != '.' && name[i] != '-' {
			return nil, 0, 0, false
		}
	}
	path = strings.Split(name, ".")
	for i, segment := range path {
		isID := i == 1 && path[0] == "steps"
		if wordLength(segment, isID) != len(segment) || segment == "" || segment[0] >= '0' && segment[0] <= '9' ||
			!isID && slices.Contains(keywords, segment) {
			return nil, 0, 0, false
		}
	}
	if len(path) == 1 && slices.Contains(typeNames, path[0]) || shape(path, symbols) != len(path) {
		return nil, 0, 0, false
	}
	return path, start, start + len(name), true
}

// compileSimple is Compile for such a text.
func compileSimple(text string, path []string, start, end int, symbols Symbols, want Type) (*Program, []Problem) {
	typ, miss := symbols.Lookup(path)
	if miss != nil {
		at := start
		segment := min(miss.Segment, len(path)-1)
		for _, before := range path[:segment] {
			at += len(before) + 1
		}
		return nil, []Problem{miss.problem(at, at+len(path[segment]))}
	}
	typ = typ.canonical()
	if want.Of != "" && !Fits(typ, want) {
		return nil, []Problem{mismatch(text, typ, want)}
	}
	return &Program{text: text, typ: typ, references: []Reference{{strings.Join(path, "."), path, typ, start, end}}}, nil
}

// evalSimple is Eval for such a program.
func (a *activation) evalSimple() (any, error) {
	v, ok := a.lookup(0)
	if !ok {
		return nil, a.explain(errNoValue)
	}
	return native(v)
}

// native is plain for a value that CEL has not seen, so that it keeps what CEL
// has no type for.
func native(v any) (out any, err error) {
	out = data.Each(v, func(v any) any {
		if _, is := v.(json.Number); is || err != nil {
			return v
		}
		v, err = plain(types.DefaultTypeAdapter.NativeToValue(v))
		return v
	})
	return out, err
}
