package runbooktest

import (
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/pkg/action"
)

// same compares data of a test file with data of an event. A mapping that has
// `contains` alone stands for every text that holds the text; durations may be
// written in different ways.
func same(want, got any) bool {
	if part, ok := containing(want); ok {
		text, isText := got.(string)
		return isText && strings.Contains(text, part)
	}
	switch w := data.Of(want).(type) {
	case string:
		g, ok := data.Of(got).(string)
		return ok && (w == g || sameDuration(w, g))
	case []any:
		g, ok := data.Of(got).([]any)
		if !ok || len(w) != len(g) {
			return false
		}
		for i := range w {
			if !same(w[i], g[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		g, ok := data.Of(got).(map[string]any)
		if !ok || len(w) != len(g) {
			return false
		}
		for k := range w {
			if v, there := g[k]; !there || !same(w[k], v) {
				return false
			}
		}
		return true
	default:
		return data.Same(w, data.Of(got))
	}
}

// containing is the text of {contains: TEXT}.
func containing(v any) (string, bool) {
	m, ok := v.(map[string]any)
	if !ok || len(m) != 1 {
		return "", false
	}
	text, ok := m["contains"].(string)
	return text, ok
}

func sameDuration(a, b string) bool {
	x, err := time.ParseDuration(a)
	if err != nil {
		return false
	}
	y, err := time.ParseDuration(b)
	return err == nil && x == y
}

// maxShown is how many characters of a value a message shows.
const maxShown = 160

// differ says what a value is and what it should be. Of two long texts the
// place is shown at which they part.
func differ(want, got any) string {
	if part, ok := containing(want); ok {
		return show(got) + ", without " + quote(part)
	}
	w, g := show(want), show(got)
	if len(w) <= maxShown/2 && len(g) <= maxShown/2 {
		return g + ", not " + w
	}
	a, b := []rune(w), []rune(g)
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	from = max(from-16, 0)
	piece := func(r []rune) string {
		text := string(r[from:min(len(r), from+maxShown/2)])
		if from > 0 {
			text = "…" + text
		}
		if len(r) > from+maxShown/2 {
			text += "…"
		}
		return text
	}
	return piece(b) + ", not " + piece(a)
}

// show writes data as JSON on one line.
func show(v any) string {
	b, err := data.Encode(v)
	if err != nil {
		return "?"
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}

// quote is a text as a message may hold it.
func quote(s string) string {
	if s == "" {
		return "nothing"
	}
	return strconv.Quote(action.CleanLine(s, maxShown))
}
