package language

import (
	"unicode"
	"unicode/utf8"
)

// unseen are characters that no font shows (Unicode's Default_Ignorable_Code_Point,
// Unicode TR 36 section 3.6), beside those that badCharacter refuses by name:
// two names that look the same are then not the same, and whole sentences can
// stand where nobody sees them.
var unseen = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x00AD, 0x00AD, 1}, {0x034F, 0x034F, 1}, {0x061C, 0x061C, 1}, {0x115F, 0x1160, 1}, {0x17B4, 0x17B5, 1},
		{0x180B, 0x180F, 1}, {0x200B, 0x200B, 1}, {0x200E, 0x200F, 1}, {0x2060, 0x206F, 1}, {0x3164, 0x3164, 1},
		{0xFFA0, 0xFFA0, 1}, {0xFFF0, 0xFFFB, 1},
	},
	R32:         []unicode.Range32{{0x1BCA0, 0x1BCA3, 1}, {0x1D173, 0x1D17A, 1}, {0xE0000, 0xE0FFF, 1}},
	LatinOffset: 1,
}

// invisible reports whether a character is one that nobody sees and that means
// nothing where it stands. Some mean something in their place: joiners inside
// emoji and inside words of scripts that need them, variation selectors behind
// what has variants.
func invisible(r rune, before, after []byte) bool {
	switch {
	case r < 0x034F:
		return r == 0x00AD
	case r == 0x200C || r == 0x200D:
		return !wide(last(before)) || !wide(first(after))
	case r >= 0xFE00 && r <= 0xFE0F:
		p := last(before)
		keycap := first(after) == 0x20E3 && (p == '#' || p == '*' || p >= '0' && p <= '9')
		return !keycap && (!wide(p) || p == 0xFE0F)
	case r >= 0xE0100 && r <= 0xE01EF:
		return !unicode.Is(unicode.Han, last(before))
	}
	return unicode.Is(unseen, r)
}

// wide reports whether a character is neither ASCII, nor nothing, nor one that
// nobody sees either; a variation selector may end an emoji.
func wide(r rune) bool {
	return r >= utf8.RuneSelf && r != utf8.RuneError && r != 0x200C && r != 0x200D && !unicode.Is(unseen, r) && (r < 0xFE00 || r > 0xFE0F || r == 0xFE0F)
}

func first(text []byte) rune {
	r, _ := utf8.DecodeRune(text)
	return r
}

func last(text []byte) rune {
	r, _ := utf8.DecodeLastRune(text)
	return r
}

// space reports whether a character looks like a space and is none. The wide one
// of East Asian scripts is at home beside their characters.
func space(r rune, before, after []byte) bool {
	if r == 0x3000 {
		return !wide(last(before)) && !wide(first(after))
	}
	return r != ' ' && unicode.Is(unicode.Zs, r)
}
