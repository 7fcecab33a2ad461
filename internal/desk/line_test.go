package desk

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/event"
)

func TestLineEnds(t *testing.T) {
	line := []byte(`{"seq":1203,"time":"x","hash":"` + string(bytes.Repeat([]byte("a"), 64)) + `"}`)
	require.Equal(t, int64(1203), seqOf(line))
	require.Equal(t, string(bytes.Repeat([]byte("a"), 64)), hashOf(line))
	require.Equal(t, "", hashOf([]byte("{}")))
}

func TestClosedBy(t *testing.T) {
	require.False(t, closedBy(false, []byte(`{"time":"2026-03-01T03:00:00Z","type":"note_added","text":"x"}`)))
	require.True(t, closedBy(false, []byte(`{"time":"2026-03-01T03:00:00Z","type":"run_ended","status":"`+string(event.Succeeded)+`"}`)))
}
