package language

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"gopkg.in/yaml.v3"

	"github.com/irctl/irctl/internal/pattern"
)

// YAML writes JSON as YAML, with its keys in their order. JSON is YAML already
// (YAML 1.2.2, section 1.3): only its style changes. Characters that are unseen,
// or could steer a terminal, are escaped. What a mapping holds stands on one
// line if it is simple and no longer than line, in characters.
func YAML(json []byte, unseen func(rune) bool, line int) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(escape().ReplaceAllFunc(json, joined), &doc); err != nil {
		return nil, err
	}
	plain(&doc, unseen, line)
	back := basic(&doc)
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, err
	}
	return shown(out.Bytes(), unseen, back), nil
}

// escape finds each escape of JSON, and a pair that stands for one character
// (RFC 8259, section 7).
var escape = pattern.Late(`\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)`)

// joined writes such a pair as YAML does, which knows no halves.
func joined(found []byte) []byte {
	if len(found) < len(`\ud83d\ude00`) {
		return found
	}
	high, _ := strconv.ParseUint(string(found[2:6]), 16, 16)
	low, _ := strconv.ParseUint(string(found[8:12]), 16, 16)
	return fmt.Appendf(nil, `\U%08X`, utf16.DecodeRune(rune(high), rune(low)))
}

// basic puts characters for private use, which the document does not have, in
// the place of those beyond the basic plane, which the encoder would escape, and
// of the byte order mark, behind which it would escape everything. It returns
// what stands for what.
func basic(doc *yaml.Node) (back map[rune]rune) {
	used, instead := map[rune]bool{}, map[rune]rune{}
	eachNode(doc, func(n *yaml.Node) {
		for _, r := range n.Value {
			used[r] = true
		}
	})
	free := '\uE000'
	back = map[rune]rune{}
	eachNode(doc, func(n *yaml.Node) {
		n.Value = strings.Map(func(r rune) rune {
			if r <= 0xFFFF && r != '\uFEFF' {
				return r
			}
			for ; instead[r] == 0 && free <= '\uF8FF'; free++ {
				if !used[free] {
					instead[r], back[free] = free, r
				}
			}
			return cmp.Or(instead[r], r)
		}, n.Value)
	})
	return back
}

func eachNode(n *yaml.Node, do func(*yaml.Node)) {
	do(n)
	for _, child := range n.Content {
		eachNode(child, do)
	}
}

// shown escapes what is unseen, as far as the encoder did not: it stands in
// double quotes.
func shown(text []byte, unseen func(rune) bool, back map[rune]rune) []byte {
	var out bytes.Buffer
	for _, r := range string(text) {
		if r = cmp.Or(back[r], r); unseen(r) {
			fmt.Fprintf(&out, `\U%08X`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.Bytes()
}

// plain takes the style of JSON off a node; the encoder quotes what must be for
// YAML 1.2, and older readers take some texts for truth values.
func plain(n *yaml.Node, unseen func(rune) bool, line int) {
	n.Style = 0
	// The encoder would lose the line end that a text begins with.
	if _, spoken := spokenBool[strings.ToLower(n.Value)]; strings.ContainsFunc(n.Value, unseen) || spoken && n.Tag == "!!str" || strings.HasPrefix(n.Value, "\n") {
		n.Style = yaml.DoubleQuotedStyle
	}
	for i, child := range n.Content {
		plain(child, unseen, line)
		if n.Kind == yaml.MappingNode && i%2 == 1 && child.Content != nil && len(n.Content[i-1].Value)+length(child) <= line {
			child.Style = yaml.FlowStyle
		}
	}
}

// length is about how many characters a node takes on one line. A list of
// mappings has no place there.
func length(n *yaml.Node) int {
	sum := len(n.Value) + 2
	for _, child := range n.Content {
		if sum += length(child); n.Kind == yaml.SequenceNode && child.Kind == yaml.MappingNode {
			sum += 1 << 20
		}
	}
	return sum
}
