package drive

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
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

// TestWhatIsSentIsKeptOnceAndWithoutSecrets: what is asked until the answer is
// right stands there once.
func TestWhatIsSentIsKeptOnceAndWithoutSecrets(t *testing.T) {
	kept := ""
	keep := func(r io.Reader) (string, int64, string, error) {
		b, err := io.ReadAll(r)
		kept = string(b)
		return "d", int64(len(b)), "", err
	}
	redact := NewRedactor()
	redact.Add(action.NewSecret("hunter2hunter2"))
	s := newSink(&Driver{cfg: Config{Keep: keep}, redact: redact}, Hooks{})
	ctx := sent.Heard(t.Context(), s.sent())
	for _, text := range []string{"here: postconf -h", "here: postconf -h", "POST http://mail/ hunter2hunter2"} {
		sent.Say(ctx, text)
	}
	sent.Say(t.Context(), "to nobody")
	require.Equal(t, []event.Artifact{{Name: "sent", Digest: "d", Size: 47}}, s.close())
	require.Equal(t, "here: postconf -h\nPOST http://mail/ [redacted]\n", kept)
}
