package event_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/event"
)

// journalOf returns n lines as they stand in the journal of an ordinary run:
// for each step the intent and the outcome.
func journalOf(tb testing.TB, n int) [][]byte {
	at := time.Date(2026, 3, 1, 14, 30, 0, 123456000, time.UTC)
	lines := make([][]byte, n)
	for i := range lines {
		path := fmt.Sprintf("rotate[account-%d]/reset", i/2)
		var body event.Body = event.AttemptStarted{Attempt: 1, Key: "01JZ7Q9V3M8K2C4D5E6F7G8H9J/" + path, With: event.Values{"account": path, "length": int64(24)}, Deadline: at.Add(time.Minute)}
		if i%2 == 1 {
			body = event.StepSucceeded{Attempt: 1, Changed: true, Summary: "the password was replaced", Outputs: event.Values{"account": path, "stored": "file:/var/lib/irctl/new/" + path}}
		}
		b, err := event.Event{Time: at.Add(time.Duration(i) * time.Millisecond), Path: path, Body: body}.Encode()
		require.NoError(tb, err)
		lines[i] = fmt.Appendf(nil, `{"seq":%d,%s,"hash":"%064d"}`, i+1, b[1:len(b)-1], i)
	}
	return lines
}

func BenchmarkDecode(b *testing.B) {
	lines := journalOf(b, 1000)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if _, err := event.Decode(lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
}
