package anchor_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/anchor"
)

func TestPolicyMistakesSayTheirLine(t *testing.T) {
	w1, w2 := newWitness(t, "w1.example.com", 0x04).vkey(), newWitness(t, "w2.example.com", 0x06).vkey()
	good := fmt.Sprintf("# ours\n\n witness\ta %s\nwitness b %s http://127.0.0.1:1/\ngroup both all a b\ngroup one any both\nquorum one\n", w1, w2)
	_, err := anchor.ParsePolicy(good)
	require.NoError(t, err)
	for text, want := range map[string]string{
		"":                                      "the line `quorum NAME` is missing",
		"quorum a":                              "line 1: \"a\" is no witness or group",
		"quorum none\nquorum none":              "line 2: this is no line of a policy",
		"wittness a b":                          "line 1: this is no line of a policy",
		"witness a key":                         "line 1: \"key\" is no key of a log or witness",
		"witness a " + w1 + "\nwitness b " + w1: "line 2: another witness has the same key",
		"witness a " + w1 + "\nwitness a " + w2: "line 2: the name \"a\" is taken",
		"witness none " + w1:                    "line 1: the name \"none\" is taken",
		"log " + w1:                             "line 1: it is not the Ed25519 key of another log",
		"witness a " + w1 + "\ngroup g 2 a":     "line 2: a group has a name",
		"witness a " + w1 + "\ngroup g 0 a":     "line 2: a group has a name",
		"group g any a":                         "line 1: \"a\" is no witness or group of an earlier line",
		"witness a " + w1 + "\ngroup g any a a": "line 2: \"a\" is no witness or group of an earlier line that is in no group yet",
		strings.Replace("witness a "+w1, "+", "+0", 1): "its ID should be",
	} {
		_, err := anchor.ParsePolicy(text)
		require.ErrorContains(t, err, want, text)
	}
}

func TestAQuorumIsCounted(t *testing.T) {
	l, _, w, _ := home(t, 0x04)
	key, err := l.Key()
	require.NoError(t, err)
	proof, err := w.Cosign(t.Context(), client(t), l, checkpointOf(1))
	require.NoError(t, err)
	other := newWitness(t, "other.example.com", 0x04).vkey()
	third := newWitness(t, "third.example.com", 0x06).vkey()
	log := fmt.Sprintf("log %s\nwitness a %s\nwitness b %s\nwitness c %s\n", key, w.Key, other, third)
	for rule, enough := range map[string]bool{
		"quorum none": true, "quorum a": true, "quorum b": false,
		"group g any a b\nquorum g": true, "group g all a b\nquorum g": false, "group g 2 a b c\nquorum g": false,
		"group g 1 b c\ngroup h all a g\nquorum h": false, "group g any b c\ngroup h any a g\nquorum h": true,
	} {
		p, err := anchor.ParsePolicy(log + rule)
		require.NoError(t, err)
		_, err = anchor.CheckProof(proof, checkpointOf(1), p.Open)
		if enough {
			require.NoError(t, err, rule)
		} else {
			require.ErrorContains(t, err, "are not the quorum", rule)
		}
	}
	stranger, err := anchor.OpenLog(t.TempDir()+"/log", "x")
	require.NoError(t, err)
	strange, err := stranger.Key()
	require.NoError(t, err)
	p, err := anchor.ParsePolicy(fmt.Sprintf("log %s\nwitness a %s\nquorum a\n", strange, w.Key))
	require.NoError(t, err)
	_, err = anchor.CheckProof(proof, checkpointOf(1), p.Open)
	require.ErrorContains(t, err, "is no log of the policy")
}
