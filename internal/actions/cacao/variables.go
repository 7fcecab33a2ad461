package cacao

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/pkg/action"
)

// references finds the variables in a text, from left to right.
func references(text string, known map[string]any) []reference.Place {
	return reference.Find(text, func(name string) bool { _, ok := known[name]; return ok })
}

// values are the variables of a command.
type values map[string]any

// text returns the value of a reference as text: texts as they are, numbers
// and truth values as JSON writes them, objects and lists as JSON.
func (v values) text(ref reference.Place) (string, error) {
	value, known := v[ref.Name]
	if !known {
		return "", permanent(fmt.Sprintf("the variable %s is not defined", ref.Name), "declare it in the playbook, or correct its name in the command")
	}
	out := textOf(value)
	switch {
	case value == nil:
		return "", permanent(fmt.Sprintf("the variable %s has no value yet: it is null", ref.Name), "give it one before this step, in the playbook or as an input; an empty text is a value")
	case !utf8.ValidString(out):
		return "", permanent(fmt.Sprintf("the variable %s is not UTF-8 text", ref.Name), "")
	}
	return out, nil
}

func textOf(value any) string { return data.Text(data.Wire(value)) }

// substitute replaces every reference in a text by what write makes of its
// value.
func (v values) substitute(text string, write func(ref reference.Place, value string) (string, error)) (string, error) {
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
		out.WriteString(text[at:ref.Start])
		out.WriteString(written)
		at = ref.End
	}
	out.WriteString(text[at:])
	return out.String(), nil
}

// permanent is a failure that trying again cannot mend.
func permanent(message, hint string) *action.Error {
	return &action.Error{Message: message, Hint: hint, Permanent: true}
}
