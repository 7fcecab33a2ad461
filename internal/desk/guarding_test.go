package desk

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStepsOfOneRunShareTheCountOfAnHour: those that begin together do not wait for
// each other, and other runs wait for all of them.
func TestStepsOfOneRunShareTheCountOfAnHour(t *testing.T) {
	o := newOffice(t)
	d := o.desk("dana")
	mine, other := newCounts(d, "a"), newCounts(d, "b")
	_, first, err := mine.since(time.Now())
	require.NoError(t, err)
	_, second, err := mine.since(time.Now())
	require.NoError(t, err)
	took := make(chan func())
	go func() {
		_, release, err := other.since(time.Now())
		if err != nil {
			release = nil
		}
		took <- release
	}()
	first()
	select {
	case <-took:
		t.Fatal("another run went by the count meanwhile")
	default:
	}
	second()
	release := <-took
	require.NotNil(t, release)
	release()
}
