package block

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

func TestWhatAValueIsFollowsFromItsForm(t *testing.T) {
	for text, want := range map[string]value{
		" 203.0.113.66 ":                           {address, "203.0.113.66"},
		"203[.]0[.]113[.]66":                       {address, "203.0.113.66"},
		"203.0.113.66/32":                          {address, "203.0.113.66"},
		"::ffff:203.0.113.66":                      {address, "203.0.113.66"},
		"2001:DB8:0::0066":                         {address, "2001:db8::66"},
		"203.0.113.66/24":                          {network, "203.0.113.0/24"},
		"2001:db8:66::1/48":                        {network, "2001:db8:66::/48"},
		"EVIL.Example.net.":                        {domain, "evil.example.net"},
		"evil[.]example[.]net":                     {domain, "evil.example.net"},
		"bücher.example":                           {domain, "xn--bcher-kva.example"},
		"_c2.evil.example":                         {domain, "_c2.evil.example"},
		"hxxps://Evil.example[.]net:443":           {site, "https://evil.example.net/"},
		"http://203.0.113.66:8080/a?b=c#d":         {site, "http://203.0.113.66:8080/a?b=c"},
		"HTTP://[2001:db8::0:1]/x":                 {site, "http://[2001:db8::1]/x"},
		"Mallory+x@Evil.Example.net":               {sender, "mallory+x@evil.example.net"},
		"D41D8CD98F00B204E9800998ECF8427E":         {hash, "d41d8cd98f00b204e9800998ecf8427e"},
		"da39a3ee5e6b4b0d3255bfef95601890afd80709": {hash, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855": {hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	} {
		got, err := read(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := read(got.text)
		require.NoError(t, err)
		require.Equal(t, got, again, "what is written in its one way stays so")
	}
	for _, text := range []string{
		"", "com", "web1", "203.0.113", "203.0.113.999", "203.0.113.66/33", "fe80::1%eth0", "::ffff:203.0.113.0/120", "evil..example", "-evil.example",
		"*.evil.example", "a b.example", "evil.example\nother.example", "https://", "https://user:secret@evil.example/", "https://evil.example/a b", "mallory@", "@evil.example",
		"mal lory@evil.example", "a@b@evil.example", "d41d8cd98f00b204e9800998ecf8427", "evil.example/path",
	} {
		_, err := read(text)
		require.Error(t, err, text)
	}
}

func TestNobodyBlocksEverybodyOrThemselves(t *testing.T) {
	ours := []own{{"192.0.2.7", "from which you are signed in here"}, {"ns1.example.com", "by which irctl reaches the target"}}
	for text, said := range map[string]string{
		"0.0.0.0/0":          "is this and every other machine's own loopback",
		"::/0":               "is this and every other machine's own loopback",
		"64.0.0.0/7":         "is so wide",
		"2000::/3":           "is so wide",
		"127.1.2.3":          "loopback",
		"::1":                "loopback",
		"0.0.0.0":            "is no machine's address",
		"192.0.2.7":          "would block 192.0.2.7, from which you are signed in here",
		"192.0.2.0/24":       "would block 192.0.2.7",
		"http://192.0.2.7/x": "would block 192.0.2.7",
		"ns1.example.com":    "by which irctl reaches the target",
		"example.com":        "would block ns1.example.com",
	} {
		v, err := read(text)
		require.NoError(t, err, text)
		err = guard([]value{v}, ours)
		require.ErrorContains(t, err, said, text)
		require.ErrorContains(t, err, "so nothing was blocked")
		var e *action.Error
		require.ErrorAs(t, err, &e)
		require.Contains(t, e.Hint, "override: true")
	}
	for _, text := range []string{"192.0.2.8", "10.0.0.0/8", "198.51.100.0/24", "2001:db8::/32", "ample.com", "www.ns1.example.com", "a@example.com", "https://ns1.example.com/x"} {
		v, err := read(text)
		require.NoError(t, err, text)
		require.NoError(t, guard([]value{v}, ours), text)
	}
}

// onFile is a request to a blocklist of addresses alone.
func onFile(t *testing.T, values ...any) (action.Request, string) {
	t.Helper()
	path := t.TempDir() + "/addresses.txt"
	form, _ := Add().Spec().TargetType("blocklist")
	return action.Request{
		Attempt: 1, With: action.Values{"values": values},
		Target: action.Target{Name: "edge", Type: "blocklist", Config: actiontest.Fill(form.Fields, action.Values{"addresses": path})},
	}, path
}

func TestAValueThatTheTargetCannotHoldEndsTheStepBeforeAnythingChanges(t *testing.T) {
	req, path := onFile(t, "203.0.113.66", "evil.example.net")
	_, err := Add().Run(t.Context(), req, &actiontest.Sink{RefuseRecord: errors.New("not called")})
	require.ErrorContains(t, err, "the target edge cannot hold evil.example.net, a domain, so nothing was changed: it holds address, network")
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Hint, "blocklist")
	require.NoFileExists(t, path)
}

func TestTheSpecsSayWhoCanHoldWhat(t *testing.T) {
	for f, types := range canHold {
		for _, name := range types {
			_, ok := Add().Spec().TargetType(name)
			require.True(t, ok, "%s can hold a %s, and is no target type", name, f)
		}
	}
}

func TestTheOperatorsOwnAddressIsNotBlockedUnlessItIsMeant(t *testing.T) {
	t.Setenv("SSH_CONNECTION", "203.0.113.66 50000 192.0.2.1 22")
	req, path := onFile(t, "203.0.113.66")
	_, err := Add().Run(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "203.0.113.66 would block 203.0.113.66, from which you are signed in here, so nothing was blocked")
	require.NoFileExists(t, path)
	req.With["override"] = true
	_, err = Add().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.FileExists(t, path)
	delete(req.With, "override")
	r, err := Add().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err, "who is blocked already is nobody's to refuse")
	require.True(t, r.Already)
}

func TestAnEmptyListThatAnotherStepFoundChangesNothing(t *testing.T) {
	req, path := onFile(t)
	r, err := Add().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Already)
	require.Equal(t, "no values were given, so nothing was changed", r.Summary)
	require.NoFileExists(t, path)
}

func TestMistakesAreFoundBeforeAnythingRuns(t *testing.T) {
	v := Add().(action.Validator)
	problems := v.Validate(action.Values{"values": []any{"203.0.113.66", "com"}}, "blocklist")
	require.Len(t, problems, 1)
	require.Equal(t, "values[1]", problems[0].Input)
	require.Len(t, v.Validate(action.Values{"values": []any{"0.0.0.0/0"}}, "blocklist"), 1)
	require.Empty(t, v.Validate(action.Values{"values": []any{"0.0.0.0/0"}, "override": true}, "blocklist"))
	problems = v.Validate(action.Values{"values": []any{"203.0.113.66", "evil.example.net"}}, "nftables")
	require.Len(t, problems, 1)
	require.Equal(t, "hold evil.example.net, a domain, which no target of type nftables can hold", problems[0].Message)
	require.Empty(t, v.Validate(action.Values{"values": []any{"evil.example.net"}}, "haproxy"))
	require.Empty(t, Remove().(action.Validator).Validate(action.Values{"values": []any{"0.0.0.0/0"}}, "http"))
}
