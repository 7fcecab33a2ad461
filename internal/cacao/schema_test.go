package cacao_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/finding"
)

// TestOneMistakeIsOneFinding: a step whose identifier is none is still that
// step for all that leads to it.
func TestOneMistakeIsOneFinding(t *testing.T) {
	src, err := os.ReadFile(data + "/ok/small.json")
	require.NoError(t, err)
	var ids []string
	pb, _ := cacao.Parse("small.json", src)
	for _, s := range pb.Steps {
		ids = append(ids, s.ID.Value)
	}
	for _, id := range ids {
		kind, _, _ := strings.Cut(id, "--")
		text := strings.ReplaceAll(string(src), id, kind+"--a")
		_, found := cacao.Parse("small.json", []byte(text))
		require.Len(t, found, 1, "%s\n%s", id, rendered(t, "small.json", []byte(text), found))
	}
}

// TestACommandIsCarriedOutByItsAgent: bash of an agent that is another machine
// runs there, as the environment binds it, and never here.
func TestACommandIsCarriedOutByItsAgent(t *testing.T) {
	src, err := os.ReadFile(data + "/ok/small.json")
	require.NoError(t, err)
	const id = "c99a2a83-d77f-4b8d-8a70-159ea25e4b2b"
	for agent, want := range map[string]string{
		`"type": "individual"`:                                                             "cacao.bash",
		`"type": "linux", "address": {"dname": ["localhost"]}`:                             "cacao.bash",
		`"type": "linux", "address": {"dname": ["web1.example.com"]}`:                      "cacao.ssh",
		`"type": "ssh", "address": {"ipv4": ["127.0.0.1"], "dname": ["jump.example.com"]}`: "cacao.ssh",
		`"type": "net-address", "address": {}`:                                             "cacao.ssh",
	} {
		kind := strings.Split(agent, `"`)[3]
		text := strings.NewReplacer("individual--"+id, kind+"--"+id, `"type": "individual"`, agent, `"contact"`, `"x_contact"`).Replace(string(src))
		pb, found := cacao.Parse("small.json", []byte(text))
		require.False(t, found.HasErrors(), rendered(t, "small.json", []byte(text), found))
		p, found := planned(pb, nil, deps(t, "ok/*.json"))
		require.False(t, found.HasErrors(), "%v", found)
		for _, n := range p.Nodes {
			if n.Action != nil {
				require.Equal(t, want, n.Action.Action, agent)
				if want == "cacao.ssh" {
					require.Equal(t, kind+"--"+id, n.Action.Target)
				}
			}
		}
		require.Equal(t, want == "cacao.ssh", len(pb.Acting(specs)) > 0, agent)
	}
}

// TestAMisspeltKeyIsPutRight: a key of a playbook that can only be one other is
// one finding with its edit, which writes what was meant; one that may be two
// others has no edit, and is still read as the nearer one.
func TestAMisspeltKeyIsPutRight(t *testing.T) {
	src, err := os.ReadFile(data + "/ok/small.json")
	require.NoError(t, err)
	for right, wrong := range map[string]string{
		`"on_completion"`: `"on_complettion"`, `"workflow_start"`: `"workflow_strat"`, `"commands"`: `"comands"`,
	} {
		text := []byte(strings.Replace(string(src), right, wrong, 1))
		_, found := cacao.Parse("small.json", text)
		require.Len(t, found, 1, "%s\n%s", wrong, rendered(t, "small.json", text, found))
		fixed, done := finding.Fix("small.json", text, found)
		require.Len(t, done, 1)
		require.Equal(t, string(src), string(fixed))
	}
	_, found := cacao.Parse("small.json", []byte(strings.Replace(string(src), "agent_definitions", "agent_definition", 1)))
	require.Len(t, found, 1)
	require.Nil(t, found[0].Fix)
}

// TestAWholeNumberMayBeWrittenWithAnExponent: JSON Schema takes 5e3 and 5000.0
// for integers (2020-12, section 6.1.1), so that they are read as such.
func TestAWholeNumberMayBeWrittenWithAnExponent(t *testing.T) {
	src, err := os.ReadFile(data + "/ok/small.json")
	require.NoError(t, err)
	for _, number := range []string{"5000", "5e3", "5000.0"} {
		text := strings.Replace(string(src), `"type": "action",`, `"type": "action", "delay": `+number+`,`, 1)
		pb, found := cacao.Parse("small.json", []byte(text))
		require.False(t, found.HasErrors(), "%v", found)
		p, _ := planned(pb, nil, deps(t, "ok/*.json"))
		var delays []any
		for _, n := range p.Nodes {
			if n.Delay.Given {
				delays = append(delays, n.Delay.Raw)
			}
		}
		require.Equal(t, []any{"5s"}, delays, number)
	}
}
