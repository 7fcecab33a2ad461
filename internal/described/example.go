package described

import (
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// statusExample is a plain status section.
func (s System) statusExample(f form) string {
	state := s.states()[0]
	path, argument := "/status", ""
	if slices.ContainsFunc(s.Inputs, func(in action.Field) bool { return in.Name == "account" }) {
		path, argument = "/accounts/{account}", `, "{account}"`
	}
	if f.name == HTTP {
		return fmt.Sprintf(`{path: "%s", %s: {json: {state: %s}}}`, path, whenName(state), state)
	}
	return fmt.Sprintf(`{argv: [/usr/local/sbin/state%s], %s: {stdout_contains: %s}}`, argument, whenName(state), state)
}

// example is the verb's section.
func (v Verb) example(f form) string {
	text, plain := v.ExampleHTTP, "{path: /"+v.Name+"}"
	if f.name == Command {
		text, plain = v.ExampleCommand, "{argv: [/usr/local/sbin/"+v.Name+"]}"
	}
	if text == "" {
		return plain
	}
	return text
}

// example is a whole target in an environment file, named after the noun.
func (s System) example(f form) string {
	words := strings.Fields(strings.TrimPrefix(placeholder().ReplaceAllString(s.Noun, ""), "the "))
	var b strings.Builder
	fmt.Fprintf(&b, "%s:\n  type: %s\n  config:\n", strings.ToLower(strings.Join(words, "-")), f.name)
	if f.name == HTTP {
		b.WriteString("    base_url: https://admin.example.com/api\n    auth: {bearer: {secret: ADMIN_TOKEN}}\n")
	}
	if len(s.states()) > 0 {
		fmt.Fprintf(&b, "    status: %s\n", s.statusExample(f))
	}
	for _, v := range s.Verbs {
		fmt.Fprintf(&b, "    %s: %s\n", v.Name, v.example(f))
	}
	return b.String()
}
