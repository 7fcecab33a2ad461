package expr

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// conceal is for data that was computed from a secret: every text, number and
// truth value in it becomes one.
func conceal(v any) any {
	return data.Each(v, func(v any) any {
		switch v.(type) {
		case nil, action.Secret:
			return v
		}
		return action.NewSecret(v)
	})
}

// plain turns CEL's value into plain data.
func plain(v ref.Val) (any, error) {
	switch v := v.(type) {
	case types.Null:
		return nil, nil
	case types.Bool:
		return bool(v), nil
	case types.Int:
		return int64(v), nil
	case types.Uint:
		return event.Number(strconv.FormatUint(uint64(v), 10)), nil
	case types.Double:
		if f := float64(v); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f, nil
		}
		return nil, errors.New("the result is not a finite number")
	case types.String:
		return string(v), nil
	case types.Bytes:
		return string(v), nil
	case types.Duration:
		return v.Duration, nil
	case types.Timestamp:
		return v.Time, nil
	case traits.Lister:
		out := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			e, err := plain(it.Next())
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
		return out, nil
	case traits.Mapper:
		out := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			e, err := plain(v.Get(key))
			if err != nil {
				return nil, err
			}
			out[fmt.Sprint(key.Value())] = e
		}
		return out, nil
	}
	return nil, fmt.Errorf("the result is %s, which is not data", v.Type().TypeName())
}

// Text returns data as it stands inside a longer text: nothing for null,
// "1h30m" for a duration, RFC 3339 in UTC for a time, JSON for lists and maps.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case action.Secret:
		return v.Reveal()
	case time.Duration:
		return data.Duration(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any, map[string]any:
		b, err := data.Encode(textInside(v))
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(b)
	}
	return fmt.Sprint(v)
}

// textInside prepares data for JSON.
func textInside(v any) any {
	return data.Each(v, func(v any) any {
		switch v := v.(type) {
		case action.Secret:
			return v.Value()
		case time.Duration:
			return data.Duration(v)
		}
		return v
	})
}

// Typed gives data that was kept as text (in a journal, say) its declared type
// back: durations and times, also inside lists and maps. What does not fit
// stays as it is.
func Typed(v any, t Type) any {
	switch v := v.(type) {
	case string:
		switch t.Of {
		case action.Duration:
			if d, err := time.ParseDuration(v); err == nil {
				return d
			}
		case action.Time:
			if at, err := time.Parse(time.RFC3339, v); err == nil {
				return at
			}
		}
	case int64:
		if t.Of == action.Float {
			return float64(v)
		}
	case []any:
		if t.Items != "" && t.Of == action.List {
			out := make([]any, len(v))
			for i, e := range v {
				out[i] = Typed(e, Type{Of: t.Items})
			}
			return out
		}
	case map[string]any:
		if t.Items != "" && t.Of == action.Map {
			out := make(map[string]any, len(v))
			for k, e := range v {
				out[k] = Typed(e, Type{Of: t.Items})
			}
			return out
		}
	}
	return v
}
