package cacao

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/pkg/action"
)

// shellScript makes a script of a shell text: every value is assigned to a
// variable of the shell, safely quoted, and every reference becomes that
// variable, in the quotes that its place needs. So a value is always data,
// whatever it holds. Where that cannot be had, the text is refused.
//
// A text without references is the script as it is.
func shellScript(text string, vars values) (string, error) {
	if strings.ContainsRune(text, 0) {
		return "", permanent("the command holds a NUL character, which no shell can read", "")
	}
	refs := references(text, vars)
	if len(refs) == 0 {
		return text, nil
	}
	if len(text) > maxText {
		return "", tooLong()
	}
	names, prelude, err := assignments(text, refs, vars)
	if err != nil {
		return "", err
	}
	parser := syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.KeepComments(true))
	file, err := parser.Parse(strings.NewReader(text), "")
	if err != nil {
		return "", permanent("the command is not a shell text that can be taken apart, so no value can be put into it safely: "+action.CleanLine(err.Error(), 200), "correct the text, or take the variables out of it")
	}
	s := &shellText{text: text, refs: refs, names: names, placed: make([]bool, len(refs)), known: vars}
	s.walk(file)
	if s.err != nil {
		return "", s.err
	}
	for i, ref := range refs {
		if !s.placed[i] {
			return "", s.refuse(ref, "in a place where the shell would not take it as data")
		}
	}
	return prelude + s.edited(), nil
}

// maxText is the most that a text may hold into which values are put, in bytes.
// The parser of shell texts goes one level deeper for each bracket: a text of
// a megabyte can be made that takes all the memory there is.
const maxText = 64 << 10

func tooLong() error {
	return permanent(fmt.Sprintf("the command is longer than %d KiB and holds variables", maxText>>10), "take the variables out of the long part of it, or give it in several commands")
}

// assignments names a variable of the shell for each variable of the playbook
// and writes the lines that set them.
func assignments(text string, refs []reference.Place, vars values) (names map[string]string, prelude string, err error) {
	prefix := freshPrefix(text)
	names = map[string]string{}
	var out strings.Builder
	for _, ref := range refs {
		if names[ref.Name] != "" {
			continue
		}
		value, err := vars.text(ref)
		if err != nil {
			return nil, "", err
		}
		if strings.ContainsRune(value, 0) {
			return nil, "", permanent("the value of "+ref.Name+" holds a NUL character, which no shell can hold", "")
		}
		name := fmt.Sprintf("%s%d", prefix, len(names))
		names[ref.Name] = name
		out.WriteString(name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'\n")
	}
	return names, out.String(), nil
}

// freshPrefix begins the names of variables that a text does not use.
func freshPrefix(text string) string {
	prefix := "irctl_v"
	for strings.Contains(text, prefix) {
		prefix += "_"
	}
	return prefix
}

// shellText walks the tree of a shell text and gathers what to replace.
type shellText struct {
	text   string
	refs   []reference.Place
	names  map[string]string // of the playbook's variables, in the shell
	placed []bool            // by reference: it has been dealt with
	known  values
	stack  []syntax.Node // from the file down to the node at hand
	edits  []edit
	err    error
}

// edit replaces a part of the text.
type edit struct {
	start, end int
	with       string
}

func (s *shellText) walk(file *syntax.File) {
	syntax.Walk(file, func(n syntax.Node) bool {
		if n == nil {
			s.stack = s.stack[:len(s.stack)-1]
			return true
		}
		s.stack = append(s.stack, n)
		if s.err == nil {
			s.visit(n)
		}
		return true
	})
}

func (s *shellText) visit(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Comment:
		for i := range s.within(n) {
			s.placed[i] = true // a comment stays as it is
		}
	case *syntax.Lit:
		s.literal(n)
	case *syntax.SglQuoted:
		for i, ref := range s.within(n) {
			if n.Dollar {
				s.fail(ref, "inside $' ', where the shell would read escapes in it")
				return
			}
			s.place(i, ref, `'"${`+s.names[ref.Name]+`}"'`)
		}
	}
}

// within yields the references in a node's text, with their number.
func (s *shellText) within(n syntax.Node) func(func(int, reference.Place) bool) {
	start, end := int(n.Pos().Offset()), int(n.End().Offset())
	return func(yield func(int, reference.Place) bool) {
		for i, ref := range s.refs {
			if ref.Start >= start && ref.End <= end && !yield(i, ref) {
				return
			}
		}
	}
}

// literal places the references in a bare piece of text, by what it is a part
// of.
func (s *shellText) literal(n *syntax.Lit) {
	for i, ref := range s.within(n) {
		if s.err != nil {
			return
		}
		variable := "${" + s.names[ref.Name] + "}"
		switch parent := s.above(1).(type) {
		case *syntax.DblQuoted:
			if parent.Dollar {
				s.fail(ref, `inside $" ", which is translated`)
				return
			}
			s.placeUnescaped(i, ref, variable)
		case *syntax.Word:
			redirect, ok := s.above(2).(*syntax.Redirect)
			switch {
			case ok && redirect.Hdoc == parent && quotedDelimiter(redirect):
				s.quotedDocument(redirect)
				return
			case ok && redirect.Hdoc == parent:
				s.placeUnescaped(i, ref, variable)
			default:
				s.placeUnescaped(i, ref, `"`+variable+`"`)
			}
		}
	}
}

// above returns the node that many levels up.
func (s *shellText) above(levels int) syntax.Node {
	if i := len(s.stack) - 1 - levels; i >= 0 {
		return s.stack[i]
	}
	return nil
}

// placeUnescaped places a reference where a backslash before it would take the
// meaning of the first character that it becomes.
func (s *shellText) placeUnescaped(i int, ref reference.Place, with string) {
	slashes := 0
	for at := ref.Start; at > 0 && s.text[at-1] == '\\'; at-- {
		slashes++
	}
	if slashes%2 == 1 {
		s.fail(ref, "behind a backslash")
		return
	}
	s.place(i, ref, with)
}

// place replaces a reference if everything around it lets the shell take it as
// data.
func (s *shellText) place(i int, ref reference.Place, with string) {
	if s.placed[i] {
		return
	}
	if why := s.danger(); why != "" {
		s.fail(ref, why)
		return
	}
	if value, _ := textOf(s.known[ref.Name]); s.mayBeProgram() && !plain.MatchString(value) {
		s.fail(ref, "inside a longer text or behind an option such as -c, where a program could read it as a part of its own; there it takes letters, digits and _.,:@%+=/- only, and the value holds more")
		return
	}
	s.placed[i] = true
	s.edits = append(s.edits, edit{ref.Start, ref.End, with})
}

// quotedDelimiter reports whether a here-document is taken as it is.
func quotedDelimiter(r *syntax.Redirect) bool {
	return slices.ContainsFunc(r.Word.Parts, func(p syntax.WordPart) bool {
		lit, plain := p.(*syntax.Lit)
		return !plain || strings.Contains(lit.Value, `\`)
	})
}

// quotedDocument makes a here-document that is taken as it is into one in
// which the shell fills in variables, and escapes everything else in it.
func (s *shellText) quotedDocument(r *syntax.Redirect) {
	start, end := int(r.Hdoc.Pos().Offset()), int(r.Hdoc.End().Offset())
	delimiter := bare(s.text[r.Word.Pos().Offset():r.Word.End().Offset()])
	at := start
	for i, ref := range s.within(r.Hdoc) {
		if delimiter == "" {
			s.fail(ref, "in a here-document whose end is not a plain word")
			return
		}
		s.escape(at, ref.Start)
		s.place(i, ref, "${"+s.names[ref.Name]+"}")
		at = ref.End
	}
	s.escape(at, end)
	s.edits = append(s.edits, edit{int(r.Word.Pos().Offset()), int(r.Word.End().Offset()), delimiter})
}

// escape takes the meaning of what the shell looks for in a here-document.
func (s *shellText) escape(start, end int) {
	for i := start; i < end; i++ {
		if strings.IndexByte("\\$`", s.text[i]) >= 0 {
			s.edits = append(s.edits, edit{i, i, `\`})
		}
	}
}

// bare takes the quotes off a here-document's end; "" if it is not a plain
// word.
func bare(quoted string) string {
	word := strings.NewReplacer(`'`, "", `"`, "", `\`, "").Replace(quoted)
	for i := range len(word) {
		if !letter(word[i]) && word[i] != '_' && (word[i] < '0' || word[i] > '9') {
			return ""
		}
	}
	return word
}

// edited is the text with every edit made.
func (s *shellText) edited() string {
	slices.SortStableFunc(s.edits, func(a, b edit) int { return a.start - b.start })
	var out strings.Builder
	at := 0
	for _, e := range s.edits {
		out.WriteString(s.text[at:e.start])
		out.WriteString(e.with)
		at = e.end
	}
	out.WriteString(s.text[at:])
	return out.String()
}

func (s *shellText) fail(ref reference.Place, why string) {
	if s.err == nil {
		s.err = s.refuse(ref, why)
	}
}

// refuse says where a variable stands that cannot be put in safely.
func (s *shellText) refuse(ref reference.Place, why string) error {
	return refusal(s.text, ref, why)
}

func refusal(text string, ref reference.Place, why string) error {
	line := 1 + strings.Count(text[:ref.Start], "\n")
	return permanent(
		fmt.Sprintf("%s in line %d of the command stands %s", ref.Name, line, why),
		"values are put into a command as data and never as a part of its program; rewrite the command so that it is a word of its own or stands inside plain quotes",
	)
}
