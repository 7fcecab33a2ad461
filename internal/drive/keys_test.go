package drive

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestItemsKeepTheirNamesInEveryScript(t *testing.T) {
	for name, want := range map[string]string{
		"алиса": "алиса", "山田": "山田", "أحمد": "أحمد", "प्रिया": "प्रिया", "Ju\u0308rgen": "Jürgen", "a b/c": "a-b-c",
		"x\u3164y": "x-y", "a\u034fb": "a-b", "a\u200bb": "a-b", "a\u202eb": "a-b", "\xff": "-", "": "1",
	} {
		require.Equal(t, []string{want}, uniqueKeys([]string{name}), "%+q", name)
	}
	require.Equal(t, []string{"Jürgen", "Jürgen-2", "a-2", "a", "a-3"}, uniqueKeys([]string{"Jürgen", "Ju\u0308rgen", "a-2", "a", "a"}))
	require.Equal(t, strings.Repeat("山", 32), uniqueKeys([]string{strings.Repeat("山", 100)})[0])
}

func TestManyEqualItemsCostNoMoreThanOthers(t *testing.T) {
	keys := uniqueKeys(make([]string, 0, 1))
	require.Empty(t, keys)
	names := make([]string, 200_000)
	for i := range names {
		names[i] = "same"
	}
	keys = uniqueKeys(names) // a search from 2 on for each would take minutes
	require.Equal(t, "same-200000", keys[len(keys)-1])
}
