package website

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

const hostile = `</p><script>alert("x")</script>{{.Title}} & <b>bold</b>`

// flagServer answers as a web server that tests for a flag does.
type flagServer struct{ flag, page string }

func (s flagServer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if _, err := os.Stat(s.flag); err != nil {
		_, _ = w.Write([]byte("the portal"))
		return
	}
	text, err := os.ReadFile(s.page)
	if err != nil {
		text = []byte("down")
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write(text)
}

// pageServer is a site with a maintenance page, whose server is not waited for.
func pageServer(suspend bool) kind.Change {
	return byMaintenancePage(suspend, patience.Limit{}).(kind.Change)
}

type site struct {
	flag, page string
	url        string
}

func newSite(t *testing.T) site {
	dir := t.TempDir()
	s := site{flag: filepath.Join(dir, "flag"), page: filepath.Join(dir, "page.html")}
	web := httptest.NewServer(flagServer{s.flag, s.page})
	t.Cleanup(web.Close)
	s.url = web.URL
	return s
}

func (s site) request(t *testing.T, a action.Action, with action.Values) action.Request {
	return action.Request{
		Run: "01JD", Path: "website", Key: "01JD/website", Attempt: 1,
		With:   actiontest.Fill(a.Spec().Inputs, with),
		Target: action.Target{Name: "portal", Type: "maintenance-page", Config: action.Values{"flag": s.flag, "page": s.page, "check_url": s.url}},
		Allow:  action.Allow{Loopback: true},
		Dir:    t.TempDir(),
	}
}

func TestSuspendShowsTheMessageAndUndoPutsBackWhatWasThere(t *testing.T) {
	for name, before := range map[string]struct{ page, flag []byte }{
		"nothing":                {},
		"a page":                 {page: []byte("<p>old</p>")},
		"another maintenance":    {page: []byte("<p>planned work</p>"), flag: []byte("since noon")},
		"a flag without a page":  {flag: []byte{}},
		"a page of odd bytes \n": {page: []byte{0, 0xff, '\r', '\n'}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			for path, data := range map[string][]byte{s.page: before.page, s.flag: before.flag} {
				if data != nil {
					require.NoError(t, os.WriteFile(path, data, 0o640))
				}
			}
			m := pageServer(true)
			req := s.request(t, Suspend(), action.Values{"message": hostile + "\n\nSecond paragraph.", "alternatives": []any{"By phone", map[string]any{"name": "<i>Bank</i>", "contact": "x"}}})
			out := &actiontest.Sink{OnRecord: func(map[string]any) {
				requireFile(t, s.page, before.page)
				requireFile(t, s.flag, before.flag)
			}}
			r, err := m.Run(t.Context(), req, out)
			require.NoError(t, err)
			require.Equal(t, action.Result{Outputs: map[string]any{}, Changed: true, Summary: "the website is out of service and shows the message"}, r)
			text, err := os.ReadFile(s.page)
			require.NoError(t, err)
			require.NotContains(t, string(text), "<script")
			require.NotContains(t, string(text), "<b>")
			require.Contains(t, string(text), "&lt;script&gt;")
			require.Contains(t, string(text), `<meta name="retry-after" content="3600">`)

			again, err := m.Run(t.Context(), req, &actiontest.Sink{})
			require.NoError(t, err)
			require.True(t, again.Already)

			req.Record = out.Recorded()
			r, err = m.Undo(t.Context(), req, &actiontest.Sink{})
			require.NoError(t, err)
			require.True(t, r.Changed)
			requireFile(t, s.page, before.page)
			requireFile(t, s.flag, before.flag)
			r, err = m.Undo(t.Context(), req, &actiontest.Sink{})
			require.NoError(t, err)
			require.True(t, r.Already)
		})
	}
}

func TestNothingChangesWhenTheRecordCannotBeWritten(t *testing.T) {
	s := newSite(t)
	full := errors.New("disk full")
	_, err := pageServer(true).Run(t.Context(), s.request(t, Suspend(), action.Values{"message": "closed"}), &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	requireFile(t, s.page, nil)
	requireFile(t, s.flag, nil)
}

func TestACrashAfterTheEffectIsSeenByInspectAndCanBeUndone(t *testing.T) {
	s := newSite(t)
	m := pageServer(true)
	req := s.request(t, Suspend(), action.Values{"message": "closed"})
	before, err := m.Inspect(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, action.Inspection{Known: true, Repeatable: true, Current: "in service", Want: "out of service, showing the message", Outputs: map[string]any{}}, before)

	out := &actiontest.Sink{}
	_, err = m.Run(t.Context(), req, out)
	require.NoError(t, err)
	req.Record = out.Recorded()
	i, err := m.Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Known && i.Desired)
	r, err := m.Run(t.Context(), req, &actiontest.Sink{RefuseRecord: errors.New("not called")})
	require.NoError(t, err)
	require.True(t, r.Changed, "the effect is this step's own, so a rollback must undo it")
}

func TestACrashBetweenPageAndFlagKeepsTheFirstRecord(t *testing.T) {
	s := newSite(t)
	require.NoError(t, os.WriteFile(s.page, []byte("old"), 0o644))
	m := pageServer(true)
	req := s.request(t, Suspend(), action.Values{"message": "closed"})
	out := &actiontest.Sink{}
	_, err := m.Run(t.Context(), req, out)
	require.NoError(t, err)
	require.NoError(t, os.Remove(s.flag))
	req.Record = out.Recorded()
	_, err = m.Run(t.Context(), req, &actiontest.Sink{RefuseRecord: errors.New("not called")})
	require.NoError(t, err)
	_, err = m.Undo(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	requireFile(t, s.page, []byte("old"))
}

func TestAServerThatIgnoresTheFlagFailsTheStep(t *testing.T) {
	s := newSite(t)
	deaf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("business as usual")) }))
	t.Cleanup(deaf.Close)
	req := s.request(t, Suspend(), action.Values{"message": "closed"})
	req.Target.Config["check_url"] = deaf.URL
	out := &actiontest.Sink{}
	_, err := pageServer(true).Run(t.Context(), req, out)
	require.ErrorContains(t, err, "should show the message with status 503, but answers 200")
	req.Record = out.Recorded()
	i, err := pageServer(true).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.False(t, i.Desired)
}

func TestAWebsiteThatGivesNoAnswerIsNotCalledOpen(t *testing.T) {
	s := newSite(t)
	req := s.request(t, Suspend(), action.Values{"message": "Closed"})
	out := &actiontest.Sink{}
	_, err := pageServer(true).Run(t.Context(), req, out)
	require.NoError(t, err)
	req.Record = out.Recorded()
	// Nothing listens there, or nothing has that name.
	for key, at := range map[string]any{"check_url": "http://127.0.0.1:1/", "check_also": []any{"http://shop.invalid/"}} {
		req.Target.Config = action.Values{"flag": s.flag, "page": s.page, key: at}
		in, err := pageServer(true).Inspect(t.Context(), req)
		require.ErrorContains(t, err, "nobody could look", key)
		require.Zero(t, in, key)
	}
}

func TestRestore(t *testing.T) {
	s := newSite(t)
	require.NoError(t, os.WriteFile(s.flag, []byte("by hand"), 0o644))
	m := pageServer(false)
	req := s.request(t, Restore(), nil)
	out := &actiontest.Sink{}
	r, err := m.Run(t.Context(), req, out)
	require.NoError(t, err)
	require.Equal(t, action.Result{Outputs: map[string]any{}, Changed: true, Summary: "the website is in service"}, r)
	requireFile(t, s.flag, nil)
	r, err = m.Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Already)
	req.Record = out.Recorded()
	_, err = m.Undo(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	requireFile(t, s.flag, []byte("by hand"))
}

func TestPreflightNamesEachProblem(t *testing.T) {
	s := newSite(t)
	req := s.request(t, Suspend(), nil)
	require.Empty(t, pageServer(true).Preflight(t.Context(), req))
	req.Allow = action.Allow{}
	req.Target.Config["flag"] = filepath.Join(filepath.Dir(s.page), "missing", "flag")
	req.Target.Config["page"] = filepath.Join(filepath.Dir(s.page), "missing", "page.html")
	require.Len(t, pageServer(true).Preflight(t.Context(), req), 3)
}

func TestValidateFindsWhatIsNoAlternative(t *testing.T) {
	problems := pageServer(true).Validate(action.Values{"alternatives": []any{"ok", map[string]any{"nmae": "x"}}}, "maintenance-page")
	require.Equal(t, []action.Problem{{Input: "alternatives", Message: `alternative 2 has the key "nmae"`, Hint: "write each as a text, or as a map with name, how and contact"}}, problems)
}

func requireFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if want == nil {
		require.ErrorIs(t, err, os.ErrNotExist)
		return
	}
	require.NoError(t, err)
	require.Equal(t, want, got)
}
