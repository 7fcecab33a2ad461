package stix

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// token is one word of a condition.
type token struct {
	kind       string // "(", ")", ",", "op", "word" (AND, OR...), "operand", "end"
	text       string // of "op" and "word"
	operand    Operand
	start, end int
}

var (
	variable   = regexp.MustCompile(`^(__[a-zA-Z][a-zA-Z0-9_-]*?__):value`)
	bareName   = regexp.MustCompile(`^__[a-zA-Z][a-zA-Z0-9_-]*?__`)
	number     = regexp.MustCompile(`^[+-]?(?:0|[1-9][0-9]*)(\.[0-9]+)?`)
	name       = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*`)
	foreignVar = regexp.MustCompile(`^(?:\$\$?\{?|\{\{ *|%)[A-Za-z_][A-Za-z0-9_.-]*(?:\$\$?|\}\}?|%)?`)
)

// words are the operators that are words. They are case-sensitive, as in the
// grammar.
var words = []string{"AND", "OR", "NOT", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "EXISTS"}

var symbols = []string{"!=", "<=", ">=", "=", "<", ">"}

// foreign are operators of other languages, with what is meant.
var foreign = []struct{ text, meant string }{
	{"===", "="}, {"==", "="}, {"!==", "!="}, {"<>", "!="}, {"&&", "AND"}, {"||", "OR"}, {"=~", "MATCHES"}, {"~=", "MATCHES"}, {"!", "NOT"},
}

// lex splits a condition into tokens. It stops at the first problem.
func lex(text string) ([]token, *Problem) {
	var out []token
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case ' ', '\t', '\n', '\r':
			i++
			continue
		case '(', ')', ',', '[', ']':
			out = append(out, token{kind: string(c), start: i, end: i + 1})
			i++
			continue
		}
		t, problem := one(text, i)
		if problem != nil {
			return nil, problem
		}
		out = append(out, t)
		i = t.end
	}
	return append(out, token{kind: "end", start: len(text), end: len(text)}), nil
}

// one reads the token at a place that is neither space nor a bracket.
func one(text string, i int) (token, *Problem) {
	rest := text[i:]
	if m := variable.FindStringSubmatch(rest); m != nil {
		return operand(Variable, m[1], i, i+len(m[0])), nil
	}
	if m := bareName.FindString(rest); m != "" {
		return wrong(i, i+len(m), "a variable is read with `:value`", "write "+m+":value")
	}
	for _, f := range foreign {
		if strings.HasPrefix(rest, f.text) && (f.text != "!" || !strings.HasPrefix(rest, "!=")) {
			return wrong(i, i+len(f.text), "`"+f.text+"` is no operator of a condition", "write "+f.meant)
		}
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s) {
			return token{kind: "op", text: s, start: i, end: i + len(s)}, nil
		}
	}
	if strings.IndexByte("thb", rest[0]) >= 0 && len(rest) > 1 && rest[1] == '\'' || rest[0] == '\'' {
		return quoted(text, i)
	}
	if m := number.FindString(rest); m != "" && !followsWord(rest[len(m):]) {
		kind := Integer
		if strings.Contains(m, ".") {
			kind = Float
		}
		return operand(kind, strings.TrimPrefix(m, "+"), i, i+len(m)), nil
	}
	return word(text, i)
}

func operand(kind OperandKind, text string, start, end int) token {
	return token{kind: "operand", operand: Operand{kind, text, start, end}, start: start, end: end}
}

func wrong(start, end int, message, hint string) (token, *Problem) {
	return token{}, &Problem{start, end, message, hint, false}
}

func followsWord(rest string) bool {
	return rest != "" && (rest[0] == '_' || rest[0] == '.' || rest[0] >= '0' && rest[0] <= '9' || rest[0]|0x20 >= 'a' && rest[0]|0x20 <= 'z')
}

func word(text string, i int) (token, *Problem) {
	rest := text[i:]
	m := name.FindString(rest)
	switch {
	case m == "true" || m == "false":
		return operand(Bool, m, i, i+len(m)), nil
	case m != "":
		for _, w := range words {
			if m == w {
				return token{kind: "word", text: w, start: i, end: i + len(w)}, nil
			}
			if strings.EqualFold(m, w) {
				return wrong(i, i+len(m), "operators stand in capitals", "write "+w)
			}
		}
		return wrong(i, i+len(m), "`"+m+"` is neither a variable nor a text", "a variable is written __"+strings.ReplaceAll(strings.Trim(m, "_"), ".", "_")+"__:value, a text '"+m+"'")
	case rest[0] == '"':
		end := len(rest)
		if j := strings.IndexByte(rest[1:], '"'); j >= 0 {
			end = j + 2
		}
		return wrong(i, i+end, "texts stand in single quotes", "write '"+strings.Trim(rest[:end], `"`)+"'")
	}
	if m := foreignVar.FindString(rest); m != "" {
		return wrong(i, i+len(m), "`"+m+"` is no variable of CACAO", "write __"+strings.Trim(m, "$%{} ")+"__:value")
	}
	_, n := utf8.DecodeRuneInString(rest)
	return wrong(i, i+n, "`"+rest[:n]+"` has no meaning in a condition", "")
}

// quoted reads '...', t'...', h'...' or b'...'. A backslash takes the meaning
// from a quote or a backslash behind it.
func quoted(text string, i int) (token, *Problem) {
	kind, at := Text, i
	if marked := map[byte]OperandKind{'t': Time, 'h': Hex, 'b': Binary}[text[i]]; marked != 0 {
		kind, at = marked, i+1
	}
	var out strings.Builder
	for j := at + 1; j < len(text); j++ {
		switch c := text[j]; {
		case c == '\\' && j+1 < len(text) && (text[j+1] == '\'' || text[j+1] == '\\'):
			j++
			out.WriteByte(text[j])
		case c == '\'':
			t := operand(kind, out.String(), i, j+1)
			return t, t.operand.malformed()
		default:
			out.WriteByte(c)
		}
	}
	return wrong(i, len(text), "the text is not closed", "end it with a single quote; one inside it is written \\'")
}

// malformed says what is wrong with the content of a literal.
func (o Operand) malformed() *Problem {
	switch o.Kind {
	case Time:
		if _, err := time.Parse(time.RFC3339, o.Text); err != nil || !strings.HasSuffix(o.Text, "Z") {
			return &Problem{o.Start, o.End, "this is not a time", "write it as t'2026-03-01T14:30:00Z'", false}
		}
	case Hex:
		if _, err := hex.DecodeString(o.Text); err != nil {
			return &Problem{o.Start, o.End, "these are not hexadecimal digits in pairs", "write it as h'ab01'", false}
		}
	case Binary:
		if _, err := base64.StdEncoding.DecodeString(o.Text); err != nil {
			return &Problem{o.Start, o.End, "this is not base64", "write it as b'YWI='", false}
		}
	}
	return nil
}
