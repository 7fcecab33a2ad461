package selector_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/selector"
)

// TestSelectorsAreReadAndHeldAgainstLabels.
func TestSelectorsAreReadAndHeldAgainstLabels(t *testing.T) {
	web := map[string]string{"group": "web", "zone": "dmz", "role": "front"}
	for text, want := range map[string]bool{
		"zone=dmz": true, " zone = dmz ": true, "group:web": true, "group=web,zone!=office": true, "zone=office": false,
		"role!=db": true, "owner!=it": true, "owner=it": false, "group:web, role!=front": false,
	} {
		s, err := selector.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, s.Matches(web), text)
	}
	s, err := selector.Parse("group:web , role != db")
	require.NoError(t, err)
	require.Equal(t, "group=web,role!=db", s.String())
	for _, text := range []string{"", "zone", "zone=", "=dmz", "zone==dmz", "zone=a b", "zone=dmz,", "group:", "zone=dmz || zone=office", "zone=*"} {
		_, err := selector.Parse(text)
		require.Error(t, err, text)
	}
}
