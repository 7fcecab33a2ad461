//go:build unix

package real

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

// blockingFilter is a filter with sets, to which its rules refer.
const blockingFilter = `table inet filter {
	set blocked {
		type ipv4_addr
		flags interval
		elements = { 100.66.0.128/25 }
	}
	set blocked6 {
		type ipv6_addr
	}
	set merged {
		type ipv4_addr
		flags interval
		auto-merge
	}
	set unused {
		type ipv4_addr
	}
	chain input {
		type filter hook input priority 0; policy accept;
		ip saddr @blocked drop
		ip saddr @merged drop
		ip6 saddr @blocked6 drop
	}
}
`

// TestBlockInNftables: who was blocked reaches nothing, and everybody else all.
func TestBlockInNftables(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.load(t, blockingFilter)
	v, key := s.victim, s.victim.HostKey(t)
	reach := func(t *testing.T, want ...bool) {
		t.Helper()
		got := make([]bool, 3)
		var all sync.WaitGroup // who gets no answer waits for a second
		all.Go(func() { got[0] = s.answers("bystander", key, v.Host(), v.Port()) })
		all.Go(func() { got[1] = s.answers("bystander", key, victim6, v.Port()) })
		all.Go(func() { got[2] = s.answers("", key, v.Host(), v.Port()) })
		all.Wait()
		require.Equal(t, want, got)
	}
	netns := "netns: " + s.network.Machine("victim").Namespace
	bystander := s.network.Machine("bystander").Address
	trial{
		office: func(t *testing.T) (*office, string) {
			o := s.office(t, netns, "table: filter", "set: blocked", "set6: blocked6")
			return o, o.step("block", "    uses: block.add\n    with: {values: ["+bystander+", '"+bystander6+"', 100.66.0.200]}\n")
		},
		state:     func(t *testing.T) any { return s.network.Machine("victim").Run(t, "nft", "list", "ruleset") },
		changed:   func(t *testing.T) { reach(t, false, false, true) },
		unchanged: func(t *testing.T) { reach(t, true, true, true) },
		now:       "not blocked: " + bystander + ", " + bystander6,
		already:   "blocked: " + bystander + ", " + bystander6 + ", 100.66.0.200 already",
	}.run(t)

	before := s.ruleset(t)
	for config, said := range map[string][2]string{
		"set: unused":    {"203.0.113.66", "no rule of the table inet filter refers to @unused, so nothing in it is blocked"},
		"set: merged":    {"203.0.113.66", "the set merged has auto-merge"},
		"set: nothing":   {"203.0.113.66", "the table inet filter has no set nothing, so nothing was changed"},
		"set: blocked":   {"100.66.0.0/24", "the set blocked holds 100.66.0.128 to 100.66.0.255, which overlaps 100.66.0.0/24, so nothing was changed"},
		"set6: blocked6": {"'2001:db8:66::/48'", "the set blocked6 holds single addresses only"},
	} {
		o := s.office(t, netns, "table: filter", config)
		e := o.irctl("run", o.step("block", "    uses: block.add\n    with: {values: ["+said[0]+"]}\n"))
		require.NotZero(t, e.code)
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), said[1])
		require.Equal(t, before, s.ruleset(t))
	}
}

// TestBlockAtResolvers: a domain that was blocked, and names that lead to an
// address that was, are not there, and all others are.
func TestBlockAtResolvers(t *testing.T) {
	t.Parallel()
	n := StartNamed(t)
	config := []string{"patience: 5s", "zone: rpz.example.net", "key_name: " + NamedKey, "key_secret: {secret: PASSWORD}", "server: " + n.Address(0)}
	rules := func(t *testing.T) any {
		return slices.DeleteFunc(n.transfer(t, "rpz.example.net"), func(line string) bool { return strings.Contains(line, "SOA") })
	}
	lookups := func(t *testing.T, www, ns1 bool) {
		t.Helper()
		require.Equal(t, www, len(n.Answer(t, "www.example.com", "A")) > 0)
		require.Equal(t, ns1, len(n.Answer(t, "ns1.example.com", "A")) > 0)
		require.NotEmpty(t, n.Answer(t, "private.example.com", "A"))
	}
	trial{
		office: func(t *testing.T) (*office, string) {
			o := newOffice(t, "    type: rfc2136\n    config:\n"+lines(config))
			o.write("password", NamedSecret)
			return o, o.step("block", "    uses: block.add\n    with: {values: [WWW.example.com, old.example.com, 198.51.100.53, '2001:db8:66::/48']}\n")
		},
		state:     rules,
		exactly:   func(t *testing.T) any { return n.transfer(t, "rpz.example.net") },
		changed:   func(t *testing.T) { lookups(t, false, false) },
		unchanged: func(t *testing.T) { lookups(t, true, true) },
		now:       "not blocked: www.example.com, 198.51.100.53, 2001:db8:66::/48",
		already:   "blocked: www.example.com, old.example.com, 198.51.100.53, 2001:db8:66::/48 already",
	}.run(t)

	// A zone that no resolver goes by blocks nobody, and the step says so.
	config[0], config[1] = "patience: 1s", "zone: example.com"
	o := newOffice(t, "    type: rfc2136\n    config:\n"+lines(config))
	o.write("password", NamedSecret)
	e := o.irctl("run", o.step("block", "    uses: block.add\n    with: {values: [www.example.com]}\n"))
	require.NotZero(t, e.code)
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "but the resolver "+n.Address(0)+" answers NOERROR for it")
}
