package realtest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSSHD(t *testing.T) {
	s := StartSSHD(t)
	require.Equal(t, "here\n", s.Run(t, "echo here"))
	s.Stop()
	_, err := s.ssh("true")
	require.Error(t, err, "it is gone")
}
