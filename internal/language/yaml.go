package language

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// YAML writes JSON as YAML, with its keys in their order. JSON is YAML already
// (YAML 1.2.2, section 1.3): only its style changes.
func YAML(json []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(json, &doc); err != nil {
		return nil, err
	}
	plain(&doc)
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	err := enc.Encode(&doc)
	return out.Bytes(), err
}

// plain takes the style of JSON off a node; the encoder quotes what must be.
func plain(n *yaml.Node) {
	n.Style = 0
	for _, child := range n.Content {
		plain(child)
	}
}
