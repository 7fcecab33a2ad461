package engine_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

var update = flag.Bool("update", false, "write the traces of the transcripts anew")

// TestTranscripts plays testdata/*.txt. A transcript has a plan, as an indented
// outline (outline_test.go), and then events, one a line:
//
//	[+TIME] TYPE [STEP] [by PERSON] [{BODY}]
//
// The body is written as YAML; "+5m" in it is a time five minutes after the
// run's start. Without a time an event comes a second after the one before.
// The trace is indented below each event: what changed, and all that is then
// outstanding. The flag -update writes the traces anew, to be read as a diff.
func TestTranscripts(t *testing.T) {
	seen, kinds := map[event.Type]bool{}, map[plan.Kind]bool{}
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	require.NoError(t, err)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			got := transcribe(t, string(text), func(pl *player) {
				for _, e := range pl.events {
					seen[e.Type()] = true
				}
				for _, n := range pl.s.Plan().Nodes {
					kinds[n.Kind] = true
				}
			})
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				return
			}
			require.Equal(t, string(text), got)
		})
	}
	for _, name := range event.Types() {
		if !seen[name] {
			t.Errorf("%s has no transcript: play it in internal/engine/testdata/*.txt", name)
		}
		if !engine.HasTransition(name) {
			t.Errorf("%s has no transition: say in internal/engine/transitions.go when it may come", name)
		}
		e, err := event.Decode([]byte(`{"time":"2026-03-01T03:00:00Z","type":"` + string(name) + `"}`))
		require.NoError(t, err)
		if projection.Tell(e).Word == "" {
			t.Errorf("%s has no words for people: tell it in internal/projection/timeline.go", name)
		}
	}
	for _, kind := range language.Kinds() {
		if !kinds[plan.Kind(kind)] {
			t.Errorf("steps with %s have no transcript: play one in internal/engine/testdata/*.txt", kind)
		}
	}
}

// transcribe returns a transcript with its traces written anew, and hands over
// every run in it once it has been played.
func transcribe(t *testing.T, text string, played func(*player)) string {
	var out, steps strings.Builder
	var pl *player
	end := func() {
		if pl != nil {
			sameFold(t, pl.s, pl.events)
			played(pl)
		}
	}
	for line := range strings.Lines(text) {
		indented := strings.HasPrefix(line, "  ")
		switch {
		case indented && pl == nil:
			steps.WriteString(line[2:])
		case indented: // the trace of before
			continue
		case line == "plan\n":
			end()
			pl = nil
			steps.Reset()
		case line == "\n" && pl == nil && steps.Len() > 0:
			pl = &player{t: t, s: engine.New(outline(t, steps.String())), now: start.Add(-time.Second)}
		case line != "\n" && line[0] != '#':
			out.WriteString(line)
			line = pl.apply(strings.TrimSpace(line))
		}
		out.WriteString(line)
	}
	end()
	return out.String()
}

// apply applies the event of a line and returns what followed from it.
func (pl *player) apply(line string) string {
	path, by, body := pl.read(line)
	before := lines(pl.s)
	if err := pl.try(path, by, body); err != nil {
		var illegal *engine.IllegalError
		require.ErrorAs(pl.t, err, &illegal)
		return "    cannot happen: " + strings.ReplaceAll(illegal.Why, start.Format("2006-01-02 "), "") + "\n"
	}
	var out strings.Builder
	for _, l := range lines(pl.s) {
		if !slices.Contains(before, l) {
			out.WriteString("    " + l + "\n")
		}
	}
	return out.String() + "    owes " + owes(pl.s) + "\n"
}

// read takes a line of a transcript apart, and moves the clock.
func (pl *player) read(line string) (path string, by *event.Actor, body event.Body) {
	head, flow, _ := strings.Cut(line, " {")
	words := strings.Fields(head)
	if strings.HasPrefix(words[0], "+") {
		pl.now = start.Add(span(pl.t, words[0])).Add(-time.Second)
		words = words[1:]
	}
	members := map[string]any{}
	if flow != "" {
		require.NoError(pl.t, yaml.Unmarshal([]byte("{"+flow), &members), line)
	}
	members = pl.times(members).(map[string]any)
	members["type"], members["time"] = words[0], start
	if words = words[1:]; len(words) > 0 && words[0] != "by" {
		path, words = words[0], words[1:]
	}
	if len(words) == 2 && words[0] == "by" {
		by = &event.Actor{User: words[1], Person: words[1]}
	}
	text, err := json.Marshal(members)
	require.NoError(pl.t, err)
	e, err := event.Decode(text)
	require.NoError(pl.t, err, line)
	_, unknown := e.Body.(event.Unknown)
	require.False(pl.t, unknown, line)
	return path, by, e.Body
}

// times replaces "+5m" by the time that it means.
func (pl *player) times(v any) any {
	switch v := v.(type) {
	case string:
		if strings.HasPrefix(v, "+") {
			return start.Add(span(pl.t, v))
		}
	case map[string]any:
		for k := range v {
			v[k] = pl.times(v[k])
		}
	}
	return v
}

func span(t *testing.T, text string) time.Duration {
	d, err := time.ParseDuration(text)
	require.NoError(t, err)
	return d
}

// lines describes a state, one line a step.
func lines(s engine.State) []string {
	run := "run: " + string(s.Status())
	if s.Paused() {
		run += ", paused"
	}
	if s.Message() != "" {
		run += ", " + s.Message()
	}
	out := []string{run}
	for _, st := range s.Steps() {
		out = append(out, st.Path+": "+strings.Join(facts(st), ", "))
	}
	return out
}

// facts are what a transcript shows of a step.
func facts(st *engine.Step) []string {
	out := []string{string(st.Status)}
	add := func(holds bool, format string, args ...any) {
		if holds {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	ended := st.Phase == engine.Ended
	add(!ended, "%s", st.Phase)
	add(st.Attempt > 0, "attempt %d", st.Attempt)
	add(st.Aborting, "told to stop")
	add(st.Phase == engine.Delayed || st.Phase == engine.Timing && !st.NotBefore.IsZero(), "until %s", since(st.NotBefore))
	add(st.Phase == engine.Retrying, "again at %s", since(st.RetryAt))
	add(st.Phase == engine.Approving, "%d of %d agreed", len(st.Approvals), st.Need)
	add(st.Refused != nil, "refused")
	add(!ended && !st.Deadline.IsZero(), "at most until %s", since(st.Deadline))
	add(st.Branch != "", "branch %s", st.Branch)
	add(st.Iteration > 0, "pass %d", st.Iteration)
	add(len(st.Record) > 0, "recorded %v", slices.Sorted(maps.Keys(st.Record)))
	if st.Error != nil {
		add(true, "%s", st.Error.Message)
	}
	add(ended && st.Summary != "", "%s", st.Summary)
	add(len(st.Outputs) > 0, "outputs %v", st.Outputs)
	add(st.Undo.Phase != "", "undo %s", st.Undo.Phase)
	if st.Undo.Error != nil {
		add(true, "%s", st.Undo.Error.Message)
	}
	for _, n := range st.Told {
		text := fmt.Sprintf("%s tells %s", n.Why, cmp.Or(n.To, n.Target))
		switch {
		case n.Ended.IsZero():
			text += ": under way"
		case n.Error != nil:
			text += ": " + n.Error.Message
		}
		add(true, "%s", text)
	}
	return out
}

// since writes a time as what has passed since the run's start.
func since(at time.Time) string { return "+" + at.Sub(start).String() }

// owes describes what is outstanding.
func owes(s engine.State) string {
	var out []string
	for _, f := range engine.Outstanding(s) {
		text := strings.TrimSpace(string(f.Kind) + " " + f.Path)
		switch {
		case f.Kind == engine.EndRun:
			text += " as " + string(f.Status)
		case f.Kind == engine.Perform || f.Kind == engine.PerformUndo:
			text += fmt.Sprintf(" (attempt %d)", f.Attempt)
		case !f.At.IsZero():
			text += " at " + since(f.At)
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		out = []string{"nothing"}
	}
	text := strings.Join(out, ", ")
	if engine.NeedsPerson(s) {
		text += "; a person must go on"
	}
	return text
}
