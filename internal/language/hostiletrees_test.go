package language_test

import "strings"

// hostileTrees returns files that are hard to read as YAML. None of them is a runbook.
func hostileTrees() []hostileFile {
	return append(below(), []hostileFile{
		fill("open-lists", "", "["),
		fill("open-maps", "", "{"),
		fill("open-pairs", "", "{a: "),
		fill("nested-entries", "", "- "),
		fill("nested-keys", "", "? "),
		{"deep-indent", deep(1400)},
		fill("list-of-letters", "[", "a,"),
		fill("map-of-letters", "{", "a,"),
		fill("long-flow", "[", "a,\n"),
		fill("sequence", "", "-\n"),
		fill("same-keys", "", "a:\n"),
		fill("colons", "", ":"),
		fill("colons-apart", "", ": "),
		fill("one-word", "", "a"),
		fill("one-text", `a: "`, "b "),
		fill("one-block", "a: |\n", " b\n"),
		fill("one-fold", "a: >\n", " b\n"),
		fill("plain-lines", "a:\n", " b\n"),
		fill("escapes", `a: "`, `\u00e9`),
		fill("comments", "a: b\n", "#\n"),
		fill("comments-apart", "a:\n", "- b\n#\n\n"),
		fill("comments-inside", "[", "#\n"),
		fill("long-comment", "a: b #", "c"),
		fill("blank-lines", "a: b", "\n"),
		fill("spaces", "a:", " "),
		fill("anchors", "", "- &a\n"),
		fill("aliases", "- &a b\n", "- *a\n"),
		{"laughs", []byte("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n")},
		fill("tags", "", "- !a\n"),
		fill("one-tag", "- !", "a"),
		fill("documents", "", "---\na\n"),
		fill("quotes", "", `"`),
		fill("quote-pairs", "", `'' `),
		fill("wide", "a: ", "\u00e9"),
		fill("wide-list", "[", "\u00e9,"),
		fill("numbers", "[", "1,"),
		fill("dates", "", "- 2001-01-01\n"),
		fill("tabs", "a:", "\t"),
		{"unknown-keys", unknownKeys()},
		fill("long-keys", "irctl: v1\n", strings.Repeat("k", 1000)+": 1\n"),
		fill("wrong-steps", "irctl: v1\nname: a\nsteps:\n", "- {a: 1}\n"),
		fill("steps", "irctl: v1\nname: a\nsteps:\n", "- {uses: x, with: {a: 1}, on_failure: y}\n"),
		fill("directives", "", "%A\n"),
		fill("zeros", "", "\x00"),
	}...)
}

// below returns files just below the bound on marks: characters that may begin
// a value.
func below() []hostileFile {
	near := func(name, head, unit string, marks int) hostileFile {
		return hostileFile{name, []byte(head + strings.Repeat(unit, nearMarks/marks))}
	}
	return []hostileFile{
		near("below-map", "{", "a,", 1),
		near("below-list", "[", "a,", 1),
		near("below-entries", "", "- a\n", 1),
		near("below-empty", "", "-\n", 1),
		near("below-nested", "[", "[[[[a]]]],", 5),
		near("below-keys", "[", "{aaaa: b},", 3),
		near("below-dates", "", "- 2001-01-01\n", 4),
		near("below-times", "", "- 2001-01-01T00:00:00Z\n", 4),
		near("below-numbers", "", "- 1234567\n", 1),
		near("below-comments", "a:\n", "- b\n#\n\n", 5),
		near("below-trailing", "a:\n", "- b #\n\n", 5),
		near("below-inside", "a: [", "b #\n,", 5),
		near("below-pairs", "a: [", "b: c,", 2),
		near("below-anchors", "", "- &a b\n", 1),
		near("below-tags", "", "- !a b\n", 1),
		near("below-questions", "", "? a\n", 1),
	}
}

func deep(lines int) []byte {
	var b strings.Builder
	for i := range lines {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return []byte(b.String())
}

func unknownKeys() []byte {
	var b strings.Builder
	b.WriteString("irctl: v1\n")
	for i := 0; b.Len() < mostBytes-20; i++ {
		b.WriteString(strings.Repeat("x", i%7) + "k" + strings.Repeat("y", i/7%9) + string(rune('a'+i%26)) + ": 1\n")
	}
	return []byte(b.String())
}

// mostBytes is the most bytes that a file may have.
const mostBytes = 1 << 20

// hostileFile is one shape of hostile file.
type hostileFile struct {
	Name string
	Text []byte
}

// fill repeats a unit behind a head up to a megabyte.
func fill(name, head, unit string) hostileFile {
	return hostileFile{name, []byte(head + strings.Repeat(unit, (mostBytes-len(head))/len(unit)))}
}

// nearMarks is a little less than the most marks that a file may have:
// characters that may begin a value or end one.
const nearMarks = 110_000
