package drive

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/action"
)

// TestFailuresDoNotSpeakOfContexts: what a library says about a context that
// ended reaches a person in words about the step.
func TestFailuresDoNotSpeakOfContexts(t *testing.T) {
	for _, c := range []struct {
		cause error
		want  string
	}{
		{context.DeadlineExceeded, "cannot reach db: dial: the time was up"},
		{context.Canceled, "cannot reach db: dial: it was told to stop"},
	} {
		err := &action.Error{Message: "cannot reach db", Cause: fmt.Errorf("dial: %w", c.cause)}
		require.Equal(t, c.want, failure(NewRedactor(), err).Message)
	}
}
