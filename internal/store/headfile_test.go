package store

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/journal"
)

func TestHeadFile(t *testing.T) {
	var heads []journal.Head
	head := journal.Genesis()
	for n := range 6 {
		_, next, err := journal.Seal(head, fmt.Appendf(nil, `{"n":%d}`, n))
		require.NoError(t, err)
		heads, head = append(heads, next), next
	}
	file := newHeadFile(journal.Genesis())
	require.Len(t, file, headSize)
	for i, head := range heads {
		record, offset := encodeHead(head, int64(i+1))
		// However much of the record is written, one good record is left.
		for n := range record {
			half := bytes.Clone(file)
			copy(half[offset:], record[:n])
			got, _, ok := journal.DecodeHead(half)
			require.True(t, ok)
			require.GreaterOrEqual(t, got.Seq, int64(i))
		}
		copy(file[offset:], record)
		got, turn, ok := journal.DecodeHead(file)
		require.True(t, ok)
		require.Equal(t, head, got)
		_, next := encodeHead(head, turn)
		require.NotEqual(t, offset, next, "the next record goes to the other slot")
	}
	for _, bad := range [][]byte{nil, {}, []byte("7\n"), bytes.Repeat([]byte{0}, headSize), bytes.Repeat([]byte{' '}, headSize), file[:50]} {
		_, _, ok := journal.DecodeHead(bad)
		require.False(t, ok, "%q", bad)
	}
	record, _ := encodeHead(heads[0], 0)
	for pos := range record {
		for to := range 256 {
			if byte(to) == file[pos] {
				continue
			}
			bad := bytes.Clone(file[:headSlot])
			bad[pos] = byte(to)
			_, _, ok := journal.DecodeHead(bad)
			require.False(t, ok, "byte %d -> %q", pos, to)
		}
	}
}
