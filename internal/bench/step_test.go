package bench_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkStep drives steps, one after the other, whose action does nothing,
// on the real store. In turn it writes and syncs the same bytes to a plain file
// on the same disk, as often as there are steps. The difference is irctl.
func BenchmarkStep(b *testing.B) {
	for _, steps := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(steps), func(b *testing.B) {
			var ours, theirs time.Duration
			for b.Loop() {
				for range 10_000 / steps { // little at a time: the disk's mood changes
					start := time.Now()
					run := driven(b, b.TempDir(), sequence(steps))
					ours += time.Since(start)
					theirs += synced(b, steps, len(journalOf(b, run))/steps, func() {})
				}
			}
			n := float64(b.N * 10_000)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(micro(ours)/n, "step-us")
			b.ReportMetric(micro(theirs)/n, "fsync-us")
			b.ReportMetric(float64(ours)/float64(theirs), "x-fsync")
		})
	}
}

// synced is how long n writes of size bytes take, each with an fsync, and with
// something else before it.
func synced(b *testing.B, n, size int, before func()) time.Duration {
	f, err := os.OpenFile(filepath.Join(b.TempDir(), "plain"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(b, err)
	defer func() { require.NoError(b, f.Close()) }()
	part := bytes.Repeat([]byte("x"), size)
	start := time.Now()
	for range n {
		before()
		if _, err := f.Write(part); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

func micro(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

func milli(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
