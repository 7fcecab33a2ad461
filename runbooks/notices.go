package runbooks

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

//go:embed notices/*.txt
var notices embed.FS

// Notices holds the shipped notices to customers, NAME.LANGUAGE.txt.
func Notices() fs.FS {
	sub, err := fs.Sub(notices, "notices")
	if err != nil {
		panic(fmt.Sprintf("runbooks: the embedded notices are not there: %v", err))
	}
	return sub
}

// NoticeNames returns the names of the shipped notices, sorted.
func NoticeNames() []string {
	entries, _ := fs.ReadDir(notices, "notices")
	var names []string
	for _, f := range entries {
		name, _, _ := strings.Cut(f.Name(), ".")
		names = append(names, name)
	}
	return slices.Compact(names)
}

// Notice returns the text of a shipped notice, and whether there is one.
func Notice(name, language string) ([]byte, bool) {
	b, err := notices.ReadFile("notices/" + name + "." + language + ".txt")
	return b, err == nil
}
