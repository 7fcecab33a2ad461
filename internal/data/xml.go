package data

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Bounds of XML that is read: what is deeper or has more elements is refused.
const (
	maxXMLDepth    = 100
	maxXMLElements = 200_000
)

// DecodeXML reads one XML document as data: the root element in a map, under its
// name without a namespace. An element is its text; if it holds elements it is a
// map of them, in which those of one name make a list; one that is named in lists
// is the list of what it holds, empty too. Attributes have an @ before their name,
// and the text beside them is under "#text". A document type is refused, and with
// it every entity that XML does not have by itself. It takes UTF-8,
// with or without a byte order mark, and says which other encoding it does not take.
func DecodeXML(b []byte, lists ...string) (any, error) {
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) || bytes.HasPrefix(b, []byte{0xfe, 0xff}) {
		return nil, errors.New("XML in UTF-16, and only UTF-8 is read")
	}
	r := &xmlReader{d: xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))), lists: lists}
	var other error
	r.d.CharsetReader = func(name string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(name, "us-ascii") {
			return in, nil
		}
		other = fmt.Errorf("XML in %.40q, and only UTF-8 is read", name)
		return nil, other
	}
	var root map[string]any
	for {
		token, err := r.d.Token()
		switch t := token.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, errors.New("XML with more than one root")
			}
			v, err := r.element(t, 0)
			if err != nil {
				return nil, err
			}
			root = map[string]any{t.Name.Local: v}
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, errors.New("text beside the root of XML")
			}
		case xml.Directive:
			return nil, errDocumentType
		}
		switch {
		case err == io.EOF && root != nil: //nolint:errorlint // as its documentation has it
			return root, nil
		case other != nil:
			return nil, other
		case err != nil:
			return nil, errNotXML
		}
	}
}

var (
	errNotXML       = errors.New("not XML")
	errDocumentType = errors.New("XML with a document type, which is not read")
)

type xmlReader struct {
	d     *xml.Decoder
	lists []string
	read  int // elements so far
}

// element reads up to the end of an element.
func (r *xmlReader) element(start xml.StartElement, depth int) (any, error) {
	if r.read++; r.read > maxXMLElements || depth >= maxXMLDepth {
		return nil, fmt.Errorf("XML of more than %d elements or nested more than %d deep", maxXMLElements, maxXMLDepth)
	}
	held, inside, text := []any{}, map[string]any{}, strings.Builder{}
	times := map[string]int{}
	for _, a := range start.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			inside["@"+a.Name.Local] = a.Value
		}
	}
	for {
		token, err := r.d.Token()
		if err != nil {
			return nil, errNotXML
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.Directive:
			return nil, errDocumentType
		case xml.StartElement:
			v, err := r.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			held = append(held, v)
			switch name := t.Name.Local; times[name] {
			case 0:
				inside[name] = v
			case 1:
				inside[name] = []any{inside[name], v}
			default:
				inside[name] = append(inside[name].([]any), v)
			}
			times[t.Name.Local]++
		case xml.EndElement:
			switch said := strings.TrimSpace(text.String()); {
			case slices.Contains(r.lists, start.Name.Local):
				return held, nil
			case len(inside) == 0:
				return text.String(), nil
			case said != "":
				inside["#text"] = said
			}
			return inside, nil
		}
	}
}
