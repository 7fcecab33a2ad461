package cacao_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/value"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/event"
)

// TestRuns carries out the playbooks of testdata/cacao/run with the real engine
// and driver. What a command does stands in its own text: "give 5" gives 5 for
// every out_arg (several words one each, in the order of their names), "fail"
// fails, "hang" is cut off, after which a person says that it did not happen, all
// else succeeds; a person answers what stands behind "answer" in the instruction. The golden files are what the journal would say.
func TestRuns(t *testing.T) {
	for _, path := range files(t, "run/*.json") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			pb, out, found := parse(t, path)
			require.False(t, found.HasErrors(), out)
			d := deps(t, "run/*.json")
			p, found := planned(pb, bindings(t, path), d)
			require.False(t, found.HasErrors(), rendered(t, filepath.Base(path), pb.Source, found))
			encoded, err := p.Encode()
			require.NoError(t, err)
			p, err = plan.Decode(encoded)
			require.NoError(t, err)
			inputs := event.Values{}
			for _, f := range p.Inputs {
				inputs[f.Name] = f.Name + " from outside"
			}
			res := simulate.Run(simulate.Config{
				Plan: p, Inputs: inputs, By: event.Actor{User: "test"}, Start: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC),
				Spec: specs, Inspects: func(string) bool { return false }, Undoes: func(string) bool { return false }, World: stage{},
			})
			require.Empty(t, res.Broken)
			golden(t, strings.TrimSuffix(path, ".json")+".run", transcript(t, res))
		})
	}
}

// stage is a world in which commands do what their texts say.
type stage struct{}

func (stage) Attempt(a simulate.Attempt) simulate.Outcome {
	if a.Node.Action.Action == cacao.Unbound {
		return simulate.Outcome{Kind: simulate.Fails, Message: "no adapter", Permanent: true}
	}
	text, _ := a.With["command"].(string)
	words := strings.Fields(text)
	switch {
	case len(words) == 0:
	case words[0] == "fail":
		return simulate.Outcome{Kind: simulate.Fails, Message: "it did not work", Permanent: true}
	case words[0] == "hang":
		return simulate.Outcome{Kind: simulate.TimesOut}
	case words[0] == "give":
		values := map[string]any{}
		take, _ := a.With["take"].(map[string]any)
		for i, name := range slices.Sorted(maps.Keys(take)) {
			kind, _ := take[name].(map[string]any)["type"].(string)
			v, err := value.Native(kind, words[1+i%(len(words)-1)])
			if err != nil {
				return simulate.Outcome{Kind: simulate.Fails, Message: err.Error(), Permanent: true}
			}
			values[name] = v
		}
		return simulate.Outcome{Kind: simulate.Succeeds, Outputs: map[string]any{"values": values}}
	}
	return simulate.Outcome{Kind: simulate.Succeeds, Outputs: map[string]any{"values": map[string]any{}}}
}

func (stage) Answer(q simulate.Question) (simulate.Answer, bool) {
	if q.For == simulate.Doubt { // somebody looked
		body := event.StepResolved{Failed: true, Reason: "it did nothing"}
		return simulate.Answer{After: time.Second, By: event.Actor{User: "test"}, Body: body}, true
	}
	_, answer, ok := strings.Cut(q.Step.Text, "answer ")
	if q.For != simulate.Manual || !ok {
		return simulate.Answer{}, false
	}
	values := event.Values{}
	for _, f := range q.Node.Outputs {
		values[f.Name] = strings.Fields(answer)[0]
	}
	return simulate.Answer{After: time.Second, By: event.Actor{User: "test"}, Body: event.StepSucceeded{Outputs: values}}, true
}

// transcript has a line for each event: when, which step, what.
func transcript(t *testing.T, res simulate.Result) string {
	var b strings.Builder
	start := res.Events[0].Time
	for _, e := range res.Events {
		switch body := e.Body.(type) {
		case event.AttemptStarted:
			body.Key, body.Deadline = "", time.Time{}
			e.Body = body
		case event.AttemptRecorded:
			continue
		case event.StepSucceeded:
			if values, ok := body.Outputs["values"]; ok { // the rest is made up
				body.Outputs = event.Values{"values": values}
			}
			e.Body = body
		case event.RunStarted:
			e.Body = event.RunStarted{Inputs: body.Inputs}
		}
		raw, err := json.Marshal(e.Body)
		require.NoError(t, err)
		var tree map[string]any
		require.NoError(t, json.Unmarshal(raw, &tree))
		for k, v := range tree {
			if v == nil || v == "" || v == false || k == "attempt" || k == "key" {
				delete(tree, k)
			}
		}
		var shown strings.Builder
		enc := json.NewEncoder(&shown)
		enc.SetEscapeHTML(false)
		require.NoError(t, enc.Encode(tree))
		fmt.Fprintf(&b, "%-8s %-30s %s %s\n", e.Time.Sub(start), e.Path, e.Body.Type(), strings.TrimSpace(shown.String()))
	}
	fmt.Fprintf(&b, "%s", res.State.Status())
	for _, st := range res.State.Open() {
		fmt.Fprintf(&b, ", %s is %s", st.Path, st.Phase)
	}
	return b.String() + "\n"
}
