package expr

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/event"
)

// Roots are the words that every qualified name begins with. Other names are
// variables of loops.
var roots = map[string]string{
	"inputs": "inputs.NAME",
	"steps":  "steps.ID.outputs.NAME",
	"vars":   "vars.NAME",
	"run":    "run.id",
	"env":    "env.NAME",
	"error":  "error.message",
}

// attributes are what a step has besides its outputs.
var attributes = []string{"status", "outputs", "error", "timed_out", "attempts", "evidence"}

// selecting is the function whose value is known of each of its uses: what it is
// given must be plain text.
const selecting = "targets"

// attempt is the one plain name besides those of loops.
const attempt = "attempt"

// namespaces are the prefixes of CEL functions such as math.greatest.
var namespaces = []string{"lists", "math", "net", "strings"}

// typeNames are values in CEL: type(x) == string.
var typeNames = []string{"bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"}

// keywords cannot be names in CEL.
var keywords = []string{
	"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
	"namespace", "null", "package", "return", "true", "var", "void", "while",
}

// Reserved reports whether a loop variable may not have this name because it
// means something else in every expression.
func Reserved(name string) bool {
	_, root := roots[name]
	return root || name == attempt || slices.Contains(keywords, name) ||
		slices.Contains(namespaces, name) || slices.Contains(typeNames, name)
}

// shape says how many segments of a path make up its qualified name: 0 if the
// path is too short, or its third segment is not an attribute of a step.
func shape(path []string, symbols Symbols) int {
	n := 1
	if q, ok := symbols.(Qualified); ok && q.Qualified(path[0]) {
		n = 2
	}
	switch path[0] {
	case "inputs", "vars", "run", "env", "error":
		n = 2
	case "steps":
		n = 3
		if len(path) > 2 {
			switch {
			case path[2] == "outputs":
				n = min(len(path), 4) // all outputs together are a map
			case path[2] == "evidence":
				n = 4
			case !slices.Contains(attributes, path[2]):
				return 0
			}
		}
	}
	if len(path) < n {
		return 0
	}
	return n
}

// malformed says what is wrong with a path that has no shape.
func malformed(path []string) Problem {
	name := strings.Join(path, ".")
	if path[0] == "steps" && len(path) > 2 && !slices.Contains(attributes, path[2]) {
		return Problem{
			Rule:    RuleName,
			Message: "a step has status, outputs, error, timed_out, attempts and evidence, but no `" + path[2] + "`",
			Hint:    "write `" + strings.Join(path[:2], ".") + ".outputs." + path[2] + "` if it is an output",
		}
	}
	if len(path) == 1 {
		return Problem{Rule: RuleName, Message: "`" + name + "` is not a value by itself", Hint: "say which one: `" + cmp.Or(roots[path[0]], path[0]+".NAME") + "`"}
	}
	return Problem{Rule: RuleName, Message: "a step is not a value by itself", Hint: "write `" + name + ".status` or `" + name + ".outputs.NAME`"}
}

// mangle rewrites the ids of steps so that CEL can read them as names: hyphens
// become letters that no id has, and keywords lose their meaning; and whole
// numbers that only a uint64 holds, which CEL wants marked. The length stays the
// same.
func mangle(text string) string {
	var out []byte
	for i := 0; i < len(text); {
		if n := opaque(text[i:]); n > 0 {
			i += n
			continue
		}
		if !isWordByte(text[i]) {
			i++
			continue
		}
		n := wordLength(text[i:], false)
		word := text[i : i+n]
		i += n
		if number, big := event.Number(word).(uint64); big {
			out = append(out, text[len(out):]...)
			copy(out[i-n:], fmt.Sprintf("%-*s", n, fmt.Sprintf("0x%Xu", number)))
			continue
		}
		if word != "steps" || i >= len(text) || text[i] != '.' || (i > n && text[i-n-1] == '.') {
			continue
		}
		i++
		n = wordLength(text[i:], true)
		id := text[i : i+n]
		if strings.Contains(id, "-") || slices.Contains(keywords, id) {
			out = append(out, text[len(out):]...)
			copy(out[i:], strings.ReplaceAll(id, "-", "Z"))
			out[i] -= 'a' - 'A'
		}
		i += n
	}
	if out == nil {
		return text
	}
	return string(out)
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func wordLength(text string, hyphens bool) int {
	n := 0
	for n < len(text) && (isWordByte(text[n]) || hyphens && text[n] == '-' && n > 0 && text[0] >= 'a' && text[0] <= 'z') {
		n++
	}
	return n
}

// opaque returns the length of the string literal or comment that text begins
// with, 0 if it begins with neither. An open literal reaches to the end.
func opaque(text string) int {
	if strings.HasPrefix(text, "//") {
		if n := strings.IndexByte(text, '\n'); n >= 0 {
			return n
		}
		return len(text)
	}
	start := 0
	for start < 2 && start < len(text) && strings.IndexByte("rRbB", text[start]) >= 0 {
		start++
	}
	if start >= len(text) || text[start] != '\'' && text[start] != '"' {
		return 0
	}
	raw := strings.ContainsAny(text[:start], "rR")
	quote := text[start : start+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(text[start:], triple) {
		quote = triple
	}
	for i := start + len(quote); i < len(text); i++ {
		if text[i] == '\\' && !raw {
			i++
			continue
		}
		if strings.HasPrefix(text[i:], quote) {
			return i + len(quote)
		}
	}
	return len(text)
}
