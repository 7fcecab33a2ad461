package language

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/irctl/irctl/pkg/action"
)

// TestYAMLSaysWhatTheJSONSays: texts stay texts, whatever they look like.
func TestYAMLSaysWhatTheJSONSays(t *testing.T) {
	in := `{"b":["yes","1","1.5","null","","~","a: b","# c","- d","2026-03-01","two\nlines","\nthree\n","\ue000🔥\ue001","\ufeff🔥"," x ","\u0007 é"],"a":{"n":12,"f":1.5,"t":true,"z":null,"e":[],"m":{}}}`
	out, err := YAML([]byte(in), func(rune) bool { return false }, 60)
	require.NoError(t, err)
	var want, got any
	require.NoError(t, json.Unmarshal([]byte(in), &want))
	require.NoError(t, yaml.Unmarshal(out, &got))
	again, err := json.Marshal(got)
	require.NoError(t, err)
	var back any
	require.NoError(t, json.Unmarshal(again, &back))
	require.Equal(t, want, back)
	require.Equal(t, "b:\n", string(out[:3]), "keys keep their order")
}

// TestYAMLShowsNothingUnseen: what could steer a terminal, or is not seen on
// one, is escaped and comes back as it was; also beyond the basic plane, where
// JSON escapes in pairs.
func TestYAMLShowsNothingUnseen(t *testing.T) {
	unseen := func(r rune) bool { return r >= 0x7F && action.Clean(string(r)) != string(r) }
	hostile := "a\u202eb\u00ad\u115f\u200b\ufe0f\u3164\ufff9\u2028\u0085\u009b31m\x1b[2J\a\U000E0041\U0001F600 \\ud83d: #\nnext\tline"
	in, err := json.Marshal(map[string]any{"k" + hostile: []any{hostile, "plain", "two\nlines", "漢 ü"}})
	require.NoError(t, err)
	ascii := strings.NewReplacer("\u202e", `\u202e`, "\U000E0041", `\udb40\udc41`, "\U0001F600", `\uD83D\uDE00`, "\u009b", `\u009b`).Replace(string(in))
	ascii = strings.NewReplacer("\u0085", `\u0085`).Replace(ascii)
	out, err := YAML([]byte(ascii), unseen, 0)
	require.NoError(t, err)
	require.Equal(t, action.Clean(string(out)), string(out))
	require.Contains(t, string(out), "- |-\n    two\n    lines\n")
	require.Contains(t, string(out), "- 漢 ü\n")
	var got map[string][]string
	require.NoError(t, yaml.Unmarshal(out, &got))
	require.Equal(t, map[string][]string{"k" + hostile: {hostile, "plain", "two\nlines", "漢 ü"}}, got)
}
