package language

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"gopkg.in/yaml.v3"
)

// YAML writes JSON as YAML, with its keys in their order. JSON is YAML already
// (YAML 1.2.2, section 1.3): only its style changes. Characters that are unseen,
// or could steer a terminal, are escaped.
func YAML(json []byte, unseen func(rune) bool) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(escape.ReplaceAllFunc(json, joined), &doc); err != nil {
		return nil, err
	}
	plain(&doc, unseen)
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, err
	}
	return shown(out.Bytes(), unseen), nil
}

// escape finds each escape of JSON, and a pair that stands for one character
// (RFC 8259, section 7).
var escape = regexp.MustCompile(`\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)`)

// joined writes such a pair as YAML does, which knows no halves.
func joined(found []byte) []byte {
	if len(found) < len(`\ud83d\ude00`) {
		return found
	}
	high, _ := strconv.ParseUint(string(found[2:6]), 16, 16)
	low, _ := strconv.ParseUint(string(found[8:12]), 16, 16)
	return fmt.Appendf(nil, `\U%08X`, utf16.DecodeRune(rune(high), rune(low)))
}

// shown escapes what is unseen, as far as the encoder did not: it stands in
// double quotes.
func shown(text []byte, unseen func(rune) bool) []byte {
	var out bytes.Buffer
	for _, r := range string(text) {
		if unseen(r) {
			fmt.Fprintf(&out, `\U%08X`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.Bytes()
}

// plain takes the style of JSON off a node; the encoder quotes what must be.
func plain(n *yaml.Node, unseen func(rune) bool) {
	n.Style = 0
	if strings.ContainsFunc(n.Value, unseen) {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range n.Content {
		plain(child, unseen)
	}
}
