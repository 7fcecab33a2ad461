//go:build unix

package proof

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// The environment of an irctl whose actions are parrots.
const (
	parrotSays  = "IRCTL_PROOF_SAYS"  // what they say, in hex
	parrotHears = "IRCTL_PROOF_HEARS" // file that gets what they are told
)

// injected are texts that mean more than themselves to irctl, or to what its steps
// hand them to.
var injected = []string{
	"${{ 1 + 1 }}", "$${{ inputs.secret }}", "}} ${{ inputs.secret }}", "${{", "${{ steps.said.outputs.stdout }}", "{{ .Secret }}", "{account}", "{to}", "%s%n", "[redacted]",
	"$(id)", "`id`", "${HOME}", "; id", "a' OR '1'='1", `a"; DROP ROLE x; --`, "a)(uid=*", "a\r\nX-Evil: 1", "a\nb", "on >secret +@all", "../../etc/passwd", "<script>", "=cmd|' /C calc'!A0",
	"null", "true", "7", "1e9", "[1, 2]", `{"a": 1}`, "*anchor", "!!int 7", "- a: b", "\u202eabc", "www IN A 192.0.2.1", "a b", " ",
}

// parrot stands in the place of an action, without its targets.
type parrot struct {
	spec action.Spec
	says string
	to   *os.File
}

// parrots makes every action a parrot, if the environment asks for it.
func parrots() (func(action.Action) action.Action, error) {
	path := os.Getenv(parrotHears)
	if path == "" {
		return nil, nil
	}
	says, err := hex.DecodeString(os.Getenv(parrotSays))
	if err != nil {
		return nil, err
	}
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	return func(a action.Action) action.Action {
		spec := a.Spec()
		spec.Targets = nil
		return parrot{spec, string(says), to}
	}, err
}

// Spec implements [action.Action].
func (p parrot) Spec() action.Spec { return p.spec }

// Run implements [action.Action].
func (p parrot) Run(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	for name, v := range req.With {
		if secret, ok := v.(action.Secret); ok { // it may be one wherever it goes
			req.With[name] = secret.Reveal()
		}
	}
	line, err := json.Marshal(heard{req.Path, req.With})
	if err != nil {
		return action.Result{}, err
	}
	_, err = p.to.Write(append(line, '\n'))
	out := map[string]any{}
	for _, f := range p.spec.Outputs {
		out[f.Name] = filled(f, p.says)
	}
	return action.Result{Outputs: out}, err
}

// heard is what a parrot was told.
type heard struct {
	Path string
	With action.Values
}

// filled is a value of a field that holds a text wherever it can hold one.
func filled(f action.Field, text string) any {
	switch f.Type {
	case action.String, action.Any:
		return text
	case action.List:
		return []any{text}
	case action.Map:
		return map[string]any{"k": text}
	case action.Bool:
		return true
	case action.Int:
		return 7
	}
	return "1m"
}

// takes reports whether an expression may stand in an input, and in what form.
func takes(a string, f action.Field) (form string, ok bool) {
	switch {
	case len(f.Enum) > 0, f.Name == "shell", strings.HasPrefix(a, "cacao.") && f.Name != "variables", len(f.Fields) > 0:
		return "", false // an enumeration takes one of its own, and a shell's text no expression at all (IR0225)
	case f.Type == action.String, f.Type == action.Any:
		return "EXPR", true
	case f.Type == action.List && f.Items == action.String && f.Argv:
		return `["program", "--", EXPR]`, true
	case f.Type == action.List && f.Items == action.String:
		return "[EXPR]", true
	case f.Type == action.Map:
		return "{k: EXPR}", true
	}
	return "", false
}

// plain is any value that an input takes.
func plain(f action.Field) string {
	switch {
	case len(f.Enum) > 0:
		return f.Enum[0]
	case f.Type == action.Bool:
		return "true"
	case f.Example != "" && !strings.Contains(f.Example, "${{"):
		return f.Example
	case f.Type == action.List:
		return "[x]"
	case f.Type == action.Map:
		return "{k: x}"
	}
	return "x"
}

// TestNoOutputIsEverATemplate has every action of the registry say each text in
// each of its outputs, and every input of every action read it: it arrives as it
// was said, whatever it looks like, or the step is refused and is told nothing.
func TestNoOutputIsEverATemplate(t *testing.T) {
	specs := registry.Builtin().Specs()
	var book strings.Builder
	book.WriteString("irctl: v1\nname: parrots\ntitle: Parrots\nowner: o@example.com\ninputs: {secret: {type: string, default: hunter2}}\nsteps:\n")
	step := func(id, uses, with string) {
		fmt.Fprintf(&book, "  - {id: %s, uses: %s, on_failure: continue, with: {%s}}\n", id, uses, with)
	}
	book.WriteString(`  - {id: uses, set: {secret: "${{ inputs.secret }}"}}` + "\n")
	step("said", "exec", "argv: [program]")
	reads := map[string]string{} // path -> input
	for i, spec := range specs {
		var given []string
		for _, f := range spec.Inputs {
			if f.Required {
				given = append(given, f.Name+": "+plain(f))
			}
		}
		if spec.Name == "exec" {
			given = []string{"argv: [program]"}
		}
		says := fmt.Sprintf("says-%d", i)
		step(says, spec.Name, strings.Join(given, ", "))
		for _, f := range spec.Outputs {
			if f.Type == action.String || f.Type == action.Any {
				id := fmt.Sprintf("%s-%s", says, strings.ReplaceAll(f.Name, "_", "-"))
				reads[id] = "content"
				step(id, "file.write", fmt.Sprintf(`path: /nowhere, content: "${{ steps.%s.outputs.%s }}"`, says, f.Name))
			}
		}
		for _, f := range spec.Inputs {
			form, ok := takes(spec.Name, f)
			if !ok {
				continue
			}
			id := fmt.Sprintf("reads-%d-%s", i, strings.ReplaceAll(f.Name, "_", "-"))
			reads[id] = f.Name
			others := slices.DeleteFunc(slices.Clone(given), func(s string) bool { return strings.HasPrefix(s, f.Name+":") })
			step(id, spec.Name, strings.Join(append(others, f.Name+": "+strings.ReplaceAll(form, "EXPR", `"${{ steps.said.outputs.stdout }}"`)), ", "))
		}
	}
	require.Greater(t, len(reads), 2*len(specs))
	for _, text := range injected {
		t.Run(text, func(t *testing.T) {
			p := newPlace(t)
			e := p.with(parrotSays+"="+hex.EncodeToString([]byte(text)), parrotHears+"="+p.path("heard")).irctl("run", p.write("parrots.yaml", book.String()))
			require.Contains(t, []int{0, 1}, e.code, e.text())
			var refused []string
			got := map[string]any{}
			for _, line := range p.lines("heard") {
				var h heard
				require.NoError(t, json.Unmarshal([]byte(line), &h))
				got[h.Path] = h.With[reads[h.Path]]
			}
			for id := range reads {
				v, told := got[id]
				if !told {
					refused = append(refused, id)
					continue
				}
				switch v := v.(type) {
				case []any:
					require.Equal(t, text, v[len(v)-1], id)
				case map[string]any:
					require.Equal(t, map[string]any{"k": text}, v, id)
				default:
					require.Equal(t, text, v, id)
				}
			}
			steps := p.status().steps()
			for _, id := range refused {
				require.Equal(t, "failed", steps[id], id)
			}
			require.Less(t, len(refused), 5, "%q", refused)
			require.NotContains(t, e.text(), "hunter2")
		})
	}
}
