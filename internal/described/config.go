package described

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/action"
)

// read is a target's config as a description, and the mistakes in it that the
// fields cannot express.
func (f form) read(s System, values action.Values) (*description, []action.Problem) {
	d := &description{}
	f.fields(s, d).Fill(values)
	problems := d.via.Check()
	add := func(input, message, hint string) {
		problems = append(problems, action.Problem{Input: input, Message: message, Hint: hint})
	}
	known := s.placeholders()
	for spot := range walk(values) {
		secret, ok := known[spot.placeholder]
		place := spot.place()
		switch {
		case strings.HasPrefix(spot.path, "base_url"), strings.HasPrefix(spot.path, "ca_file"), strings.HasPrefix(spot.path, "auth"), strings.HasPrefix(spot.path, "via"):
			add(spot.path, "must not hold placeholders", "")
		case !ok:
			add(spot.path, fmt.Sprintf("has the unknown placeholder {%s}", spot.placeholder),
				fmt.Sprintf("known are {%s}; write {{%s}} if the braces are meant", strings.Join(slices.Sorted(maps.Keys(known)), "}, {"), spot.placeholder))
		case secret && (place == "argv" || place == "path"):
			add(spot.path, fmt.Sprintf("would show the secret {%s}", spot.placeholder), "pass it by stdin, by env or in the body")
		}
	}
	for spot := range patterns(values) {
		if _, err := regexp.Compile(placeholder().ReplaceAllString(spot.text, "x")); err != nil {
			add(spot.path, "is not a regular expression (RE2)", "")
		}
	}
	if d.status != nil && len(d.status.when) == 0 {
		names := each.Of(s.states(), whenName)
		add("status", "does not say how to tell the states apart", "give "+strings.Join(names, " or ")+", or both")
	}
	return d, append(problems, f.mistakes(s, d)...)
}

// placeholders are the names that may stand in descriptions, and whether they
// are secret.
func (s System) placeholders() map[string]bool {
	out := map[string]bool{}
	for name := range common {
		out[name] = false
	}
	for _, in := range s.Inputs {
		out[in.Name] = in.Secret
		if in.Type == action.Duration {
			out[in.Name+"_seconds"] = false
		}
	}
	return out
}

// sections yields every part of a description that is sent somewhere.
func (s System) sections(d *description) iter.Seq2[string, *section] {
	return func(yield func(string, *section) bool) {
		if d.status != nil && !yield("status", d.status) {
			return
		}
		for _, v := range s.Verbs {
			t := d.verbs[v.Name]
			if t == nil {
				continue
			}
			if !yield(v.Name, t) || t.check != nil && !yield(v.Name+".check", t.check) {
				return
			}
		}
	}
}

// spot is a placeholder, or a text, somewhere in a config.
type spot struct {
	path        string // "suspend.argv[2]"
	placeholder string
	text        string
}

// place is the name of the field that holds the spot: "argv".
func (s spot) place() string {
	for part := range strings.SplitSeq(s.path, ".") {
		part, _, _ = strings.Cut(part, "[")
		if part == "argv" || part == "path" {
			return part
		}
	}
	return ""
}

// walk yields every placeholder of a config, in a fixed order.
func walk(config action.Values) iter.Seq[spot] {
	return func(yield func(spot) bool) {
		texts("", map[string]any(config), func(s spot) bool {
			for _, name := range names(s.text) {
				if !yield(spot{path: s.path, placeholder: name, text: s.text}) {
					return false
				}
			}
			return true
		})
	}
}

// patterns yields every regular expression of a config.
func patterns(config action.Values) iter.Seq[spot] {
	return func(yield func(spot) bool) {
		texts("", map[string]any(config), func(s spot) bool {
			last := s.path[strings.LastIndex(s.path, ".")+1:]
			if last == "match" || last == "matches" || last == "stdout_matches" {
				return yield(s)
			}
			return true
		})
	}
}

func texts(path string, v any, yield func(spot) bool) bool {
	switch v := v.(type) {
	case string:
		return yield(spot{path: path, text: v})
	case []any:
		for i, e := range v {
			if !texts(fmt.Sprintf("%s[%d]", path, i), e, yield) {
				return false
			}
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if !texts(strings.TrimPrefix(path+"."+k, "."), v[k], yield) {
				return false
			}
		}
	}
	return true
}
