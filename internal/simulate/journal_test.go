package simulate_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/journal"
)

// The events are those of a journal: sealed one after the other they verify.
func TestEventsVerifyAsAJournal(t *testing.T) {
	p := compiled(t, everything)
	r := simulate.Run(config(p, &world{}))
	var file bytes.Buffer
	head := journal.Genesis()
	for _, e := range r.Events {
		body, err := e.Encode()
		require.NoError(t, err)
		var line []byte
		line, head, err = journal.Seal(head, body)
		require.NoError(t, err)
		file.Write(line)
	}
	report, err := journal.Verify(&file, &head, nil)
	require.NoError(t, err)
	require.Equal(t, journal.Intact, report.Verdict)
}
