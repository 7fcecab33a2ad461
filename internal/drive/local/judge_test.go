package local_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/event"
)

// A forged file in the inbox says whatever its writer wants; only what the step
// asked for gets into the journal.
func TestTheWriterJudgesAnswersAndEvidence(t *testing.T) {
	p := build(node(plan.Manual, "call").With(func(s *plantest.Step) {
		s.Outputs = []plan.Field{{Name: "reference", Type: "string", Required: true}, {Name: "amount", Type: "int"}}
		s.Evidence = []plan.Field{{Name: "letter", Required: true}}
	}))
	s, err := newWorld(t, p).drive(func(c *local.Config) { c.Rules = rules })
	require.NoError(t, err)
	digest := strings.Repeat("ab", 32)
	kept := func(d string) (int64, error) {
		if d != digest {
			return 0, errors.New("not there")
		}
		return 7, nil
	}
	letter := event.Artifact{Name: "letter", Digest: digest, Size: 7, Head: "Dear\x1b[2J"}
	good := event.Values{"reference": "B-1", "amount": int64(3)}
	admit := func(path string, b event.Body) ([][]byte, error) {
		_, bodies, err := local.Admit(s, authority.Rules{People: company}, kept, authority.Inbox, event.Event{Path: path, By: &event.Actor{User: "dana", Person: "dana"}, Body: b})
		return bodies, err
	}
	for name, b := range map[string]event.Body{
		"an answer of another type":  event.StepSucceeded{Outputs: event.Values{"reference": "B-1", "amount": "many"}, Artifacts: []event.Artifact{letter}},
		"an answer nobody asked for": event.StepSucceeded{Outputs: event.Values{"reference": "B-1", "admin": true}, Artifacts: []event.Artifact{letter}},
		"no answer":                  event.StepSucceeded{Artifacts: []event.Artifact{letter}},
		"no evidence":                event.StepSucceeded{Outputs: good},
		"a malformed digest":         event.StepSucceeded{Outputs: good, Artifacts: []event.Artifact{{Name: "letter", Digest: "../../head", Size: 7}}},
		"another size":               event.StepSucceeded{Outputs: good, Artifacts: []event.Artifact{{Name: "letter", Digest: digest, Size: 8}}},
		"a file nobody asked for":    event.StepSucceeded{Outputs: good, Artifacts: []event.Artifact{letter, {Name: "other", Digest: digest, Size: 7}}},
	} {
		var illegal *engine.IllegalError
		_, err := admit("call", b)
		require.ErrorAs(t, err, &illegal, name)
	}
	_, err = admit("nowhere", event.NoteAdded{Text: "x"})
	require.ErrorContains(t, err, "no such step has begun")
	bodies, err := admit("call", event.StepSucceeded{Outputs: good, Artifacts: []event.Artifact{letter}, Summary: "\x1b[2J", Changed: true, Verified: true})
	require.NoError(t, err)
	e, err := event.Decode(bodies[0])
	require.NoError(t, err)
	letter.Head = "Dear␛[2J"
	require.Equal(t, event.StepSucceeded{Outputs: good, Artifacts: []event.Artifact{letter}, Summary: "done by hand"}, e.Body)
}
