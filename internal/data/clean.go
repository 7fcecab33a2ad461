package data

import "github.com/irctl/irctl/pkg/action"

// Clean is [action.Clean] for every text inside plain data, keys included.
func Clean(v any) any {
	switch v := v.(type) {
	case string:
		return action.Clean(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Clean(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[action.Clean(k)] = Clean(e)
		}
		return out
	}
	return v
}
