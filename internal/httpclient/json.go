package httpclient

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/data"
)

// JSON decodes an answer.
func (r Response) JSON() (any, error) {
	if r.Cut {
		return nil, fmt.Errorf("the answer is longer than %d bytes", MaxBody)
	}
	return data.Decode(r.Body)
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
