package patience_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/patience"
)

// hurried is a clock that passes when somebody waits for it.
type hurried struct{ now time.Time }

func (h *hurried) Now() time.Time { return h.now }

func (h *hurried) Sleep(ctx context.Context, d time.Duration) error {
	h.now = h.now.Add(d)
	return ctx.Err()
}

func TestUntil(t *testing.T) {
	no := errors.New("not yet")
	for name, c := range map[string]struct {
		limit   patience.Limit
		answers []error // the last one again and again
		want    error
		asked   int
	}{
		"at once":           {patience.Limit{}, []error{nil}, nil, 1},
		"without patience":  {patience.Limit{}, []error{no}, no, 1},
		"the third time":    {patience.Limit{For: time.Second}, []error{no, no, nil}, nil, 3},
		"never":             {patience.Limit{For: time.Second}, []error{no}, no, 11},
		"at another pace":   {patience.Limit{For: time.Second, Every: 500 * time.Millisecond}, []error{no}, no, 3},
		"not so by turns":   {patience.Limit{For: time.Second, Steady: 2}, []error{nil, no, nil, nil}, nil, 4},
		"good at the limit": {patience.Limit{Steady: 3}, []error{nil}, nil, 3},
		"stopped":           {patience.Limit{For: time.Second}, []error{no, patience.Stop(no)}, no, 2},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			err := c.limit.Until(patience.WithClock(t.Context(), &hurried{}), func() error {
				asked++
				return c.answers[min(asked, len(c.answers))-1]
			})
			require.Equal(t, c.want, err)
			require.Equal(t, c.asked, asked)
		})
	}
	require.NoError(t, patience.Stop(nil))
}

func TestUntilEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	no := errors.New("not yet")
	err := patience.Limit{For: time.Hour, Every: time.Hour}.Until(ctx, func() error {
		cancel()
		return no
	})
	require.Equal(t, no, err)
}
