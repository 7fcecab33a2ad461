package schema

import (
	"github.com/irctl/irctl/internal/language"
)

// The patterns of texts. They are written so that RE2 and the regular
// expressions of ECMAScript read them alike.
const (
	filled     = `\S`
	expression = `\$\{\{`
	duration   = `^([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))*$`
	timestamp  = `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`
)

// key is the schema of a key's value, with what an editor shows of it.
func (w *writer) key(k language.Key) object {
	s := w.forms(k.Name, k.Forms)
	if len(k.Forms) == 1 && (k.Forms[0].Shape == language.WithShape || k.Forms[0].Shape == language.ConfigShape) {
		return s // an editor shows the first explanation, and the action's own says more
	}
	s["description"] = plain(k.Description)
	s["markdownDescription"] = markdown(k)
	if v, ok := example(k.Example); ok {
		s["examples"] = []any{v}
	}
	if v, ok := example(k.Default); ok && k.Default != "" {
		s["default"] = v
	}
	return s
}

// forms is the schema of a value that may be written in several ways.
func (w *writer) forms(name string, forms []language.Form) object {
	var ways []any
	for _, f := range forms {
		ways = append(ways, w.form(name, f))
		if f.Expr {
			ways = append(ways, w.expression())
		}
	}
	if len(ways) == 0 {
		return object{}
	}
	return oneOrAny(ways)
}

func (w *writer) expression() object {
	return w.once("expression", func() object {
		return object{"type": "string", "pattern": expression, "description": "A CEL expression in ${{ }}."}
	})
}

func (w *writer) form(name string, f language.Form) object {
	switch f.Shape {
	case language.TextShape:
		return object{"type": []string{"string", "integer"}, "pattern": filled}
	case language.NameShape:
		return object{"type": "string", "pattern": f.Name.Pattern()}
	case language.WordShape:
		return object{"enum": f.Words}
	case language.BoolShape:
		return object{"type": "boolean"}
	case language.WholeShape:
		return object{"type": "integer", "minimum": f.Least, "maximum": f.Most}
	case language.ShareShape:
		return object{"type": []string{"integer", "string"}, "minimum": f.Least, "pattern": share(f.Least)}
	case language.NumberShape:
		return object{"type": "number", "minimum": f.Least, "maximum": f.Most}
	case language.DurationShape:
		return object{"type": "string", "pattern": duration}
	case language.TimeShape:
		return object{"type": "string", "pattern": timestamp}
	case language.PatternShape:
		return object{"type": "string", "pattern": filled}
	case language.ConditionShape:
		return object{"type": []string{"boolean", "string"}, "pattern": filled}
	case language.ExprShape:
		return w.expression()
	case language.EmptyShape:
		return object{"type": "null"}
	case language.StepsShape:
		return w.steps()
	case language.FieldsShape:
		return w.share(name, w.table(*f.Keys))
	}
	return w.open(name, f)
}

// share is the pattern of a part of things.
func share(least float64) string {
	if least > 0 {
		return "^(100|[1-9][0-9]?)%$"
	}
	return "^(100|[1-9]?[0-9])%$"
}

// open is a form whose inside is open, or known from elsewhere.
func (w *writer) open(name string, f language.Form) object {
	switch f.Shape {
	case language.ListShape:
		s := object{"type": "array", "items": w.forms(name, f.Of)}
		if f.Filled {
			s["minItems"] = 1
		}
		return s
	case language.EntriesShape:
		s := object{"type": "object", "additionalProperties": w.forms(name, f.Of)}
		if f.Name.Pattern() != language.AnyName.Pattern() {
			s["propertyNames"] = object{"pattern": f.Name.Pattern()}
		}
		if f.Filled {
			s["minProperties"] = 1
		}
		return s
	case language.ActionShape:
		return w.once("action", w.actionName)
	case language.TargetTypeShape:
		return w.once("target-type", w.targetType)
	case language.WithShape, language.ConfigShape:
		return object{"type": "object"}
	}
	return object{} // anything
}
