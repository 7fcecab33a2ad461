package view

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/projection"
)

// A run's steps are encoded a part at a time, which must not be seen.
func TestALongRunIsTheSameJSON(t *testing.T) {
	for _, n := range []int{0, 1, 512, 513, 1024, 3000} {
		s := projection.Status{Title: `says "steps":null`, Steps: make([]projection.Step, n)}
		for i := range s.Steps {
			s.Steps[i].Path = fmt.Sprintf("<step>-%d", i)
		}
		var want bytes.Buffer
		require.NoError(t, encode(&want, s))
		got, err := statusJSON(s)
		require.NoError(t, err)
		require.Equal(t, want.String(), string(got), n)
	}
}
