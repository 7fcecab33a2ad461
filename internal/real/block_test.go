//go:build unix

package real

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// TestBlockAtHAProxy: who was blocked is refused, also by a HAProxy that was
// started anew, and who was not is served.
func TestBlockAtHAProxy(t *testing.T) {
	t.Parallel()
	h := StartHAProxy(t)
	answers := func(from string) int {
		t.Helper()
		return Visit(t, "http://"+h.Address(0)+"/", "--interface", from).Status
	}
	trial{
		office: func(t *testing.T) (*office, string) {
			o := newOffice(t, "    type: haproxy\n    config:\n"+lines([]string{"socket: " + h.Socket(), "acl: " + h.File("blocked")}))
			return o, o.step("block", "    uses: block.add\n    with: {values: [127.0.0.9, 127.0.0.66, 127.0.0.128/26], override: true}\n")
		},
		state: func(t *testing.T) any {
			file, err := os.ReadFile(h.File("blocked"))
			require.NoError(t, err)
			running := strings.Fields(h.Ask(t, "show acl "+h.File("blocked")))
			return string(file) + strings.Join(slices.DeleteFunc(running, func(w string) bool { return strings.HasPrefix(w, "0x") }), " ")
		},
		changed: func(t *testing.T) {
			require.Equal(t, []int{403, 403, 403, 200}, []int{answers("127.0.0.9"), answers("127.0.0.66"), answers("127.0.0.130"), answers("127.0.0.67")})
		},
		unchanged: func(t *testing.T) {
			require.Equal(t, []int{403, 200, 200, 200}, []int{answers("127.0.0.9"), answers("127.0.0.66"), answers("127.0.0.130"), answers("127.0.0.67")})
		},
		now:     "not blocked: 127.0.0.66, 127.0.0.128/26",
		already: "blocked: 127.0.0.9, 127.0.0.66, 127.0.0.128/26 already",
	}.run(t)
}

// TestBlockInPostfix: mail of who was blocked is refused, all other mail is taken.
func TestBlockInPostfix(t *testing.T) {
	t.Parallel()
	p := StartPostfix(t)
	replies := func(t *testing.T, want ...int) {
		t.Helper()
		var got []int
		for _, sender := range []string{"old@evil.example", "Good@evil.example", "mallory@example.net", "eve@sub.worse.example", "dana@example.org"} {
			got = append(got, p.SendFrom(t, sender, "hello"))
		}
		require.Equal(t, want, got)
	}
	target := func(t *testing.T, more ...string) *office {
		t.Helper()
		return newOffice(t, "    type: postfix\n    config:\n"+lines(append([]string{"config_directory: " + p.Config(), "map: hash:" + p.File("blocked")}, more...)))
	}
	trial{
		office: func(t *testing.T) (*office, string) {
			o := target(t)
			return o, o.step("block", "    uses: block.add\n    with: {values: [old@evil.example, good@evil.example, Mallory@example.net, worse.example]}\n")
		},
		state: func(t *testing.T) any {
			file, err := os.ReadFile(p.File("blocked"))
			require.NoError(t, err)
			return string(file) + p.client(t, "postmap", "-s", "hash:"+p.File("blocked"))
		},
		changed:   func(t *testing.T) { replies(t, 554, 554, 554, 554, 250) },
		unchanged: func(t *testing.T) { replies(t, 554, 250, 250, 250, 250) },
		now:       "not blocked: good@evil.example, mallory@example.net, worse.example",
		already:   "blocked: old@evil.example, good@evil.example, mallory@example.net, worse.example already",
	}.run(t)

	o := target(t)
	e := o.irctl("run", o.step("block", "    uses: block.add\n    with: {values: [203.0.113.66]}\n"))
	require.NotZero(t, e.code)
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "no setting of main.cf has check_client_access with this map, so 203.0.113.66 in it would be refused by nobody; nothing was changed")
	require.Zero(t, o.irctl("target", "check").code)
	unused := target(t)
	unused.replaceLine("map: btree:" + p.File("other"))
	said := strings.Join(strings.Fields(unused.irctl("target", "check").text()), " ")
	require.Contains(t, said, "no setting of main.cf has check_sender_access with this map")
}
