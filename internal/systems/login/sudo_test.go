package login

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhomSudoLetsActAsAnAccount: users, and whom they may act as, in the forms
// that cvtsudoers prints.
func TestWhomSudoLetsActAsAnAccount(t *testing.T) {
	const alice, all, notAlice = `{"username": "alice"}`, `{"username": "ALL"}`, `{"username": "alice", "negated": true}`
	const bob, root = `{"username": "bob"}`, `{"username": "root"}`
	as := func(whom ...string) string { return `{"runasusers": [` + strings.Join(whom, ",") + `]}` }
	for _, c := range []struct{ users, specs, want string }{
		{root, as(all), ""},
		{`{"usergroup": "sudo"}`, as(all), "%sudo"},
		{bob, as(alice), "bob"},
		{bob, as(`{"username": "postgres"}`), ""},
		{bob, `{"Commands": [{"command": "ALL"}]}`, ""}, // as root, whom nothing keeps out
		{bob, `{"runasgroups": [{"usergroup": "adm"}]}`, ""},
		{bob, as(all, notAlice), ""},
		{bob, as(notAlice, all), "bob"},
		{bob, as(`{"userid": 1001}`), "bob"},
		{bob, as(`{"userid": 1002}`), ""},
		{bob, as(`{"usergroup": "staff"}`), "bob"}, // of which alice may be one
		{alice, as(all), ""},
		{all, as(alice), "ALL"},
		{bob + `, {"username": "carol", "negated": true}, {"netgroup": "ops"}`, as(root) + "," + as(alice), "bob, +ops"},
	} {
		text := `{"Defaults": [], "User_Specs": [{"User_List": [` + c.users + `], "Host_List": [], "Cmnd_Specs": [` + c.specs + `]}]}`
		names, ok := mayActAs(text, user{"alice", 1001, "/"})
		require.True(t, ok, text)
		require.Equal(t, c.want, strings.Join(names, ", "), text)
	}
	for text, want := range map[string]bool{"": true, "cvtsudoers: syntax error": false} {
		_, ok := mayActAs(text, user{})
		require.Equal(t, want, ok, text)
	}
}
