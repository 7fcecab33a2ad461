package htpasswd

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// text is a whole password file: a line for each account, name:hash, where
// some servers permit :comment behind. Servers skip lines that begin with #,
// and take the first line of an account.
type text string

// out begins a line that is out of use; then come the mark of the step that
// took it out, a space and the line itself.
const out = "#irctl-disabled-"

// markOf tells the doings of one step from those of others.
func markOf(key string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(key)))[:12] }

// split takes a line apart: its mark if it is out of use, and the line without.
func split(line string) (mark, rest string) {
	after, ok := strings.CutPrefix(line, out)
	if !ok {
		return "", line
	}
	mark, rest, ok = strings.Cut(after, " ")
	if !ok {
		return "", line
	}
	return mark, rest
}

func owns(account, line string) bool {
	return account != "" && !strings.ContainsAny(account, ":\r\n") && account[0] != '#' && strings.HasPrefix(line, account+":")
}

// each makes a text of what do makes of the lines of an account.
func (t text) each(account string, do func(mark, line string) string) text {
	var b strings.Builder
	for whole := range strings.Lines(string(t)) {
		if mark, line := split(whole); owns(account, line) {
			whole = do(mark, line)
		}
		b.WriteString(whole)
	}
	return text(b.String())
}

func (t text) entry(account string) Entry {
	var e Entry
	t.each(account, func(mark, line string) string {
		if mark == "" {
			e.Active = true
		} else {
			e.Marks = append(e.Marks, mark)
		}
		return line
	})
	return e
}

// disabled is the text with the lines of an account out of use.
func (t text) disabled(account, mark string) text {
	return t.each(account, func(old, line string) string {
		if old != "" {
			return out + old + " " + line
		}
		return out + mark + " " + line
	})
}

// enabled is the text with what one step took out in use again.
func (t text) enabled(account, mark string) text {
	return t.each(account, func(old, line string) string {
		if old == "" || old == mark {
			return line
		}
		return out + old + " " + line
	})
}

// with is the text with another hash for an account, in use or not.
func (t text) with(account, hash string) text {
	return t.each(account, func(mark, line string) string {
		_, rest := cutHash(line)
		line = account + ":" + hash + rest
		if mark != "" {
			return out + mark + " " + line
		}
		return line
	})
}

// hash is what the server holds passwords of an account against, "" if it has
// no entry in use.
func (t text) hash(account string) string {
	first := ""
	t.each(account, func(mark, line string) string {
		if mark == "" && first == "" {
			first, _ = cutHash(line)
		}
		return line
	})
	return first
}

// cutHash is the hash of a line, and what comes after it: a comment, and the
// line's end.
func cutHash(line string) (hash, rest string) {
	_, hash, _ = strings.Cut(line, ":")
	if end := strings.IndexAny(hash, ":\r\n"); end >= 0 {
		return hash[:end], hash[end:]
	}
	return hash, ""
}

// looksRight reports whether the file may be a password file: it is empty but
// for comments, or has an entry.
func (t text) looksRight() bool {
	empty := true
	for line := range strings.Lines(string(t)) {
		line = strings.TrimSpace(line)
		if name, _, ok := strings.Cut(line, ":"); ok && name != "" {
			return true
		}
		empty = empty && (line == "" || line[0] == '#')
	}
	return empty
}
