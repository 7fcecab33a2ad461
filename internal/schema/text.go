package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
)

// plain is a sentence without the marks of Markdown.
func plain(text string) string { return strings.ReplaceAll(action.Clean(text), "`", "") }

// markdown is what an editor shows of a key.
func markdown(k language.Key) string {
	var b strings.Builder
	b.WriteString(k.Description)
	if k.Default != "" {
		b.WriteString("\n\nWithout it: `" + k.Default + "`.")
	}
	if k.Example != "" {
		fence(&b, k.Name+": "+k.Example)
	}
	return b.String()
}

// fieldText is what an editor shows of an action's or a target's field.
func fieldText(f action.Field) string {
	var b strings.Builder
	b.WriteString(action.Clean(f.Description))
	what := string(f.Type)
	if f.Items != "" {
		what += " of " + string(f.Items)
	}
	switch {
	case f.Required && f.Default == nil:
		what += ", required"
	case f.Default != nil:
		what += fmt.Sprintf(", default `%v`", f.Default)
	}
	b.WriteString("\n\n(" + what + ")")
	if f.Example != "" {
		fence(&b, f.Name+": "+f.Example)
	}
	return b.String()
}

// manual is what an editor shows of an action.
func manual(s action.Spec) string {
	var b strings.Builder
	b.WriteString("**" + s.Name + "**: " + action.Clean(s.Summary) + ".")
	if s.Description != "" {
		b.WriteString("\n\n" + action.Clean(s.Description))
	}
	effect := map[action.Effect]string{
		action.Read: "It changes nothing.", action.Change: "It changes the target, and that can be put back.",
		action.Irreversible: "It cannot be taken back.",
	}[s.Effect]
	b.WriteString("\n\n" + effect)
	if s.Example != "" {
		fence(&b, s.Example)
	}
	return b.String()
}

func fence(b *strings.Builder, yaml string) {
	b.WriteString("\n\n```yaml\n" + strings.TrimRight(action.Clean(yaml), "\n") + "\n```")
}

// example reads an example as the language reads it.
func example(yaml string) (any, bool) {
	tree, ds := language.ParseTree("example", []byte("value: "+yaml+"\n"))
	if tree == nil || ds.HasErrors() {
		return nil, false
	}
	return jsonOf(tree.Get("value").Data()), true
}

// jsonOf is a value as JSON holds it.
func jsonOf(v any) any {
	switch v := v.(type) {
	case time.Duration:
		return v.String()
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case json.Number:
		return v.String()
	}
	return v
}
