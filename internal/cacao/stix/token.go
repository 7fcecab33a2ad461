package stix

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// words are the operators that are words. They are case-sensitive, as in the
// grammar.
var words = []string{"AND", "OR", "NOT", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "EXISTS"}

// foreign are operators of other languages, with what is meant.
var foreign = map[string]string{
	"===": "=", "==": "=", "!==": "!=", "<>": "!=", "&&": "AND", "||": "OR", "=~": "MATCHES", "~=": "MATCHES", "!": "NOT",
}

// form is something that a condition may be made of. The group of its pattern is
// the token's text. The token ends where the group does, or, if it is closed by
// something, with the whole. What has no kind is no part of a condition; wrong
// says what to write.
type form struct {
	kind    Kind
	pattern *regexp.Regexp
	closed  bool
	wrong   func(text string) (message, hint string)
}

// forms are all of them; the first one that fits counts.
var forms = sync.OnceValue(func() []form {
	begins := func(pattern string) *regexp.Regexp { return regexp.MustCompile("^" + pattern) }
	// In a literal a backslash takes the meaning from a quote or a backslash
	// behind it.
	literal := func(letter string) *regexp.Regexp { return begins(letter + `'((?s:[^'\\]|\\.)*)'`) }
	return []form{
		{kind: sign, pattern: begins(`([(),\[\]])`)},
		{kind: Variable, pattern: begins(`(__[a-zA-Z][a-zA-Z0-9_-]*?__):value`), closed: true},
		{pattern: begins(`(__[a-zA-Z][a-zA-Z0-9_-]*?__)`), wrong: func(text string) (string, string) {
			return "a variable is read with `:value`", "write " + text + ":value"
		}},
		{pattern: begins(`(===?|!==|<>|&&|\|\||=~|~=)`), wrong: notOperator},
		{kind: sign, pattern: begins(`(!=|<=|>=|=|<|>)`)},
		{pattern: begins(`(!)`), wrong: notOperator},
		{kind: Text, pattern: literal(""), closed: true},
		{kind: Time, pattern: literal("t"), closed: true},
		{kind: Hex, pattern: literal("h"), closed: true},
		{kind: Binary, pattern: literal("b"), closed: true},
		{pattern: begins(`([thb]?'(?s:.*))`), wrong: func(string) (string, string) {
			return "the text is not closed", "end it with a single quote; one inside it is written \\'"
		}},
		{kind: Integer, pattern: begins(`([+-]?(?:0|[1-9][0-9]*))(?:[^A-Za-z0-9_.]|$)`)},
		{kind: Float, pattern: begins(`([+-]?(?:0|[1-9][0-9]*)\.[0-9]+)(?:[^A-Za-z0-9_.]|$)`)},
		{kind: Bool, pattern: begins(`(true|false)(?:[^A-Za-z0-9_.-]|$)`)},
		{kind: sign, pattern: begins(`(` + strings.Join(words, "|") + `)(?:[^A-Za-z0-9_.-]|$)`)},
		{pattern: begins(`([A-Za-z_][A-Za-z0-9_.-]*)`), wrong: func(text string) (string, string) {
			if operator := strings.ToUpper(text); slices.Contains(words, operator) {
				return "operators stand in capitals", "write " + operator
			}
			return "`" + text + "` is neither a variable nor a text", "a variable is written __" + strings.ReplaceAll(strings.Trim(text, "_"), ".", "_") + "__:value, a text '" + text + "'"
		}},
		{pattern: begins(`("(?s:[^"]*"|.*))`), wrong: func(text string) (string, string) {
			return "texts stand in single quotes", "write '" + strings.Trim(text, `"`) + "'"
		}},
		{pattern: begins(`((?:\$\$?\{?|\{\{ *|%)[A-Za-z_][A-Za-z0-9_.-]*(?:\$\$?|\}\}?|%)?)`), wrong: func(text string) (string, string) {
			return "`" + text + "` is no variable of CACAO", "write __" + strings.Trim(text, "$%{} ") + "__:value"
		}},
		{pattern: begins(`((?s:.))`), wrong: func(text string) (string, string) {
			return "`" + text + "` has no meaning in a condition", ""
		}},
	}
})

func notOperator(text string) (message, hint string) {
	return "`" + text + "` is no operator of a condition", "write " + foreign[text]
}

var escapes = strings.NewReplacer(`\'`, `'`, `\\`, `\`)

// tokens splits a condition. It stops at the first problem.
func tokens(text string) ([]Operand, *Problem) {
	var out []Operand
	for at := 0; at < len(text); {
		if strings.IndexByte(" \t\n\r", text[at]) >= 0 {
			at++
			continue
		}
		t, problem := token(text, at)
		if problem != nil {
			return nil, problem
		}
		out = append(out, t)
		at = t.End
	}
	return append(out, Operand{Kind: end, Start: len(text), End: len(text)}), nil
}

// token reads the token at a place that is no space.
func token(text string, at int) (Operand, *Problem) {
	for _, f := range forms() {
		m := f.pattern.FindStringSubmatchIndex(text[at:])
		if m == nil {
			continue
		}
		t := Operand{f.kind, text[at+m[2] : at+m[3]], at, at + m[3]}
		if f.closed {
			t.End = at + m[1]
		}
		if f.wrong != nil {
			message, hint := f.wrong(t.Text)
			return t, &Problem{Start: t.Start, End: t.End, Message: message, Hint: hint}
		}
		switch f.kind {
		case Text, Time, Hex, Binary:
			t.Text = escapes.Replace(t.Text)
		case Integer, Float:
			t.Text = strings.TrimPrefix(t.Text, "+")
		}
		return t, t.malformed()
	}
	_, n := utf8.DecodeRuneInString(text[at:]) // what is no UTF-8
	return Operand{}, &Problem{Start: at, End: at + n, Message: "`" + text[at:at+n] + "` has no meaning in a condition"}
}

// malformed says what is wrong with the content of a literal.
func (o Operand) malformed() *Problem {
	var err error
	message, hint := "", ""
	switch o.Kind {
	case Time:
		_, err = time.Parse("2006-01-02T15:04:05Z", o.Text)
		message, hint = "this is not a time", "write it as t'2026-03-01T14:30:00Z'"
	case Hex:
		_, err = hex.DecodeString(o.Text)
		message, hint = "these are not hexadecimal digits in pairs", "write it as h'ab01'"
	case Binary:
		_, err = base64.StdEncoding.DecodeString(o.Text)
		message, hint = "this is not base64", "write it as b'YWI='"
	}
	if err == nil {
		return nil
	}
	return &Problem{Start: o.Start, End: o.End, Message: message, Hint: hint}
}
