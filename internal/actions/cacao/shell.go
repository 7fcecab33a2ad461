package cacao

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/programs"
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
	refs, names, prelude, err := assignments(text, vars, func(name, value string) (line, why string) {
		if strings.ContainsRune(value, 0) {
			return "", "a NUL character, which no shell can hold"
		}
		return name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'", ""
	})
	if err != nil || len(refs) == 0 {
		return text, err
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.KeepComments(true)).Parse(strings.NewReader(text), "")
	if err != nil {
		return "", permanent("the command is not a shell text that can be taken apart, so no value can be put into it safely: "+action.CleanLine(err.Error(), 200), "correct the text, or take the variables out of it")
	}
	s := &shellText{text: text, refs: refs, names: names, placed: make([]bool, len(refs)), known: vars}
	if s.simple, err = simple(file, text, refs); err != nil {
		return "", err
	}
	syntax.Walk(file, s.visit)
	for i, ref := range refs {
		if s.err == nil && !s.placed[i] {
			s.err = refusal(text, ref, notData)
		}
	}
	if s.err != nil {
		return "", s.err
	}
	slices.SortFunc(s.edits, func(a, b edit) int { return a.Start - b.Start })
	var out strings.Builder
	at := 0
	for _, e := range s.edits {
		out.WriteString(text[at:e.Start] + e.with)
		at = e.End
	}
	return prelude + out.String() + text[at:], nil
}

// maxText is the most that a text may hold into which values are put, in bytes.
// The parser of shell texts goes one level deeper for each bracket: a text of
// a megabyte can be made that takes all the memory there is.
const maxText = 64 << 10

// assignments finds the variables that a text reads, names a variable of the
// shell for each, and writes the lines that set them. Assign writes one, or says
// what keeps its value out.
func assignments(text string, vars values, assign func(name, value string) (line, why string)) (refs []reference.Place, names map[string]string, prelude string, err error) {
	refs = references(text, vars)
	if len(refs) > 0 && len(text) > maxText {
		return nil, nil, "", permanent(fmt.Sprintf("the command is longer than %d KiB and holds variables", maxText>>10), "take the variables out of the long part of it, or give it in several commands")
	}
	prefix := freshPrefix(text)
	names = map[string]string{}
	for _, ref := range refs {
		if names[ref.Name] != "" {
			continue
		}
		value, err := vars.text(ref)
		if err != nil {
			return nil, nil, "", err
		}
		names[ref.Name] = fmt.Sprintf("%s%d", prefix, len(names))
		line, why := assign(names[ref.Name], value)
		if why != "" {
			return nil, nil, "", permanent("the value of "+ref.Name+" holds "+why, "")
		}
		prelude += line + "\n"
	}
	return refs, names, prelude, nil
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
	simple bool          // the text evaluates none of its variables
	stack  []syntax.Node // from the file down to the node at hand
	edits  []edit
	err    error
}

// edit replaces a reference.
type edit struct {
	reference.Place
	with string
}

func (s *shellText) visit(n syntax.Node) bool {
	if n == nil {
		s.stack = s.stack[:len(s.stack)-1]
		return true
	}
	above := syntax.Node(nil)
	if len(s.stack) > 0 {
		above = s.stack[len(s.stack)-1]
	}
	s.stack = append(s.stack, n)
	for i, ref := range s.refs {
		if s.err != nil || s.placed[i] || ref.Start < int(n.Pos().Offset()) || ref.End > int(n.End().Offset()) {
			continue
		}
		variable := "${" + s.names[ref.Name] + "}"
		switch n := n.(type) {
		case *syntax.Comment:
			s.placed[i] = true // a comment stays as it is
		case *syntax.SglQuoted:
			if !n.Dollar { // else escapes are read in it
				s.place(i, `'"`+variable+`"'`)
			}
		case *syntax.Lit:
			if odd(s.text[:ref.Start], '\\') {
				s.err = refusal(s.text, ref, "behind a backslash")
			}
			switch above := above.(type) {
			case *syntax.DblQuoted:
				if !above.Dollar { // else it is translated
					s.place(i, variable)
				}
			case *syntax.Word:
				s.place(i, `"`+variable+`"`)
			}
		}
	}
	return true
}

// place replaces a reference if everything around it lets the shell, and the
// program that it starts, take the value as data.
func (s *shellText) place(i int, with string) {
	if s.err != nil {
		return
	}
	why := ""
	for at := 0; at+1 < len(s.stack) && why == ""; at++ {
		why = s.around(at)
	}
	value := textOf(s.known[s.refs[i].Name])
	if why == "" && !programs.Plain().MatchString(value) && (!s.simple || s.mightBeProgram()) {
		why = "where a program could read it as a part of its own; there it takes letters, digits and _.,:@%+=/- only, and the value holds more"
	}
	if why != "" {
		s.err = refusal(s.text, s.refs[i], why)
		return
	}
	s.placed[i] = true
	s.edits = append(s.edits, edit{s.refs[i], with})
}

func refusal(text string, ref reference.Place, why string) error {
	line := 1 + strings.Count(text[:ref.Start], "\n")
	return permanent(
		fmt.Sprintf("%s in line %d of the command stands %s", ref.Name, line, why),
		"values are put into a command as data and never as a part of its program; rewrite the command so that it is a word of its own or stands inside plain quotes",
	)
}
