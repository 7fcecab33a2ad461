package projection

import (
	"fmt"
	"strings"
)

// Anchor is the newest that an anchor of a run gave, or why it gave nothing.
type Anchor struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"`              // witness, timestamp, folder, command or target
	Size   int64    `json:"entries,omitempty"` // the last entry that it knows of; 0 if none
	At     Time     `json:"at"`                // by whoever signed, or else by this machine
	Proven bool     `json:"proven,omitempty"`  // its signature was checked
	By     []string `json:"by,omitempty"`      // whose it is
	Place  string   `json:"place,omitempty"`   // where to ask
	Failed string   `json:"failed,omitempty"`  // why it gave nothing since
}

// Says is the anchor in a few words, without times.
func (a Anchor) Says() string {
	var out []string
	switch {
	case a.Proven:
		out = append(out, fmt.Sprintf("entries 1 to %d, signed by %s", a.Size, strings.Join(a.By, ", ")))
	case a.Size > 0:
		out = append(out, fmt.Sprintf("entries 1 to %d", a.Size))
	}
	if a.Size > 0 && !a.Proven && a.Place != "" {
		out = append(out, "ask "+a.Place)
	}
	if a.Failed != "" {
		out = append(out, "not since: "+a.Failed)
	}
	return strings.Join(out, "; ")
}
