package guard_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/pkg/action"
)

var now = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)

// company is an environment with a few targets, and a resolver for it.
func company(rules guard.Rules) *guard.Guard {
	via := func(host string) map[string]any { return map[string]any{"via": map[string]any{"ssh": host}} }
	targets := map[string]guard.Target{
		"dc1":       {Name: "dc1", Type: "nftables", Config: via("dc1.corp.example.com")},
		"printer":   {Name: "printer", Type: "nftables", Config: via("admin@192.0.2.5")},
		"by-alias":  {Name: "by-alias", Type: "nftables", Config: via("old-dc.corp.example.com")},
		"web1":      {Name: "web1", Type: "nftables", Config: via("192.0.2.80")},
		"directory": {Name: "directory", Type: "ldap", Config: map[string]any{"url": "ldaps://dc1.corp.example.com:636"}},
		"staff":     {Name: "staff", Type: "ldap", Config: map[string]any{"url": "ldaps://DC1.corp.example.com.:636"}},
		"console":   {Name: "console", Type: "http", Config: map[string]any{"base_url": "https://edr.example.net", "isolate": map[string]any{"path": "/devices/dc1.corp.example.com/isolate"}}},
		"console-b": {Name: "console-b", Type: "http", Config: map[string]any{"base_url": "https://edr.example.net", "isolate": map[string]any{"path": "/devices/7/isolate"}}},
		"console-c": {Name: "console-c", Type: "http", Config: map[string]any{"base_url": "https://edr.example.net", "isolate": map[string]any{"path": "/devices/7/isolate"}}},
	}
	names := map[string]string{"dc1.corp.example.com": "192.0.2.5", "old-dc.corp.example.com": "192.0.2.5", "elsewhere.example.com": "198.51.100.1"}
	return &guard.Guard{
		Rules:  rules,
		Target: func(name, _ string) (guard.Target, bool) { t, ok := targets[name]; return t, ok },
		Lookup: &guard.Lookup{Find: func(_ context.Context, _, host string) ([]netip.Addr, error) {
			if at, ok := names[host]; ok {
				return []netip.Addr{netip.MustParseAddr(at)}, nil
			}
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}},
	}
}

var (
	isolate = action.Spec{Name: "host.isolate", Effect: action.Change, Targets: []action.TargetType{{Name: "nftables"}, {Name: "http"}}}
	disable = action.Spec{
		Name: "account.disable", Effect: action.Change, Targets: []action.TargetType{{Name: "ldap", Service: true}},
		Inputs: []action.Field{{Name: "account", Type: action.String, Touches: action.Account}, {Name: "reason", Type: action.String}},
	}
	blocks = action.Spec{Name: "block.add", Effect: action.Change, Inputs: []action.Field{{Name: "values", Type: action.List, Touches: action.Address}}}
	shell  = action.Spec{
		Name: "exec", Effect: action.Change, ReadIf: action.Choice{Input: "effect", Values: []string{"read"}},
		Inputs: []action.Field{{Name: "argv", Argv: true}, {Name: "shell"}, {Name: "env"}, {Name: "via"}, {Name: "effect"}},
	}
	plugin = action.Spec{Name: "edr.quarantine", Effect: action.Change, Inputs: []action.Field{{Name: "thing"}, {Name: "options"}, {Name: "text"}, {Name: "body_b64"}}}
)

func on(spec action.Spec, target string, with action.Values) guard.Use {
	return guard.Use{Spec: spec, Target: target, With: with}
}

// TestAProtectedMachineIsTheSameByEveryName: a name of the list, a network, an
// address, another target, a name in other letters, an old form of an address, a
// command line, a URL, an input of a plugin.
func TestAProtectedMachineIsTheSameByEveryName(t *testing.T) {
	host := func(name string) action.Values { return action.Values{"via": map[string]any{"ssh": name}} }
	values := func(v ...any) action.Values { return action.Values{"values": v} }
	for _, list := range []guard.Entry{
		{Hosts: []string{"dc1.corp.example.com"}}, {Hosts: []string{"DC1.Corp.Example.COM."}}, {Hosts: []string{"192.0.2.5"}},
		{Hosts: []string{"::ffff:192.0.2.5"}}, {Hosts: []string{"192.0.2.0/28"}}, {Targets: []string{"dc1"}},
	} {
		g := company(guard.Rules{Protected: []guard.Entry{list}})
		for name, u := range map[string]guard.Use{
			"itself":             on(isolate, "dc1", nil),
			"address for a name": on(isolate, "printer", nil),
			"alias in the DNS":   on(isolate, "by-alias", nil),
			"exec over ssh":      on(shell, "", action.Values{"argv": []any{"reboot"}, "via": map[string]any{"ssh": "root@old-dc.corp.example.com"}}),
		} {
			_, hits, _ := g.Check(t.Context(), u, nil, now, false)
			if len(list.Targets) > 0 && name == "exec over ssh" {
				continue // it names no target; hosts are for that
			}
			require.Len(t, hits, 1, "%s, %v", name, list)
		}
	}
	g := company(guard.Rules{Protected: []guard.Entry{{Hosts: []string{"dc1.corp.example.com", "192.0.2.5"}}}})
	for name, u := range map[string]guard.Use{
		"upper case and a dot":  on(shell, "", host("DC1.CORP.EXAMPLE.COM.")),
		"a port":                on(shell, "", host("192.0.2.5:22")),
		"IPv4 in IPv6":          on(shell, "", host("::ffff:192.0.2.5")),
		"brackets":              on(shell, "", host("[::ffff:c000:205]:22")),
		"inet_aton":             on(shell, "", host("192.0.517")),
		"one number":            on(shell, "", host("3221225989")),
		"hexadecimal":           on(shell, "", host("0xc0000205")),
		"on a command line":     on(shell, "", action.Values{"argv": []any{"ssh", "root@dc1.corp.example.com", "reboot"}}),
		"in a shell":            on(shell, "", action.Values{"shell": "ssh -l root 192.0.2.5 'reboot'"}),
		"in the environment":    on(shell, "", action.Values{"env": map[string]any{"TO": "dc1.corp.example.com"}}),
		"said to be read":       on(shell, "", action.Values{"argv": []any{"ssh", "192.0.2.5"}, "effect": "read"}),
		"a secret":              on(shell, "", action.Values{"env": map[string]any{"TO": action.NewSecret("192.0.2.5")}}),
		"an input of a plugin":  on(plugin, "", action.Values{"thing": "Dc1.corp.example.com"}),
		"deep in a plugin":      on(plugin, "", action.Values{"options": map[string]any{"ids": []any{"https://192.0.2.5:8443/x"}}}),
		"prose of a plugin":     on(plugin, "", action.Values{"text": "dc1.corp.example.com"}),
		"in base64":             on(plugin, "", action.Values{"body_b64": base64.StdEncoding.EncodeToString([]byte(`{"host": "192.0.2.5"}`))}),
		"path of a description": on(isolate, "console", nil),
		"blocked":               on(blocks, "", values("192.0.2.5")),
		"blocked by a network":  on(blocks, "", values("192.0.2.0/24")),
		"blocked by a domain":   on(blocks, "", values("corp.example.com")),
		"blocked as reported":   on(blocks, "", values("hxxps://dc1[.]corp[.]example[.]com/login")),
	} {
		_, hits, _ := g.Check(t.Context(), u, nil, now, true)
		require.NotEmpty(t, hits, name)
	}
}

// TestOthersAreNotProtected: what only looks like it, what reads, what tells
// people, and an account in a directory that runs on a protected machine.
func TestOthersAreNotProtected(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Targets: []string{"dc1"}, Hosts: []string{"dc1.corp.example.com", "192.0.2.5"}, Accounts: []string{"breakglass@example.com"}}}})
	get := shell
	get.Inputs = []action.Field{{Name: "url"}, {Name: "effect"}}
	tells := action.Spec{Name: "notify.email", Effect: action.Irreversible, Traits: []action.Trait{action.TellsPeople}, Inputs: []action.Field{{Name: "to"}, {Name: "body"}}}
	for name, u := range map[string]guard.Use{
		"another machine":     on(isolate, "web1", nil),
		"a directory's entry": on(disable, "directory", action.Values{"account": "alice", "reason": "seen on dc1.corp.example.com"}),
		"another domain":      on(disable, "directory", action.Values{"account": "breakglass@other.example.org"}),
		"a longer name":       on(shell, "", action.Values{"argv": []any{"ssh", "dc10.corp.example.com"}}),
		"reading":             on(get, "", action.Values{"url": "https://192.0.2.5/", "effect": "read"}),
		"mail":                on(tells, "", action.Values{"to": []any{"breakglass@example.com"}, "body": "192.0.2.5"}),
		"a parent's machine":  on(shell, "", action.Values{"via": map[string]any{"ssh": "elsewhere.example.com"}}),
		"blocking elsewhere":  on(blocks, "", action.Values{"values": []any{"203.0.113.66", "evil.example.net", "192.0.3.0/24"}}),
	} {
		_, hits, _ := g.Check(t.Context(), u, nil, now, false)
		require.Empty(t, hits, name)
	}
}

// TestAProtectedAccountIsTheSameInEveryForm holds accounts as directories, mail
// and Windows write them against a list with and without a domain.
func TestAProtectedAccountIsTheSameInEveryForm(t *testing.T) {
	for _, item := range []string{"breakglass", "BreakGlass", "breakglass@example.com", `CORP\breakglass`} {
		g := company(guard.Rules{Protected: []guard.Entry{{Accounts: []string{item}, Roles: []string{"commander"}, Why: "the way in when all else fails", At: "acme.yaml, line 12"}}})
		for _, name := range []string{
			"breakglass", "BREAKGLASS", "breakglass@example.com", "Breakglass@EXAMPLE.com.", `CORP\breakglass`, `corp.example.com\BreakGlass`, " breakglass ",
			"breakglass+now@example.com", "uid=breakglass,ou=people,dc=example,dc=com", "CN=BreakGlass", "mailto:breakglass@example.com", "<breakglass@example.com>", "ｂreakglass",
		} {
			_, hits, _ := g.Check(t.Context(), on(disable, "directory", action.Values{"account": name}), nil, now, false)
			require.Len(t, hits, 1, "%s, %s", item, name)
			require.Equal(t, []string{"commander"}, hits[0].Roles)
			require.Contains(t, hits[0].Text, "is protected: the way in when all else fails (acme.yaml, line 12)")
		}
		for name, with := range map[string]action.Values{
			"command": {"argv": []any{"passwd", "-l", "breakglass"}}, "shell": {"shell": `net user "breakglass" /active:no`}, "JSON": {"shell": `curl -d '{"id":"breakglass@example.com"}' x`},
		} {
			_, hits, _ := g.Check(t.Context(), on(shell, "", with), nil, now, false)
			require.Len(t, hits, 1, name)
		}
	}
}

// TestOneSystemUnderTwoNamesIsProtectedOnce: targets with one description, and
// a directory whose URL is written otherwise.
func TestOneSystemUnderTwoNamesIsProtectedOnce(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Targets: []string{"console-b", "directory"}}}})
	for target, spec := range map[string]action.Spec{"console-b": isolate, "console-c": isolate, "directory": disable, "staff": disable} {
		_, hits, _ := g.Check(t.Context(), on(spec, target, action.Values{"account": "alice"}), nil, now, false)
		require.Len(t, hits, 1, target)
	}
	_, hits, _ := g.Check(t.Context(), on(isolate, "console", nil), nil, now, false)
	require.Empty(t, hits)
	// The same system spoken to in another manner, and by its address alone.
	before := g.Target
	g.Target = func(name, noun string) (guard.Target, bool) {
		if name == "alias" {
			return guard.Target{Name: name, Type: "http", Config: map[string]any{"base_url": "https://EDR.example.net/.", "timeout": "29s", "isolate": map[string]any{"path": "/devices/7/isolate"}}}, true
		}
		return before(name, noun)
	}
	_, hits, _ = g.Check(t.Context(), on(isolate, "alias", nil), nil, now, false)
	require.Len(t, hits, 1)
	_, hits, _ = g.Check(t.Context(), on(shell, "", action.Values{"argv": []any{"touch", "x"}, "via": action.Values{"ssh": "edr.example.net"}}), nil, now, false)
	require.Len(t, hits, 1, "a command on the machine of a protected target")
	_, hits, _ = g.Check(t.Context(), on(shell, "", action.Values{"argv": []any{"touch", "x"}}), nil, now, false)
	require.Empty(t, hits, "a command here")
}

// TestWordsAreReadAsProgramsReadThem: what stands for itself in URLs, JSON and names
// of shares, and beside the letter of an option.
func TestWordsAreReadAsProgramsReadThem(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Hosts: []string{"dc1.corp.example.com", "192.0.2.5"}, Accounts: []string{"breakglass@example.com"}}}})
	for _, text := range []string{
		`\\\\dc1.corp.example.com\\c$`, `-hdc1.corp.example.com`, `dc1%2Ecorp%2Eexample.com`, `https://x/192%2E0%2E2%2E5/off`, `breakglass%40example.com`,
		`{"host":"dc1\u002ecorp.example.com"}`, `say\ndc1.corp.example.com`, `dc1.corp.example.com!`, `~breakglass`,
		`192.0.2.1-192.0.2.9`, `192.0.2.1-9`, `192.0.2.5-6`, `dc1&#46;corp.example.com`,
	} {
		_, hits, _ := g.Check(t.Context(), on(shell, "", action.Values{"argv": []any{"tool", text}}), nil, now, false)
		require.Len(t, hits, 1, text)
	}
	_, hits, _ := g.Check(t.Context(), on(shell, "", action.Values{"argv": []any{"tool", "192.0.2.6-9", "192.0.2.1-4"}}), nil, now, false)
	require.Empty(t, hits)
}

// TestWhatCannotBeLookedUpMayBeProtected: a resolver that does not answer is no
// "no", and is not asked for each of a hundred names.
func TestWhatCannotBeLookedUpMayBeProtected(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Hosts: []string{"dc1.corp.example.com"}}}})
	asked := 0
	g.Lookup = &guard.Lookup{Find: func(context.Context, string, string) ([]netip.Addr, error) {
		asked++
		return nil, errors.New("server misbehaving")
	}}
	for range 3 {
		_, hits, _ := g.Check(t.Context(), on(isolate, "web1", nil), nil, now, false)
		require.Len(t, hits, 1)
		require.True(t, hits[0].Anybody && hits[0].Retry)
		require.Contains(t, hits[0].Text, "may be dc1.corp.example.com, which is protected: its addresses could not be looked up")
	}
	require.Equal(t, 1, asked)
}

// TestYourOwnMachineIsNotCutOff by default, by whatever name.
func TestYourOwnMachineIsNotCutOff(t *testing.T) {
	g := company(guard.Rules{})
	own := isolate
	own.Traits = []action.Trait{action.CutsOff}
	for _, config := range []map[string]any{{}, {"via": map[string]any{"ssh": "localhost"}}, {"via": map[string]any{"ssh": "root@127.1"}}} {
		g.Target = func(name, _ string) (guard.Target, bool) {
			return guard.Target{Name: name, Type: "nftables", Config: config}, true
		}
		_, hits, _ := g.Check(t.Context(), on(own, "here", nil), nil, now, false)
		require.Len(t, hits, 1, "%v", config)
		_, hits, _ = g.Check(t.Context(), on(isolate, "here", nil), nil, now, false)
		require.Empty(t, hits, "what does not cut off")
	}
	g.Target = func(name, _ string) (guard.Target, bool) {
		return guard.Target{Name: name, Type: "http", Config: map[string]any{"base_url": "http://127.0.0.1:8080"}}, true
	}
	_, hits, _ := g.Check(t.Context(), on(own, "door", nil), nil, now, false)
	require.Empty(t, hits, "it is asked of this machine and cuts off another one")
}

// TestLimitsCountEachOnce: by whatever name a machine or account goes, over the
// run, and over an hour with what other runs have touched.
func TestLimitsCountEachOnce(t *testing.T) {
	g := company(guard.Rules{Limits: []guard.Limit{{Of: action.Machine, Run: 2, At: "acme.yaml, line 3"}, {Of: action.Account, Hour: 3, At: "acme.yaml, line 4"}}})
	var released int
	g.Others = func(since time.Time) (map[string]time.Time, func(), error) {
		require.Equal(t, now.Add(-time.Hour), since)
		return map[string]time.Time{"account mallory": now.Add(-time.Minute)}, func() { released++ }, nil
	}
	touched := map[string]time.Time{"account erin": now.Add(-2 * time.Hour)}
	do := func(u guard.Use) []guard.Hit {
		keys, hits, release := g.Check(t.Context(), u, touched, now, false)
		release()
		for _, key := range keys {
			if len(hits) == 0 {
				touched[key] = now
			}
		}
		return hits
	}
	account := func(name string) guard.Use { return on(disable, "directory", action.Values{"account": name}) }
	require.Empty(t, do(on(isolate, "dc1", nil)))
	require.Empty(t, do(on(isolate, "printer", nil)), "the same machine")
	require.Empty(t, do(on(isolate, "web1", nil)))
	require.Equal(t, "it would be number 3 of the machines touched in this run, and the limit is 2 (acme.yaml, line 3)", do(on(isolate, "console-b", nil))[0].Text)
	require.Empty(t, do(account("alice")))
	require.Empty(t, do(account("ALICE")), "the same account")
	require.Empty(t, do(account("bob")))
	require.Len(t, do(account("carol")), 1)
	require.Empty(t, do(account("bob")), "once more")
	require.Positive(t, released)
	_, hits, _ := g.Check(t.Context(), account("carol"), touched, now, true)
	require.Len(t, hits, 1, "an undo that touches what the run had not")
	_, hits, _ = g.Check(t.Context(), account("bob"), touched, now, true)
	require.Empty(t, hits, "no limit holds a way back")
	g.Others = func(time.Time) (map[string]time.Time, func(), error) {
		return nil, nil, errors.New("run X cannot be read")
	}
	require.Contains(t, do(account("carol"))[0].Text, "cannot be counted: run X cannot be read")
}

// TestWithoutNamesAddressesTell: while no resolver answers, a name with an address
// beside it is known by that, this machine knows its own, and who is asked of a
// doubt is asked of all at once.
func TestWithoutNamesAddressesTell(t *testing.T) {
	beside := guard.Rules{Protected: []guard.Entry{
		{Hosts: []string{"dc1.corp.example.com", "192.0.2.5"}}, {Hosts: []string{"dc2.corp.example.com", "192.0.2.6"}},
	}}
	alone := guard.Rules{Protected: []guard.Entry{{Hosts: []string{"dc1.corp.example.com"}}, {Hosts: []string{"dc2.corp.example.com"}}}}
	post := shell
	post.Inputs = []action.Field{{Name: "url"}}
	for _, c := range []struct {
		name  string
		rules guard.Rules
		use   guard.Use
		hits  int
	}{
		{"a command here", beside, on(shell, "", action.Values{"argv": []any{"true"}}), 0},
		{"a request to this machine", beside, on(post, "", action.Values{"url": "http://127.0.0.1:8080/"}), 0},
		{"localhost", beside, on(post, "", action.Values{"url": "http://localhost:8080/"}), 0},
		{"an address", beside, on(isolate, "web1", nil), 0},
		{"the address", beside, on(isolate, "printer", nil), 1},
		{"a name", beside, on(isolate, "by-alias", nil), 1},
		{"a network that is blocked", beside, on(blocks, "", action.Values{"values": []any{"203.0.113.0/24"}}), 0},
		{"two names alone, one question", alone, on(shell, "", action.Values{"argv": []any{"true"}}), 1},
		{"more names than addresses", guard.Rules{Protected: []guard.Entry{{Hosts: []string{"dc1.corp.example.com", "dc2.corp.example.com", "192.0.2.6"}}}}, on(isolate, "web1", nil), 1},
	} {
		g := company(c.rules)
		g.Lookup = &guard.Lookup{Find: func(context.Context, string, string) ([]netip.Addr, error) {
			return nil, errors.New("server misbehaving")
		}}
		_, hits, _ := g.Check(t.Context(), c.use, nil, now, false)
		require.Len(t, hits, c.hits, "%s: %v", c.name, hits)
	}
}

// TestAMachineOfAListingIsItsNameToo although its target is reached by the address.
func TestAMachineOfAListingIsItsNameToo(t *testing.T) {
	for _, item := range []string{"dc9.corp.example.com", "203.0.113.1"} {
		g := company(guard.Rules{Protected: []guard.Entry{{Hosts: []string{item}}}})
		g.Target = func(name, _ string) (guard.Target, bool) {
			return guard.Target{Name: name, Type: "command", Hosts: []string{"dc9.corp.example.com", "203.0.113.1"}}, true
		}
		_, hits, _ := g.Check(t.Context(), on(isolate, "loc:dc9", nil), nil, now, false)
		require.Len(t, hits, 1, item)
	}
}

// TestWhatIsBlockedMeansWhatItBlocks: a domain all below it, a page itself alone, and
// a sender the account with its domain.
func TestWhatIsBlockedMeansWhatItBlocks(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Hosts: []string{"*.pki.example.com", "www.example.com"}, Accounts: []string{"admin", "boss@example.com"}}}})
	for text, hit := range map[string]int{
		"pki.example.com": 1, "http://pki.example.com/": 1, "example.com": 1, "a.pki.example.com": 1, "http://www.example.com/x": 1, "boss@example.com": 1,
		"http://example.com/phish.html": 0, "admin@evil.example.net": 0, "boss@evil.example.net": 0, "evil.example.net": 0,
	} {
		_, hits, _ := g.Check(t.Context(), on(blocks, "", action.Values{"values": []any{text}}), nil, now, false)
		require.Len(t, hits, hit, text)
	}
}

// TestSeveralAccountsInOneTextAreEachHeldAndCounted: a command may take them apart.
func TestSeveralAccountsInOneTextAreEachHeldAndCounted(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Accounts: []string{"alice"}}}, Limits: []guard.Limit{{Of: action.Account, Run: 9}}})
	check := func(text string) ([]string, []guard.Hit) {
		keys, hits, _ := g.Check(t.Context(), on(disable, "directory", action.Values{"account": text}), nil, now, false)
		return keys, hits
	}
	for _, sep := range []string{",", ";", " ", "\n", "\t", "|", "&", "` OR `", ",ou=", ") (", "?", "#", ":", "*", "/", "\\"} {
		for _, text := range []string{"carol" + sep + "alice", "dave " + sep + " alice"} {
			_, hits := check(text)
			require.Len(t, hits, 1, text)
		}
	}
	for text, n := range map[string]int{"carol,dave": 2, "carol;dave\nerin": 3, "Alice Archer": 1, "cn=carol,ou=people,dc=example": 1, "carol@example.com": 1} {
		keys, _ := check(text)
		require.Len(t, keys, n, text)
	}
	_, hits := check("uid=carol,ou=alice,dc=example")
	require.Empty(t, hits, "a unit of a directory")
}

// TestWhatIsGivenAnAccountIsHeldWhateverItClaims to be: an action from elsewhere says of
// itself that it only adds.
func TestWhatIsGivenAnAccountIsHeldWhateverItClaims(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Accounts: []string{"breakglass"}, Hosts: []string{"192.0.2.5"}}}})
	for _, trait := range []action.Trait{action.OnlyAdds, action.TellsPeople, action.KeepsEvidence} {
		for input, value := range map[string]string{"account": "breakglass", "user": "breakglass", "host": "192.0.2.5"} {
			lock := action.Spec{Name: "vendor.lock", Effect: action.Change, Traits: []action.Trait{trait}, Inputs: []action.Field{{Name: input}, {Name: "text"}}}
			_, hits, _ := g.Check(t.Context(), on(lock, "", action.Values{input: value}), nil, now, false)
			require.Len(t, hits, 1, "%s, %s", trait, input)
			_, hits, _ = g.Check(t.Context(), on(lock, "", action.Values{"text": value}), nil, now, false)
			require.Empty(t, hits, "%s says it", trait)
		}
	}
}

// TestWhereAProxyLeadsIsUnsure: a command that is not told the name, and an address of
// loopback behind a jump.
func TestWhereAProxyLeadsIsUnsure(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Hosts: []string{"192.0.2.5"}}}})
	for text, n := range map[string]int{
		"HostName 198.51.100.9\nProxyCommand nc 192.0.2.5 22":      1,
		"HostName 127.0.0.1\nProxyJump dc1":                        1,
		"HostName 127.0.0.1\nProxyCommand ssh -W %h:%p dc1":        1,
		"HostName 198.51.100.9\nProxyJump jump.example.com":        0,
		"HostName 198.51.100.9\nProxyCommand ssh -W %h:%p jump":    0,
		"HostName 198.51.100.9\nProxyCommand none\nProxyJump none": 0,
	} {
		config := filepath.Join(t.TempDir(), "config")
		require.NoError(t, os.WriteFile(config, []byte("Host alias\n"+text+"\n"), 0o600))
		_, hits, _ := g.Check(t.Context(), on(shell, "", action.Values{"argv": []any{"x"}, "via": map[string]any{"ssh": "alias", "config": config}}), nil, now, false)
		require.Len(t, hits, n, text)
	}
}
