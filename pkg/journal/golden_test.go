package journal

import (
	"bytes"
	"flag"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/journals anew")

const goldens = "../../testdata/journals"

// TestGoldens keeps journals of earlier versions readable: what stands in
// testdata/journals verifies, or fails, for ever as it did. Each case is a
// journal, a head file beside it unless it is missing, and the report.
func TestGoldens(t *testing.T) {
	if *update {
		writeGoldens(t)
	}
	files, err := filepath.Glob(filepath.Join(goldens, "*.jsonl"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := file[:len(file)-len(".jsonl")]
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var ack *Head
		if head, err := os.ReadFile(name + ".head"); err == nil {
			if h, _, ok := DecodeHead(head); ok {
				ack = &h
			}
		}
		got := describe(verify(t, data, ack))
		if *update {
			require.NoError(t, os.WriteFile(name+".out", got, 0o644))
		}
		want, err := os.ReadFile(name + ".out")
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), name)
	}
}

func describe(r Report) []byte {
	out := fmt.Appendf(nil, "verdict %s\nentries %d\nhead %d %s\n", r.Verdict, r.Entries, r.Head.Seq, r.Head.Hash)
	if r.Tail.Bytes > 0 {
		out = fmt.Appendf(out, "tail %d bytes at %d\n", r.Tail.Bytes, r.Tail.Offset)
	}
	for _, f := range r.Findings {
		out = fmt.Appendf(out, "finding at entry %d, byte %d: %s\n", f.Seq, f.Offset, f.Problem)
	}
	return out
}

// headFile is a head file with one record, as internal/store writes it.
func headFile(h Head) []byte {
	text := fmt.Sprintf("%016d %s ", h.Seq, h.Hash)
	record := fmt.Sprintf("%s%08x\n", text, crc32.ChecksumIEEE([]byte(text)))
	blank := strings.Repeat(" ", headSlot-1) + "\n"
	return []byte(record + blank[len(record):] + blank)
}

func writeGoldens(t *testing.T) {
	t.Helper()
	c := seal(t,
		`{"time":"2026-01-02T03:04:05.000000Z","type":"run_started","run":"01KDYAK348HDZZ99P7HHSZWCGS","irctl":"v0","runbook":"containment","inputs":{}}`,
		`{"time":"2026-01-02T03:04:05.000000Z","type":"step_started","path":"email"}`,
		`{"time":"2026-01-02T03:04:05.000000Z","type":"attempt_started","path":"email","attempt":1,"key":"01KDYAK348HDZZ99P7HHSZWCGS/email"}`,
		`{"time":"2026-01-02T03:04:06.000000Z","type":"step_succeeded","path":"email","attempt":1,"changed":true}`,
		`{"time":"2026-01-02T03:04:06.000000Z","type":"run_ended","status":"succeeded"}`)
	head := headFile(*c.last())
	require.NoError(t, os.MkdirAll(goldens, 0o755))
	for name, g := range map[string]struct{ journal, head []byte }{
		"intact":        {c.file, head},
		"head-behind":   {c.file, headFile(c.heads[3])},
		"byte-changed":  {bytes.Replace(c.file, []byte("email\",\"attempt\":1,\"key"), []byte("email\",\"attempt\":2,\"key"), 1), head},
		"line-removed":  {append(bytes.Clone(c.file[:c.starts[2]]), c.file[c.starts[3]:]...), head},
		"lines-swapped": {bytes.Join([][]byte{c.line(0), c.line(2), c.line(1), c.line(3), c.line(4)}, nil), head},
		"last-removed":  {c.file[:c.starts[4]], head},
		"end-cut":       {c.file[:len(c.file)-40], head},
		"torn":          {c.file[:len(c.file)-40], headFile(c.heads[3])},
		"no-head":       {c.file, nil},
		"garbled-head":  {c.file, []byte("5\n")},
		"garbage-after": {append(bytes.Clone(c.file), "rm -rf\n"...), head},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(goldens, name+".jsonl"), g.journal, 0o644))
		if g.head != nil {
			require.NoError(t, os.WriteFile(filepath.Join(goldens, name+".head"), g.head, 0o644))
		}
	}
}
