package described

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// answer is what a system said: to a request or to a command.
type answer struct {
	code   int         // HTTP status or exit code
	text   string      // body or standard output
	header http.Header // of an HTTP answer
}

// holds tells whether an answer fulfils the condition: every part of it. It is
// an error if the answer has nothing at a path that the condition names.
func (c *condition) holds(a answer, f filler) (bool, error) {
	if c == nil {
		return true, nil
	}
	if len(c.codes) > 0 && !slices.Contains(c.codes, any(int64(a.code))) {
		return false, nil
	}
	if c.contains != "" {
		filled, _, err := f.text(c.contains, nil)
		if err != nil || !strings.Contains(a.text, filled) {
			return false, err
		}
	}
	if c.matches != "" {
		filled, _, err := f.text(c.matches, func(s string) (string, error) { return regexp.QuoteMeta(s), nil })
		if err != nil {
			return false, err
		}
		re, err := regexp.Compile(filled)
		if err != nil || !re.MatchString(a.text) {
			return false, err
		}
	}
	return holdsJSON(c.json, a, f)
}

func holdsJSON(want map[string]any, a answer, f filler) (bool, error) {
	if len(want) == 0 {
		return true, nil
	}
	got, err := data.Decode([]byte(a.text))
	if err != nil {
		return false, fmt.Errorf("the answer is %w", err)
	}
	for _, path := range slices.Sorted(maps.Keys(want)) {
		at, ok := httpclient.Find(got, path)
		if !ok {
			return false, fmt.Errorf("the answer has no %q", path)
		}
		filled, err := f.json(want[path])
		if err != nil {
			return false, err
		}
		if !data.Same(at, filled) {
			return false, nil
		}
	}
	return true, nil
}

// named are the statuses or exit codes that conditions name; an answer with
// one of them is an answer, not an error.
func named(conditions ...*condition) []int {
	var out []int
	for _, c := range conditions {
		if c == nil {
			continue
		}
		for _, v := range c.codes {
			if i, ok := v.(int64); ok {
				out = append(out, int(i))
			}
		}
	}
	return out
}

// extract takes outputs from an answer. What is not there is left out.
func (s *section) extract(declared []action.Field, a answer) map[string]any {
	out := map[string]any{}
	for _, field := range declared {
		where := s.outputs[field.Name]
		if where == nil {
			continue
		}
		found := where.find(a)
		if found == nil {
			continue
		}
		if typed, p := coerce.One(field, found); p == nil {
			out[field.Name] = typed
		}
	}
	return out
}

func (p *place) find(a answer) any {
	switch {
	case p.json != "":
		v, err := data.Decode([]byte(a.text))
		if err != nil {
			return nil
		}
		found, _ := httpclient.Find(v, p.json)
		if s, ok := found.(string); ok {
			return action.Clean(s)
		}
		return found
	case p.match != "":
		re, err := regexp.Compile(p.match)
		if err != nil {
			return nil
		}
		m := re.FindStringSubmatch(a.text)
		if m == nil {
			return nil
		}
		return action.Clean(m[len(m)-1])
	}
	if text := a.header.Get(p.header); text != "" {
		return action.Clean(text)
	}
	return nil
}
