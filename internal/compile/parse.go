package compile

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
)

// parse turns a text of the command line into data of the shape of a list or
// map; every other type is read from the text by [coerce.One].
func parse(f plan.Field, text string) (any, *Problem) {
	trimmed := strings.TrimSpace(text)
	switch action.Type(f.Type) {
	case action.List:
		if strings.HasPrefix(trimmed, "[") {
			return fromJSON(f, trimmed, `["a", "b"]`)
		}
		return splitList(trimmed), nil
	case action.Map:
		if strings.HasPrefix(trimmed, "{") {
			return fromJSON(f, trimmed, `{"a": "1"}`)
		}
		return splitMap(f, trimmed)
	case action.String:
		return text, nil
	}
	return trimmed, nil
}

func fromJSON(f plan.Field, text, example string) (any, *Problem) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, &Problem{f.Name, "is not valid JSON: " + err.Error(), "write for example " + f.Name + "='" + example + "'"}
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, &Problem{f.Name, "has something behind the end of its JSON", "write for example " + f.Name + "='" + example + "'"}
	}
	return data.Of(v), nil
}

func splitList(text string) []any {
	out := []any{}
	if text == "" {
		return out
	}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func splitMap(f plan.Field, text string) (any, *Problem) {
	out := map[string]any{}
	for _, part := range splitList(text) {
		key, v, ok := strings.Cut(part.(string), "=")
		if key = strings.TrimSpace(key); !ok || key == "" {
			return nil, &Problem{f.Name, "is not a map", "write " + f.Name + "=a=1,b=2 or JSON"}
		}
		out[key] = strings.TrimSpace(v)
	}
	return out, nil
}
