package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/systems/casefolder"
	"github.com/irctl/irctl/pkg/action"
)

type bench struct {
	folder, source string
	id             string
}

func newBench(t *testing.T) bench {
	b := bench{folder: t.TempDir(), source: t.TempDir()}
	c, _, err := casefolder.Open(b.folder).Create(t.Context(), casefolder.Opening{Key: "open", Run: "run", Title: "x", At: time.Now()})
	require.NoError(t, err)
	b.id = c.ID
	return b
}

func (b bench) file(t *testing.T, name, text string) string {
	path := filepath.Join(b.source, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (b bench) request(t *testing.T, key string, with action.Values) action.Request {
	with["case"] = b.id
	if with["name"] == nil {
		with["name"] = "logs"
	}
	return action.Request{
		Run: "run", Path: "evidence", Key: key, Attempt: 1,
		With:   actiontest.Fill(Collect().Spec().Inputs, with),
		Target: action.Target{Name: "cases", Type: "case-folder", Config: action.Values{"folder": b.folder}},
		Allow:  action.Allow{Loopback: true}, Dir: t.TempDir(),
	}
}

func (b bench) path(parts ...string) string {
	return filepath.Join(append([]string{b.folder, b.id, "evidence"}, parts...)...)
}

// requireSums checks SHA256SUMS as sha256sum -c does, and that it lists every
// file there is.
func (b bench) requireSums(t *testing.T) (digest string, names []string) {
	text, err := os.ReadFile(b.path("SHA256SUMS"))
	require.NoError(t, err)
	for l := range strings.Lines(string(text)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(l, "\n"), "  ")
		require.True(t, ok)
		data, err := os.ReadFile(b.path(name))
		require.NoError(t, err)
		require.Equal(t, sum, hash(data), name)
		names = append(names, name)
	}
	var there []string
	require.NoError(t, filepath.WalkDir(b.path(), func(p string, d os.DirEntry, err error) error {
		if rel, _ := filepath.Rel(b.path(), p); err == nil && !d.IsDir() && rel != "SHA256SUMS" {
			there = append(there, filepath.ToSlash(rel))
		}
		return err
	}))
	require.ElementsMatch(t, there, names)
	return hash(text), names
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func TestCollect(t *testing.T) {
	b := newBench(t)
	first, second := b.file(t, "a/app.log", "one"), b.file(t, "b/app.log", "two")
	odd := b.file(t, "..  we\\ird\nname$(x).log", "three")
	old := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	require.NoError(t, os.Chtimes(first, old, old))
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Trace", "7")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("short and stout"))
	}))
	t.Cleanup(web.Close)
	req := b.request(t, "k", action.Values{
		"files": []any{first, second, odd}, "urls": []any{web.URL + "/status"},
		"commands": []any{[]any{"go", "nonsense-command"}},
	})
	out := &actiontest.Sink{OnRecord: func(map[string]any) { require.NoDirExists(t, b.path("logs")) }}
	r, err := Collect().Run(t.Context(), req, out)
	require.NoError(t, err)
	digest, names := b.requireSums(t)
	require.Equal(t, digest, r.Outputs["manifest"])
	require.Equal(t, int64(7), r.Outputs["count"])
	require.Equal(t, []string{
		"logs/127.0.0.1.body", "logs/127.0.0.1.headers", "logs/__we_ird_name__x_.log", "logs/app-2.log", "logs/app.log",
		"logs/go.stderr", "logs/go.stdout", "logs/manifest.json",
	}, names)

	var m struct{ Items []casefolder.Item }
	text, err := os.ReadFile(b.path("logs", "manifest.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &m))
	require.Equal(t, casefolder.Item{
		File: "app.log", Kind: "file", Source: first, Size: 3, SHA256: hash([]byte("one")), Modified: &old, Collected: m.Items[0].Collected, Run: "run",
	}, m.Items[0])
	require.Equal(t, 2, *m.Items[3].ExitCode)
	require.Equal(t, http.StatusTeapot, m.Items[5].Status)
	headers, err := os.ReadFile(b.path("logs", "127.0.0.1.headers"))
	require.NoError(t, err)
	require.Contains(t, string(headers), "X-Trace: 7")

	i, err := Collect().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Known && i.Desired)
	require.Equal(t, r.Outputs, i.Outputs)
	require.NoError(t, os.Remove(first))
	again, err := Collect().Run(t.Context(), req, &actiontest.Sink{RefuseRecord: errors.New("not called")})
	require.NoError(t, err)
	require.True(t, again.Already)

	// Another step with the same name gets a folder of its own.
	_, err = Collect().Run(t.Context(), b.request(t, "k2", action.Values{"files": []any{second}}), &actiontest.Sink{})
	require.NoError(t, err)
	_, names = b.requireSums(t)
	require.Contains(t, names, "logs-2/app.log")

	req.Record = out.Recorded()
	_, err = Collect().(action.Undoer).Undo(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	b.requireSums(t)
}

func TestOneMissingFileFailsAfterTheOthersAndIsAllThatARepetitionCollects(t *testing.T) {
	b := newBench(t)
	missing := filepath.Join(b.source, "missing.log")
	with := action.Values{"files": []any{missing, b.file(t, "there.log", "x"), b.source}}
	req := b.request(t, "k", with)
	out := &actiontest.Sink{}
	_, err := Collect().Run(t.Context(), req, out)
	require.ErrorContains(t, err, "2 of 3 sources could not be collected")
	require.ErrorContains(t, err, "missing.log")
	require.ErrorContains(t, err, "a folder, not a regular file")
	_, names := b.requireSums(t)
	require.Equal(t, []string{"logs/manifest.json", "logs/there.log"}, names)
	i, err := Collect().(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Known && !i.Desired)

	b.file(t, "missing.log", "found")
	b.file(t, "there.log", "altered since")
	req.With["files"] = with["files"].([]any)[:2]
	req.Record = out.Recorded()
	r, err := Collect().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, int64(2), r.Outputs["count"])
	kept, err := os.ReadFile(b.path("logs", "there.log"))
	require.NoError(t, err)
	require.Equal(t, "x", string(kept), "evidence is never overwritten")
}

func TestOptionalSucceedsAndSaysWhatIsMissing(t *testing.T) {
	b := newBench(t)
	there, missing := b.file(t, "there.log", "x"), filepath.Join(b.source, "missing.log")
	req := b.request(t, "k", action.Values{"files": []any{missing, there}, "optional": true})
	out := &actiontest.Sink{}
	r, err := Collect().Run(t.Context(), req, out)
	require.NoError(t, err)
	require.Equal(t, int64(1), r.Outputs["count"])
	require.Equal(t, "1 piece of evidence is in "+b.path("logs")+"; not collected: "+missing, r.Summary)
	text, err := os.ReadFile(filepath.Join(b.folder, b.id, "timeline.md"))
	require.NoError(t, err)
	require.Contains(t, string(text), "Not collected: could not collect "+missing)
	_, names := b.requireSums(t)
	require.Equal(t, []string{"logs/manifest.json", "logs/there.log"}, names)

	// Who finds it so reads it too.
	req.Record = out.Recorded()
	r, err = Collect().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Contains(t, r.Summary, "; not collected: "+missing)
}

func TestNothingIsCollectedWhenTheRecordCannotBeWritten(t *testing.T) {
	b := newBench(t)
	full := errors.New("disk full")
	_, err := Collect().Run(t.Context(), b.request(t, "k", action.Values{"files": []any{b.file(t, "a", "x")}}), &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	require.NoDirExists(t, b.path("logs"))
}

func TestLinksLeadNowhere(t *testing.T) {
	b := newBench(t)
	secret := b.file(t, "shadow", "root:x")
	link := filepath.Join(b.source, "auth.log")
	require.NoError(t, os.Symlink(secret, link))
	_, err := Collect().Run(t.Context(), b.request(t, "k", action.Values{"files": []any{link}}), &actiontest.Sink{})
	require.ErrorContains(t, err, "is a symbolic link, not a regular file")

	outside := t.TempDir()
	require.NoError(t, os.Symlink(outside, b.path("elsewhere")))
	_, err = Collect().Run(t.Context(), b.request(t, "k2", action.Values{"name": "elsewhere", "files": []any{secret}}), &actiontest.Sink{})
	require.NoError(t, err)
	require.FileExists(t, b.path("elsewhere-2", "shadow"))
	for _, name := range []string{"..", "../x", "a/b", "", "SHA256SUMS", `a\b`} {
		_, err = Collect().Run(t.Context(), b.request(t, "k3", action.Values{"name": name, "files": []any{secret}}), &actiontest.Sink{})
		require.ErrorContains(t, err, "cannot name a folder of evidence", name)
	}
	require.NoError(t, os.Rename(b.path(), filepath.Join(b.source, "moved")))
	require.NoError(t, os.Symlink(outside, b.path()))
	_, err = Collect().Run(t.Context(), b.request(t, "k4", action.Values{"files": []any{secret}}), &actiontest.Sink{})
	require.ErrorContains(t, err, "not a folder of its own")
	entries, err := os.ReadDir(outside)
	require.NoError(t, err)
	require.Empty(t, entries)
}
