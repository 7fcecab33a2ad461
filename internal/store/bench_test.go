package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/irctl/irctl/internal/store"
)

// BenchmarkAppend appends entries of 300 bytes and, in turn, writes and syncs
// the same number of bytes to a plain file on the same disk. The metric
// "x-of-fsync" is how many times as long the first takes.
func BenchmarkAppend(b *testing.B) {
	s := store.Open(b.TempDir(), nil)
	run := create(b, s)
	plain, err := os.OpenFile(filepath.Join(s.Root(), "plain"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = plain.Close() }()
	entry := fmt.Appendf(nil, `{"type":"note_added","text":"%s"}`, bytes.Repeat([]byte("x"), 300-32))
	line := append(bytes.Repeat([]byte("x"), len(entry)+85), '\n')
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := run.Append(entry); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if _, err := plain.Write(line); err != nil {
			b.Fatal(err)
		}
		if err := plain.Sync(); err != nil {
			b.Fatal(err)
		}
		ours, theirs = ours+middle.Sub(start), theirs+time.Since(middle)
	}
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N), "append-ns")
	b.ReportMetric(float64(theirs.Nanoseconds())/float64(b.N), "fsync-ns")
	b.ReportMetric(float64(ours)/float64(theirs), "x-of-fsync")
}

func BenchmarkEmptyInbox(b *testing.B) {
	run := create(b, store.Open(b.TempDir(), nil))
	for b.Loop() {
		if _, _, err := run.Requests(); err != nil {
			b.Fatal(err)
		}
	}
}
