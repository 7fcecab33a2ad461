package htpasswd

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const file text = "# the admins\r\nalice:$2y$05$abc:of sales\r\nal:x\n#irctl-disabled-m1 carol:old\nbob:$apr1$x\nalice:second"

func TestOnlyTheLinesOfTheAccountChange(t *testing.T) {
	require.Equal(t, text("# the admins\r\nalice:NEW:of sales\r\nal:x\n#irctl-disabled-m1 carol:old\nbob:$apr1$x\nalice:NEW"), file.with("alice", "NEW"))
	require.Equal(t, text("# the admins\r\nalice:$2y$05$abc:of sales\r\nal:x\n#irctl-disabled-m1 carol:NEW\nbob:$apr1$x\nalice:second"), file.with("carol", "NEW"))
	for _, account := range []string{"", "ali", "nobody", "#irctl-disabled-m1 carol", "alice:$2y$05$abc", "# the admins"} {
		require.Equal(t, file, file.with(account, "NEW"), account)
		require.Equal(t, Entry{}, file.entry(account))
	}
}

func TestOutOfUseAndBack(t *testing.T) {
	off := file.disabled("alice", "m2")
	require.Equal(t, text("# the admins\r\n#irctl-disabled-m2 alice:$2y$05$abc:of sales\r\nal:x\n#irctl-disabled-m1 carol:old\nbob:$apr1$x\n#irctl-disabled-m2 alice:second"), off)
	require.Equal(t, Entry{Marks: []string{"m2", "m2"}}, off.entry("alice"))
	require.Equal(t, Entry{Active: true}, off.entry("bob"))
	require.Equal(t, off, off.disabled("alice", "m3"), "whose doing it was stays")
	require.Equal(t, off, off.enabled("alice", "m3"))
	require.Equal(t, file, off.enabled("alice", "m2"))
	require.Equal(t, "", off.hash("alice"))
	require.Equal(t, "$2y$05$abc", file.hash("alice"), "servers take the first")
}

func TestLooksRight(t *testing.T) {
	for file, want := range map[text]bool{"": true, "# none yet\n\n": true, "a:b": true, "root\n": false, "<html>\n": false} {
		require.Equal(t, want, file.looksRight(), "%q", file)
	}
}
