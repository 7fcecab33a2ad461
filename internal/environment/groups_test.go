package environment_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
)

// grouped is an environment in a folder with these files.
func grouped(t *testing.T, from string, files map[string]string) *environment.Environment {
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755))
	}
	src := `irctl: v1
kind: environment
name: acme
targets:
  dc1: {type: nftables, zone: office, labels: {role: dc}, config: {via: {ssh: dc1.example.com}}}
hosts:
  - group: web
    from: ` + from + `
    labels: {role: front}
    target: {type: nftables, zone: dmz, config: {via: {ssh: '{host}', sudo: true}, probe: ['{name}:443']}}
`
	env, ds := environment.Parse(filepath.Join(dir, "acme.yaml"), []byte(src))
	require.False(t, ds.HasErrors(), "%v", ds)
	return env
}

// TestGroupsOfMachinesAreListedWhereTheyAreKnown: in the file, as a network, in
// another file, by a program, by Ansible.
func TestGroupsOfMachinesAreListedWhereTheyAreKnown(t *testing.T) {
	inventory := `{"_meta": {"hostvars": {"web1": {"ansible_host": "192.0.2.1"}}}, "front": {"hosts": ["web1"], "children": ["more"]}, "more": {"hosts": ["web2"], "children": ["front"]}}`
	files := map[string]string{
		"web.txt": "# front\nweb2 192.0.2.2\n\nweb1.example.com  # the old one\n", "inventory.json": inventory,
		"list.sh": "#!/bin/sh\necho web1 192.0.2.1\necho web2\n",
	}
	for from, want := range map[string][]string{
		"192.0.2.0/30":                           {"web:192.0.2.1 192.0.2.1", "web:192.0.2.2 192.0.2.2"},
		"192.0.2.0/31":                           {"web:192.0.2.0 192.0.2.0", "web:192.0.2.1 192.0.2.1"},
		"'2001:db8::/127'":                       {"web:2001:db8:: 2001:db8::", "web:2001:db8::1 2001:db8::1"},
		"[web2, web1, web2, 192.0.2.9]":          {"web:192.0.2.9 192.0.2.9", "web:web1 web1", "web:web2 web2"},
		"{file: web.txt}":                        {"web:web1.example.com web1.example.com", "web:web2 192.0.2.2"},
		"{command: [./list.sh]}":                 {"web:web1 192.0.2.1", "web:web2 web2"},
		"{inventory: inventory.json, of: front}": {"web:web1 192.0.2.1", "web:web2 web2"},
	} {
		env := grouped(t, from, files)
		list, err := env.Gather(t.Context(), true)
		require.NoError(t, err, from)
		env = env.With(list)
		var got []string
		for _, target := range env.Targets[1:] {
			via := env.Described(target.Name)["via"].(string)
			got = append(got, target.Name+" "+strings.TrimSuffix(strings.TrimPrefix(via, "{ssh: "), ", sudo: true}"))
		}
		require.Equal(t, want, got, from)
	}
}

// TestMachinesThatCannotBeListedAreAnError and never fewer machines.
func TestMachinesThatCannotBeListedAreAnError(t *testing.T) {
	files := map[string]string{"empty.txt": "# nobody\n", "odd.txt": "web1\n-oProxyCommand=x\n", "bad.json": "[]", "other.json": `{"all": {"hosts": []}}`, "fails.sh": "#!/bin/sh\necho web1\nexit 3\n",
		"long.txt": "web1\n" + strings.Repeat("x", 70000), "twice.txt": "web1 192.0.2.1\nweb2\nweb1 192.0.2.9\n",
		"floods.sh": "#!/bin/sh\nyes web1.example.com | head -c 5000000\n",
	}
	for from, want := range map[string]string{
		"{file: empty.txt}":              "it has no machines",
		"{file: gone.txt}":               "no such file",
		"{file: odd.txt}":                "odd.txt, line 2, `-oProxyCommand=x`, is no machine",
		"{file: long.txt}":               "long.txt, line 2 has 70000 bytes, and the limit is 4096",
		"{file: twice.txt}":              "web1 is named twice, as 192.0.2.1 in twice.txt, line 1 and as 192.0.2.9 in twice.txt, line 3",
		"{command: [./floods.sh]}":       "printed more than 4 MiB",
		"{inventory: bad.json}":          "not what ansible-inventory --list prints",
		"{inventory: other.json}":        "the inventory has no group web",
		"{command: [./fails.sh]}":        "",
		"[10.0.0.0/19, 10.1.0.0/19]":     "more than 10000 machines",
		"{command: [no-such-program-x]}": "",
	} {
		_, err := grouped(t, from, files).Gather(t.Context(), true)
		require.ErrorContains(t, err, "the machines of the group web are not known", from)
		require.ErrorContains(t, err, want, from)
	}
	list, err := grouped(t, "{command: [./fails.sh]}", files).Gather(t.Context(), false)
	require.NoError(t, err)
	require.Empty(t, list, "nothing is run")
}

// TestALongListIsReadToItsEnd: what a program prints beyond the usual is no fewer
// machines.
func TestALongListIsReadToItsEnd(t *testing.T) {
	env := grouped(t, "{command: [./list.sh]}", map[string]string{"list.sh": "#!/bin/sh\nseq -f web%05g.example.com 1 9000\n"})
	list, err := env.Gather(t.Context(), true)
	require.NoError(t, err)
	require.Len(t, list["web"], 9000)
}

// TestAProtectedGroupIsAllOfItsMachines.
func TestAProtectedGroupIsAllOfItsMachines(t *testing.T) {
	env, ds := environment.Parse("acme.yaml", []byte(`irctl: v1
kind: environment
name: acme
hosts: {group: dc, from: [dc1, dc2], target: {type: nftables, config: {via: {ssh: '{host}'}}}}
protected: [{targets: [dc]}]
`))
	require.False(t, ds.HasErrors(), "%v", ds)
	list, err := env.Gather(t.Context(), true)
	require.NoError(t, err)
	env = env.With(list)
	require.Equal(t, []string{"dc", "dc:dc1", "dc:dc2"}, env.Rules().Protected[0].Targets)
	guarded, _ := env.Guarded("dc:dc1", "host")
	require.Equal(t, []string{"dc1", "dc1"}, guarded.Hosts)
}

// TestTargetsAreSelectedByTheirLabels.
func TestTargetsAreSelectedByTheirLabels(t *testing.T) {
	env := grouped(t, "[web2, web1]", nil)
	list, err := env.Gather(t.Context(), true)
	require.NoError(t, err)
	text, err := list.Encode()
	require.NoError(t, err)
	list, err = environment.ReadListing(text)
	require.NoError(t, err)
	env = env.With(list)
	for selector, want := range map[string][]string{
		"group:web": {"web:web1", "web:web2"}, "zone=dmz,role=front": {"web:web1", "web:web2"}, "role=dc": {"dc1"}, "type=nftables": {"dc1", "web:web1", "web:web2"}, "group!=web": {"dc1"}, "name=dc1": {"dc1"},
	} {
		got, err := env.Select(selector)
		require.NoError(t, err)
		require.Equal(t, want, got, selector)
	}
	_, err = env.Select("zone=dmzz")
	require.EqualError(t, err, "no target of the environment acme is `zone=dmzz`", "a loop over nothing would look like one that is done")
}
