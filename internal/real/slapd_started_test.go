//go:build unix

package real

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSlapd(t *testing.T) {
	s := StartSlapd(t)
	require.True(t, s.Accepts(t, Person("alice"), Password("alice")))
	require.False(t, s.Accepts(t, Person("alice"), "something else"))
	require.False(t, s.Accepts(t, Person("carol"), Password("carol")), "carol is disabled")
	require.Equal(t, []string{Disabled}, s.Lock(t, Person("carol")))
	require.Empty(t, s.Lock(t, Person("bob")))
	s.LockOut(t, Person("bob"))
	require.False(t, s.Accepts(t, Person("bob"), Password("bob")))
	s.Stop()
	require.NotEmpty(t, s.Dir)
	_, err := s.client("ldapwhoami", root, rootPassword)
	require.Error(t, err, "it is gone")
}
