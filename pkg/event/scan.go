package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errSyntax = errors.New("not JSON")

// maxDepth bounds how deep values may be nested.
const maxDepth = 500

// scanner goes once through JSON, from its beginning to its end. It stands at a
// value when it is asked for one, and behind it afterwards.
type scanner struct {
	text  []byte
	at    int
	depth int // of the objects and lists around it
}

// over makes sure that nothing follows.
func (s *scanner) over() error {
	if s.blank(); s.at != len(s.text) {
		return errSyntax
	}
	return nil
}

func (s *scanner) blank() {
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t' || s.text[s.at] == '\n' || s.text[s.at] == '\r') {
		s.at++
	}
}

// next is the first byte of what comes next, 0 if nothing does.
func (s *scanner) next() byte {
	if s.blank(); s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// is goes behind a byte if that comes next.
func (s *scanner) is(c byte) bool {
	if s.next() != c {
		return false
	}
	s.at++
	return true
}

// enter goes into an object or a list.
func (s *scanner) enter(open byte) error {
	if s.depth++; s.depth > maxDepth || !s.is(open) {
		return errSyntax
	}
	return nil
}

// leave goes out of it if it ends here.
func (s *scanner) leave(end byte) bool {
	if !s.is(end) {
		return false
	}
	s.depth--
	return true
}

// members calls take for each member of an object, to go behind its value. No two
// have one name: of two values, parsers take either.
func (s *scanner) members(take func(key []byte) error) error {
	if err := s.enter('{'); err != nil || s.leave('}') {
		return err
	}
	var names names
	for {
		if s.next() != '"' {
			return errSyntax
		}
		start := s.at
		plain, err := s.skipText()
		if err != nil {
			return err
		}
		key := s.text[start+1 : s.at-1]
		if !plain {
			text, err := unescaped(s.text[start:s.at])
			if err != nil {
				return err
			}
			key = []byte(text)
		}
		if first, twice := names.add(key, start); twice {
			return fmt.Errorf("%w: %q at byte %d stands there twice, first at byte %d", errSyntax, key, start, first)
		}
		if !s.is(':') {
			return errSyntax
		}
		s.blank()
		if err := take(key); err != nil {
			return err
		}
		switch {
		case s.is(','):
		case s.leave('}'):
			return nil
		default:
			return errSyntax
		}
	}
}

// names are those of an object's members, with where they stand.
type names struct {
	few [16]struct {
		key []byte
		at  int
	}
	n    int
	many map[string]int // those that few has no place for
}

// add takes up a name, or says where it was taken up before.
func (o *names) add(key []byte, at int) (first int, twice bool) {
	for _, k := range o.few[:o.n] {
		if string(k.key) == string(key) {
			return k.at, true
		}
	}
	if o.n < len(o.few) {
		o.few[o.n].key, o.few[o.n].at = key, at
		o.n++
		return 0, false
	}
	if first, twice = o.many[string(key)]; twice {
		return first, true
	}
	if o.many == nil {
		o.many = map[string]int{}
	}
	o.many[string(key)] = at
	return 0, false
}

// elements calls take for each element of a list, to go behind it.
func (s *scanner) elements(take func() error) error {
	if err := s.enter('['); err != nil || s.leave(']') {
		return err
	}
	for {
		s.blank()
		if err := take(); err != nil {
			return err
		}
		switch {
		case s.is(','):
		case s.leave(']'):
			return nil
		default:
			return errSyntax
		}
	}
}

// value is what Values may hold.
func (s *scanner) value() (any, error) {
	switch s.next() {
	case '"':
		return s.string()
	case '{':
		m, err := s.object()
		if err != nil {
			return nil, err
		}
		return tagged(m), nil
	case '[':
		out := []any{}
		err := s.elements(func() error {
			v, err := s.value()
			out = append(out, v)
			return err
		})
		if err != nil {
			return nil, err
		}
		return out, nil
	}
	raw, err := s.raw()
	if err != nil {
		return nil, err
	}
	switch string(raw) {
	case "null":
		return nil, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return number(raw)
}

func (s *scanner) object() (map[string]any, error) {
	m := map[string]any{}
	err := s.members(func(key []byte) error {
		name := string(key)
		v, err := s.value()
		m[name] = v
		return err
	})
	return m, err
}

// tagged is what a map stands for, if that is not itself.
func tagged(m map[string]any) any {
	key := tag(m)
	text, isText := m[key].(string)
	switch {
	case strings.HasPrefix(key, "$$"):
		return map[string]any{key[1:]: m[key]}
	case key == floatKey && isText:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	case key == numberKey && isText:
		return Number(text)
	case key == missing && isText:
		return Missing(text)
	}
	return m
}

func number(raw []byte) (any, error) {
	var n json.Number
	if err := json.Unmarshal(raw, &n); err != nil {
		return nil, err
	}
	return Number(string(n)), nil
}

// string decodes a text; one without escapes is taken as it is.
func (s *scanner) string() (string, error) {
	if s.next() != '"' {
		return "", errSyntax
	}
	start := s.at
	plain, err := s.skipText()
	switch {
	case err != nil:
		return "", err
	case plain:
		return string(s.text[start+1 : s.at-1]), nil
	}
	return unescaped(s.text[start:s.at])
}

func unescaped(raw []byte) (string, error) {
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err
}

// raw goes behind a value and is exact about where that ends, and that no member in
// it is doubled; the value itself it leaves to whoever wants it.
func (s *scanner) raw() ([]byte, error) {
	start := s.at
	switch s.next() {
	case '"':
		_, err := s.skipText()
		return s.text[start:s.at], err
	case '{':
		err := s.members(func([]byte) error { return s.skip() })
		return s.text[start:s.at], err
	case '[':
		err := s.elements(s.skip)
		return s.text[start:s.at], err
	}
	for s.at < len(s.text) && s.text[s.at] != ',' && s.text[s.at] != '}' && s.text[s.at] != ']' && s.text[s.at] > ' ' {
		s.at++
	}
	if s.at == start {
		return nil, errSyntax
	}
	return s.text[start:s.at], nil
}

// skipText goes behind a text. A plain one is what stands between its quotes.
func (s *scanner) skipText() (plain bool, err error) {
	plain, ascii := true, true
	start := s.at + 1
	for i := start; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			s.at = i + 1
			return plain && (ascii || utf8.Valid(s.text[start:i])), nil
		case c == '\\':
			plain = false
			i++
		case c == '\n', c == '\r':
			return false, errSyntax
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return false, errSyntax
}

func (s *scanner) skip() error {
	_, err := s.raw()
	return err
}
