package drive

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEqualItemsAreNamedInOnePass: a fleet may be listed with one name 32,000 times.
func TestEqualItemsAreNamedInOnePass(t *testing.T) {
	require.Equal(t, []string{"a", "a-2", "a-3", "b", "a-2-2"}, uniqueKeys([]string{"a", "a", "a", "b", "a-2"}))
	names := slices.Repeat([]string{"same"}, 32_000)
	allocated := testing.AllocsPerRun(1, func() { uniqueKeys(names) })
	require.Less(t, allocated, 100_000.0)
}
