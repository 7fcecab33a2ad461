package described

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// description is a target's config, ready to be used for one call.
type description struct {
	call         Call
	config       action.Values
	sections     map[string]action.Values // verb -> its section
	words        words
	system       system
	deduplicates bool
	settle       time.Duration
	host         *host.Host
}

// close ends what the call opened.
func (d description) close() {
	if d.host != nil {
		d.host.Close()
	}
}

// system is how a description reaches its target.
type system interface {
	// send fills in a section, sends it and returns the answer. Codes besides
	// the good ones are answers if they are among accept.
	send(ctx context.Context, section action.Values, f filler, key string, accept []int, out action.Sink) (answer, error)
	// ready finds out whether the target can be reached at all.
	ready(ctx context.Context) error
}

func (c Call) describe() (description, error) {
	config := c.req.Target.Config
	d := description{
		call: c, config: config, sections: map[string]action.Values{},
		deduplicates: config.Bool("deduplicates"), settle: config.Duration("settle"),
	}
	if problems := c.system.check(c.req.Target.Type, config); len(problems) > 0 {
		p := problems[0]
		return d, &action.Error{
			Message: fmt.Sprintf("the target %s is not described well: %s %s", c.req.Target.Name, p.Input, p.Message),
			Hint:    p.Hint, Permanent: true,
		}
	}
	for _, v := range c.system.Verbs {
		if section := config.Map(v.Name); section != nil {
			d.sections[v.Name] = section
		}
	}
	var err error
	if d.host, err = host.Of(c.req); err != nil {
		return d, err
	}
	switch c.req.Target.Type {
	case HTTP:
		d.words = httpWords
		d.system, err = newHTTP(config, c.req.Allow, d.host)
	case Command:
		d.words = commandWords
		d.system = newCommand(c.system, config, d.host)
	default:
		err = &action.Error{Message: fmt.Sprintf("the target %s is of the type %q, which this action cannot drive", c.req.Target.Name, c.req.Target.Type), Permanent: true}
	}
	return d, err
}

// check finds mistakes that the fields cannot express.
func (s System) check(kind string, config action.Values) []action.Problem {
	var problems []action.Problem
	add := func(input, message, hint string) {
		problems = append(problems, action.Problem{Input: input, Message: message, Hint: hint})
	}
	problems = append(problems, host.CheckVia(config)...)
	known := s.placeholders()
	for spot := range walk(config) {
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
	for spot := range patterns(config) {
		if _, err := regexp.Compile(placeholder.ReplaceAllString(spot.text, "x")); err != nil {
			add(spot.path, "is not a regular expression (RE2)", "")
		}
	}
	if s.hasStates() {
		if status := config.Map("status"); status != nil && !slices.ContainsFunc(s.Verbs, func(v Verb) bool { return v.State != "" && status.Has(whenName(v.State)) }) {
			add("status", "does not say how to tell the states apart", "give "+s.whenNames()+", or both")
		}
	}
	if kind == Command {
		return append(problems, s.checkCommands(config)...)
	}
	return append(problems, s.checkRequests(config)...)
}

func (s System) whenNames() string {
	var out []string
	for _, v := range s.Verbs {
		if v.State != "" {
			out = append(out, whenName(v.State))
		}
	}
	return strings.Join(out, " or ")
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

// sections yields every part of a config that is sent somewhere.
func (s System) sections(config action.Values) iter.Seq2[string, action.Values] {
	return func(yield func(string, action.Values) bool) {
		if status := config.Map("status"); status != nil && !yield("status", status) {
			return
		}
		for _, v := range s.Verbs {
			section := config.Map(v.Name)
			if section == nil {
				continue
			}
			if !yield(v.Name, section) {
				return
			}
			if check := section.Map("check"); check != nil && !yield(v.Name+".check", check) {
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
			if last == "match" || last == httpWords.matches || last == commandWords.matches {
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
