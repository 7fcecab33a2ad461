package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errSyntax = errors.New("not JSON")

// maxDepth bounds how deep values may be nested.
const maxDepth = 500

// value decodes data into what Values may hold.
func value(raw []byte, depth int) (any, error) {
	if len(raw) == 0 || depth > maxDepth {
		return nil, errSyntax
	}
	switch raw[0] {
	case '"':
		return textIn(raw)
	case '{':
		return object(raw, depth)
	case '[':
		return list(raw, depth)
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

func object(raw []byte, depth int) (any, error) {
	m := map[string]any{}
	err := members(raw, func(key, raw []byte) error {
		v, err := value(raw, depth+1)
		m[string(key)] = v
		return err
	})
	if err != nil {
		return nil, err
	}
	key := tag(m)
	text, isText := m[key].(string)
	switch {
	case strings.HasPrefix(key, "$$"):
		return map[string]any{key[1:]: m[key]}, nil
	case key == floatKey && isText:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f, nil
		}
	case key == numberKey && isText:
		return Number(text), nil
	case key == missing && isText:
		return Missing(text), nil
	}
	return m, nil
}

func list(raw []byte, depth int) (any, error) {
	out := []any{}
	i := blank(raw, 1)
	if i < len(raw) && raw[i] == ']' {
		return out, rest(raw, i+1)
	}
	for {
		i = blank(raw, i)
		end, err := skip(raw, i)
		if err != nil {
			return nil, err
		}
		v, err := value(raw[i:end], depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if i = blank(raw, end); i >= len(raw) {
			return nil, errSyntax
		}
		switch raw[i] {
		case ',':
			i++
		case ']':
			return out, rest(raw, i+1)
		default:
			return nil, errSyntax
		}
	}
}

func number(raw []byte) (any, error) {
	var n json.Number
	if err := json.Unmarshal(raw, &n); err != nil {
		return nil, err
	}
	return Number(string(n)), nil
}

// textIn decodes a JSON string; one without escapes is taken as it is.
func textIn(raw []byte) (string, error) {
	if n := len(raw); n >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : n-1]), nil
	}
	return textEscaped(raw)
}

func textEscaped(raw []byte) (string, error) {
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

// members yields the members of a JSON object. It is exact about where a value
// ends and leaves the value itself to whoever wants it.
func members(line []byte, yield func(key, raw []byte) error) error {
	i := blank(line, 0)
	if i >= len(line) || line[i] != '{' {
		return errSyntax
	}
	if i = blank(line, i+1); i < len(line) && line[i] == '}' {
		return rest(line, i+1)
	}
	for {
		i = blank(line, i)
		end, err := skip(line, i)
		if err != nil || line[i] != '"' {
			return errSyntax
		}
		key := line[i+1 : end-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			text, err := textIn(line[i:end])
			if err != nil {
				return err
			}
			key = []byte(text)
		}
		if i = blank(line, end); i >= len(line) || line[i] != ':' {
			return errSyntax
		}
		i = blank(line, i+1)
		if end, err = skip(line, i); err != nil {
			return err
		}
		if err := yield(key, line[i:end]); err != nil {
			return err
		}
		if i = blank(line, end); i >= len(line) {
			return errSyntax
		}
		switch line[i] {
		case ',':
			i++
		case '}':
			return rest(line, i+1)
		default:
			return errSyntax
		}
	}
}

func rest(line []byte, i int) error {
	if blank(line, i) != len(line) {
		return errSyntax
	}
	return nil
}

func blank(line []byte, i int) int {
	for i < len(line) && (line[i] == ' ' || line[i] == '\t' || line[i] == '\n' || line[i] == '\r') {
		i++
	}
	return i
}

// skip returns the end of the value that begins at i.
func skip(line []byte, i int) (int, error) {
	if i >= len(line) {
		return 0, errSyntax
	}
	switch line[i] {
	case '"':
		return skipText(line, i)
	case '{', '[':
		return skipNested(line, i)
	}
	start := i
	for i < len(line) && line[i] != ',' && line[i] != '}' && line[i] != ']' && line[i] > ' ' {
		i++
	}
	if i == start {
		return 0, errSyntax
	}
	return i, nil
}

func skipText(line []byte, i int) (int, error) {
	for i++; i < len(line); i++ {
		switch line[i] {
		case '"':
			return i + 1, nil
		case '\\':
			i++
		case '\n', '\r':
			return 0, errSyntax
		}
	}
	return 0, errSyntax
}

func skipNested(line []byte, i int) (int, error) {
	depth := 0
	for i < len(line) {
		switch line[i] {
		case '"':
			end, err := skipText(line, i)
			if err != nil {
				return 0, err
			}
			i = end
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, nil
			}
		}
		i++
	}
	return 0, errSyntax
}
