package check

import (
	"bytes"
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/irctl/irctl/pkg/runbook"
)

// placeholder is what authors write where they want to write something later.
var placeholder = regexp.MustCompile(`\b(TODO|FIXME|TBD|XXX+)\b`)

var _ = rules.step.add((*reviewer).placeholders)

// placeholders: nobody fills them in at 3 am.
func (r *reviewer) placeholders(n *node) {
	if !r.unfinished() {
		return
	}
	s := n.step
	for _, t := range []runbook.Text{s.Title, s.Description, s.Owner, s.Irreversible} {
		if placeholder.MatchString(t.Value) {
			r.warnPlaceholder(t.Span, placeholder.FindString(t.Value))
		}
	}
	values := []*runbook.Value{s.Manual, s.Fallback}
	for _, a := range approvals(s) {
		values = append(values, a.Text)
	}
	if s.Stop != nil {
		values = append(values, s.Stop.Message)
	}
	pairs := s.With
	if s.Uses != nil {
		values = append(values, s.Uses.Target)
		pairs = s.Uses.With
	}
	for _, p := range pairs {
		values = append(values, p.Value)
	}
	for _, v := range values {
		r.unfilled(v)
	}
}

// unfinished reports whether a placeholder stands anywhere in the file. Most
// files hold none, and then nothing else is looked at.
func (r *reviewer) unfinished() bool {
	if r.looked == 0 {
		r.looked = 1
		for _, word := range []string{"TODO", "FIXME", "TBD", "XXX"} {
			if bytes.Contains(r.rb.Source, []byte(word)) {
				r.looked = 2
			}
		}
	}
	return r.looked == 2
}

func (r *reviewer) unfilled(v *runbook.Value) {
	if v == nil {
		return
	}
	if at := placeholder.FindStringIndex(v.Text); v.Kind == runbook.StringValue && at != nil {
		r.warnPlaceholder(v.Place(at[0], at[1]), v.Text[at[0]:at[1]])
	}
	for _, item := range v.Items {
		r.unfilled(item)
	}
	for _, p := range v.Pairs {
		r.unfilled(p.Value)
	}
}

var Placeholder = codes.Warning("IR0351", "something that is still to be filled in",
	"`TODO`, `FIXME`, `TBD` or `XXX` stands where somebody will need a number or a name. Comments may hold them.")

func (r *reviewer) warnPlaceholder(at runbook.Span, word string) {
	r.report(Placeholder, at, "`"+word+"` is still to be filled in", "write what people need in an incident, or remove the step")
}

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
		} else if alike == 0 && containsRune(lookalikes, c) {
			alike = c
		}
		to += size
	}
	return from, to, latin, alike
}

func isLatin(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func containsRune(s string, r rune) bool {
	for _, one := range s {
		if one == r {
			return true
		}
	}
	return false
}

// spanOf is the place of the bytes [from, to) of the file; for single places.
func (c *checker) spanOf(from, to int) runbook.Span {
	return runbook.Span{File: c.rb.File, Start: c.positionOf(from), End: c.positionOf(to)}
}

func (c *checker) positionOf(offset int) runbook.Position {
	before := c.rb.Source[:offset]
	begin := bytes.LastIndexByte(before, '\n') + 1
	return runbook.Position{Line: bytes.Count(before, []byte{'\n'}) + 1, Column: utf8.RuneCount(before[begin:]) + 1, Offset: offset}
}
