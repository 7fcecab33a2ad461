package runbooks

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed connectors/*.yaml
var connectors embed.FS

// Connectors returns the names of the shipped connectors, sorted.
func Connectors() []string {
	entries, _ := fs.ReadDir(connectors, "connectors")
	var names []string
	for _, f := range entries {
		if name := strings.TrimSuffix(f.Name(), ".yaml"); !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	return names
}

// Connector returns a file of the connectors: NAME.yaml, its cases in
// NAME.test.yaml, what it uses of its vendor's description in NAME.openapi.yaml.
func Connector(file string) ([]byte, error) { return connectors.ReadFile("connectors/" + file) }
