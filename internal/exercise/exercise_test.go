package exercise_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/exercise"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// recording is an action on a target that would be noticed.
type recording struct {
	spec  action.Spec
	calls *int
}

func (r recording) Spec() action.Spec { return r.spec }
func (r recording) Run(context.Context, action.Request, action.Sink) (action.Result, error) {
	*r.calls++
	return action.Result{}, errors.New("it was reached")
}
func (r recording) Inspect(context.Context, action.Request) (action.Inspection, error) {
	*r.calls++
	return action.Inspection{}, errors.New("it was reached")
}

const book = `irctl: v1
name: contain
title: Contain
owner: ops@example.com
objective: 1h
steps:
  - {id: authorise, approve: {text: "Go?", roles: [commander], within: 30m}}
  - {id: email, uses: email.suspend, target: mail, timeout: 5m, retry: {attempts: 2, delay: 10s}, fallback: Call the mail team.}
  - {id: call, manual: "Call the bank.", outputs: {reference: {type: string, required: true}}}
  - {id: tell, uses: email.suspend, target: other, timeout: 5m, on_failure: continue}
`

// play plays a scenario of these lines against the runbook.
func play(t *testing.T, seed uint64, lines string) (exercise.Score, exercise.Played, *int) {
	t.Helper()
	calls := new(int)
	act := recording{action.Spec{Name: "email.suspend", Effect: action.Change, Idempotent: true, Targets: []action.TargetType{{Name: "http"}}}, calls}
	spec := func(string) (action.Spec, bool) { return act.spec, true }
	rb, found := language.Parse("contain.yaml", []byte(book))
	require.False(t, found.HasErrors(), "%v", found)
	p, found := compile.Runbook(rb, check.Deps{Spec: spec, Names: func() []string { return []string{"email.suspend"} }})
	require.False(t, found.HasErrors(), "%v", found)
	s, found := scenario.Parse("s.yaml", []byte("irctl: v1\nkind: scenario\nname: s\nrunbook: contain\nstart: 2026-03-06T17:30:00Z\n"+lines))
	require.False(t, found.HasErrors(), "%v", found)
	require.Empty(t, s.Check(func(string, string) (*runbook.Runbook, error) { return rb, nil }))
	yes := func(string) bool { return true }
	c := exercise.Config{Scenario: s, Plan: p, Seed: seed, Today: time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC), Spec: spec, Inspects: yes, Undoes: yes}
	played := exercise.Auto(c)
	require.Empty(t, played.Broken)
	require.Zero(t, *calls, "an exercise reaches nothing")
	return exercise.Judge(c, played, "ops@example.com"), played, calls
}

func result(t *testing.T, s exercise.Score, kind string) exercise.Result {
	t.Helper()
	for _, r := range s.Results {
		if r.Kind == kind {
			return r
		}
	}
	t.Fatalf("no %s in %v", kind, s.Results)
	return exercise.Result{}
}

func TestTheSameSeedGivesTheSameExercise(t *testing.T) {
	lines := "players: {dana: {roles: [commander], answers: 3m}}\nobjectives: [{text: Mail, step: email, within: 30m}]\ninjects: [{id: a, at: 1m, text: x, fault: {target: mail, how: refuses, times: 1}}]\n"
	first, one, _ := play(t, 7, lines)
	second, two, _ := play(t, 7, lines)
	require.Equal(t, first, second)
	a, err := json.Marshal(one.Account.Entries)
	require.NoError(t, err)
	b, err := json.Marshal(two.Account.Entries)
	require.NoError(t, err)
	require.Equal(t, string(a), string(b))
	other, _, _ := play(t, 8, lines)
	require.NotEqual(t, first, other)
	require.Equal(t, event.Succeeded, first.Status)
	require.True(t, result(t, first, "objective").Met)
}

// TestEveryFaultIsHandledOrNamed: whatever an exercise breaks comes to an end.
func TestEveryFaultIsHandledOrNamed(t *testing.T) {
	for _, how := range scenario.Hows {
		for _, at := range []string{"step: email", "target: mail", "action: email.suspend"} {
			s, played, _ := play(t, 1, "injects: [{id: a, at: 0s, text: x, fault: {"+at+", how: "+how+", takes: 2m}}]\n")
			require.NotEqual(t, event.Running, s.Status, how)
			require.True(t, result(t, s, "fault").Met, "%s %s: %v", how, at, s)
			require.NotEmpty(t, played.Account.Entries)
		}
	}
	s, _, _ := play(t, 1, "injects: [{id: a, at: 0s, text: x, fault: {step: email, how: refuses}}]\nanswers: [{step: email, says: cancel}]\n")
	require.False(t, result(t, s, "fault").Met)
	require.NotEmpty(t, s.Plan)
}

func TestACommanderWhoIsSilentAnswersAfterwards(t *testing.T) {
	players := "players: {dana: {roles: [commander], answers: 1m}}\n"
	decision := ", decision: {step: authorise, says: approve, within: 10m}}]\n"
	s, _, _ := play(t, 1, players+"injects: [{id: a, at: 1s, text: x"+decision)
	require.True(t, result(t, s, "decision").Met)
	s, _, _ = play(t, 1, players+"injects: [{id: a, at: 1s, text: x, silent: commander, for: 20m"+decision)
	late := result(t, s, "decision")
	require.False(t, late.Met)
	took, err := time.ParseDuration(late.Took)
	require.NoError(t, err)
	require.GreaterOrEqual(t, took, 20*time.Minute)
	s, _, _ = play(t, 1, players+"injects: [{id: a, at: 1s, text: x, silent: commander"+decision)
	require.NotEqual(t, event.Succeeded, s.Status, "nobody ever agreed")
	require.False(t, result(t, s, "decision").Met)
	s, _, _ = play(t, 1, "players: {dana: {roles: [commander], answers: 1m}, kim: {roles: [commander], answers: 5m}}\ninjects: [{id: a, at: 1s, text: x, silent: legal, for: 20m"+decision)
	require.True(t, result(t, s, "decision").Met, "another role is silent")
}

func TestEveryInjectComesOrIsNamed(t *testing.T) {
	s, played, _ := play(t, 1, `injects:
  - {id: waits, after: authorise, when: waits, text: x}
  - {id: starts, after: email, when: started, text: x, crash: true}
  - {id: ends, after: call, text: x}
  - {id: later, at: 1000h, text: x}
`)
	require.Equal(t, event.Succeeded, s.Status, "it came back from a crash")
	var ids []string
	for _, in := range played.Thrown {
		require.True(t, in.Came, in.ID.Value)
		ids = append(ids, in.ID.Value)
	}
	require.Equal(t, []string{"waits", "starts", "ends", "later"}, ids)
	require.Equal(t, "the run had ended by then", s.Injects[3].Note)
	s, _, _ = play(t, 1, "injects: [{id: never, after: tell, text: x}]\nanswers: [{step: authorise, says: reject}, {step: authorise, says: cancel}]\n")
	require.Contains(t, s.Injects[0].Note, "it did not come")
	require.NotEmpty(t, s.Plan)
}

func TestScoresAreKeptAndCompared(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "exercises", "s")
	_, ok, err := exercise.Last(folder)
	require.NoError(t, err)
	require.False(t, ok)
	before, _, _ := play(t, 1, "objectives: [{text: Mail, step: email, within: 1h}]\n")
	require.NoError(t, exercise.Keep(folder, before))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "000002.json"), []byte("half a sco"), 0o600))
	last, ok, err := exercise.Last(folder)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, before, last)
	require.NoError(t, exercise.Keep(folder, last))
	require.FileExists(t, filepath.Join(folder, "000003.json"))
	now, _, _ := play(t, 1, "objectives: [{text: Mail, step: email, within: 1s}]\n")
	require.Contains(t, now.Compare(last), "Mail: missed, before met")
}
