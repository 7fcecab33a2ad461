package website

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/action"
)

func TestReadUpstreams(t *testing.T) {
	const text = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight
3 portal 1 web1 192.0.2.1 2 0 1
3 portal 2 web2 192.0.2.2 0 5 1
3 portal 3 web3 - 2 8 1
3 portal 4 web4 192.0.2.4 0 1 1
3 portal 5 tracks 192.0.2.5 0 2 1
3 portal 6 broken 192.0.2.6 0 x 1
3 portal

`
	require.Equal(t, map[string]upstream{
		"portal/web1": {state: ready}, "portal/web2": {state: maint, disabled: true}, "portal/web3": {state: drain},
		"portal/web4": {state: maint}, "portal/tracks": {state: ready},
	}, readUpstreams(text))
	require.Empty(t, readUpstreams("Can't find backend.\n\n"))
}

func TestWhatIsDue(t *testing.T) {
	servers := map[string]upstream{"a/1": {state: ready}, "a/2": {state: maint, disabled: true}, "a/3": {state: drain}, "a/4": {state: maint}}
	s := &haproxy{call: &call{suspend: true}, servers: servers}
	require.Equal(t, map[string]string{"a/1": maint, "a/3": maint}, s.due())
	s.call = &call{}
	require.Equal(t, map[string]string{"a/4": ready}, s.due())
	require.Equal(t, "in service, with 2 of 4 servers in maintenance", s.current())
}

func TestNamesThatCannotBeCommands(t *testing.T) {
	check := byHAProxy(true, following).Target().Check
	require.Empty(t, check(action.Values{"check_url": "https://www.example.com/", "servers": []any{"portal", "api/web-1.a"}}))
	require.Equal(t, []action.Problem{
		{Input: "servers", Message: `holds "portal/web1;disable frontend x", which is neither a backend nor backend/server`},
		{Input: "servers", Message: `holds "a/b/c", which is neither a backend nor backend/server`},
	}, check(action.Values{"check_url": "https://www.example.com/", "servers": []any{"portal/web1;disable frontend x", "a/b/c"}}))
}
