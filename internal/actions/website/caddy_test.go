package website

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// adminAPI is a route as Caddy's admin API shows and changes it, with somebody
// else who changes it after each look as long as rivals are left.
type adminAPI struct {
	mu       sync.Mutex
	handlers []any
	version  int
	rivals   int
	refused  int
}

func (a *adminAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	etag := func() string { return fmt.Sprintf(`"/config/x %d"`, a.version) }
	if r.Method == http.MethodGet {
		w.Header().Set("Trailer", "ETag")
		_ = json.NewEncoder(w).Encode(map[string]any{"@id": "portal", "handle": a.handlers})
		w.Header().Set("ETag", etag())
		if a.rivals > 0 {
			a.rivals--
			a.version++
			a.handlers = append([]any{map[string]any{"handler": "rival"}}, a.handlers...)
		}
		return
	}
	if r.Header.Get("If-Match") != etag() {
		a.refused++
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	var at int
	_, _ = fmt.Sscanf(r.URL.Path, "/id/portal/handle/%d", &at)
	body, _ := io.ReadAll(r.Body)
	var h any
	_ = json.Unmarshal(body, &h)
	switch r.Method {
	case http.MethodPut:
		a.handlers = slices.Insert(a.handlers, at, h)
	case http.MethodPatch:
		a.handlers[at] = h
	case http.MethodDelete:
		a.handlers = slices.Delete(a.handlers, at, at+1)
	}
	a.version++
}

func TestChangesOfOthersAtTheSameTimeAreKept(t *testing.T) {
	api := &adminAPI{handlers: []any{map[string]any{"handler": "team"}}}
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	notice, err := notice(action.Request{With: actiontest.Fill(Suspend().Spec().Inputs, action.Values{"message": "closed"})})
	require.NoError(t, err)
	h, err := host.Open(host.Via{}, action.Allow{Loopback: true})
	require.NoError(t, err)
	c := &call{suspend: true, notice: notice, host: h, req: action.Request{Allow: action.Allow{Loopback: true}}}
	g := newCaddy(c, caddyConfig{Admin: srv.URL, ID: "portal"})

	api.rivals = 2
	changed, err := g.put(t.Context(), g.want)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, 2, api.refused)
	require.Len(t, api.handlers, 4)
	require.Equal(t, "irctl-closed-portal", api.handlers[0].(map[string]any)["@id"])

	api.rivals = 1
	changed, err = g.put(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, []any{
		map[string]any{"handler": "rival"}, map[string]any{"handler": "rival"}, map[string]any{"handler": "rival"}, map[string]any{"handler": "team"},
	}, api.handlers)

	api.rivals = 1000
	_, err = g.put(t.Context(), g.want)
	require.ErrorContains(t, err, "somebody, or another run of irctl, keeps changing Caddy's configuration, so nothing was changed")
}
