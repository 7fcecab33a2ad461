package described

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// placeholder is {name}; {{name}} stands for itself without the outer braces.
// Any other brace is text.
var placeholder = pattern.Late(`\{\{[a-z][a-z0-9_]*\}\}|\{[a-z][a-z0-9_]*\}`)

// names lists the placeholders of a text.
func names(text string) []string {
	var out []string
	for _, m := range placeholder().FindAllString(text, -1) {
		if name, ok := nameOf(m); ok {
			out = append(out, name)
		}
	}
	return out
}

func nameOf(match string) (string, bool) {
	if strings.HasPrefix(match, "{{") {
		return "", false
	}
	return match[1 : len(match)-1], true
}

// whole returns the name if a text is one placeholder and nothing else.
func whole(text string) (string, bool) {
	if text == "" || placeholder().FindString(text) != text {
		return "", false
	}
	return nameOf(text)
}

// filler puts data into descriptions.
type filler struct {
	data map[string]any
	// strict refuses placeholders without a value: a look must not go to
	// another place than the one that is meant.
	strict bool
}

// filler returns the data that the descriptions may use.
func (w *work) filler(strict bool) filler {
	data := map[string]any{
		"key": w.req.Key, "run": w.req.Run, "runbook": w.req.Runbook, "step": w.req.Path, "target": w.req.Target.Name,
	}
	for _, in := range w.system.Inputs {
		v := w.req.With[in.Name]
		if given, ok := w.given[in.Name]; ok {
			v = given
		}
		if d, ok := v.(time.Duration); ok {
			data[in.Name+"_seconds"] = int64(d / time.Second)
		}
		data[in.Name] = v
	}
	return filler{data, strict}
}

// text fills in a text. Every value passes escape; secret says that one was a
// secret, so that the text is one as well.
func (f filler) text(text string, escape func(string) (string, error)) (out string, secret bool, err error) {
	var b strings.Builder
	last := 0
	for _, at := range placeholder().FindAllStringIndex(text, -1) {
		b.WriteString(text[last:at[0]])
		last = at[1]
		match := text[at[0]:at[1]]
		name, ok := nameOf(match)
		if !ok {
			b.WriteString(match[1 : len(match)-1])
			continue
		}
		value, isSecret, err := f.value(name)
		if err != nil {
			return "", false, err
		}
		secret = secret || isSecret
		if escape != nil {
			if value, err = escape(value); err != nil {
				return "", false, badValue(name, err)
			}
		}
		b.WriteString(value)
	}
	b.WriteString(text[last:])
	return b.String(), secret, nil
}

// value is a placeholder's value as a text.
func (f filler) value(name string) (text string, secret bool, err error) {
	v := f.data[name]
	if v == nil || v == "" {
		if f.strict {
			return "", false, fmt.Errorf("{%s} is %w", name, errNotYet)
		}
		return "", false, nil
	}
	if s, ok := v.(action.Secret); ok {
		return s.Reveal(), true, nil
	}
	return textOf(v), false, nil
}

func badValue(name string, err error) error {
	return &action.Error{Message: fmt.Sprintf("{%s} cannot be filled in here", name), Cause: err, Permanent: true}
}

// plain fills in a text that may become a secret: a header, standard input.
func (f filler) plain(text string) (any, error) {
	out, secret, err := f.text(text, nil)
	if err != nil {
		return nil, err
	}
	if secret {
		return action.NewSecret(out), nil
	}
	return out, nil
}

// json fills in a JSON value. A text that is one placeholder takes on the
// value's type. Secrets are revealed: the result is for the wire only.
func (f filler) json(v any) (any, error) {
	switch v := v.(type) {
	case action.Secret:
		return v.Value(), nil
	case string:
		if name, ok := whole(v); ok {
			if _, _, err := f.value(name); err != nil {
				return nil, err
			}
			return data.Wire(f.data[name]), nil
		}
		out, _, err := f.text(v, nil)
		return out, err
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			filled, err := f.json(e)
			if err != nil {
				return nil, err
			}
			out[i] = filled
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			filled, err := f.json(e)
			if err != nil {
				return nil, err
			}
			out[k] = filled
		}
		return out, nil
	}
	return data.Wire(v), nil
}

// textOf turns a typed value into a text: a list of plain values is joined
// with commas, anything deeper becomes JSON.
func textOf(v any) string {
	list, ok := v.([]any)
	if ok && !slices.ContainsFunc(list, nested) {
		texts := each.Of(list, textOf)
		return strings.Join(texts, ", ")
	}
	switch v := data.Wire(v).(type) {
	case []any, map[string]any:
		b, err := data.Encode(v)
		if err != nil {
			return ""
		}
		return string(b)
	default:
		return fmt.Sprint(v)
	}
}

func nested(v any) bool {
	switch v.(type) {
	case []any, map[string]any, action.Secret:
		return true
	}
	return false
}
