// Package selector opens with [Parse]: which targets of an environment are
// meant, by their labels and groups.
package selector

import (
	"fmt"
	"strings"
)

// Selector is terms that must all hold. The zero value selects everything.
type Selector []Term

// Term is key=value, key!=value, or group:NAME, which is group=NAME.
type Term struct {
	Key, Value string
	Not        bool
}

// Parse reads terms with commas between them: "group:web, zone=dmz, role!=db".
func Parse(text string) (Selector, error) {
	var out Selector
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		t := Term{}
		var ok bool
		switch {
		case strings.HasPrefix(part, "group:"):
			t.Key, t.Value, ok = "group", strings.TrimPrefix(part, "group:"), true
		case strings.Contains(part, "!="):
			t.Key, t.Value, ok = strings.Cut(part, "!=")
			t.Not = true
		default:
			t.Key, t.Value, ok = strings.Cut(part, "=")
		}
		t.Key, t.Value = strings.TrimSpace(t.Key), strings.TrimSpace(t.Value)
		if !ok || !Word(t.Key) || !Word(t.Value) {
			return nil, fmt.Errorf("`%s` is neither key=value nor key!=value nor group:NAME", part)
		}
		out = append(out, t)
	}
	return out, nil
}

// Word reports whether a text can be the key or the value of a label: letters,
// digits, dots, hyphens and underscores, 63 at most.
func Word(text string) bool {
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r) {
			return false
		}
	}
	return text != "" && len(text) <= 63
}

// Matches reports whether all terms hold of something with these labels. A label
// that is not there has no value.
func (s Selector) Matches(labels map[string]string) bool {
	for _, t := range s {
		if (labels[t.Key] == t.Value) == t.Not {
			return false
		}
	}
	return true
}

// String is the selector in the one way to write it.
func (s Selector) String() string {
	parts := make([]string, len(s))
	for i, t := range s {
		is := "="
		if t.Not {
			is = "!="
		}
		parts[i] = t.Key + is + t.Value
	}
	return strings.Join(parts, ",")
}
