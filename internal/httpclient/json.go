package httpclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// JSON decodes an answer. Whole numbers are int64.
func (r Response) JSON() (any, error) {
	if r.Cut {
		return nil, fmt.Errorf("the answer is longer than %d bytes", MaxBody)
	}
	return ParseJSON(r.Body)
}

// ParseJSON decodes exactly one JSON value into nil, bool, int64, float64,
// string, []any and map[string]any.
func ParseJSON(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errors.New("not JSON")
	}
	if d.More() {
		return nil, errors.New("more than one JSON value")
	}
	return numbers(v), nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}

// Find returns the value at a path such as "mail.state" or "items.0.id": names
// of keys and, in lists, numbers from 0, with dots between. "" is v itself.
func Find(v any, path string) (any, bool) {
	if path == "" {
		return v, true
	}
	for part := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[part]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// Same reports whether two values are the same JSON; 1 and 1.0 are.
func Same(a, b any) bool {
	x, err := normal(a)
	if err != nil {
		return false
	}
	y, err := normal(b)
	return err == nil && bytes.Equal(x, y)
}

func normal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out any // float64 for every number, sorted keys
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}
