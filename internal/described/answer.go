package described

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// answer is what a system said: to a request or to a command.
type answer struct {
	code   int         // HTTP status or exit code
	text   string      // body or standard output
	header http.Header // of an HTTP answer
}

// words are how conditions are spelled in a target type's config.
type words struct{ code, contains, matches string }

var (
	httpWords    = words{code: "status", contains: "contains", matches: "matches"}
	commandWords = words{code: "exit_code", contains: "stdout_contains", matches: "stdout_matches"}
)

// holds tells whether an answer fulfils a condition: every part of it. It is
// an error if the answer has nothing at a path that the condition names.
func (w words) holds(cond action.Values, a answer, f filler) (bool, error) {
	if codes := cond.List(w.code); len(codes) > 0 && !slices.Contains(codes, any(int64(a.code))) {
		return false, nil
	}
	if want := cond.String(w.contains); want != "" {
		filled, _, err := f.text(want, nil)
		if err != nil || !strings.Contains(a.text, filled) {
			return false, err
		}
	}
	if want := cond.String(w.matches); want != "" {
		filled, _, err := f.text(want, func(s string) (string, error) { return regexp.QuoteMeta(s), nil })
		if err != nil {
			return false, err
		}
		re, err := regexp.Compile(filled)
		if err != nil || !re.MatchString(a.text) {
			return false, err
		}
	}
	return holdsJSON(cond.Map("json"), a, f)
}

func holdsJSON(want action.Values, a answer, f filler) (bool, error) {
	if len(want) == 0 {
		return true, nil
	}
	got, err := httpclient.ParseJSON([]byte(a.text))
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
		if !httpclient.Same(at, filled) {
			return false, nil
		}
	}
	return true, nil
}

// telling are the codes that a look takes for an answer. With a condition on
// the code, a thing that is not there (404, 410) or a program's own exit code
// (below 126, where the shell's begin) is an answer like any other.
func (w words) telling(conds ...action.Values) []int {
	out := w.codes(conds...)
	if len(out) == 0 {
		return nil
	}
	if w.code == httpWords.code {
		return append(out, http.StatusNotFound, http.StatusGone)
	}
	for code := 1; code < 126; code++ {
		out = append(out, code)
	}
	return out
}

// codes are the statuses or exit codes that conditions name; an answer with
// one of them is an answer, not an error.
func (w words) codes(conds ...action.Values) []int {
	var out []int
	for _, c := range conds {
		for _, v := range c.List(w.code) {
			if i, ok := v.(int64); ok {
				out = append(out, int(i))
			}
		}
	}
	return out
}

// extract takes outputs from an answer. What is not there is left out.
func extract(from action.Values, declared []action.Field, a answer) map[string]any {
	out := map[string]any{}
	for _, field := range declared {
		where := from.Map(field.Name)
		if where == nil {
			continue
		}
		found := find(where, a)
		if found == nil {
			continue
		}
		if typed, p := action.CoerceOne(field, found); p == nil {
			out[field.Name] = typed
		}
	}
	return out
}

func find(where action.Values, a answer) any {
	switch {
	case where.Has("json"):
		v, err := httpclient.ParseJSON([]byte(a.text))
		if err != nil {
			return nil
		}
		found, _ := httpclient.Find(v, where.String("json"))
		if s, ok := found.(string); ok {
			return action.Clean(s)
		}
		return found
	case where.Has("match"):
		re, err := regexp.Compile(where.String("match"))
		if err != nil {
			return nil
		}
		m := re.FindStringSubmatch(a.text)
		if m == nil {
			return nil
		}
		return action.Clean(m[len(m)-1])
	case where.Has("header"):
		if text := a.header.Get(where.String("header")); text != "" {
			return action.Clean(text)
		}
	}
	return nil
}
