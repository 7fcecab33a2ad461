package connector_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/action"
)

// BenchmarkRequest is a look by a connector, of one request, beside the same request
// as a bare one, in turn: both on a connection of their own.
func BenchmarkRequest(b *testing.B) {
	d := newDirectory(b)
	a, req := call(b, read(b, "testdata/ok/small.yaml"), "account.disable", d.URL, "alice")
	inspector := a.(action.Inspector)
	plain := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var over, bare time.Duration
	look := func() {
		begun := time.Now()
		seen, err := inspector.Inspect(context.Background(), req)
		over += time.Since(begun)
		require.NoError(b, err)
		require.Equal(b, "alice at staff: ACTIVE", seen.Current)
	}
	ask := func() {
		begun := time.Now()
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, d.URL+"/api/users/alice", nil)
		require.NoError(b, err)
		r.Header.Set("Authorization", "Bearer s3cret-token")
		resp, err := plain.Do(r)
		require.NoError(b, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(b, resp.Body.Close())
		bare += time.Since(begun)
		require.NoError(b, err)
		require.Contains(b, string(body), "ACTIVE")
	}
	look() // CEL is compiled once for a process
	over = 0
	for b.Loop() {
		look()
		ask()
	}
	us := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(b.N) }
	b.ReportMetric(us(over), "call-us")
	b.ReportMetric(us(bare), "bare-us")
	b.ReportMetric(float64(over)/float64(bare), "x-bare")
}
