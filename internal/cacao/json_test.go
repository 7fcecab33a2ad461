package cacao

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/finding"
)

const small = "../../testdata/cacao/ok/small.json"

// TestOneMalformedPlaceIsOneFinding: what breaks JSON's rules at one place is
// told once, and what was meant where that is certain. A mistake behind it is
// still found.
func TestOneMalformedPlaceIsOneFinding(t *testing.T) {
	good, err := os.ReadFile(small)
	require.NoError(t, err)
	for _, c := range []struct {
		right, wrong string
		certain      bool
	}{
		{`"name": "Small",`, `"name": "Small"`, true},
		{`"name": "Small",`, `"name": "Small",,`, true},
		{`"name": "Small",`, "\"name\": \"Small\", // what it is\n", false},
		{`"name": "Small",`, `"name": "Small", /* what it is */`, false},
		{`"name": "Small",`, `"name": 'Small',`, false},
		{`"name": "Small",`, `name: "Small",`, false},
		{`"name": "Small",`, `"name" "Small",`, true},
		{`"name": "Small",`, `"name": "Small,`, false},
		{`"name": "Small",`, `"name: "Small",`, false},
		{`"name": "Small",`, `"name": Small,`, false},
		{`"name": "Small",`, `"name": A small one,`, false},
		{`"name": "Small",`, `"name": ,`, false},
		{`"name": "Small",`, `"name": "Sm\all",`, false},
		{`"name": "Small",`, `"name": "Small", "revoked": False,`, false},
		{`"name": "Small",`, `"name": "Small", "priority": 01,`, false},
		{`"name": "Small",`, `"name": "Small", "priority": .5,`, false},
		{`"name": "Small",`, `"name": "Small", "labels": ["a", "b",],`, false},
		{`"name": "Small",`, `"name": "Small", "labels": ["a", "b",`, false},
		{`"name": "Small",`, `"name": "Small", "labels": ["a", "b"},`, false}, // else what stands where is not known
		{`"type": "start",`, `"type": "start"`, true},
		{`"type": "start",`, `"type": "start"},`, false},
		{`"type": "end"`, `"type": "end",`, true},
		{`"commands": [`, `"commands: [`, false},
		{`"commands": [`, `commands": [`, false},
		{`"commands": [`, `"commands": [,`, true},
		{`"commands": [`, `"commands": `, false},
		{"\n}\n", "\n", false},
		{"\n}\n", "\n}}\n", false},
		{"\n}\n", "\n}\nend\n", false},
	} {
		require.Contains(t, string(good), c.right)
		text := []byte(strings.Replace(string(good), c.right, c.wrong, 1))
		_, found := Parse("small.json", text)
		require.Len(t, found, 1, "%s\n%v", c.wrong, found)
		require.Equal(t, NotJSON.ID, found[0].Code, c.wrong)
		if c.certain {
			fixed, done := finding.Fix("small.json", text, found)
			require.Len(t, done, 1, c.wrong)
			require.Equal(t, strings.Join(strings.Fields(string(good)), ""), strings.Join(strings.Fields(string(fixed)), ""), c.wrong)
		}
		if !strings.HasPrefix(c.right, "\n") && strings.Count(c.right, "}") == strings.Count(c.wrong, "}")-strings.Count(c.wrong, "]") && c.wrong != `"commands": ` {
			text = []byte(strings.Replace(string(text), `"type": "individual"`, `"type": "individual", "banana": 1`, 1))
			_, found = Parse("small.json", text)
			require.Len(t, found, 2, "%s\n%v", c.wrong, found)
			require.Equal(t, UnknownProperty.ID, found[1].Code, c.wrong)
		}
	}
}

// TestWhatIsJSONIsSaidByNobodyElse: the reader finds a mistake in just the texts
// in which the standard library finds one, wherever a byte is missing, doubled
// or another.
func TestWhatIsJSONIsSaidByNobodyElse(t *testing.T) {
	good, err := os.ReadFile(small)
	require.NoError(t, err)
	tried := [][]byte{[]byte(`[1, -0, 1e5, 1.50, "\u00e9\ud83d\ude00", null, true, {}, []]`), []byte(`1`), []byte(`"x"`), []byte(`}`), []byte(`{"a":1}{`), []byte("\n"), []byte(`[}}}]`), []byte(`{]]}`), []byte(`:`), []byte(`{"a"`), []byte(`{"a":`), []byte(`{{"a":1}}`)}
	for i := range good {
		tried = append(tried, slices.Delete(slices.Clone(good), i, i+1), slices.Insert(slices.Clone(good), i, good[i]))
		for _, c := range []byte("\"{}[],: '\\x\t#/1") {
			other := slices.Clone(good)
			other[i] = c
			tried = append(tried, other)
		}
	}
	for _, text := range tried {
		_, r := readJSON("x.json", text)
		var broken []string
		for _, d := range r.found {
			require.LessOrEqual(t, d.Span.Start.Offset, d.Span.End.Offset)
			require.LessOrEqual(t, d.Span.End.Offset, len(text))
			if d.Code == NotJSON.ID {
				broken = append(broken, d.Summary)
			}
		}
		if json.Valid(text) != (len(broken) == 0) {
			d := 0
			for d < len(text) && d < len(good) && text[d] == good[d] {
				d++
			}
			require.Fail(t, "judged otherwise", "%s\n%v", text[max(0, d-30):min(len(text), d+30)], broken)
		}
		require.LessOrEqual(t, len(broken), 5, "%s", text)
	}
}
