// Package pattern compiles regular expressions when they are first asked.
//
// A program of many commands needs few of its patterns in one call, and
// compiling all of them was a tenth of what a call takes to start.
package pattern

import (
	"regexp"
	"sync"
)

// Late returns a function that compiles expr when it is first called, and
// panics then if expr is malformed. It may be called by several goroutines.
func Late(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
