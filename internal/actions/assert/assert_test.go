package assert_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/assert"
	"github.com/irctl/irctl/pkg/action"
)

func TestAssert(t *testing.T) {
	act := assert.Assert()
	got, err := act.Run(context.Background(), action.Request{With: action.Values{"that": true}}, nil)
	require.NoError(t, err)
	require.Equal(t, action.Result{Already: true, Summary: "it is so"}, got)

	no := action.Request{With: action.Values{"that": false, "message": "Mail is still queued\x07"}}
	_, err = act.Run(context.Background(), no, nil)
	require.Equal(t, &action.Error{Message: "Mail is still queued␇", Permanent: true}, err)
	in, err := act.(action.Inspector).Inspect(context.Background(), no)
	require.NoError(t, err)
	require.Equal(t, action.Inspection{Known: true, Repeatable: true, Current: "it is not so", Want: "it is so"}, in)
}
