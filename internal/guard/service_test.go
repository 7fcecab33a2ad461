package guard_test

import (
	"context"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// tenants is an environment whose targets are of the type of a connector with a
// default URL.
func tenants(rules guard.Rules) (*guard.Guard, []action.TargetType) {
	targets := map[string]map[string]any{
		"one":     {"tenant": "one", "secret": action.NewSecret("x")},
		"one-too": {"tenant": "one", "secret": action.NewSecret("y"), "url": "https://API.vendor.example.net:443/v1/"},
		"two":     {"tenant": "two", "secret": action.NewSecret("x")},
	}
	g := company(rules)
	before := g.Target
	g.Target = func(name, noun string) (guard.Target, bool) {
		if config, ok := targets[name]; ok {
			return guard.Target{Name: name, Type: "vendor", Config: config}, true
		}
		return before(name, noun)
	}
	return g, []action.TargetType{{
		Name: "vendor", Service: true, At: "${{ config.url }}",
		Fields: []action.Field{{Name: "url", Default: "https://api.vendor.example.net/v1"}, {Name: "tenant"}, {Name: "secret", Secret: true}},
	}}
}

// TestDefaultsOfAConnectorTellItsTargetsApart: without an address in its config a
// target of a connector is where its type says, and not this machine; one tenant
// is not another, and is itself with the default written out.
func TestDefaultsOfAConnectorTellItsTargetsApart(t *testing.T) {
	g, types := tenants(guard.Rules{Protected: []guard.Entry{{Targets: []string{"one"}}}})
	locks, cuts := disable, isolate
	locks.Targets, cuts.Targets, cuts.Traits = types, types, []action.Trait{action.CutsOff}
	for target, refused := range map[string]int{"one": 1, "one-too": 1, "two": 0} {
		for _, spec := range []action.Spec{locks, cuts} {
			_, hits, _ := g.Check(t.Context(), on(spec, target, action.Values{"account": "alice"}), nil, now, false)
			require.Len(t, hits, refused, "%s on %s", spec.Name, target)
		}
	}
	_, hits, _ := g.Check(t.Context(), on(shell, "", action.Values{"argv": []any{"touch", "x"}}), nil, now, false)
	require.Empty(t, hits, "a command here is none on the service")
}

// TestAnAccountOfAServiceOnAProtectedMachineIsNotTheMachine: as one in a directory is
// not. The account itself is protected.
func TestAnAccountOfAServiceOnAProtectedMachineIsNotTheMachine(t *testing.T) {
	g, types := tenants(guard.Rules{Protected: []guard.Entry{{Hosts: []string{"api.vendor.example.net"}, Accounts: []string{"breakglass"}}}})
	locks := disable
	locks.Targets = types
	for account, refused := range map[string]int{"alice": 0, `CORP\breakglass`: 1} {
		_, hits, _ := g.Check(t.Context(), on(locks, "one", action.Values{"account": account}), nil, now, false)
		require.Len(t, hits, refused, account)
	}
}

// TestTheAccountOfAProtectedMachineIsProtected: a domain controller whose account is
// disabled is none any more.
func TestTheAccountOfAProtectedMachineIsProtected(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Hosts: []string{"dc1.corp.example.com"}}}})
	for _, account := range []string{"DC1$", `CORP\dc1$`, "dc1$@corp.example.com"} {
		_, hits, _ := g.Check(t.Context(), on(disable, "staff", action.Values{"account": account}), nil, now, false)
		require.Len(t, hits, 1, account)
	}
	_, hits, _ := g.Check(t.Context(), on(disable, "staff", action.Values{"account": "dc1"}), nil, now, false)
	require.Empty(t, hits)
}

// TestACommandNamesAProtectedMachineByItsAddress that only its name stands for in the
// list, and by its name without the domain.
func TestACommandNamesAProtectedMachineByItsAddress(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Hosts: []string{"dc1.corp.example.com"}}}})
	find := g.Lookup.Find
	g.Lookup.Find = func(ctx context.Context, network, host string) ([]netip.Addr, error) {
		if host == "dc1" {
			host = "dc1.corp.example.com"
		}
		return find(ctx, network, host)
	}
	for _, to := range []string{"192.0.2.5", "root@192.0.2.5", "dc1", "192.0.2.0/24"} {
		_, hits, _ := g.Check(t.Context(), on(shell, "", action.Values{"argv": []any{"ssh", to, "reboot"}}), nil, now, false)
		require.Len(t, hits, 1, to)
	}
}

// TestLocalhostIsThisMachineByItsOtherAddresses in both directions.
func TestLocalhostIsThisMachineByItsOtherAddresses(t *testing.T) {
	for _, own := range host.Own() {
		if own.IsLoopback() || own.IsLinkLocalUnicast() {
			continue
		}
		for _, name := range []string{"127.0.0.1", "::1", "0.0.0.0", "127.1", "::ffff:127.0.0.1"} {
			for item, to := range map[string]string{own.String(): name, name: own.String()} {
				g := company(guard.Rules{Protected: []guard.Entry{{Hosts: []string{item}}}})
				_, hits, _ := g.Check(t.Context(), on(shell, "", action.Values{"argv": []any{"x"}, "via": map[string]any{"ssh": to}}), nil, now, false)
				require.Len(t, hits, 1, "%s for %s", to, item)
			}
		}
	}
}

// TestWhereSSHDoesNotSayItLeadsMayBeProtected: a configuration that cannot be read is
// no "elsewhere".
func TestWhereSSHDoesNotSayItLeadsMayBeProtected(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Hosts: []string{"192.0.2.5"}}}})
	u := on(shell, "", action.Values{"argv": []any{"x"}, "via": map[string]any{"ssh": "elsewhere.example.com", "config": t.TempDir() + "/gone"}})
	_, hits, _ := g.Check(t.Context(), u, nil, now, false)
	require.Len(t, hits, 1)
	require.True(t, hits[0].Retry)
}

// TestWhoIrctlSignsInAsIsNotTouched, nor where a service is asked about an account.
func TestWhoIrctlSignsInAsIsNotTouched(t *testing.T) {
	g := company(guard.Rules{Protected: []guard.Entry{{Accounts: []string{"svc-irctl"}, Hosts: []string{"idp.example.net"}}}})
	config := map[string]any{
		"base_url": "https://idp.example.net", "user": "svc-irctl", "via": map[string]any{"user": "svc-irctl"},
		"auth": map[string]any{"basic": map[string]any{"user": "svc-irctl"}}, "disable": map[string]any{"path": "/users/{account}"},
	}
	g.Target = func(name, _ string) (guard.Target, bool) {
		return guard.Target{Name: name, Type: "http", Config: config}, true
	}
	_, hits, _ := g.Check(t.Context(), on(disable, "idp", action.Values{"account": "carol"}), nil, now, false)
	require.Empty(t, hits)
	_, hits, _ = g.Check(t.Context(), on(shell, "", action.Values{"argv": []any{"true"}, "via": map[string]any{"ssh": "198.51.100.1", "user": "svc-irctl"}}), nil, now, false)
	require.Empty(t, hits)
	config["disable"] = map[string]any{"path": "/users/svc-irctl"}
	_, hits, _ = g.Check(t.Context(), on(disable, "idp", action.Values{"account": "carol"}), nil, now, false)
	require.Len(t, hits, 1)
}
