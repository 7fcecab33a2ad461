package expr

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// Most conditions compare names with plain values:
//
//	steps.website.status == 'succeeded' && inputs.severity != 'low'
//
// That their types go together can be told without CEL, which costs twenty
// times as much. They are compiled when they are first evaluated.

// maxCompared is how many comparisons a text may have to be read like this.
const maxCompared = 16

// compared reads a text that is nothing but such comparisons, and returns its
// references. It is not ok if anything is not as plain as that, or not right:
// then CEL says what it is.
func compared(text string, symbols Symbols) (references []Reference, ok bool) {
	at := blanks(text, 0)
	for range maxCompared {
		end := at
		for end < len(text) && (isWordByte(text[end]) || text[end] == '.' || text[end] == '-') {
			end++
		}
		path, start, _, isName := simple(text[at:end], symbols)
		if !isName || start != 0 {
			return nil, false
		}
		typ, miss := symbols.Lookup(path)
		if miss != nil {
			return nil, false
		}
		typ = typ.canonical()
		references = append(references, Reference{text[at:end], path, typ, at, end})
		at = blanks(text, end)
		operator := operatorAt(text[at:])
		if operator == "" {
			return nil, false
		}
		at = blanks(text, at+len(operator))
		length, of := literalAt(text[at:])
		if typ != (Type{Of: of}) || of != action.Int && operator != "==" && operator != "!=" {
			return nil, false
		}
		at = blanks(text, at+length)
		if at == len(text) {
			return references, true
		}
		if !strings.HasPrefix(text[at:], "&&") && !strings.HasPrefix(text[at:], "||") {
			return nil, false
		}
		at = blanks(text, at+2)
	}
	return nil, false
}

// blanks returns where the white space at an offset ends.
func blanks(text string, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t') {
		at++
	}
	return at
}

func operatorAt(text string) string {
	for _, o := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if strings.HasPrefix(text, o) {
			return o
		}
	}
	return ""
}

// literalAt returns the length and the type of the plain value that a text
// begins with, 0 if it begins with none.
func literalAt(text string) (int, action.Type) {
	if text == "" {
		return 0, ""
	}
	if quote := text[0]; quote == '\'' || quote == '"' {
		end := strings.IndexByte(text[1:], quote)
		if end < 0 || strings.ContainsAny(text[1:1+end], "\\\n\r") || strings.HasPrefix(text[1+end:], string([]byte{quote, quote})) {
			return 0, "" // an escape, or one of the long quotes
		}
		return end + 2, action.String
	}
	n := 0
	for n < len(text) && isWordByte(text[n]) {
		n++
	}
	switch word := text[:n]; {
	case word == "true", word == "false":
		return n, action.Bool
	case n > 0 && n < 16 && strings.Trim(word, "0123456789") == "" && (n == 1 || word[0] != '0') && !strings.HasPrefix(text[n:], "."):
		return n, action.Int
	}
	return 0, ""
}

// known are the names of a text that was read before.
type known []Reference

// Lookup implements Symbols.
func (k known) Lookup(path []string) (Type, *Miss) {
	name := strings.Join(path, ".")
	for _, r := range k {
		if r.Name == name {
			return r.Type, nil
		}
	}
	return Any, nil
}

// Qualified implements [Qualified].
func (k known) Qualified(root string) bool {
	return slices.ContainsFunc(k, func(r Reference) bool { return len(r.Path) == 2 && r.Path[0] == root })
}
