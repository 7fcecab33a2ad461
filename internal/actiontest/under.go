package actiontest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// T is under which the contract is tried: a test of package testing ([Under]), or
// something else that can fail.
type T interface {
	require.TestingT
	Context() context.Context
	Run(name string, f func(T)) bool
}

// Under is a test of package testing as a [T].
type Under struct{ *testing.T }

// Run implements T.
func (u Under) Run(name string, f func(T)) bool {
	return u.T.Run(name, func(t *testing.T) { f(Under{t}) })
}
