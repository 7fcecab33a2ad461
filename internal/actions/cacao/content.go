package cacao

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"mime"
	"strings"

	"github.com/irctl/irctl/internal/cacao/reference"
)

// content puts values into the content of a request, by its media type: in
// JSON and XML as text, in a form percent-encoded, and into anything else as
// they are.
func content(text, mediaType string, vars values) ([]byte, error) {
	kind, params, err := mime.ParseMediaType(mediaType)
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
		kind = strings.TrimSpace(kind)
	}
	var out string
	switch {
	case isJSON(kind) || kind == "" && looksLikeJSON(text, vars):
		out, err = vars.substitute(text, intoJSON(text))
	case strings.HasSuffix(kind, "/xml") || strings.HasSuffix(kind, "+xml"):
		out, err = vars.substitute(text, intoXML(text))
	case kind == "application/x-www-form-urlencoded":
		out, err = vars.substitute(text, func(_ reference.Place, value string) (string, error) { return percent(value), nil })
	default:
		out, err = vars.substitute(text, asIs(params["boundary"]))
	}
	return []byte(out), err
}

func isJSON(kind string) bool {
	return strings.HasSuffix(kind, "/json") || strings.HasSuffix(kind, "+json")
}

// looksLikeJSON reports whether a text of no known type is JSON, whatever its
// variables hold.
func looksLikeJSON(text string, vars values) bool {
	known := values{}
	for _, ref := range references(text, vars) {
		known[ref.Name] = int64(0)
	}
	plain, err := known.substitute(text, intoJSON(text))
	return err == nil && json.Valid([]byte(plain)) && strings.ContainsAny(plain, "{[")
}

// intoJSON writes a value inside a JSON string as a part of it, and elsewhere
// as one JSON value: as it is if it is one, else as a string.
func intoJSON(text string) func(reference.Place, string) (string, error) {
	inside, escaped, at := false, false, 0
	return func(ref reference.Place, value string) (string, error) {
		for ; at < ref.Start; at++ {
			switch c := text[at]; {
			case escaped:
				escaped = false
			case inside && c == '\\':
				escaped = true
			case c == '"':
				inside = !inside
			}
		}
		at = ref.End
		switch {
		case escaped:
			return "", permanent(ref.Name+" stands behind a backslash in the content", "take the backslash away")
		case inside:
			quoted, err := jsonString(value)
			return quoted[1 : len(quoted)-1], err
		case json.Valid([]byte(value)):
			return value, nil
		}
		return jsonString(value)
	}
}

func jsonString(value string) (string, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return strings.TrimSuffix(out.String(), "\n"), err
}

// intoXML writes a value as character data (XML 1.0 section 2.4). Inside CDATA
// it stays as it is.
func intoXML(text string) func(reference.Place, string) (string, error) {
	return func(ref reference.Place, value string) (string, error) {
		before := text[:ref.Start]
		if open := strings.LastIndex(before, "<![CDATA["); open > strings.LastIndex(before, "]]>") {
			if strings.Contains(value, "]") {
				return "", permanent("the value of "+ref.Name+" holds a ], which could end the CDATA that it stands in", "write the content without CDATA")
			}
			return value, nil
		}
		var out strings.Builder
		err := xml.EscapeText(&out, []byte(value))
		return out.String(), err
	}
}

// asIs writes a value as it is, unless it could end a part of the content.
func asIs(boundary string) func(reference.Place, string) (string, error) {
	return func(ref reference.Place, value string) (string, error) {
		if boundary != "" && strings.Contains(value, "--") {
			return "", permanent(fmt.Sprintf("the value of %s holds --, which could end its part of the content", ref.Name), "send it in another form, such as JSON")
		}
		return value, nil
	}
}
