//go:build unix

package real

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamed(t *testing.T) {
	n := StartNamed(t)
	f := n.StartFollower(t)
	require.Equal(t, []string{"77 198.51.100.10", "77 198.51.100.11"}, n.Answer(t, "www.example.com", "A"))
	require.Equal(t, n.Zone(t), f.Zone(t))
	n.Update(t, "update add new.example.com 60 A 198.51.100.99")
	require.Equal(t, []string{"60 198.51.100.99"}, n.Answer(t, "new.example.com", "A"))
	n.Stop()
	_, err := n.dig("+short", "www.example.com")
	require.Error(t, err, "it is gone")
}
