// Package hostiletest makes files that are meant to cost much to read and to
// check: [Trees] are hard on whatever reads YAML, [Runbooks] are as the language
// allows them, or nearly so, and hard on the rules. Each is at most a megabyte,
// the largest file that is read at all.
//
// Tests count what such a file costs; benchmarks measure it. Who makes a bound
// or an algorithm for some shape adds the shape here.
//
// Files, in reading order: hostiletest.go, trees.go, runbooks.go.
package hostiletest

import (
	"strconv"
	"strings"
)

// Size is the most bytes that a file may have.
const Size = 1 << 20

// File is one shape of hostile file.
type File struct {
	Name string
	Text []byte
}

// fill repeats a unit behind a head up to a megabyte.
func fill(name, head, unit string) File {
	return File{name, []byte(head + strings.Repeat(unit, (Size-len(head))/len(unit)))}
}

// numbered writes a unit n times behind a head, as often as a file has room for;
// every @ in it becomes the number of the turn.
func numbered(name, head string, n int, unit string) File {
	var b strings.Builder
	b.WriteString(head)
	left, each := nearMarks-marks(head), max(1, marks(unit))
	for i := range n {
		one := strings.ReplaceAll(unit, "@", strconv.Itoa(i))
		if left -= each; left < 0 || b.Len()+len(one) > Size {
			break
		}
		b.WriteString(one)
	}
	return File{name, []byte(b.String())}
}

// nearMarks is a little less than the most marks that a file may have:
// characters that may begin a value or end one.
const nearMarks = 110_000

// marks counts the marks of a text, rather too many than too few.
func marks(text string) int {
	n := strings.Count(text, ",") + strings.Count(text, "[") + strings.Count(text, "{") - 2*strings.Count(text, "${{")
	return n + strings.Count(text, ":") + strings.Count(text, "- ") + 4*strings.Count(text, " #")
}
