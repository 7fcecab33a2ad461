package check

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/irctl/irctl/pkg/runbook"
)

// lookalikes are letters of other alphabets that cannot be told from Latin ones
// (Unicode TS 39, confusables).
const lookalikes = "аеорсухіјѕԁԛԝһӏАВЕКМНОРСТХЅІЈοναρτυικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"

// maxMixed is how many words of mixed alphabets are reported in one file.
const maxMixed = 20

var MixedAlphabets = codes.Warning("IR0350", "a word that mixes alphabets",
	"A Cyrillic or Greek letter inside a Latin word cannot be told from a Latin one by eye, but leads to another host, account or file. Reported anywhere in the file.")

var _ = rules.runbook.add((*reviewer).mixedAlphabets)

// mixedAlphabets: a word that looks like another leads people and systems to
// somewhere else.
func (r *reviewer) mixedAlphabets() {
	src, found := r.rb.Source, 0
	for i := 0; i < len(src) && found < maxMixed; {
		if src[i] < utf8.RuneSelf {
			i++
			continue
		}
		from, to, latin, alike := r.word(i)
		if latin && alike != 0 {
			found++
			r.report(MixedAlphabets, r.spanOf(from, to), "this word mixes alphabets: `"+string(alike)+"` is not the Latin letter that it looks like", "type the word again, with one keyboard layout")
		}
		i = max(to, i+1)
	}
}

// word finds the letters around an offset, whether there are Latin ones among
// them, and one that only looks so, 0 for none.
func (r *reviewer) word(at int) (from, to int, latin bool, alike rune) {
	src := r.rb.Source
	from = at
	for from > 0 && isLatin(src[from-1]) {
		from--
		latin = true
	}
	for to = at; to < len(src); {
		c, size := utf8.DecodeRune(src[to:])
		if !unicode.IsLetter(c) {
			break
		}
		if c < utf8.RuneSelf {
			latin = true
		} else if alike == 0 && strings.ContainsRune(lookalikes, c) {
			alike = c
		}
		to += size
	}
	return from, to, latin, alike
}

func isLatin(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// spanOf is the place of the bytes [from, to) of the file; for single places.
func (c *checker) spanOf(from, to int) runbook.Span {
	return runbook.Span{File: c.rb.File, Start: c.positionOf(from), End: c.positionOf(to)}
}

func (c *checker) positionOf(offset int) runbook.Position {
	before := c.rb.Source[:offset]
	begin := bytes.LastIndexByte(before, '\n') + 1
	return runbook.Position{Line: bytes.Count(before, []byte{'\n'}) + 1, Column: utf8.RuneCount(before[begin:]) + 1, Offset: offset}
}
