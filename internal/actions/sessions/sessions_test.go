package sessions

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/pkg/action"
)

func TestRevoke(t *testing.T) {
	var asked []string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.EscapedPath()+" "+r.Header.Get("Idempotency-Key"))
		_, _ = w.Write([]byte(`{"ended": 3}`))
	}))
	t.Cleanup(web.Close)
	form, ok := Revoke().Spec().TargetType("http")
	require.True(t, ok)
	require.False(t, form.Undo)
	config, problems := coerce.Fields(form.Fields, map[string]any{
		"base_url": web.URL,
		"revoke":   map[string]any{"method": "DELETE", "path": "/sessions/{account}", "outputs": map[string]any{"revoked": map[string]any{"json": "ended"}}},
	})
	require.Empty(t, problems)
	r, err := Revoke().Run(t.Context(), action.Request{
		Run: "01JD", Path: "sessions", Key: "01JD/sessions", Attempt: 1,
		With: action.Values{"account": "../admin?all=1"}, Target: action.Target{Name: "portal-sessions", Type: "http", Config: config},
		Allow: action.Allow{Loopback: true},
	}, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"revoked": int64(3)}, r.Outputs)
	require.Equal(t, "the sessions of ../admin?all=1 have ended at portal-sessions", r.Summary)
	require.Equal(t, []string{"DELETE /sessions/..%2Fadmin%3Fall=1 01JD/sessions"}, asked)
	_, undoes := Revoke().(action.Undoer)
	require.False(t, undoes)
}

func TestAnActiveDirectoryEndsTheSessionsOfEverybodyOrOfNobody(t *testing.T) {
	v := Revoke().(action.Validator)
	require.Empty(t, v.Validate(action.Values{"account": "krbtgt"}, "active-directory"))
	require.Empty(t, v.Validate(action.Values{}, "active-directory"), "an expression is looked at later")
	require.Len(t, v.Validate(action.Values{"account": "alice"}, "active-directory"), 1)
	require.Empty(t, v.Validate(action.Values{"account": "alice"}, "http"))

	// Nothing is asked of the network before both are so.
	req := action.Request{With: action.Values{"account": "alice"}, Target: action.Target{Name: "domain", Type: "active-directory"}}
	_, err := Revoke().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "cannot end the sessions of alice alone")
	req.With = action.Values{"account": "krbtgt"}
	_, err = Revoke().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "does not permit the keys of krbtgt to be rotated")
}
