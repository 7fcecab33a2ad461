package cacao

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/irctl/irctl/pkg/action"
)

// keyword follows a variable's name where its value is meant.
const keyword = ":value"

// maxName is the most characters that a variable's name may have, underscores
// included.
const maxName = 250

// reference is a place in a text where a variable's value is meant.
type reference struct {
	name       string // "__ip__"
	start, end int    // of "__ip__:value" in the text, in bytes
}

// references finds the variables in a text, from left to right. Where several
// names could be meant, because a letter stands right before the underscores,
// the longest that is known counts, and without one the longest.
func references(text string, known map[string]any) []reference {
	var out []reference
	for from := 0; ; {
		i := strings.Index(text[from:], keyword)
		if i < 0 {
			return out
		}
		end := from + i
		if start, ok := nameBefore(text[from:end], known); ok {
			out = append(out, reference{text[from+start : end], from + start, end + len(keyword)})
		}
		from = end + len(keyword)
	}
}

// nameBefore returns where the name begins that a text ends with.
func nameBefore(text string, known map[string]any) (start int, ok bool) {
	if !strings.HasSuffix(text, "__") {
		return 0, false
	}
	first := len(text)
	for first > 0 && len(text)-first < maxName && nameChar(text[first-1]) {
		first--
	}
	best := -1
	for s := first; s+5 <= len(text); s++ {
		if text[s] != '_' || text[s+1] != '_' || !letter(text[s+2]) {
			continue
		}
		if _, is := known[text[s:]]; is {
			return s, true
		}
		if best < 0 {
			best = s
		}
	}
	return best, best >= 0
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func nameChar(c byte) bool {
	return letter(c) || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}

// values are the variables of a command.
type values map[string]any

// text returns the value of a reference as text: texts as they are, numbers
// and truth values as JSON writes them, objects and lists as JSON.
func (v values) text(ref reference) (string, error) {
	value, known := v[ref.name]
	if !known {
		return "", permanent(fmt.Sprintf("the variable %s is not defined", ref.name), "declare it in the playbook, or correct its name in the command")
	}
	out, err := textOf(value)
	switch {
	case value == nil:
		return "", permanent(fmt.Sprintf("the variable %s has no value yet: it is null", ref.name), "give it one before this step, in the playbook or as an input; an empty text is a value")
	case err != nil:
		return "", permanent(fmt.Sprintf("the variable %s cannot be written as text", ref.name), "")
	case !utf8.ValidString(out):
		return "", permanent(fmt.Sprintf("the variable %s is not UTF-8 text", ref.name), "")
	}
	return out, nil
}

func textOf(value any) (string, error) {
	switch value := value.(type) {
	case nil:
		return "", nil
	case string:
		return value, nil
	case action.Secret:
		return value.Reveal(), nil
	case int64:
		return strconv.FormatInt(value, 10), nil
	case time.Duration, time.Time:
		return fmt.Sprint(action.Wire(value)), nil
	}
	b, err := json.Marshal(action.Wire(value))
	return string(b), err
}

// substitute replaces every reference in a text by what write makes of its
// value.
func (v values) substitute(text string, write func(ref reference, value string) (string, error)) (string, error) {
	var out strings.Builder
	at := 0
	for _, ref := range references(text, v) {
		value, err := v.text(ref)
		if err != nil {
			return "", err
		}
		written, err := write(ref, value)
		if err != nil {
			return "", err
		}
		out.WriteString(text[at:ref.start])
		out.WriteString(written)
		at = ref.end
	}
	out.WriteString(text[at:])
	return out.String(), nil
}

// permanent is a failure that trying again cannot mend.
func permanent(message, hint string) *action.Error {
	return &action.Error{Message: message, Hint: hint, Permanent: true}
}
