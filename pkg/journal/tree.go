package journal

import (
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Tree is the Merkle tree of RFC 6962, section 2.1, over the lines of a journal,
// each without its newline. It keeps one hash for each complete subtree, so at
// most 63, and takes lines one by one. The zero value is the tree of no lines.
type Tree struct {
	size int64
	full []tlog.Hash // the roots of the complete subtrees, the largest first
}

// Add makes a line the last leaf of the tree.
func (t *Tree) Add(line []byte) {
	h := tlog.RecordHash(line)
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.full) - 1
		h = tlog.NodeHash(t.full[last], h)
		t.full = t.full[:last]
	}
	t.full = append(t.full, h)
	t.size++
}

// Size is the number of lines.
func (t *Tree) Size() int64 { return t.size }

// Root is the hash of the whole tree, and zeros for a tree of no lines.
func (t *Tree) Root() tlog.Hash {
	if t.size == 0 {
		return tlog.Hash{}
	}
	h := t.full[len(t.full)-1]
	for _, left := range slices.Backward(t.full[:len(t.full)-1]) {
		h = tlog.NodeHash(left, h)
	}
	return h
}

// Clone returns a tree that grows apart from this one.
func (t *Tree) Clone() Tree { return Tree{t.size, slices.Clone(t.full)} }

// Checkpoint says of the tree what a checkpoint of a log says of it.
func (t *Tree) Checkpoint(origin string) Checkpoint { return Checkpoint{origin, t.size, t.Root()} }
