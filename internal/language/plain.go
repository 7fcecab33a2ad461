package language

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"

	"github.com/irctl/irctl/internal/pattern"
)

// The bounds of what another tool wrote.
const (
	maxPlainValues = 5_000_000
	maxPlainDepth  = 200
)

// Plain is a YAML document of another tool as the data that JSON would make of
// it: keys are texts, a date is one, too, and what anchors stand for is written
// out. Numbers are int64, uint64 or float64.
func Plain(src []byte) (any, error) {
	dec := yaml.NewDecoder(bytes.NewReader(src))
	doc, err := decode(dec)
	if errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0 {
		return nil, errors.New("it is empty")
	}
	if err != nil {
		return nil, err
	}
	p := plainData{}
	return p.value(doc.Content[0], 1)
}

type plainData struct{ values int }

func (p *plainData) value(n *yaml.Node, depth int) (any, error) {
	if p.values++; p.values > maxPlainValues {
		return nil, fmt.Errorf("it holds more than %d values", maxPlainValues)
	}
	if depth > maxPlainDepth {
		return nil, fmt.Errorf("line %d: values are nested more than %d deep", n.Line, maxPlainDepth)
	}
	switch n.Kind {
	case yaml.AliasNode:
		return p.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, c := range n.Content {
			var err error
			if out[i], err = p.value(c, depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	case yaml.MappingNode:
		out := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := p.value(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			if merged, ok := v.(map[string]any); ok && n.Content[i].Tag == "!!merge" {
				for key, v := range merged {
					if _, has := out[key]; !has {
						out[key] = v
					}
				}
				continue
			}
			out[n.Content[i].Value] = v
		}
		return out, nil
	}
	return scalarData(n)
}

// wholeNumber matches what JSON and YAML 1.2 both take for one.
var wholeNumber = pattern.Late(`^-?(0|[1-9][0-9]*)$`)

// scalarData is a scalar; what only old YAML takes for a truth value or a number
// in another base is a text.
func scalarData(n *yaml.Node) (any, error) {
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		var b bool
		err := n.Decode(&b)
		return b, err
	case "!!int":
		if !wholeNumber().MatchString(n.Value) {
			return n.Value, nil
		}
		var i int64
		if n.Decode(&i) == nil {
			return i, nil
		}
		fallthrough
	case "!!float":
		var f float64
		err := n.Decode(&f)
		return f, err
	}
	return n.Value, nil
}
