package projection

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPhrasesOfSentencesAreOneSentence(t *testing.T) {
	require.Equal(t, "Lock out alice and carol; commander; within 15m", phrases("Lock out alice and carol.\n", "commander", "", "within 15m"))
}
