package environment_test

import (
	"bytes"
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/pkg/action"
)

const strict = `irctl: v1
kind: policy
allow: {loopback: false, link_local: false, networks: [10.0.0.0/8, 192.0.2.0/24]}
approvals:
  - {roles: [commander], need: 2}
  - {not_requester: true}
playbooks:
  signed: required
  trusted: [{name: soc, key: {file: soc.pem}}]
`

func policy(t *testing.T, src string) *environment.Policy {
	t.Helper()
	p, ds := environment.ParsePolicy("/etc/irctl/policy.yaml", []byte(src))
	require.Empty(t, ds)
	return p
}

func environmentOf(t *testing.T, lines string) *environment.Environment {
	t.Helper()
	env, ds := environment.Parse("weak.yaml", []byte("irctl: v1\nkind: environment\nname: weak\n"+lines))
	require.Empty(t, ds)
	return env
}

func TestAnEnvironmentCannotWeakenThePolicy(t *testing.T) {
	weak := environmentOf(t, `allow: {loopback: true, link_local: true, networks: [10.1.0.0/16, 192.0.0.0/16, 198.51.100.0/24]}
playbooks:
  signed: optional
  trusted: [{name: soc, key: {file: mine.pem}}, {name: intruder, key: {file: intruder.pem}}]
`)
	under, ds := weak.Under(policy(t, strict))
	var b bytes.Buffer
	require.NoError(t, ds.Render(&b, map[string][]byte{weak.File: weak.Source}))
	golden(t, filepath.Join("testdata", "policy.out"), b.String())

	// The stricter of both holds, whatever the file says.
	require.Equal(t, action.Allow{Networks: []netip.Prefix{
		netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("192.0.2.0/24"),
	}}, under.Policy())
	require.True(t, under.Playbooks().Signed)
	require.Len(t, under.Playbooks().Trusted, 1)
	require.Equal(t, "file:"+filepath.Join("/etc/irctl", "soc.pem"), under.Playbooks().Trusted[0].Where(), "the policy's key, not the file's own")
	require.Equal(t, [][2]string{
		{"loopback", "not allowed, by /etc/irctl/policy.yaml"},
		{"link-local", "not allowed, by /etc/irctl/policy.yaml"},
		{"networks", "only 10.1.0.0/16, 192.0.2.0/24, by /etc/irctl/policy.yaml"},
		{"signed playbooks", "required, by /etc/irctl/policy.yaml"},
		{"trusted to sign", "soc, by /etc/irctl/policy.yaml"},
		{"approvals", "approvals by commander: 2 persons at least, by /etc/irctl/policy.yaml"},
		{"approvals", "every approval: not whoever started the run, by /etc/irctl/policy.yaml"},
	}, under.Protections())
	require.True(t, weak.Policy().Loopback, "the environment itself does not change")
}

func TestAStricterEnvironmentStays(t *testing.T) {
	env := environmentOf(t, "allow: {networks: [10.1.0.0/16]}\n")
	under, ds := env.Under(policy(t, "irctl: v1\nkind: policy\nallow: {loopback: true, networks: [10.0.0.0/8]}\n"))
	require.Empty(t, ds)
	require.Equal(t, action.Allow{Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}, under.Policy(), "a policy permits, it does not allow by itself")

	under, ds = environmentOf(t, "allow: {networks: [198.51.100.0/24]}\n").Under(policy(t, "irctl: v1\nkind: policy\nallow: {networks: [10.0.0.0/8]}\n"))
	require.True(t, ds.HasErrors())
	require.NotEmpty(t, under.Policy().Networks, "networks that have nothing in common leave none, and none would be all")
	for _, n := range under.Policy().Networks {
		require.False(t, n.Contains(netip.MustParseAddr("198.51.100.1")) || n.Contains(netip.MustParseAddr("10.0.0.1")))
	}
	same, ds := env.Under(nil)
	require.Empty(t, ds)
	require.Equal(t, env, same)
}

func TestApprovalsAreAtLeastWhatThePolicySays(t *testing.T) {
	p := policy(t, strict)
	for _, c := range []struct {
		roles        []string
		need         int
		notRequester bool
		wantNeed     int
	}{
		{[]string{"commander"}, 1, false, 2},
		{[]string{"legal", "commander"}, 3, true, 3},
		{[]string{"legal"}, 1, false, 1},
	} {
		need, notRequester := p.Approval(c.roles, c.need, c.notRequester)
		require.Equal(t, c.wantNeed, need)
		require.True(t, notRequester, "for every role")
	}
	need, notRequester := (*environment.Policy)(nil).Approval([]string{"commander"}, 1, false)
	require.Equal(t, 1, need)
	require.False(t, notRequester)
}

func TestAPolicyWithErrorsIsNone(t *testing.T) {
	for _, src := range []string{
		"", "irctl: v1\nkind: environment\nname: x\n", "irctl: v1\nkind: policy\nalow: {}\n",
		"irctl: v1\nkind: policy\napprovals: [{need: 0}]\n", "irctl: v1\nkind: policy\nplaybooks: {signed: required}\n",
		"irctl: v1\nkind: policy\nallow: {networks: [office]}\n",
	} {
		p, ds := environment.ParsePolicy("policy.yaml", []byte(src))
		require.Nil(t, p, src)
		require.True(t, ds.HasErrors(), src)
	}
}
