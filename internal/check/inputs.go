package check

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// declarations checks the inputs of the runbook.
func (c *checker) declarations() {
	for _, in := range c.rb.Inputs {
		c.declaration(in)
		c.inputs[in.Name.Value] = in
		c.names = append(c.names, in.Name.Value)
	}
}

var BadItems = codes.Error("IR0232", "a list or map cannot hold such items",
	"An enum needs values, which items cannot have. Write items: string.")

// declaration checks one input, answer or piece of evidence.
func (c *checker) declaration(in *runbook.Input) {
	if in.Items.Value == string(action.Enum) {
		c.report(BadItems, in.Items.Span, "the items of `"+in.Name.Value+"` cannot be an enum", "write `items: string`")
		return
	}
	c.limits(in, typeOf(in))
	if in.Default != nil {
		c.defaultValue(in)
	}
}

var BadDefault = codes.Error("IR0222", "a default or bound does not fit its declaration",
	"The runbook could not start with it. Give a value of the declared type within the declared bounds.")

func (c *checker) limits(in *runbook.Input, typ action.Type) {
	bound := action.Field{Name: in.Name.Value, Type: typ}
	switch typ {
	case action.Int, action.Float, action.Duration, action.Time:
	case action.String, action.List, action.Map:
		bound.Type = action.Int // of the length
	default:
		return
	}
	var ends [2]any
	for i, b := range []*runbook.Value{in.Min, in.Max} {
		if b == nil {
			continue
		}
		v, p := coerce.One(bound, b.Data())
		if p != nil {
			c.report(BadDefault, b.Span, "the bound of `"+in.Name.Value+"` "+p.Message, p.Hint)
			return
		}
		ends[i] = v
	}
	if less(ends[1], ends[0]) {
		c.report(BadDefault, in.Max.Span, "`max` is less than `min`", "swap them")
	}
}

// less compares two values of the same type; what cannot be compared is not less.
func less(a, b any) bool {
	switch a := a.(type) {
	case int64:
		b, ok := b.(int64)
		return ok && a < b
	case float64:
		b, ok := b.(float64)
		return ok && a < b
	case time.Duration:
		b, ok := b.(time.Duration)
		return ok && a < b
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Before(b)
	}
	return false
}

// maxMatched is how long a default may be that is held against a pattern.
const maxMatched = 1000

func (c *checker) defaultValue(in *runbook.Input) {
	if in.Pattern.Given() && len(in.Default.Text) > maxMatched {
		c.report(BadDefault, in.Default.Span, "the default of `"+in.Name.Value+"` is too long for a pattern", "the most is "+strconv.Itoa(maxMatched)+" bytes; shorten it, or remove the pattern")
		return
	}
	f := FieldOf(in)
	v, p := coerce.One(f, in.Default.Data())
	if p != nil {
		c.report(BadDefault, in.Default.Span, "the default of `"+in.Name.Value+"` "+p.Message, p.Hint)
		return
	}
	if why := OutOfBounds(f.Type, in.Min.Data(), in.Max.Data(), v); why != "" {
		c.report(BadDefault, in.Default.Span, "the default of `"+in.Name.Value+"` "+why, "change the default or the bound")
	}
}

// OutOfBounds says how a typed value of type t breaks a smallest or largest
// value (as data, nil is none), "" if it does not. For texts, lists and maps
// the bounds are of the length.
func OutOfBounds(t action.Type, least, most, v any) string {
	unit := ""
	switch x := v.(type) {
	case string:
		v, t, unit = int64(utf8.RuneCountInString(x)), action.Int, " characters"
	case []any:
		v, t, unit = int64(len(x)), action.Int, " entries"
	case map[string]any:
		v, t, unit = int64(len(x)), action.Int, " entries"
	}
	bound := func(raw any) any {
		if raw == nil {
			return nil
		}
		end, _ := coerce.One(action.Field{Type: t}, raw)
		return end
	}
	if end := bound(least); less(v, end) {
		return "is less than " + expr.Text(end) + unit
	}
	if end := bound(most); less(end, v) {
		return "is more than " + expr.Text(end) + unit
	}
	return ""
}

// FieldOf is a declared input as the field that it is.
func FieldOf(in *runbook.Input) action.Field {
	f := action.Field{
		Name: in.Name.Value, Type: typeOf(in), Items: action.Type(in.Items.Value), Required: in.Required && in.Default == nil,
		Default: in.Default.Data(), Pattern: in.Pattern.Value, Secret: in.Secret, Description: in.Description.Value,
	}
	for _, v := range in.Enum {
		f.Enum = append(f.Enum, v.Value)
	}
	return f
}

func typeOf(in *runbook.Input) action.Type {
	if in.Type.Value == "" {
		return action.String
	}
	return action.Type(in.Type.Value)
}

func inputType(in *runbook.Input) expr.Type {
	return expr.Type{Of: typeOf(in), Items: action.Type(in.Items.Value)}
}

var UnusedInput = codes.Warning("IR0226", "an input is never used",
	"People would be asked for it in vain. Use it or remove it.")

// unused warns of inputs that nothing mentions. What names the incident is of
// use to whoever lists runs.
func (c *checker) unused() {
	for _, in := range c.rb.Inputs {
		if !c.used[in.Name.Value] && !in.Identifies {
			c.report(UnusedInput, in.Name.Span, "the input `"+in.Name.Value+"` is never used", "use it as `${{ inputs."+in.Name.Value+" }}` or remove it")
		}
	}
}
