package convert

import (
	"encoding/json"
	"strconv"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// draft is a step of a runbook in the making.
type draft struct {
	at      runbook.Span // in the playbook
	remarks []string     // comments before it
	fields  object       // values as in JSON, *runbook.Value with places of their own, and []*draft for steps inside
}

// newDraft begins a step; what is empty is left out.
func newDraft(at runbook.Span, id, title string) *draft {
	d := &draft{at: at}
	d.fields.put("id", id)
	d.fields.put("title", title)
	return d
}

func (d *draft) id() string {
	id, _ := d.fields.get("id").(string)
	return id
}

// valueOf is a value as the tree of a runbook holds it. What has no place of
// its own stands where it is made for.
func valueOf(v any, at runbook.Span) *runbook.Value {
	out := &runbook.Value{Span: at}
	switch v := v.(type) {
	case *runbook.Value:
		return v
	case nil:
		out.Kind = runbook.Null
	case bool:
		out.Kind, out.Bool, out.Text = runbook.BoolValue, v, strconv.FormatBool(v)
	case int64:
		out.Kind, out.Int, out.Float, out.Text = runbook.IntValue, v, float64(v), strconv.FormatInt(v, 10)
	case float64:
		out.Kind, out.Float, out.Text = runbook.FloatValue, v, strconv.FormatFloat(v, 'g', -1, 64)
	case json.RawMessage: // a number as its author wrote it
		f, _ := strconv.ParseFloat(string(v), 64)
		return valueOf(f, at)
	case string:
		out.Kind, out.Text = runbook.StringValue, v
	case []any:
		out.Kind = runbook.ListValue
		for _, e := range v {
			out.Items = append(out.Items, valueOf(e, at))
		}
	case []*draft:
		out.Kind = runbook.ListValue
		for _, d := range v {
			out.Items = append(out.Items, valueOf(d.fields, d.at))
		}
	case object:
		out.Kind = runbook.MapValue
		for _, m := range v {
			inner := valueOf(m.value, at)
			key := runbook.Text{Value: m.key, Span: inner.Span}
			out.Pairs = append(out.Pairs, runbook.Pair{Key: key, Value: inner})
		}
	}
	return out
}

// short is a text as a message may quote it.
func short(s string) string { return action.CleanLine(s, 61) }

// notKebab is what the id of a step cannot hold.
var notKebab = pattern.Late(`[^a-z0-9]+`)
