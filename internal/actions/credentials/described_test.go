package credentials

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/pkg/action"
)

// TestAnHTTPSystemGetsTheStoredPassword rotates twice, as after a crash: the
// second attempt sends the password that the first one stored.
func TestAnHTTPSystemGetsTheStoredPassword(t *testing.T) {
	var got []map[string]string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var m map[string]string
		_ = json.Unmarshal(body, &m)
		got = append(got, m)
		if len(got) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("cannot set " + m["password"]))
		}
	}))
	t.Cleanup(server.Close)
	form, ok := Rotate().Spec().TargetType("http")
	require.True(t, ok)
	config, problems := coerce.Fields(form.Fields, map[string]any{
		"base_url": server.URL,
		"rotate":   map[string]any{"path": "/users/{account}", "body": map[string]any{"user": "{account}", "password": "{password}"}},
	})
	require.Empty(t, problems)
	require.Empty(t, form.Check(config))
	secrets := &actiontest.Secrets{}
	req := action.Request{
		Run: "01JD", Path: "rotate", Key: "01JD/rotate", Attempt: 1,
		With:   actiontest.Fill(Rotate().Spec().Inputs, action.Values{"account": `a"/../b`}),
		Target: action.Target{Name: "idp", Type: "http", Config: config},
		Allow:  action.Allow{Loopback: true}, Secrets: secrets,
	}
	out := &actiontest.Sink{OnRecord: func(map[string]any) { require.Empty(t, got) }}
	_, err := Rotate().Run(t.Context(), req, out)
	require.Error(t, err)
	require.NotContains(t, err.Error(), got[0]["password"])

	req.Record, req.Attempt = out.Recorded(), 2
	r, err := Rotate().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, got[0], got[1])
	require.Equal(t, `a"/../b`, got[1]["user"])
	stored, err := secrets.Get(t.Context(), r.Outputs["stored"].(string))
	require.NoError(t, err)
	require.Equal(t, stored.Reveal(), got[1]["password"])
}
