// Package manual holds what irctl help says about topics, commands and codes.
//
// [Topics] lists the topics, [Topic] is the text of one, [Command] that of a
// command, [Code] that of a diagnostic's code. What changes with the program is made when it is read: the
// tables of statuses and codes are handed in, the keys of the language come
// from its parser.
//
// Files, in reading order: manual.go, keys.go, codes.go.
package manual

import (
	"embed"
	"strings"

	"github.com/irctl/irctl/internal/finding"
)

// files hold one topic each, whose first line is its title, what is said about
// one command, or an example of a plugin.
//
//go:embed topics/*.txt commands/*.txt plugins/*
var files embed.FS

// Width is how wide help may be: it fits every terminal.
const Width = 79

// Title is a topic in a list.
type Title struct{ Name, Title string }

// Topics lists the topics, sorted.
func Topics() []Title {
	entries, _ := files.ReadDir("topics")
	out := make([]Title, len(entries))
	for i, e := range entries {
		text, _ := files.ReadFile("topics/" + e.Name())
		title, _, _ := strings.Cut(string(text), "\n")
		out[i] = Title{strings.TrimSuffix(e.Name(), ".txt"), title}
	}
	return out
}

// Topic returns the text of a topic, given the table of exit statuses and what
// the codes mean; false if there is no such topic.
func Topic(name, exits string, codes []*finding.Code) (string, bool) {
	text, err := files.ReadFile("topics/" + name + ".txt")
	if err != nil {
		return "", false
	}
	plugin := func(name string) string {
		text, _ := files.ReadFile("plugins/" + name)
		return string(text)
	}
	made := strings.NewReplacer("{{plugin-cases}}", plugin("door.test.json"), "{{plugin-python}}", plugin("door.py"), "{{plugin-shell}}", plugin("door.sh"),
		"{{exits}}\n", exits, "{{codes}}\n", codeTable(codes),
		"{{step-keys}}\n", stepKeys(), "{{inside}}\n", insideKeys())
	return made.Replace(string(text)), true
}

// Command returns what is to be said about a command ("irctl audit show"), and
// lines that show its use; both are empty if there is nothing.
func Command(path string) (text, example string) {
	whole, _ := files.ReadFile("commands/" + strings.ReplaceAll(strings.TrimPrefix(path, "irctl "), " ", "-") + ".txt")
	text, example, _ = strings.Cut(string(whole), "Example:\n")
	return strings.TrimSpace(text), example
}
