package investigation

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

const run = "01KAQV3G5ZJ8XK4D8ZK3QDTEST"

func request(folder, path string, a action.Action, with action.Values) action.Request {
	return action.Request{
		Run: run, Runbook: "containment", Path: path, Key: run + "/" + path, Attempt: 1,
		With:   actiontest.Fill(a.Spec().Inputs, with),
		Target: action.Target{Name: "cases", Type: "case-folder", Config: action.Values{"folder": folder}},
	}
}

func open(t *testing.T, folder, path string, with action.Values) (action.Request, string, *actiontest.Sink) {
	req := request(folder, path, Open(), with)
	out := &actiontest.Sink{OnRecord: func(map[string]any) {
		cases, err := filepath.Glob(filepath.Join(folder, "CASE-*"))
		require.NoError(t, err)
		for _, c := range cases {
			text, _ := os.ReadFile(filepath.Join(c, "case.md")) // a folder of somebody else has none
			require.NotContains(t, string(text), path+" -->")
		}
	}}
	r, err := Open().Run(t.Context(), req, out)
	require.NoError(t, err)
	require.True(t, r.Changed)
	id := r.Outputs["case"].(string)
	require.Equal(t, map[string]any{"case": id, "location": filepath.Join(folder, id)}, r.Outputs)
	return req, id, out
}

func read(t *testing.T, parts ...string) string {
	text, err := os.ReadFile(filepath.Join(parts...))
	require.NoError(t, err)
	return string(text)
}

func TestOpenIsOnceForAStep(t *testing.T) {
	folder := t.TempDir()
	_, taken, _ := open(t, t.TempDir(), "open", action.Values{"title": "x"})
	require.NoError(t, os.Mkdir(filepath.Join(folder, taken), 0o700))
	req, id, out := open(t, folder, "open", action.Values{"title": "Suspected breach", "summary": "Two countries at once.", "labels": []any{"staff"}})
	require.Regexp(t, `^CASE-\d{4}-\d\d-\d\d-QDTEST$`, taken)
	require.Equal(t, taken+"-2", id, "a folder that is no case is left alone")
	again, err := Open().Run(t.Context(), req, &actiontest.Sink{RefuseRecord: errors.New("not called")})
	require.NoError(t, err)
	require.True(t, again.Already)
	require.Equal(t, id, again.Outputs["case"])
	_, other, _ := open(t, folder, "second", action.Values{"title": "Another"})
	require.NotEqual(t, id, other)

	req.Record = out.Recorded()
	i, err := Open().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, action.Inspection{Known: true, Desired: true, Repeatable: true, Current: "case " + id + " is open", Want: "a case is open", Outputs: again.Outputs}, i)

	u := Open().(action.Undoer)
	req.Key, req.Undoes = req.Key+"/undo", req.Key
	_, err = u.Undo(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	r, err := u.Undo(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Already)
	require.Contains(t, read(t, folder, id, "timeline.md"), "was rolled back. The case stays.")
}

func TestNothingIsWrittenWhenTheRecordCannotBe(t *testing.T) {
	folder := t.TempDir()
	full := errors.New("disk full")
	_, err := Open().Run(t.Context(), request(folder, "open", Open(), action.Values{"title": "x"}), &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, entries)
	_, id, _ := open(t, folder, "open", action.Values{"title": "x"})
	before := read(t, folder, id, "timeline.md")
	for _, a := range []action.Action{Update(), Close()} {
		_, err = a.Run(t.Context(), request(folder, "later", a, action.Values{"case": id, "text": "x", "resolution": "x"}), &actiontest.Sink{RefuseRecord: full})
		require.ErrorIs(t, err, full)
	}
	require.Equal(t, before, read(t, folder, id, "timeline.md"))
}

func TestTheTimelineIsOnlyAppendedTo(t *testing.T) {
	folder := t.TempDir()
	_, id, _ := open(t, folder, "open", action.Values{"title": "x"})
	before := read(t, folder, id, "timeline.md")
	req := request(folder, "note[a/b] --> <!--", Update(), action.Values{"case": id, "text": "Website is down."})
	_, err := Update().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	after := read(t, folder, id, "timeline.md")
	require.True(t, strings.HasPrefix(after, before))
	r, err := Update().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Already)
	require.Equal(t, after, read(t, folder, id, "timeline.md"))

	// A crash in the middle of an entry: it does not count.
	torn := request(folder, "torn", Update(), action.Values{"case": id, "text": "Half of it."})
	f, err := os.OpenFile(filepath.Join(folder, id, "timeline.md"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString("\n## 2026-11-23 22:00:00 UTC\n\nHalf of it.\n\n<!-- irctl key: 01KAQ")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	i, err := Update().(action.Inspector).Inspect(t.Context(), torn)
	require.NoError(t, err)
	require.False(t, i.Desired)
	_, err = Update().Run(t.Context(), torn, &actiontest.Sink{})
	require.NoError(t, err)
	i, err = Update().(action.Inspector).Inspect(t.Context(), torn)
	require.NoError(t, err)
	require.True(t, i.Desired)
}

func TestTextCanForgeNeitherAKeyNorMarkupNorTheStatus(t *testing.T) {
	folder := t.TempDir()
	victim := request(folder, "victim", Update(), nil)
	forged := "x\n<!-- irctl key: " + strings.ReplaceAll(victim.Key, "/", "%2F") + " -->\n# Closed\n| Status | closed |\n<script>alert(1)</script>\x1b[2J"
	_, id, _ := open(t, folder, "open", action.Values{"title": forged, "summary": forged, "labels": []any{forged}})
	_, err := Update().Run(t.Context(), request(folder, "note", Update(), action.Values{"case": id, "text": forged}), &actiontest.Sink{})
	require.NoError(t, err)
	for _, name := range []string{"case.md", "timeline.md"} {
		text := read(t, folder, id, name)
		require.NotContains(t, text, "<script")
		require.NotContains(t, text, "\x1b")
		require.NotContains(t, text, "\n# Closed")
	}
	victim.With = action.Values{"case": id, "text": "real"}
	i, err := Update().(action.Inspector).Inspect(t.Context(), victim)
	require.NoError(t, err)
	require.False(t, i.Desired)
	c, err := Close().(action.Inspector).Inspect(t.Context(), request(folder, "close", Close(), action.Values{"case": id}))
	require.NoError(t, err)
	require.Equal(t, "case "+id+" is open", c.Current)
}

func TestCloseKeepsWhatPeopleWroteAndUndoOpensAgain(t *testing.T) {
	folder := t.TempDir()
	_, id, _ := open(t, folder, "open", action.Values{"title": "x"})
	file := filepath.Join(folder, id, "case.md")
	require.NoError(t, os.WriteFile(file, []byte(read(t, file)+"\nSam was here.\n"), 0o600))
	req := request(folder, "close", Close(), action.Values{"case": id, "resolution": "Phished."})
	out := &actiontest.Sink{}
	_, err := Close().Run(t.Context(), req, out)
	require.NoError(t, err)
	text := read(t, file)
	for _, part := range []string{"| Status | closed |", "Sam was here.", "Phished."} {
		require.Contains(t, text, part)
	}
	r, err := Close().Run(t.Context(), request(folder, "close-again", Close(), action.Values{"case": id, "resolution": "Other."}), &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Already)
	require.Equal(t, text, read(t, file))

	req.Record = out.Recorded()
	i, err := Close().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Desired)
	_, err = Close().(action.Undoer).Undo(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Contains(t, read(t, file), "| Status | open |")
	require.Contains(t, read(t, file), "Phished.")
}

func TestCaseIDsCannotLeaveTheFolder(t *testing.T) {
	folder := t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside")
	require.NoError(t, os.Mkdir(outside, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(outside, "case.md"), []byte("x"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(folder, "CASE-LINK")))
	for _, id := range []string{"../outside", "..", ".", "", "/etc", `..\outside`, "CASE-LINK", "a/b", "CASE\x00", "CASE-1..2", strings.Repeat("a", 65)} {
		_, err := Update().Run(t.Context(), request(folder, "note", Update(), action.Values{"case": id, "text": "x"}), &actiontest.Sink{})
		require.Error(t, err, id)
	}
	entries, err := os.ReadDir(outside)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestTheLogShowsWhatIsWrittenIntoACase(t *testing.T) {
	folder, heard := t.TempDir(), ""
	ctx := sent.Heard(t.Context(), func(text string) { heard += text + "\n" })
	opened, err := Open().Run(ctx, request(folder, "open", Open(), action.Values{"title": "x"}), &actiontest.Sink{})
	require.NoError(t, err)
	id := opened.Outputs["case"].(string)
	_, err = Close().Run(ctx, request(folder, "close", Close(), action.Values{"case": id, "resolution": "Phished"}), &actiontest.Sink{})
	require.NoError(t, err)
	require.Contains(t, heard, "this machine: create the case "+filepath.Join(folder, id)+"\n")
	require.Contains(t, heard, "this machine: write "+filepath.Join(folder, id, "case.md")+" (")
	require.Contains(t, heard, "this machine: add to "+filepath.Join(folder, id, "timeline.md")+": Case closed: Phished\n")
}
