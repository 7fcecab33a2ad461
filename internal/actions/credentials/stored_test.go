package credentials

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamesOfStoredSecretsAreOfOneStep(t *testing.T) {
	a, b := storedName("../db", "../../etc/passwd", "k1"), storedName("../db", "../../etc/passwd", "k2")
	require.NotEqual(t, a, b)
	require.Contains(t, a, "db-", "the file names its target")
	require.NotContains(t, a, "/")
	require.NotContains(t, a, ".")
	require.NotEqual(t, storedName("db", "a.b", "k"), storedName("db", "a-b", "k"))
}
