package credentials

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamesOfStoredSecretsAreOfOneStep(t *testing.T) {
	a, b := storedName("../../etc/passwd", "k1"), storedName("../../etc/passwd", "k2")
	require.NotEqual(t, a, b)
	require.NotContains(t, a, "/")
	require.NotContains(t, a, ".")
	require.NotEqual(t, storedName("a.b", "k"), storedName("a-b", "k"))
}
