package cacao

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/theory/jsonpath"

	"github.com/irctl/irctl/internal/cacao/value"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// take says where a variable's value comes from.
type take struct {
	variable string
	kind     string // the variable's type, a word of CACAO; empty is any
	from     string
	header   string
	path     *jsonpath.Path
	pattern  *regexp.Regexp
}

// sources are the words for from, and the key that each needs beside it.
var sources = map[string]string{
	"stdout": "", "stderr": "", "exit": "", "status": "", "body": "", "header": "name", "json": "path", "regex": "pattern",
}

func newTake(variable string, spec action.Values) (*take, error) {
	t := &take{variable: variable, kind: spec.String("type"), from: spec.String("from"), header: spec.String("name")}
	needs, known := sources[t.from]
	if !known {
		return nil, permanent(fmt.Sprintf("%s is taken from %q, which is no place of a result", action.CleanLine(variable, 80), action.CleanLine(t.from, 40)),
			"from is one of "+strings.Join(slices.Sorted(maps.Keys(sources)), ", "))
	}
	for _, key := range slices.Sorted(maps.Keys(spec)) {
		if key != "from" && key != "type" && key != needs {
			return nil, permanent(fmt.Sprintf("%s is taken from %s, which does not go with %q", action.CleanLine(variable, 80), t.from, action.CleanLine(key, 40)), "")
		}
	}
	if needs != "" && spec.String(needs) == "" {
		return nil, permanent(fmt.Sprintf("%s is taken from %s, which needs %s", action.CleanLine(variable, 80), t.from, needs), "")
	}
	var err error
	switch t.from {
	case "json":
		if t.path, err = jsonpath.Parse(spec.String("path")); err != nil {
			return nil, permanent(fmt.Sprintf("the path for %s is not a JSONPath: %s", action.CleanLine(variable, 80), action.CleanLine(err.Error(), 200)), "RFC 9535, for example $.items[0].id")
		}
	case "regex":
		if t.pattern, err = regexp.Compile(spec.String("pattern")); err != nil {
			return nil, permanent(fmt.Sprintf("the pattern for %s is not a regular expression: %s", action.CleanLine(variable, 80), action.CleanLine(err.Error(), 200)), "RE2 syntax")
		}
	}
	return t, nil
}

// answer is what came back from a command.
type answer struct {
	shell bool
	res   process.Result      // of a program
	resp  httpclient.Response // of a request
}

// main is the text that json and regex look at.
func (a answer) main() (text, name string, cut bool) {
	if a.shell {
		return a.res.Stdout, "the standard output", a.res.Cut
	}
	return string(a.resp.Body), "the answer", a.resp.Cut
}

// takeAll takes every value out of an answer. The command has run by then, and
// every error says so.
func takeAll(specs action.Values, a answer) (map[string]any, error) {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		t, err := newTake(name, specs.Map(name))
		if err != nil {
			return nil, err
		}
		taken, err := t.value(a)
		if err == nil && t.kind != "" {
			taken, err = value.Native(t.kind, taken)
		}
		if err != nil {
			return nil, permanent(fmt.Sprintf("the command has run, but %s is without a value: %s", action.CleanLine(name, 80), err),
				"correct where the value comes from; if the command need not run again, skip the step")
		}
		out[name] = taken
	}
	return out, nil
}

func (t *take) value(a answer) (any, error) {
	text, name, cut := a.main()
	if a.shell != t.ofShell() && t.from != "json" && t.from != "regex" {
		return nil, fmt.Errorf("this command has no %s", t.from)
	}
	if cut && t.from != "exit" && t.from != "status" && t.from != "header" {
		return nil, fmt.Errorf("%s is longer than %d KiB", name, maxKept>>10)
	}
	switch t.from {
	case "exit":
		return int64(a.res.ExitCode), nil
	case "status":
		return int64(a.resp.Status), nil
	case "stdout":
		return fits(strings.TrimSuffix(a.res.Stdout, "\n"))
	case "stderr":
		return fits(strings.TrimSuffix(a.res.Stderr, "\n"))
	case "body":
		return fits(text)
	case "header":
		found := a.resp.Header[http.CanonicalHeaderKey(t.header)]
		if len(found) == 0 {
			return nil, fmt.Errorf("the answer has no header %s", action.CleanLine(t.header, 60))
		}
		return fits(strings.Join(found, ", "))
	case "regex":
		return t.match(text, name)
	}
	return t.find(text, name)
}

func (t *take) ofShell() bool { return t.from == "stdout" || t.from == "stderr" || t.from == "exit" }

func (t *take) match(text, name string) (any, error) {
	m := t.pattern.FindStringSubmatchIndex(text)
	group := 2 * min(t.pattern.NumSubexp(), 1)
	if m == nil || m[group] < 0 {
		return nil, fmt.Errorf("%s does not match %s", name, action.CleanLine(t.pattern.String(), 100))
	}
	return fits(text[m[group]:m[group+1]])
}

func (t *take) find(text, name string) (any, error) {
	value, err := data.Decode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("%s is %w", name, err)
	}
	found := t.path.Select(value)
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("%s has nothing at %s", name, action.CleanLine(t.path.String(), 100))
	case len(found) > 1:
		return nil, fmt.Errorf("%s has %d values at %s, and one is needed", name, len(found), action.CleanLine(t.path.String(), 100))
	}
	if len(textOf(found[0])) > maxOutput {
		return nil, fmt.Errorf("it is longer than %d KiB", maxOutput>>10)
	}
	return found[0], nil
}

// fits returns a text that a variable can hold.
func fits(text string) (any, error) {
	switch {
	case len(text) > maxOutput:
		return nil, fmt.Errorf("it is longer than %d KiB", maxOutput>>10)
	case !utf8.ValidString(text):
		return nil, fmt.Errorf("it is not UTF-8 text")
	}
	return text, nil
}
