package projection_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// TestControlsFindWhatWasKeptAndEveryException plays small journals, each with
// one thing that an auditor asks for.
func TestControlsFindWhatWasKeptAndEveryException(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	by := func(user, person string) *event.Actor { return &event.Actor{User: user, Person: person} }
	asked := event.Event{Time: noon, Path: "ask", Body: event.ApprovalAsked{Need: 2, Deadline: noon.Add(time.Hour)}}
	yes := func(who *event.Actor, after time.Duration) event.Event {
		return event.Event{Time: noon.Add(after), Path: "ask", By: who, Body: event.ApprovalGiven{Role: "lead"}}
	}
	signed := func(e event.Event, key string) event.Event {
		b := e.Body.(event.ApprovalGiven)
		b.Signed = event.Signed{Key: key}
		e.Body = b
		return e
	}
	undo := func(e event.Event) event.Event {
		b := e.Body.(event.ApprovalGiven)
		b.Undo = true
		e.Body = b
		return e
	}
	glass := signed(yes(by("d", "dana"), 0), "k")
	glass.Body = event.ApprovalGiven{Signed: event.Signed{Key: "k"}, BreakGlass: "nobody answers"}
	back := event.Event{Time: noon.Add(2 * time.Hour), Body: event.RollbackStarted{}}
	failed := event.Event{Time: noon, Path: "act", Body: event.StepFailed{Attempt: 1, Error: event.Failure{Message: "no"}}}
	ended := event.Event{Time: noon, Body: event.RunEnded{Status: event.Succeeded}}
	for name, c := range map[string]struct {
		events []event.Event
		want   []string
	}{
		"two people": {events: []event.Event{asked, yes(by("d", "dana"), 0), yes(by("k", "kim"), 0)},
			want: []string{"signed exception", "signed exception", "two-person kept"}},
		"two names of one account": {events: []event.Event{asked, yes(by("d", "dana"), 0), yes(by("d", "kim"), 0)},
			want: []string{"signed exception", "signed exception", "two-person exception"}},
		"one name of two accounts": {events: []event.Event{asked, yes(by("d", "dana"), 0), yes(by("k", "dana"), 0)},
			want: []string{"signed exception", "signed exception", "two-person exception"}},
		"asked again": {events: []event.Event{asked, yes(by("d", "dana"), 0), asked, yes(by("d", "dana"), 0)},
			want: []string{"signed exception", "signed exception"}},
		"signed": {events: []event.Event{asked, signed(yes(by("d", "dana"), 0), "k")}, want: []string{"signed kept"}},
		"two keys, carried by one account": {events: []event.Event{asked, signed(yes(by("d", "dana"), 0), "k"), signed(yes(by("d", "kim"), 0), "l")},
			want: []string{"signed kept", "signed kept", "two-person kept"}},
		"one key of two names": {events: []event.Event{asked, signed(yes(by("d", "dana"), 0), "k"), signed(yes(by("e", "kim"), 0), "k")},
			want: []string{"signed kept", "signed kept", "two-person exception"}},
		"undone later": {events: []event.Event{asked, yes(by("d", "dana"), 0), back, undo(yes(by("k", "kim"), 3*time.Hour)), undo(yes(by("d", "dana"), 4*time.Hour))},
			want: []string{"signed exception", "signed exception", "signed exception", "two-person kept"}},
		"undone by one account": {events: []event.Event{asked, yes(by("d", "dana"), 0), yes(by("k", "kim"), 0), back, undo(yes(by("k", "kim"), 3*time.Hour)), back, undo(yes(by("k", "kim"), 4*time.Hour)), undo(yes(by("k", "dana"), 4*time.Hour))},
			want: []string{"signed exception", "signed exception", "two-person kept", "signed exception", "signed exception", "signed exception", "two-person exception"}},
		"late": {events: []event.Event{asked, yes(by("d", "dana"), 2*time.Hour)}, want: []string{"signed exception", "in-time exception"}},
		"nobody": {events: []event.Event{asked, {Time: noon, Path: "ask", Body: event.StepFailed{Error: event.Failure{Timeout: true}}}},
			want: []string{"in-time kept"}},
		"break-glass": {events: []event.Event{asked, glass},
			want: []string{"signed kept", "break-glass exception"}},
		"gone on without":  {events: []event.Event{failed, ended}, want: []string{"tolerated exception"}},
		"failed and tried": {events: []event.Event{failed, {Path: "act", Body: event.StepRetried{}}, ended}},
		"skipped": {events: []event.Event{failed, {Path: "act", By: by("d", ""), Body: event.StepSkipped{Reason: "later"}}, ended},
			want: []string{"person exception"}},
		"skipped by the plan": {events: []event.Event{{Path: "act", Body: event.StepSkipped{Reason: "when"}}, ended}},
		"resolved":            {events: []event.Event{{Path: "act", By: by("d", ""), Body: event.StepResolved{Happened: true}}}, want: []string{"person exception"}},
		"corrected":           {events: []event.Event{{Path: "act", By: by("d", ""), Body: event.AnswerCorrected{}}}, want: []string{"person exception"}},
		"taken over":          {events: []event.Event{{Body: event.RunTakenOver{}}, {Body: event.TailSetAside{}}}, want: []string{"override exception", "override exception"}},
		"shared":              {events: []event.Event{{Body: event.TargetShared{}}}, want: []string{"shared exception"}},
		"halted":              {events: []event.Event{{Body: event.RunPaused{Halt: true}}, {Body: event.RunPaused{}}}, want: []string{"halt exception"}},
		"handed over":         {events: []event.Event{{Body: event.EvidenceHandedOver{}}}, want: []string{"evidence kept"}},
		"unknown":             {events: []event.Event{{Body: event.Unknown{Name: "x"}}}},
	} {
		found := projection.Controls{}
		found.Add(1, event.Event{Time: noon, Body: event.RunStarted{Run: "01R"}})
		var got []string
		for i, e := range c.events {
			found.Add(int64(i+2), e)
		}
		known := map[string]bool{}
		for _, control := range projection.ControlNames {
			known[control.Name] = true
		}
		for _, f := range found.Found {
			require.True(t, known[f.Control], f.Control)
			require.Equal(t, "01R", f.Run)
			got = append(got, f.Control+map[bool]string{true: " kept", false: " exception"}[f.Kept])
		}
		require.Equal(t, c.want, got, name)
	}
}

func TestControlsAreInTheOrderOfTheJournal(t *testing.T) {
	found := projection.Controls{}
	found.Add(1, event.Event{Body: event.RunStarted{Run: "01R"}})
	var want, got []int64
	for seq := int64(2); seq < 30; seq++ {
		found.Add(seq, event.Event{Path: fmt.Sprint("step-", seq%7, seq), Body: event.StepFailed{}})
		want = append(want, seq)
	}
	found.Add(30, event.Event{Body: event.RunEnded{Status: event.Succeeded}})
	for _, c := range found.Found {
		got = append(got, c.Entry)
	}
	require.Equal(t, want, got)
}
