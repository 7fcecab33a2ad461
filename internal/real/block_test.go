//go:build unix

package real

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fetched is what a firewall gets from a web server.
func fetched(t *testing.T, url string) string {
	t.Helper()
	return Visit(t, url).Body
}

func TestBlocklist(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	addresses, domains := filepath.Join(folder, "addresses.txt"), filepath.Join(folder, "domains.txt")
	const before = "# the edge\n192.0.2.9 ; a scanner\n198.51.100.0/24\n"
	require.NoError(t, os.WriteFile(addresses, []byte(before), 0o644))
	require.NoError(t, os.WriteFile(domains, nil, 0o644))
	web := httptest.NewServer(http.FileServer(http.Dir(folder)))
	t.Cleanup(web.Close)
	both := func(t *testing.T) any {
		return fetched(t, web.URL+"/addresses.txt") + "--\n" + fetched(t, web.URL+"/domains.txt")
	}
	trial{
		office: func(t *testing.T) (*office, string) {
			o := newOffice(t, "    type: blocklist\n    config:\n"+lines([]string{"addresses: " + addresses, "domains: " + domains, "published_at: " + web.URL + "/"}))
			return o, o.step("block", "    uses: block.add\n    with: {values: [192.0.2.9, '203.0.113[.]66', Evil.example.net.]}\n")
		},
		state:     both,
		changed:   func(t *testing.T) { require.Equal(t, before+"203.0.113.66\n--\nevil.example.net\n", both(t)) },
		unchanged: func(t *testing.T) { require.Equal(t, before+"--\n", both(t)) },
		now:       "not blocked: 203.0.113.66, evil.example.net",
		already:   "blocked: 192.0.2.9, 203.0.113.66, evil.example.net already",
	}.run(t)
}
