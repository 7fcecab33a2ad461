package nameserver

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/action"
)

func set(name, kind string, ttl time.Duration, records ...any) action.Values {
	return action.Values{"name": name, "type": kind, "records": records, "ttl": ttl}
}

func TestWhatAStepMayAskFor(t *testing.T) {
	long := strings.Repeat("é", 200) // 400 bytes
	for _, c := range []struct {
		with action.Values
		is   string
		data []string
	}{
		{set("www", "A", time.Hour, "198.51.100.2", "198.51.100.1", "198.51.100.2"), "www.example.com A is 198.51.100.1, 198.51.100.2 (TTL 1h)", nil},
		{set("WWW.Example.COM.", "A", 90*time.Minute, "198.51.100.1"), "www.example.com A is 198.51.100.1 (TTL 1h30m)", nil},
		{set("@", "MX", 0, "10 mail.example.net"), "example.com MX is 10 mail.example.net. (TTL 0s)", nil},
		{set("*.shop", "CNAME", time.Minute, "sorry.example.net"), "*.shop.example.com CNAME is sorry.example.net. (TTL 1m)", nil},
		{set("www", "AAAA", time.Minute, "2001:DB8:0::80"), "www.example.com AAAA is 2001:db8::80 (TTL 1m)", nil},
		{set("@", "TXT", time.Minute, `v=spf1 -all`), `example.com TXT is "v=spf1 -all" (TTL 1m)`, nil},
		{set("@", "TXT", time.Minute, `"one" "two"`), `example.com TXT is "one" "two" (TTL 1m)`, nil},
		{set("@", "CAA", time.Minute, `0 issue "ca.example.net"`), `example.com CAA is 0 issue "ca.example.net" (TTL 1m)`, nil},
		{set("_sip._tcp", "SRV", time.Minute, "0 5 5060 sip.example.net."), "_sip._tcp.example.com SRV is 0 5 5060 sip.example.net. (TTL 1m)", nil},
		{set("@", "TXT", time.Minute, long), "", []string{`"` + strings.Repeat(`\195\169`, 127) + `\195" "` + `\169` + strings.Repeat(`\195\169`, 72) + `"`}},
	} {
		s, p := Wanted(c.with, "example.com.")
		require.Nil(t, p, "%v: %+v", c.with, p)
		if c.data != nil {
			require.Equal(t, c.data, s.Texts())
		} else {
			require.Equal(t, c.is, s.String())
		}
		// What was recorded, and what a step's output is given to, is the same set.
		again, err := ReadSet(s.Name, s.Kind, action.Values{"lines": s.Lines()}.Strings("lines"))
		require.NoError(t, err)
		require.True(t, again.Same(s), s.String())
		back := action.Values{"name": s.Name, "type": c.with["type"], "ttl": s.TTL()}
		for _, text := range s.Texts() {
			back["records"] = append(back.List("records"), text)
		}
		again, p = Wanted(back, "example.com.")
		require.Nil(t, p)
		require.True(t, again.Same(s), s.String())
	}
}

func TestWhatAStepMayNotAskFor(t *testing.T) {
	for _, c := range []struct {
		with  action.Values
		input string
		says  string
	}{
		{set("www.example.net.", "A", 0, "198.51.100.1"), "name", "www.example.net. is not in the zone example.com"},
		{set("a b", "A", 0, "198.51.100.1"), "name", `"a b" is not a domain name`},
		{set("a.*", "A", 0, "198.51.100.1"), "name", `"a.*" is not a domain name`},
		{set("", "A", 0, "198.51.100.1"), "name", `"" is not a domain name`},
		{set("www", "A", 0), "records", "names no record"},
		{set("www", "A", 0, "198.51.100.1", "2001:db8::1"), "records[1]", `"2001:db8::1" is not the data of a record of type A`},
		{set("www", "A", 0, "198.51.100.1\nevil A 198.51.100.66"), "records[0]", `"198.51.100.1 evil A 198.51.100.66" is not the data of a record of type A`},
		{set("www", "A", 0, "198.51.100.1 ; remark"), "records[0]", `"198.51.100.1 ; remark" is not the data of a record of type A`},
		{set("www", "TXT", 0, `"open`), "records[0]", `"\"open" is not the data of a record of type TXT`},
		{set("www", "CNAME", 0, "a.example.net", "b.example.net"), "records", "a name has one CNAME at most (RFC 2181 section 10.1)"},
		{set("www", "A", time.Millisecond, "198.51.100.1"), "ttl", "is not a TTL"},
		{set("www", "A", -time.Second, "198.51.100.1"), "ttl", "is not a TTL"},
	} {
		_, p := Wanted(c.with, "example.com.")
		require.NotNil(t, p, "%v", c.with)
		require.Equal(t, c.input, p.Input)
		require.Equal(t, c.says, p.Message)
	}
}

func TestTheAddressOfAServer(t *testing.T) {
	for text, want := range map[string]string{
		"ns1.example.com": "ns1.example.com:53", "127.0.0.1:5353": "127.0.0.1:5353", "2001:db8::53": "[2001:db8::53]:53",
		"[2001:db8::53]": "[2001:db8::53]:53", "[2001:db8::53]:5353": "[2001:db8::53]:5353",
		"": "", "ns1.example.com:0": "", "ns1.example.com:dns": "", "a:b:c": "", ":53": "", "a b": "",
	} {
		got, err := address(text)
		require.Equal(t, want, got)
		require.Equal(t, want == "", err != nil, text)
	}
}
