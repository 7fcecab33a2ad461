package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// A fold reads a journal from its beginning, so a line must be cheap to
// decode: one pass fills in header and body, and encoding/json is asked only
// for texts with escapes.

// Decode reads a journal line, or what Encode returned. Fields it does not
// know (seq and hash among them) are passed over; a type it does not know
// gives a body of type [Unknown].
func Decode(line []byte) (Event, error) {
	var e Event
	var name Type
	var at []byte
	var later [][2][]byte // body fields, until the type is known
	var body reflect.Value
	var l *layout
	s := &scanner{text: line}
	err := s.members(func(key []byte) (err error) {
		switch string(key) {
		case "time":
			at, err = s.raw()
			return err
		case "type":
			if name, l, err = s.kind(); l != nil {
				body = reflect.New(l.of).Elem()
			}
			return err
		case "path":
			e.Path, err = s.string()
			return err
		case "request":
			e.Request, err = s.string()
			return err
		case "by":
			return actor().fill(s, reflect.ValueOf(&e.By).Elem())
		}
		if l == nil {
			raw, err := s.raw()
			later = append(later, [2][]byte{key, raw})
			return err
		}
		return l.set(s, body, key)
	})
	if err == nil {
		err = s.over()
	}
	switch {
	case err != nil:
		return Event{}, fmt.Errorf("not an event: %w", err)
	case name == "":
		return Event{}, errors.New("not an event: no type")
	}
	if err := e.Time.UnmarshalJSON(at); err != nil {
		return Event{}, fmt.Errorf("%s: bad time: %w", name, err)
	}
	e.Time = e.Time.UTC()
	if l == nil {
		e.Body = Unknown{name, bytes.Clone(line)}
		return e, nil
	}
	for _, m := range later {
		if err := l.set(&scanner{text: m[1]}, body, m[0]); err != nil {
			return Event{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	e.Body = body.Interface().(Body)
	return e, nil
}

// kind reads a type, and returns the layout of a known one.
func (s *scanner) kind() (Type, *layout, error) {
	start := s.at
	if plain, err := s.skipText(); err == nil && plain {
		if l := layouts()[Type(s.text[start+1:s.at-1])]; l != nil {
			return l.name, l, nil
		}
	}
	s.at = start
	text, err := s.string()
	return Type(text), layouts()[Type(text)], err
}

var layouts = sync.OnceValue(func() map[Type]*layout {
	m := make(map[Type]*layout, len(kinds))
	for _, k := range kinds {
		m[k.name] = layoutOf(k.of)
		m[k.name].name = k.name
	}
	return m
})

var actor = sync.OnceValue(func() *layout { return layoutOf(reflect.TypeFor[*Actor]()) })

// DecoderOf returns a function that reads what irctl wrote as JSON into a zero
// value, in which lists may have room already. It is [json.Unmarshal] at a
// fraction of its cost: the names of members are those of the fields to the letter.
func DecoderOf[T any]() func(text []byte, to *T) error {
	l := layoutOf(reflect.TypeFor[T]())
	return func(text []byte, to *T) error {
		s := &scanner{text: text}
		if err := l.fill(s, reflect.ValueOf(to).Elem()); err != nil {
			return err
		}
		return s.over()
	}
}

// layout says how a Go type stands in JSON.
type layout struct {
	of     reflect.Type
	name   Type // if it is the body of an event
	how    how
	fields []field // of a struct, in the order in which they are written
	inner  *layout // of what a list holds, or a pointer points to
}

type field struct {
	name string
	*layout
}

// how says who knows how a type stands in JSON.
type how int

const (
	byKind   how = iota // its kind
	byValues            // this package
	byItself            // it is a [json.Unmarshaler]
	byJSON              // encoding/json
)

func layoutOf(of reflect.Type) *layout {
	l := &layout{of: of}
	switch {
	case of == reflect.TypeFor[Values]():
		l.how = byValues
	case reflect.PointerTo(of).Implements(reflect.TypeFor[json.Unmarshaler]()):
		l.how = byItself
	case of.Kind() == reflect.Pointer, of.Kind() == reflect.Slice:
		l.inner = layoutOf(of.Elem())
	case of.Kind() == reflect.Struct:
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			l.fields = append(l.fields, field{name, layoutOf(of.Field(i).Type)})
		}
	default:
		switch of.Kind() {
		case reflect.String, reflect.Bool, reflect.Int, reflect.Int64:
		default:
			l.how = byJSON
		}
	}
	return l
}

// set reads the member of an object into the field of a struct with its name.
func (l *layout) set(s *scanner, to reflect.Value, key []byte) error {
	for i := range l.fields {
		if f := &l.fields[i]; f.name == string(key) {
			if err := f.fill(s, to.Field(i)); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			return nil
		}
	}
	return s.skip()
}

// fill reads a value. One that is null changes nothing.
func (l *layout) fill(s *scanner, to reflect.Value) error {
	switch l.how {
	case byValues:
		m, err := s.object()
		to.Set(reflect.ValueOf(Values(m)))
		return err
	case byItself:
		raw, err := s.raw()
		if err != nil {
			return err
		}
		return to.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw)
	}
	kind, c := l.of.Kind(), s.next()
	switch {
	case l.how == byJSON || c == 'n':
	case kind == reflect.String:
		text, err := s.string()
		to.SetString(text)
		return err
	case kind == reflect.Pointer:
		to.Set(reflect.New(l.of.Elem()))
		return l.inner.fill(s, to.Elem())
	case kind == reflect.Struct:
		return s.members(func(key []byte) error { return l.set(s, to, key) })
	case kind == reflect.Slice && c == '[':
		if to.IsNil() {
			to.Set(reflect.MakeSlice(l.of, 0, 0))
		}
		return s.elements(func() error {
			to.Grow(1)
			to.SetLen(to.Len() + 1)
			return l.inner.fill(s, to.Index(to.Len()-1))
		})
	}
	raw, err := s.raw()
	if err != nil {
		return err
	}
	switch {
	case kind == reflect.Bool && (string(raw) == "true" || string(raw) == "false"):
		to.SetBool(c == 't')
		return nil
	case kind == reflect.Int || kind == reflect.Int64:
		if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
			to.SetInt(n)
			return nil
		}
	}
	return json.Unmarshal(raw, to.Addr().Interface())
}
