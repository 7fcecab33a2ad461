package action

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from outside harmless on a terminal, in a report or in a
// log: control characters other than newline and tab, escape sequences'
// introducers, invalid UTF-8, and invisible or bidirectional formatting
// characters (Unicode TR 36) become visible. It does not shorten.
func Clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			b.WriteString("\uFFFD")
		case r == '\r' && i+1 < len(s) && s[i+1] == '\n':
			// a line end from Windows: the newline follows
		case harmful(r):
			b.WriteString(visible(r))
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// CleanHead is Clean for at most the first max bytes of a text; what is cut
// off is marked.
func CleanHead(s string, max int) string {
	if len(s) <= max {
		return Clean(s)
	}
	s = s[:max]
	for i := 0; i < utf8.UTFMax && len(s) > 0 && !utf8.ValidString(s[len(s)-1:]); i++ {
		if r, n := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || n > 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return Clean(s) + "\n…"
}

// CleanLine is Clean for a single line of at most max characters: line ends
// and tabs become spaces and what is cut off is marked.
func CleanLine(s string, max int) string {
	// Cut early so that a 1 MB line costs no more than it shows.
	lim := 8*max + 64
	cut := len(s) > lim
	if cut {
		s = s[:lim]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
	}
	s = strings.Join(strings.Fields(Clean(s)), " ")
	r := []rune(s)
	if max < 1 || !cut && len(r) <= max {
		return s
	}
	return string(r[:min(len(r), max-1)]) + "…"
}

func isClean(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || harmful(r) {
			return false
		}
	}
	return true
}

// invisible are the characters that show nothing: formatting ones, and those
// that a renderer ignores by default (Unicode 15, DerivedCoreProperties,
// Default_Ignorable_Code_Point).
var invisible = []*unicode.RangeTable{unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Zl, unicode.Zp}

func harmful(r rune) bool {
	switch {
	case r < 0x7F:
		return r < 0x20 && r != '\n' && r != '\t'
	case unicode.IsControl(r):
		return true
	}
	return unicode.In(r, invisible...) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

func visible(r rune) string {
	if r < 0x20 {
		return string(rune(0x2400 + r)) // the Control Pictures block
	}
	if r == 0x7F {
		return "\u2421"
	}
	const hex = "0123456789ABCDEF"
	out := []byte("<U+")
	digits := 4
	if r > 0xFFFF {
		digits = 5
	}
	for i := digits - 1; i >= 0; i-- {
		out = append(out, hex[(r>>(4*i))&0xF])
	}
	return string(append(out, '>'))
}
