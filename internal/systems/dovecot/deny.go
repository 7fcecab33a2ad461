package dovecot

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// The comments around the users whom email.suspend denies.
const (
	begin = "# irctl email.suspend: email.restore removes this and the lines down to the end"
	end   = "# irctl email.suspend: the end"
)

// Deny is the text of a deny file. Its methods return another one.
type Deny string

// split returns the text before the block, the lines of the block without its
// comments, and the text after it. Without a block all is before it.
func (d Deny) split() (before, block, after string) {
	text := string(d)
	before, rest, ok := strings.Cut(text, begin+"\n")
	if !ok || before != "" && !strings.HasSuffix(before, "\n") {
		return text, "", ""
	}
	if block, after, ok = strings.Cut(rest, end+"\n"); !ok {
		return before, rest, "" // somebody has removed the comment
	}
	return before, block, after
}

// names are the users whom lines name.
func names(lines string) []string {
	var out []string
	for line := range strings.Lines(lines) {
		if name := nameIn(line); name != "" {
			out = append(out, name)
		}
	}
	return out
}

func nameIn(line string) string {
	name, _, _ := strings.Cut(strings.TrimSpace(line), ":")
	if strings.HasPrefix(name, "#") {
		return ""
	}
	return name
}

// Block is the users whom email.suspend denies.
func (d Deny) Block() []string {
	_, block, _ := d.split()
	return names(block)
}

// Listed are the users who are denied otherwise.
func (d Deny) Listed() []string {
	before, _, after := d.split()
	return append(names(before), names(after)...)
}

// All are all who are denied.
func (d Deny) All() []string { return append(d.Listed(), d.Block()...) }

// Without are those of users who are not among others.
func Without(users, others []string) []string {
	known := map[string]bool{}
	for _, o := range others {
		known[o] = true
	}
	return slices.DeleteFunc(slices.Clone(users), func(u string) bool { return known[u] })
}

// WithBlock has these users, and no others, in the block. With none the block
// goes, and the file is as it was before there was one.
func (d Deny) WithBlock(users []string) Deny {
	before, _, after := d.split()
	if len(users) == 0 {
		return Deny(before + after)
	}
	if before != "" && !strings.HasSuffix(before, "\n") {
		before += "\n"
	}
	return Deny(before + begin + "\n" + strings.Join(users, "\n") + "\n" + end + "\n" + after)
}

// Line is a line of the deny file, for a record.
type Line struct {
	At   int    // which line outside the block, from 0
	Text string // without its line end
}

// Add denies a user by a line of its own, before the block.
func (d Deny) Add(user string) Deny {
	before, block, after := d.split()
	if before != "" && !strings.HasSuffix(before, "\n") {
		before += "\n"
	}
	return join(before+user+"\n", block, after)
}

// Take removes every line outside the block that names a user. It refuses a
// line that holds a password, which a record must not.
func (d Deny) Take(user string) (Deny, []Line, error) {
	before, block, after := d.split()
	var taken []Line
	at := 0
	var kept [2]strings.Builder
	for part, text := range []string{before, after} {
		for line := range strings.Lines(text) {
			if nameIn(line) != user {
				kept[part].WriteString(line)
			} else {
				bare := strings.TrimRight(line, "\r\n")
				if fields := strings.Split(bare, ":"); len(fields) > 1 && fields[1] != "" {
					return d, nil, &action.Error{
						Message:   "the line of " + action.CleanLine(user, 60) + " in the deny file holds a password, so irctl leaves it",
						Hint:      "remove what follows the name: a deny file needs names alone",
						Permanent: true,
					}
				}
				taken = append(taken, Line{at, bare})
			}
			at++
		}
	}
	return join(kept[0].String(), block, kept[1].String()), taken, nil
}

// Insert puts lines back where Take found them, as far as the file still has
// that many. What is there already is not put there again.
func (d Deny) Insert(lines []Line) Deny {
	before, block, after := d.split()
	parts := [2][]string{slices.Collect(strings.Lines(before)), slices.Collect(strings.Lines(after))}
	for _, l := range lines {
		if slices.Contains(d.Listed(), nameIn(l.Text)) {
			continue
		}
		part, at := 0, l.At
		if at > len(parts[0]) && block != "" {
			part, at = 1, at-len(parts[0])
		}
		at = min(at, len(parts[part]))
		if at > 0 && !strings.HasSuffix(parts[part][at-1], "\n") {
			parts[part][at-1] += "\n"
		}
		parts[part] = slices.Insert(parts[part], at, l.Text+"\n")
	}
	return join(strings.Join(parts[0], ""), block, strings.Join(parts[1], ""))
}

func join(before, block, after string) Deny {
	return Deny(before+after).put(len(before), block)
}

// put makes a block at an offset.
func (d Deny) put(at int, block string) Deny {
	if block == "" {
		return d
	}
	return d[:at] + Deny(begin+"\n"+block+end+"\n") + d[at:]
}
