package evidence

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// The evidence of a ticket gets a folder at the first step of a run, which the
// next steps find again, and a look makes none.
func TestEvidenceOfCasesElsewhere(t *testing.T) {
	b := bench{folder: t.TempDir(), source: t.TempDir(), id: "RT/17 \x1b[2J"}
	step := func(key, name string) action.Request {
		req := b.request(t, key, action.Values{"name": name, "files": []any{b.file(t, name, "seen")}})
		req.Target.Config["cases_elsewhere"] = true
		return req
	}
	in, err := Collect().(action.Inspector).Inspect(t.Context(), step("a", "before"))
	require.NoError(t, err)
	require.False(t, in.Desired)
	require.Empty(t, folders(t, b.folder))

	for _, name := range []string{"before", "after"} {
		_, err := Collect().Run(t.Context(), step(name, name), &actiontest.Sink{})
		require.NoError(t, err)
	}
	cases := folders(t, b.folder)
	require.Len(t, cases, 1)
	require.FileExists(t, filepath.Join(cases[0], "evidence", "before", "before"))
	require.FileExists(t, filepath.Join(cases[0], "evidence", "after", "after"))
	text, err := os.ReadFile(filepath.Join(cases[0], "case.md"))
	require.NoError(t, err)
	require.Contains(t, string(text), "Evidence of case RT/17")
	require.NotContains(t, string(text), "\x1b")

	again, err := Collect().Run(t.Context(), step("before", "before"), &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, again.Already)
	undone, err := Collect().(action.Undoer).Undo(t.Context(), step("before", "before"), &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, undone.Already, "nothing was recorded")

	other := step("before", "before")
	other.Target.Config["cases_elsewhere"] = false
	_, err = Collect().Run(t.Context(), other, &actiontest.Sink{})
	require.ErrorContains(t, err, "is not the id of a case")
}

func folders(t *testing.T, in string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(in, "[A-Z]*"))
	require.NoError(t, err)
	return all
}
