package drive

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/event"
)

// TestOutputThatCannotBeKeptIsSaid: a full disk does not make what a command
// printed vanish without a word.
func TestOutputThatCannotBeKeptIsSaid(t *testing.T) {
	full := func(io.Reader) (string, int64, string, error) {
		return "", 0, "", errors.New("no space left on device")
	}
	s := newSink(&Driver{cfg: Config{Keep: full}, redact: NewRedactor()}, Hooks{})
	_, err := s.Output("stdout").Write([]byte("hello\n"))
	require.NoError(t, err)
	require.Equal(t, []event.Artifact{{Name: "stdout", Size: 6, Lost: "no space left on device"}}, s.close())
}
