package runbooks

import (
	"embed"
	"strings"
)

//go:embed scenarios/*.yaml
var scenarios embed.FS

// Scenarios returns the names of the shipped scenarios of exercises, sorted.
func Scenarios() []string {
	entries, _ := scenarios.ReadDir("scenarios")
	var names []string
	for _, f := range entries {
		names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
	}
	return names
}

// Scenario returns a scenario's text, and whether there is one of this name.
func Scenario(name string) ([]byte, bool) {
	b, err := scenarios.ReadFile("scenarios/" + name + ".yaml")
	return b, err == nil
}
