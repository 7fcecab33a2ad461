package each_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/each"
)

func TestOfKeepsTheOrderAndMakesNothingOfNothing(t *testing.T) {
	require.Equal(t, []string{"2", "1"}, each.Of([]int{2, 1}, strconv.Itoa))
	require.Nil(t, each.Of([]int{}, strconv.Itoa))
}
