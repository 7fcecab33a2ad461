// Package reference finds where a text of a CACAO playbook reads a variable.
//
// [Find] is asked by whoever checks, converts, plans or executes a text, so
// that all of them mean the same variables; [Scope] is which there are.
package reference

import (
	"strings"

	"github.com/irctl/irctl/internal/pattern"
)

// Keyword follows a variable's name where its value is meant.
const Keyword = ":value"

// MaxName is the most bytes that a variable's name may have, underscores
// included.
const MaxName = 250

// Place is where a text names a variable.
type Place struct {
	Name  string // "__ip__"
	Start int    // of the name in the text, in bytes
	End   int    // behind the name, and behind the keyword if there is one
}

// Find returns the places where a text reads a variable, as in "__ip__:value",
// from left to right. Known tells which variables there are; nil stands for
// none.
//
// Where several names could be meant, because something that a name may hold
// stands right before the underscores, the longest that is known counts, and
// without one the longest: "a__x____y__:value" reads __y__ if only that is
// known. The names found in a text are enough for the next reader: known to
// him alone, they give the same places.
//
// A name may hold dots here, which the standard does not allow, so that such a
// reference is reported as unknown and not taken for plain text.
func Find(text string, known func(name string) bool) []Place {
	var out []Place
	for from := 0; ; {
		i := strings.Index(text[from:], Keyword)
		if i < 0 {
			return out
		}
		end := from + i
		if start, ok := begin(text[from:end], known); ok {
			out = append(out, Place{text[from+start : end], from + start, end + len(Keyword)})
		}
		from = end + len(Keyword)
	}
}

// begin returns where the name begins that a text ends with.
func begin(text string, known func(string) bool) (start int, ok bool) {
	if !strings.HasSuffix(text, "__") {
		return 0, false
	}
	first := len(text)
	for first > 0 && len(text)-first < MaxName && nameByte(text[first-1]) {
		first--
	}
	longest := -1
	for s := first; s+5 <= len(text); s++ {
		if text[s] != '_' || text[s+1] != '_' || !letter(text[s+2]) {
			continue
		}
		if known != nil && known(text[s:]) {
			return s, true
		}
		if longest < 0 {
			longest = s
		}
	}
	return longest, longest >= 0
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func nameByte(c byte) bool {
	return letter(c) || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}

// Whole reports whether a text is one reference and nothing else.
func Whole(text string, known func(name string) bool) bool {
	found := Find(text, known)
	return len(found) == 1 && found[0].Start == 0 && found[0].End == len(text)
}

// Names returns the names of the variables that a text reads, in order, each
// once.
func Names(text string, known func(name string) bool) []string {
	var out []string
	seen := map[string]bool{}
	for _, p := range Find(text, known) {
		if !seen[p.Name] {
			seen[p.Name] = true
			out = append(out, p.Name)
		}
	}
	return out
}

var named = pattern.Late(`__[a-zA-Z][a-zA-Z0-9_-]*?__`)

// Unread returns the places where a text names a known variable without
// reading it: "__ip__" alone.
func Unread(text string, known func(name string) bool) []Place {
	var out []Place
	at := 0
	for _, p := range append(Find(text, known), Place{Start: len(text)}) {
		for _, m := range named().FindAllStringIndex(text[at:p.Start], -1) {
			if name := text[at+m[0] : at+m[1]]; known(name) {
				out = append(out, Place{name, at + m[0], at + m[1]})
			}
		}
		at = p.End
	}
	return out
}
