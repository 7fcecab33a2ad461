package connector

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is kept out of answers grew with each request that had a token, so that a
// thousand pages took minutes.
func TestATokenIsHiddenOnceHoweverOftenItIsUsed(t *testing.T) {
	p := &proof{}
	for range 3 {
		p.conceal("given-token")
	}
	require.Len(t, p.hidden, 1)
}
