package mailing

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/pkg/action"
)

// codes are secrets of which each reader gets one: lines of a file. Which lines
// are handed out, and by whose word, stands beside the file in FILE.handed-out,
// so that no other notice hands them out again; a code itself stands nowhere
// else.
type codes struct {
	path, digest string
	lines        []string
}

func openCodes(folder, path string) (*codes, error) {
	b, err := read(folder, path, "the file of codes")
	if err != nil {
		return nil, err
	}
	c := &codes{path: at(folder, path), digest: digestOf(string(b)), lines: strings.Split(strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")), "\n")}
	seen := map[string]int{}
	var wrong []string
	for i, line := range c.lines {
		line = strings.TrimSpace(line)
		if before, twice := seen[line]; line == "" {
			wrong = append(wrong, fmt.Sprintf("line %d is empty", i+1))
		} else if twice {
			wrong = append(wrong, fmt.Sprintf("line %d is the same as line %d", i+1, before))
		}
		c.lines[i], seen[line] = line, i+1
	}
	return c, mistakes("the codes in "+path, wrong, "each line is one code, and each code is there once")
}

// handed is a line of FILE.handed-out: codes from First on, Count of them.
type handed struct {
	key          string
	first, count int
}

func (c *codes) handedOut() (was []byte, all []handed, err error) {
	was, err = os.ReadFile(c.path + ".handed-out")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	for line := range strings.Lines(string(was)) {
		var h handed
		var of string
		if _, bad := fmt.Sscanf(line, "%s %d %d %s", &h.key, &h.first, &h.count, &of); bad != nil || of != c.digest {
			return nil, nil, refused(c.path+".handed-out is not about this file of codes", "each file of codes has its own; look which codes are given away, and go on with a new file of the others")
		}
		all = append(all, h)
	}
	return was, all, err
}

// Left says how many codes nobody has.
func (n *Notice) Left() (int, error) {
	_, all, err := n.codes.handedOut()
	left := len(n.codes.lines)
	for _, h := range all {
		left -= h.count
	}
	return left, err
}

// Claim sets codes aside for all readers, under a key: the same codes when it is
// asked again. It returns the line of the first one, from 1; the reader at index
// i has line first + i. They are set aside durably when it returns.
func (n *Notice) Claim(key string) (first int, err error) {
	key = strings.ReplaceAll(key, " ", "_")
	for {
		was, all, err := n.codes.handedOut()
		if err != nil {
			return 0, err
		}
		first = 1
		for _, h := range all {
			if h.key == key {
				return h.first, nil
			}
			first = max(first, h.first+h.count)
		}
		if left := len(n.codes.lines) - first + 1; left < len(n.Readers) {
			return 0, refused(fmt.Sprintf("%d readers get a code, and %s has %d left", len(n.Readers), n.options.Codes, left), "order more codes, and put them into a file of their own")
		}
		line := fmt.Appendf(was, "%s %d %d %s\n", key, first, len(n.Readers), n.codes.digest)
		err = durable.Replace(n.codes.path+".handed-out", line, 0o600, func(now []byte) bool { return string(now) == string(was) })
		if !errors.Is(err, durable.ErrChanged) {
			return first, err
		}
	}
}

// Code is the secret on a line of the file of codes.
func (n *Notice) Code(line int) action.Secret {
	return action.NewSecret(n.codes.lines[line-1])
}
