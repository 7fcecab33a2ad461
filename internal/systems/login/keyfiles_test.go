package login

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// made makes the public key of a new private key.
func made(t *testing.T) key {
	private, err := new(Keys).Make(0)
	require.NoError(t, err)
	k, err := publicOf(private)
	require.NoError(t, err)
	return k
}

func TestOneKeyTakesThePlaceOfAll(t *testing.T) {
	first, second, mine := made(t), made(t), made(t)
	line := func(k key, why string) string { return k.bare(why) }
	text := "# by hand\n" + `from="192.0.2.1",command="echo a, b" ` + line(first, "first") + "\nnot a key\n" + line(second, "second")
	after, here := replaced(text, mine, "alice", false)
	require.True(t, here)
	require.Equal(t, "# by hand\n"+`from="192.0.2.1",command="echo a, b" `+line(mine, "alice")+"\nnot a key\n", after)
	again, here := replaced(after, mine, "alice", false)
	require.True(t, here)
	require.Equal(t, after, again, "twice is harmless")
	elsewhere, here := replaced(text, mine, "alice", true)
	require.False(t, here)
	require.Equal(t, "# by hand\n\nnot a key\n", elsewhere)
}

func TestKeysOfAFile(t *testing.T) {
	first, second := made(t), made(t)
	text := "# " + first.bare("commented") + "no-pty " + first.bare("one") + "garbage\n" + first.bare("again") + strings.TrimSuffix(second.bare("last"), "\n")
	require.Equal(t, []key{first, second}, keysIn(text))
	require.Equal(t, second.bare("last"), only(text, set([]key{second})))
	require.Equal(t, "# "+first.bare("commented")+"garbage\n", without(text, set([]key{first, second})))
	require.Equal(t, text+"\nmore\n", with(text, "more\n"))
	require.Equal(t, text, with(text, ""))
}

func TestReadServer(t *testing.T) {
	s, hostKeys := readServer(`port 22
listenaddress [::]:2222
listenaddress 0.0.0.0:2222
hostkey /etc/ssh/ssh_host_rsa_key
authorizedkeysfile .ssh/authorized_keys /etc/keys/%u %h/more%%
revokedkeys /etc/ssh/revoked keys
authorizedkeyscommand none
trustedusercakeys /etc/ssh/ca.pub
`, "alice", "/home/alice")
	require.Equal(t, server{
		authorized: []string{"/home/alice/.ssh/authorized_keys", "/etc/keys/alice", "/home/alice/more%"},
		revoked:    "/etc/ssh/revoked keys", address: "127.0.0.1:2222", ways: map[string]string{"trustedusercakeys": "/etc/ssh/ca.pub"},
	}, s)
	require.Equal(t, []string{"/etc/ssh/ssh_host_rsa_key"}, hostKeys)
	h, err := host.Open(host.Via{}, action.Allow{})
	require.NoError(t, err)
	require.Len(t, (&Keys{h: h}).gaps(t.Context(), s, ""), 2)
	require.Equal(t, "[::1]:22", reachable("[::]:22"))
	require.Equal(t, "192.0.2.7:22", reachable("192.0.2.7:22"))
}
