package payments

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

var ways = []any{
	map[string]any{"name": "Bank transfer", "how": "Use the account on your contract & add the number", "contact": "+1 555 0100"},
	map[string]any{"name": `<img src=x onerror="alert(1)">`, "how": "At any counter"},
}

func request(t *testing.T, a action.Action, handler http.HandlerFunc, with action.Values) action.Request {
	file := filepath.Join(t.TempDir(), "pay.html")
	if handler == nil {
		handler = func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) }
	}
	web := httptest.NewServer(handler)
	t.Cleanup(web.Close)
	return action.Request{
		Run: "01JD", Path: "pay", Key: "01JD/pay", Attempt: 1,
		With:   actiontest.Fill(a.Spec().Inputs, with),
		Target: action.Target{Name: "payments-page", Type: "maintenance-page", Config: action.Values{"page": file, "url": web.URL}},
		Allow:  action.Allow{Loopback: true},
		Dir:    t.TempDir(),
	}
}

func TestPublishWithdrawAndUndo(t *testing.T) {
	publish, withdraw := onPage(true, patience.Limit{}), onPage(false, patience.Limit{})
	req := request(t, Publish(), nil, action.Values{"alternatives": ways})
	file := req.Target.Config.String("page")
	require.NoError(t, os.WriteFile(file, []byte("before"), 0o600))
	out := &actiontest.Sink{}
	r, err := publish.Run(t.Context(), req, out)
	require.NoError(t, err)
	url := req.Target.Config.String("url")
	require.Equal(t, action.Result{
		Outputs: map[string]any{"url": url, "listed": []any{"Bank transfer", `<img src=x onerror="alert(1)">`}},
		Changed: true, Summary: url + " lists 2 other ways to pay",
	}, r)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(text), "<img")
	i, err := publish.Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Known && i.Desired)
	r, err = publish.Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Already)

	gone := &actiontest.Sink{}
	r, err = withdraw.Run(t.Context(), req, gone)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"url": url, "listed": []any{}}, r.Outputs)
	text, err = os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "before", string(text), "another run puts back what the first one took away")
	require.NoFileExists(t, file+".before-irctl")
	r, err = withdraw.Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Already, "a page that irctl did not write is left")
	back := req
	back.Record = gone.Recorded()
	_, err = withdraw.Undo(t.Context(), back, &actiontest.Sink{})
	require.NoError(t, err)
	require.FileExists(t, file)

	req.Record = out.Recorded()
	_, err = publish.Undo(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	text, err = os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "before", string(text))
}

func TestAPageThatDoesNotListEachNamesThoseMissing(t *testing.T) {
	req := request(t, Publish(), func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<dt>Bank transfer</dt><dd>Use the account on your contract &amp; add the number</dd><dd>+1 555 0100</dd>"))
	}, action.Values{"alternatives": ways})
	_, err := onPage(true, patience.Limit{}).Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, `does not list: <img src=x onerror="alert(1)">`)
	require.NotContains(t, err.Error(), "Bank transfer")
}

func TestAPageThatDoesNotAnswerFails(t *testing.T) {
	req := request(t, Publish(), http.NotFound, action.Values{"alternatives": ways})
	_, err := onPage(true, patience.Limit{}).Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "answers 404")
	i, err := onPage(true, patience.Limit{}).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.False(t, i.Desired)

	req.Target.Config["url"] = "http://127.0.0.1:1/"
	_, err = onPage(true, patience.Limit{}).Inspect(t.Context(), req)
	require.Error(t, err, "a page that is not there at all is another matter: nobody knows")
}

func TestNothingChangesWhenTheRecordCannotBeWritten(t *testing.T) {
	req := request(t, Publish(), nil, action.Values{"alternatives": ways})
	full := errors.New("disk full")
	_, err := onPage(true, patience.Limit{}).Run(t.Context(), req, &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	require.NoFileExists(t, req.Target.Config.String("page"))
}

func TestKeptBytesThatWereAlteredAreNotPutBack(t *testing.T) {
	req := request(t, Publish(), nil, action.Values{"alternatives": ways})
	require.NoError(t, os.WriteFile(req.Target.Config.String("page"), []byte("before"), 0o600))
	out := &actiontest.Sink{}
	_, err := onPage(true, patience.Limit{}).Run(t.Context(), req, out)
	require.NoError(t, err)
	req.Record = out.Recorded()
	kept := filepath.Join(req.Dir, action.Values(req.Record).Map("page").String("digest"))
	require.NoError(t, os.WriteFile(kept, []byte("forged"), 0o600))
	_, err = onPage(true, patience.Limit{}).Undo(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "altered since")
}
