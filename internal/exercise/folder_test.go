package exercise_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/exercise"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/pkg/action"
)

// suspend stands for a real action, which an exercise never runs.
type suspend struct{ t *testing.T }

func (s suspend) Spec() action.Spec {
	return action.Spec{Name: "email.suspend", Effect: action.Change, Counterpart: "email.restore", Idempotent: true,
		Targets: []action.TargetType{{Name: "postfix"}}}
}

func (s suspend) Run(context.Context, action.Request, action.Sink) (action.Result, error) {
	s.t.Fatal("the real action ran")
	return action.Result{}, nil
}

func (s suspend) Inspect(context.Context, action.Request) (action.Inspection, error) {
	s.t.Fatal("the real target was asked")
	return action.Inspection{}, nil
}

func (s suspend) Undo(context.Context, action.Request, action.Sink) (action.Result, error) {
	s.t.Fatal("the real target was changed")
	return action.Result{}, nil
}

type sink struct{ action.Sink }

func (sink) Record(map[string]any) error { return nil }

// staged is an exercise that has begun, with a clock in the test's hands.
func staged(t *testing.T, injects string) (*exercise.Folder, *exercise.Conductor, action.Action, *time.Time) {
	now := time.Date(2026, 3, 7, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	source := []byte("irctl: v1\nkind: scenario\nname: s\nrunbook: r\ninjects:\n" + injects)
	s, ds := scenario.Parse("s.yaml", source)
	require.Empty(t, ds)
	start := time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC)
	f, err := exercise.Create(t.TempDir(), exercise.About{Name: "s", Start: start, Speed: 60, Scenario: source}, []byte("x"), clock)
	require.NoError(t, err)
	require.Equal(t, start, f.Now(), "it has not begun")
	require.NoError(t, f.Begin("RUN"))
	stage := &exercise.Stage{Folder: f, Injects: s.Injects, Die: func() { t.Fatal("died") }}
	c := &exercise.Conductor{Folder: f, Scenario: s, Tell: func(scenario.Inject) error { return nil }}
	return f, c, stage.Play(suspend{t}), &now
}

func TestTheClockOfAnExerciseIsHastenedStoppedAndSetOn(t *testing.T) {
	f, _, _, now := staged(t, "  - {id: a, at: 0s, text: x}\n")
	*now = now.Add(time.Second)
	require.Equal(t, time.Minute, f.Elapsed())
	require.NoError(t, f.Pause())
	*now = now.Add(time.Hour)
	require.Equal(t, time.Minute, f.Elapsed())
	require.NoError(t, f.SkipTo(5*time.Minute))
	require.Equal(t, 5*time.Minute, f.Elapsed())
	require.ErrorIs(t, f.SkipTo(time.Minute), exercise.ErrBack)
	require.NoError(t, f.Continue())
	*now = now.Add(time.Second)
	require.Equal(t, 6*time.Minute, f.Elapsed())

	// Another process sees the same, also after a line was cut off.
	path := filepath.Join(f.Path(), "play.jsonl")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(`{"real":"20`)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	again, err := exercise.Open(f.Path(), func() time.Time { return *now })
	require.NoError(t, err)
	require.Equal(t, f.Now(), again.Now())
	mine, err := again.End()
	require.NoError(t, err)
	require.True(t, mine)
	mine, err = f.End()
	require.NoError(t, err)
	require.False(t, mine, "it is ended once")
	*now = now.Add(time.Hour)
	require.Equal(t, 6*time.Minute, f.Elapsed())
}

func TestASimulatedTargetRemembersWhatWasDoneToIt(t *testing.T) {
	_, c, a, _ := staged(t, `  - {id: cut, at: 1h, text: x, fault: {step: mail, how: half, times: 1}}
  - {id: no, at: 1h, text: x, fault: {target: corporate-mail, how: credentials, times: 1}}
`)
	ctx, req := context.Background(), action.Request{Path: "contain/mail", Target: action.Target{Name: "corporate-mail"}}
	look := func(known, desired bool) {
		t.Helper()
		i, err := a.(action.Inspector).Inspect(ctx, req)
		require.NoError(t, err)
		require.Equal(t, []bool{known, desired}, []bool{i.Known, i.Desired})
	}
	look(true, false)
	r, err := a.Run(ctx, req, sink{})
	require.NoError(t, err)
	require.True(t, r.Changed)
	look(true, true)
	r, err = a.Run(ctx, req, sink{})
	require.NoError(t, err)
	require.True(t, r.Already)
	_, err = a.(action.Undoer).Undo(ctx, req, sink{})
	require.NoError(t, err)
	look(true, false)

	threw, err := c.Throw("cut")
	require.NoError(t, err)
	require.True(t, threw)
	_, err = a.Run(ctx, req, sink{})
	var failed *action.Error
	require.ErrorAs(t, err, &failed)
	require.True(t, failed.Doubt)
	look(false, false)
	threw, err = c.Throw("no")
	require.NoError(t, err)
	require.True(t, threw)
	_, err = a.Run(ctx, req, sink{})
	require.ErrorAs(t, err, &failed)
	require.True(t, failed.Permanent)
	_, err = a.Run(ctx, req, sink{})
	require.NoError(t, err)
	look(true, true)
	threw, err = c.Throw("no")
	require.NoError(t, err)
	require.False(t, threw, "an inject comes once")
}
