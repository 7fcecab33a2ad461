package described

import (
	"fmt"
	"strings"
)

// statusExample is a plain status section.
func (s System) statusExample(kind string) string {
	state := ""
	for _, v := range s.Verbs {
		if v.State != "" {
			state = v.State
			break
		}
	}
	subject, argument := "", ""
	if s.perAccount() {
		subject, argument = "/accounts/{account}", `, "{account}"`
	}
	if kind == HTTP {
		path := subject
		if path == "" {
			path = "/status"
		}
		return fmt.Sprintf(`{path: "%s", %s: {json: {state: %s}}}`, path, whenName(state), state)
	}
	return fmt.Sprintf(`{argv: [/usr/local/sbin/state%s], %s: {stdout_contains: %s}}`, argument, whenName(state), state)
}

// perAccount reports whether the system's verbs are about one account.
func (s System) perAccount() bool {
	for _, in := range s.Inputs {
		if in.Name == "account" {
			return true
		}
	}
	return false
}

// example is a whole target in an environment file.
func (s System) example(kind string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:\n  type: %s\n  config:\n", s.exampleName(), kind)
	if kind == HTTP {
		b.WriteString("    base_url: https://admin.example.com/api\n    auth: {bearer: {secret: ADMIN_TOKEN}}\n")
	}
	if s.hasStates() {
		fmt.Fprintf(&b, "    status: %s\n", s.statusExample(kind))
	}
	for _, v := range s.Verbs {
		text, plain := v.ExampleHTTP, "{path: /"+v.Name+"}"
		if kind == Command {
			text, plain = v.ExampleCommand, "{argv: [/usr/local/sbin/"+v.Name+"]}"
		}
		if text == "" {
			text = plain
		}
		fmt.Fprintf(&b, "    %s: %s\n", v.Name, text)
	}
	return b.String()
}

// exampleName is the noun as a target's name.
func (s System) exampleName() string {
	words := strings.Fields(strings.TrimPrefix(placeholder.ReplaceAllString(s.Noun, ""), "the "))
	return strings.ToLower(strings.Join(words, "-"))
}
