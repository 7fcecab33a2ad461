package convert_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// world decides what happens when a step of a name is met for the n-th time:
// the same for a playbook and for the runbook that it became.
type world struct {
	seed  uint64
	met   map[string]int
	trace []string
	left  int // steps until the world ends, because jumps may lead back for ever
}

func (w *world) happens(name string) uint64 {
	w.met[name]++
	w.left--
	w.trace = append(w.trace, name)
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d %s %d", w.seed, name, w.met[name])
	return h.Sum64() % 7
}

// What a row of steps comes to.
const (
	ended  = "ended"  // it came to its end
	failed = "failed" // a step failed and nobody answered
	over   = "over"   // the run is over: the world ended, or a person has to decide
)

// walkPlaybook carries a branch out as the standard says: a branch ends at an
// end step, and then its owner goes on with its own continuation.
func walkPlaybook(w *world, pb *cacao.Playbook, id string) string {
	for {
		s := pb.Step(id)
		if s.Kind == cacao.KindEnd {
			return ended
		}
		if w.left <= 0 {
			return over
		}
		got, chance := ended, w.happens(s.Name.Value)
		switch s.Kind {
		case cacao.KindAction:
			if chance == 0 {
				got = failed
			}
		case cacao.KindIf:
			if chance < 4 {
				got = walkPlaybook(w, pb, s.OnTrue.Value)
			} else if s.OnFalse.Given() {
				got = walkPlaybook(w, pb, s.OnFalse.Value)
			}
		case cacao.KindWhile:
			for chance < 3 && got == ended {
				if got = walkPlaybook(w, pb, s.OnTrue.Value); got == ended {
					if w.left <= 0 {
						return over
					}
					chance = w.happens(s.Name.Value)
				}
			}
		case cacao.KindParallel:
			for _, b := range s.NextSteps {
				if one := walkPlaybook(w, pb, b.Value); one != ended && got != over {
					got = one
				}
			}
		}
		switch {
		case got == over:
			return over
		case got == failed && s.OnFailure.Given():
			id = s.OnFailure.Value
		case got == failed:
			return failed
		case s.OnSuccess.Given():
			id = s.OnSuccess.Value
		default:
			id = s.OnCompletion.Value
		}
	}
}

// walkRunbook carries a list of steps out as the language says.
func walkRunbook(w *world, steps []*runbook.Step) string {
	at := map[string]int{}
	for i, s := range steps {
		at[s.ID.Value] = i
	}
	for i := 0; i < len(steps); {
		s := steps[i]
		got := walkStep(w, s)
		next := i + 1
		if s.Next.Given() {
			next = at[s.Next.Value]
		}
		switch {
		case got == ended:
		case got == failed && s.OnFailure != nil && s.OnFailure.Policy.Value == "continue":
		case got == failed && s.OnFailure != nil && s.OnFailure.Policy.Value == "next":
			next = at[s.OnFailure.Next.Value]
		default:
			return got
		}
		i = next
	}
	return ended
}

func walkStep(w *world, s *runbook.Step) string {
	if s.Kind == runbook.KindSet {
		return ended // where a row ends
	}
	if s.Kind == runbook.KindStop {
		if s.Stop.Fail {
			return failed
		}
		return over + " well"
	}
	if s.Kind == runbook.KindSteps {
		return walkRunbook(w, s.Steps)
	}
	if w.left <= 0 {
		return over
	}
	got, chance := ended, w.happens(s.Title.Value)
	switch s.Kind {
	case runbook.KindManual:
		if chance == 0 {
			got = failed
		}
	case runbook.KindIf:
		if chance < 4 {
			got = walkRunbook(w, s.Then)
		} else {
			got = walkRunbook(w, s.Else)
		}
	case runbook.KindWhile:
		for chance < 3 && got == ended {
			if got = walkRunbook(w, s.Do); got == ended {
				if w.left <= 0 {
					return over
				}
				chance = w.happens(s.Title.Value)
			}
		}
	case runbook.KindParallel:
		for _, b := range s.Parallel {
			if one := walkStep(w, b); one != ended && got != over {
				got = one
			}
		}
	}
	return got
}

// graph is a random workflow. Steps are numbered; a branch leads to steps of
// higher numbers than its owner, so that no branch leads back to it, and
// everything else may jump anywhere among the steps of the same row.
type graph struct {
	r        *rand.Rand
	workflow map[string]any
	made     int
}

func uuid(kind string, n int) string {
	return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", kind, n)
}

// row makes a row of steps that jump among each other and to its end, and
// returns the id of its first.
func (g *graph) row(depth int) string {
	end := uuid("end", g.made+1000)
	g.made++
	g.workflow[end] = map[string]any{"type": "end"}
	var ids []string
	for range 1 + g.r.IntN(4) {
		kinds := []string{"action", "action", "action", "if-condition", "while-condition", "parallel"}
		kind := "action"
		if depth > 0 {
			kind = kinds[g.r.IntN(len(kinds))]
		}
		g.made++
		ids = append(ids, uuid(kind, g.made))
	}
	for i, id := range ids {
		kind, _, _ := strings.Cut(id, "--")
		step := map[string]any{"type": kind, "name": "s" + id[len(id)-5:]}
		switch kind {
		case "action":
			step["agent"] = uuid("group", 900)
			step["commands"] = []any{map[string]any{"type": "manual", "command": "Do it."}}
		case "if-condition":
			step["condition"] = "__a__:value = 'x'"
			step["on_true"] = g.row(depth - 1)
			if g.r.IntN(2) == 0 {
				step["on_false"] = g.row(depth - 1)
			}
		case "while-condition":
			step["condition"] = "__a__:value = 'x'"
			step["on_true"] = g.row(depth - 1)
		case "parallel":
			step["next_steps"] = []any{g.row(depth - 1), g.row(depth - 1)}
		}
		any := func() string { // the next step, mostly
			switch n := g.r.IntN(8); {
			case n == 0:
				return end
			case n < 3:
				return ids[g.r.IntN(len(ids))]
			case i+1 < len(ids):
				return ids[i+1]
			}
			return end
		}
		if step["on_success"] = any(); g.r.IntN(3) == 0 {
			step["on_failure"] = any()
		}
		g.workflow[id] = step
	}
	return ids[0]
}

// TestARunbookGoesTheWayOfThePlaybook: random graphs of jumps and branches, in
// worlds in which steps fail and conditions hold by chance, go the same way as
// playbooks and as the runbooks made of them.
func TestARunbookGoesTheWayOfThePlaybook(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 200 {
		g := &graph{r: r, workflow: map[string]any{}}
		first := g.row(2)
		g.workflow[uuid("start", 999)] = map[string]any{"type": "start", "on_completion": first}
		source, err := json.Marshal(map[string]any{
			"type": "playbook", "spec_version": "cacao-2.0", "id": uuid("playbook", 990), "name": "graph", "created_by": uuid("identity", 991),
			"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
			"playbook_variables": map[string]any{"__a__": map[string]any{"type": "string", "external": true}},
			"workflow_start":     uuid("start", 999), "workflow": g.workflow,
			"agent_definitions": map[string]any{uuid("group", 900): map[string]any{"type": "group", "name": "Team"}},
		})
		require.NoError(t, err)
		pb, ds := cacao.Parse("p.json", source)
		require.NotNil(t, pb, "%v", ds)
		got := convert.Import(pb, convert.Rules{})
		rb, ds := language.Parse("r.yaml", got.Source)
		require.Empty(t, ds, "%s", got.Source)
		for seed := range uint64(20) {
			a := &world{seed: seed, met: map[string]int{}, left: 200}
			b := &world{seed: seed, met: map[string]int{}, left: 200}
			wantEnd, gotEnd := walkPlaybook(a, pb, first), walkRunbook(b, rb.Steps)
			if gotEnd == over+" well" {
				gotEnd = ended
			}
			require.Equal(t, a.trace, b.trace, "graph %d, world %d\n%s\n%s", n, seed, source, got.Source)
			require.Equal(t, wantEnd, gotEnd, "graph %d, world %d\n%s", n, seed, got.Source)
		}
	}
}
