package redis

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadUser(t *testing.T) {
	u, err := readUser([]any{"flags", []any{"on", "nopass"}, "passwords", []any{"off"}})
	require.NoError(t, err)
	require.Equal(t, User{On: true, NoPass: true}, u)
	u, err = readUser([]any{"flags", []any{"on", "nopass"}, "commands", "-@all"})
	require.NoError(t, err)
	require.Equal(t, User{On: true, NoPass: true, Idle: true}, u)
	u, err = readUser([]any{"flags", []any{"off", "sanitize-payload"}, "passwords", []any{}})
	require.NoError(t, err)
	require.Equal(t, User{}, u)
	for _, wrong := range [][]any{nil, {"flags"}, {"flags", "on"}, {"passwords", []any{"on"}}} {
		_, err := readUser(wrong)
		require.EqualError(t, err, "what the server says of its user cannot be read")
	}
}

func TestCount(t *testing.T) {
	list := "id=3 addr=127.0.0.1:4 name= db=0 user=alice lib-name=\nid=4 name=user=bob user=alice2\r\nid=5 user=alice\n"
	require.Equal(t, 2, count(list, "alice"))
	require.Equal(t, 0, count(list, "ali"))
}
