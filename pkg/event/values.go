package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Values is data inside an event: inputs, outputs, records. A value is nil,
// bool, int64, float64, string, []any or map[string]any (what [Normalize]
// returns). On disk a float64 stands as {"$float":"1.5"}: the journal holds no
// JSON floats and no integer beyond 2^53, because readers disagree about them.
type Values map[string]any

const floatKey = "$float"

// maxInt is the largest integer that every JSON reader keeps exactly, 2^53-1
// (RFC 8259 section 6). Larger ones are stored as text.
const maxInt = 1<<53 - 1

// Normalize turns any plain Go value into the forms that Values may hold. A
// value it does not know is stored as its fmt text.
func Normalize(v any) any {
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case int:
		return integer(int64(v))
	case int32:
		return integer(int64(v))
	case int64:
		return integer(v)
	case uint64:
		if v > maxInt {
			return strconv.FormatUint(v, 10)
		}
		return int64(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= maxInt {
			return int64(v)
		}
		return v
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return integer(i)
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case time.Duration:
		return v.String()
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Normalize(e)
		}
		return out
	case Values:
		return Normalize(map[string]any(v))
	case List:
		return Normalize([]any(v))
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = Normalize(e)
		}
		return out
	case map[string]string:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = e
		}
		return out
	}
	return fmt.Sprint(v)
}

func integer(i int64) any {
	if i > maxInt || i < -maxInt {
		return strconv.FormatInt(i, 10)
	}
	return i
}

// MarshalJSON writes the values with sorted keys and no floats.
func (v Values) MarshalJSON() ([]byte, error) {
	if v == nil {
		return []byte("{}"), nil
	}
	return marshalPlain(hideFloats(Normalize(map[string]any(v))))
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (v *Values) UnmarshalJSON(b []byte) error {
	m := Values{}
	err := members(b, func(key, raw []byte) (err error) {
		m[string(key)], err = value(raw, 0)
		return err
	})
	if err != nil {
		return err
	}
	*v = m
	return nil
}

// List is a list of what Values may hold, stored as they are.
type List []any

// MarshalJSON writes the list without floats.
func (l List) MarshalJSON() ([]byte, error) {
	return marshalPlain(hideFloats(Normalize([]any(l))))
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (l *List) UnmarshalJSON(b []byte) error {
	v, err := value(bytes.TrimSpace(b), 0)
	if err != nil {
		return err
	}
	items, ok := v.([]any)
	if !ok && v != nil {
		return errSyntax
	}
	*l = items
	return nil
}

func hideFloats(v any) any {
	switch v := v.(type) {
	case float64:
		return map[string]any{floatKey: strconv.FormatFloat(v, 'g', -1, 64)}
	case []any:
		for i := range v {
			v[i] = hideFloats(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = hideFloats(v[k])
		}
	}
	return v
}

// marshalPlain is json.Marshal without the escaping of <, > and &, which only
// makes journals harder to read.
func marshalPlain(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
