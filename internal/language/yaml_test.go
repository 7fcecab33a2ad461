package language

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// TestYAMLSaysWhatTheJSONSays: texts stay texts, whatever they look like.
func TestYAMLSaysWhatTheJSONSays(t *testing.T) {
	in := `{"b":["yes","1","1.5","null","","~","a: b","# c","- d","2026-03-01","two\nlines"," x ","\u0007 é"],"a":{"n":12,"f":1.5,"t":true,"z":null,"e":[],"m":{}}}`
	out, err := YAML([]byte(in))
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
