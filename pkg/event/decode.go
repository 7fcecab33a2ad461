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
	"time"
)

// A fold reads a journal from its beginning, so a line must be cheap to
// decode: its members are split once, header and body are filled in the same
// pass, and encoding/json is asked only for what is not a plain scalar.

// Decode reads a journal line, or what Encode returned. Fields it does not
// know (seq and hash among them) are passed over; a type it does not know
// gives a body of type [Unknown].
func Decode(line []byte) (Event, error) {
	var e Event
	var name Type
	var at string
	var later [][2][]byte // body fields, until the type is known
	var l *layout
	var body reflect.Value
	err := members(line, func(key, raw []byte) (err error) {
		switch string(key) {
		case "time":
			at, err = textIn(raw)
			return err
		case "type":
			var text string
			text, err = textIn(raw)
			name = Type(text)
			if l = layouts()[name]; l != nil {
				body = reflect.New(l.of).Elem()
			}
			return err
		case "path":
			e.Path, err = textIn(raw)
			return err
		case "request":
			e.Request, err = textIn(raw)
			return err
		case "by":
			return json.Unmarshal(raw, &e.By)
		}
		if l == nil {
			later = append(later, [2][]byte{key, raw})
			return nil
		}
		return l.set(body, key, raw)
	})
	switch {
	case err != nil:
		return Event{}, fmt.Errorf("not an event: %w", err)
	case name == "":
		return Event{}, errors.New("not an event: no type")
	}
	if e.Time, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return Event{}, fmt.Errorf("%s: bad time: %w", name, err)
	}
	e.Time = e.Time.UTC()
	if l == nil {
		e.Body = Unknown{name, bytes.Clone(line)}
		return e, nil
	}
	for _, m := range later {
		if err := l.set(body, m[0], m[1]); err != nil {
			return Event{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	e.Body = body.Interface().(Body)
	return e, nil
}

// layout says which field of a body a member of the object belongs to.
type layout struct {
	of     reflect.Type
	fields map[string]int
}

func layoutOf[B Body]() *layout {
	l := &layout{of: reflect.TypeFor[B](), fields: map[string]int{}}
	for i := range l.of.NumField() {
		name, _, _ := strings.Cut(l.of.Field(i).Tag.Get("json"), ",")
		l.fields[name] = i
	}
	return l
}

var layouts = sync.OnceValue(func() map[Type]*layout {
	m := make(map[Type]*layout, len(kinds))
	for _, k := range kinds {
		m[k.name] = k.layout()
	}
	return m
})

func (l *layout) set(body reflect.Value, key, raw []byte) error {
	i, ok := l.fields[string(key)]
	if !ok {
		return nil
	}
	f := body.Field(i)
	switch f.Kind() {
	case reflect.String:
		text, err := textIn(raw)
		f.SetString(text)
		return err
	case reflect.Int, reflect.Int64:
		if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
			f.SetInt(n)
			return nil
		}
	}
	if err := setOther(f.Addr().Interface(), raw); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

func setOther(to any, raw []byte) error {
	switch to := to.(type) {
	case *Values:
		return to.UnmarshalJSON(raw)
	case *List:
		return to.UnmarshalJSON(raw)
	case *time.Time:
		text, err := textIn(raw)
		if err != nil {
			return err
		}
		t, err := time.Parse(time.RFC3339Nano, text)
		*to = t
		return err
	}
	return json.Unmarshal(raw, to)
}
