package convert_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/language"
)

// pieces are what texts are made of that break things.
var pieces = []string{
	`"`, `'`, `\`, "\n", "\n\n", "\r\n", "\t", " ", "  ", "\x00", "\x1b[2J", "\x7f", "\u0085", "\u2028", "\u202e", "\ufeff", "\u200b", "\ufffe", "😀", "ä", "漢",
	"${{", "$${{", "}}", "${{ inputs.x }}", "{{", "$", "$$", "__a__", "__a__:value", "__b__:value", "__none__:value", "_", ":", ": ", "#", " #", "- ", "|", ">", "&a", "*a", "!t", "%",
	"@", "`", "{", "}", "[", "]", ",", "?", "~", "null", "true", "yes", "017", "1e3", "0x1f", "2026-01-01", "-", "---", "...", "<<", "=", "a", "word", "$(x)", "`y`", "<b>", "&amp;",
}

func hostileText(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(8) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	if strings.TrimSpace(b.String()) == "" {
		return "blank" // the language has none; see TestBlankTexts
	}
	return b.String()
}

func TestBlankTexts(t *testing.T) {
	texts := map[string]string{"name": " ", "step": "\n", "about": " ", "command": "x", "agent": " ", "value": " ", "label": " "}
	source, err := json.Marshal(playbook(texts))
	require.NoError(t, err)
	got := convert.Import(read(t, source), convert.Rules{})
	require.Equal(t, "playbook", parsed(t, "r.yaml", got.Source).Name.Value)
}

// shown is what a text of a runbook says once its expressions have the values
// that names gives; the text of the playbook must say the same.
func shown(t *testing.T, text string, names map[string]string) string {
	t.Helper()
	parts, problem := expr.ParseTemplate(text)
	require.Nil(t, problem, text)
	var b strings.Builder
	for _, p := range parts {
		if !p.IsExpr {
			b.WriteString(p.Text)
			continue
		}
		e := strings.TrimSpace(p.Expr)
		if strings.HasPrefix(e, "'$") { // dollars before a value
			dollars, rest, _ := strings.Cut(e, " + string(")
			b.WriteString(strings.Trim(dollars, "'"))
			e = strings.TrimSuffix(rest, ")")
		}
		require.Contains(t, names, e, text)
		b.WriteString(names[e])
	}
	return b.String()
}

// TestNothingInAPlaybookIsTakenForSomethingElse: whatever texts hold, the
// runbook is read, and says in every text what the playbook says.
func TestNothingInAPlaybookIsTakenForSomethingElse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	imported := 0
	for range 1000 {
		texts := map[string]string{}
		for _, key := range []string{"name", "step", "about", "command", "agent", "value", "label"} {
			texts[key] = hostileText(r)
		}
		source, err := json.Marshal(playbook(texts))
		require.NoError(t, err)
		pb, ds := cacao.Parse("p.json", source)
		if ds.HasErrors() {
			continue // it reads a variable that is not declared
		}
		imported++
		got := convert.Import(pb, convert.Rules{Name: "hostile"})
		rb, ds := language.Parse("r.yaml", got.Source)
		require.Empty(t, ds, "%s\n%s", source, got.Source)
		require.Equal(t, texts["name"], rb.Title.Value)
		require.Equal(t, texts["label"], rb.Tags[0].Value)
		names := map[string]string{"inputs.a": "VALUE-A", "vars.b": "VALUE-B"}
		last := rb.Steps[len(rb.Steps)-1]
		require.Equal(t, texts["step"], shown(t, last.Title.Value, nil))
		require.Equal(t, texts["about"], last.Description.Value)
		require.Equal(t, texts["agent"], last.Owner.Value)
		want := strings.NewReplacer("__a__:value", "VALUE-A", "__b__:value", "VALUE-B").Replace(texts["command"])
		require.Equal(t, want, shown(t, last.Manual.Text, names), "%s", got.Source)
		require.Equal(t, texts["value"], shown(t, rb.Steps[0].Set[0].Value.Text, nil))
	}
	require.Greater(t, imported, 500)
}

func playbook(texts map[string]string) map[string]any {
	id := func(kind string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", kind, n) }
	return map[string]any{
		"type": "playbook", "spec_version": "cacao-2.0", "id": id("playbook", 1), "name": texts["name"],
		"created_by": id("identity", 2), "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
		"labels": []any{texts["label"]},
		"playbook_variables": map[string]any{
			"__a__": map[string]any{"type": "string", "external": true}, "__b__": map[string]any{"type": "string", "value": texts["value"]},
		},
		"workflow_start": id("start", 3),
		"workflow": map[string]any{
			id("start", 3): map[string]any{"type": "start", "on_completion": id("action", 4)},
			id("action", 4): map[string]any{
				"type": "action", "name": texts["step"], "description": texts["about"], "agent": id("group", 5), "on_completion": id("end", 6),
				"commands": []any{map[string]any{"type": "manual", "command": texts["command"]}},
			},
			id("end", 6): map[string]any{"type": "end"},
		},
		"agent_definitions": map[string]any{id("group", 5): map[string]any{"type": "group", "name": texts["agent"]}},
	}
}

// TestNothingInARunbookIsTakenForSomethingElse: whatever texts hold, the
// playbook conforms, our reader finds nothing in it, and import gives back the
// runbook.
func TestNothingInARunbookIsTakenForSomethingElse(t *testing.T) {
	s := official(t)
	r := rand.New(rand.NewPCG(3, 4))
	read := 0
	for range 300 {
		quoted := func() string { return strconv.QuoteToASCII(hostileText(r)) }
		source := fmt.Sprintf(`{"irctl": "v1", "name": "hostile", "title": %s, "description": %s, "owner": %s, "tags": [%s],
 "inputs": {"x": {"type": "string", "default": %s}, "a": {"description": %s}},
 "steps": [{"id": "one", "title": %s, "description": %s, "manual": %s},
  {"id": "two", "uses": "exec", "with": {"argv": ["echo", %s]}, "fallback": %s},
  {"id": "three", "switch": "${{ inputs.x }}", "cases": {%s: [{"id": "four", "manual": %s}]}}]}`,
			quoted(), quoted(), quoted(), quoted(), quoted(), quoted(), quoted(), quoted(), quoted(), quoted(), quoted(), quoted(), quoted())
		rb, ds := language.Parse("r.yaml", []byte(source))
		if ds.HasErrors() {
			continue // a text that the language refuses
		}
		read++
		out, _ := convert.Export(rb, convert.Options{Modified: then})
		conforms(t, s, out)
		pb, ds := cacao.Parse("p.json", out)
		require.Empty(t, ds, "%s", out)
		require.Equal(t, convert.Runbook{Source: []byte(source), Carried: true}, convert.Import(pb, convert.Rules{}))
	}
	require.Greater(t, read, 150)
}

// TestAnImportSaysWhatItLoses: the standard's values are texts, and may be
// unknown.
func TestAnImportSaysWhatItLoses(t *testing.T) {
	texts := map[string]string{"name": "n", "step": "s", "about": "a", "command": "Do it.", "agent": "A", "value": "v", "label": "l"}
	pb := playbook(texts)
	pb["playbook_variables"] = map[string]any{
		"__float__": map[string]any{"type": "float", "value": "1.50"}, "__same__": map[string]any{"type": "float", "value": "1.5"},
		"__bool__": map[string]any{"type": "bool", "value": "TRUE"}, "__int__": map[string]any{"type": "integer", "value": "007"},
		"__null__": map[string]any{"type": "string", "value": nil, "external": true}, "__text__": map[string]any{"type": "string", "value": "1.50"},
	}
	source, err := json.Marshal(pb)
	require.NoError(t, err)
	var said []string
	for _, r := range convert.Import(read(t, source), convert.Rules{}).Remarks {
		said = append(said, r.Text)
	}
	require.Equal(t, []string{
		"__bool__ is the text TRUE in the playbook; here it is true, of type bool", "__float__ is the text 1.50 in the playbook; here it is 1.5, of type float",
		"__int__ is the text 007 in the playbook; here it is 7, of type int", "__null__ may be unknown (null) in the playbook; here it has to be given",
	}, said)
}
