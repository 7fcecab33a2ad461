package host

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

func paths(t *testing.T, texts ...string) []path {
	t.Helper()
	var out []path
	for _, text := range texts {
		p, err := parsePath(text)
		require.NoError(t, err, text)
		out = with(out, p)
	}
	return out
}

func TestTheRulesOfAnIsolation(t *testing.T) {
	require.Equal(t, `table inet irctl {
	chain input {
		type filter hook input priority -300; policy drop;
		iifname "lo" accept comment "isolated by irctl"
		ip saddr 198.51.100.0/28 accept
		ip saddr 203.0.113.4 tcp dport 22 accept
		ip6 saddr 2001:db8::/32 accept
		ip6 saddr 2001:db9::4 tcp dport 22 accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
	}
	chain forward {
		type filter hook forward priority -300; policy drop;
	}
	chain output {
		type filter hook output priority -300; policy drop;
		oifname "lo" accept
		ip daddr 198.51.100.0/28 accept
		ip daddr 203.0.113.4 tcp sport 22 tcp flags & (syn | ack) != syn accept
		ip6 daddr 2001:db8::/32 accept
		ip6 daddr 2001:db9::4 tcp sport 22 tcp flags & (syn | ack) != syn accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
	}
}
`, isolation(paths(t, "198.51.100.7/28", "203.0.113.4:22", "2001:db8::/32", "[2001:db9::4]:22", "198.51.100.9:443", "198.51.100.0/30")))
}

func TestWaysThatAreNone(t *testing.T) {
	for _, text := range []string{"", "web1.example.com", "198.51.100.7:", "198.51.100.7:0", "198.51.100.7:65536", "198.51.100.0/33", "::ffff:198.51.100.0/112", "198.51.100.7 accept", "198.51.100.7; flush ruleset"} {
		_, err := parsePath(text)
		require.Error(t, err, text)
	}
}

// Undoing a release loads rules that were made before, perhaps for a way that
// nobody comes any more.
func TestWhetherAnIsolationLetsAWayThrough(t *testing.T) {
	table := isolation(paths(t, "198.51.100.0/28", "203.0.113.4:22", "2001:db8::4"))
	for text, want := range map[string]bool{
		"198.51.100.3:22": true, "198.51.100.16:22": false, "203.0.113.4:22": true, "203.0.113.4:2222": false, "203.0.113.5:22": false,
		"[2001:db8::4]:22": true, "[2001:db8::5]:22": false,
	} {
		require.Equal(t, want, lets(table, paths(t, text)[0]), text)
	}
	require.False(t, lets("\tip saddr 203.0.113.4 tcp dport 22 ip daddr 203.0.113.9 accept\n", paths(t, "203.0.113.4:22")[0]), "a rule that somebody else wrote")
	require.False(t, isolates("table inet irctl {\n}\n"))
	require.True(t, isolates(table))
}

func TestAWayIsShownAsPeopleWriteIt(t *testing.T) {
	require.Equal(t, "198.51.100.0/28", paths(t, "198.51.100.7/28")[0].String())
	require.Equal(t, "2001:db8::4 (TCP port 22)", paths(t, "[2001:db8::4]:22")[0].String())
	require.Equal(t, path{netip.MustParsePrefix("198.51.100.7/32"), 0}, paths(t, "::ffff:198.51.100.7")[0])
}

func TestATargetThatLeavesNoWayToThisMachine(t *testing.T) {
	problems := func(config action.Values) []action.Problem {
		form := byNftables(true).Target()
		return form.Check(actiontest.Fill(form.Fields, config))
	}
	require.Equal(t, []action.Problem{{
		Input: "keep", Message: "is empty, so that isolating this machine would leave no way to it",
		Hint: "name the addresses that may still reach it, or the machine that is meant as via: {ssh: HOST}",
	}}, problems(nil))
	require.Equal(t, []action.Problem{{Input: "way_back", Message: "is shorter than a second", Hint: "give irctl the time to sign in, such as 1m"}},
		problems(action.Values{"netns": "shop", "way_back": time.Duration(0)}))
	require.Empty(t, problems(action.Values{"netns": "shop"}))
	require.Empty(t, problems(action.Values{"via": map[string]any{"ssh": "web1.example.com"}}))
	require.Empty(t, problems(action.Values{"keep": []any{"198.51.100.7"}}))
	require.Equal(t, []action.Problem{{Input: "probe[0]", Message: `"web1" is not the address of a service`, Hint: "write HOST:PORT"}},
		problems(action.Values{"keep": []any{"198.51.100.7"}, "probe": []any{"web1"}}))
}
