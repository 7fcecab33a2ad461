package journal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

// naive is a verifier that does what seems to be enough: the chain is whole, and
// every seal covers what precedes it. Who may seal is up to ask, which is told of
// each seal in order.
func naive(lines [][]byte, ask func(signed string) error) error {
	head, tree := Genesis(), Tree{}
	for i, line := range lines {
		v := head.NewScanner(strings.NewReader(""), 0, nil).v
		if problem, _ := v.check(wholeLine(line)); problem != "" {
			return errors.New(problem)
		}
		if kind, s, _ := sealingOf(line); kind == signedType {
			if c, err := ReadCheckpoint(s.Note); err != nil || c != tree.Checkpoint(Origin(run)) {
				return fmt.Errorf("seal %d covers something else", i+1)
			}
			if err := ask(s.Note); err != nil {
				return err
			}
		}
		tree.Add(line[:len(line)-1])
		head = headOf(lines[:i+1])
	}
	return nil
}

func wholeLine(b []byte) line { return line{bytes: b[:len(b)-1], whole: true} }

// announced are the keys that a journal itself names, in the order of their use.
func announced(lines [][]byte) (keys []string) {
	for _, line := range lines {
		switch kind, s, _ := sealingOf(line); kind {
		case startedType:
			keys = append(keys, s.LogKeys...)
		case signedType:
			keys = append(keys, s.NextKey)
		}
	}
	return keys
}

// opening is the first of some keys that a seal is signed with.
func opening(signed string, keys []string) (int, error) {
	for i, key := range keys {
		if _, err := OpenCheckpoint(signed, key); err == nil {
			return i, nil
		}
	}
	return 0, errors.New("nobody's seal")
}

// anyEpoch takes a seal of any key that the journal announces: each was vouched
// for by the one before it.
func anyEpoch(lines [][]byte) error {
	keys := announced(lines)
	return naive(lines, func(signed string) error { _, err := opening(signed, keys); return err })
}

// onward knows the keys of all epochs, as who has the first secret does, and takes
// seals of ever later ones: an epoch in which nothing happened has no seal.
func onward(first *Ratchet) func([][]byte) error {
	return func(lines [][]byte) error {
		var keys []string
		for r := *first; len(keys) < 60; r.Step() {
			keys = append(keys, r.Keys()[0])
		}
		return naive(lines, func(signed string) error {
			at, err := opening(signed, keys)
			if err == nil {
				keys = keys[at+1:]
			}
			return err
		})
	}
}

// inTurn takes the announced keys one after the other, and what has no seals as a
// journal from before there were any.
func inTurn(lines [][]byte) error {
	keys := announced(lines)
	return naive(lines, func(signed string) error {
		at, err := opening(signed, keys[:1])
		keys = keys[at+1:]
		return err
	})
}

// TestTheThreeKnownFailuresOfSealedJournals: for each there is a verifier that
// finds a changed entry in spite of hashes made anew, and is fooled all the same.
// Ours is not.
func TestTheThreeKnownFailuresOfSealedJournals(t *testing.T) {
	first := NewRatchet(Origin(run))
	all := attacksOn(*first)
	one := func(name string) attack {
		for _, a := range all {
			if a.name == name {
				return a
			}
		}
		panic(name)
	}
	for _, failure := range []struct {
		attack string
		naive  func([][]byte) error
		kind   Kind
	}{
		{"old checkpoints sealed anew with a newer key", anyEpoch, Resealed},
		{"cut, and gone on with the newest key", onward(first), Resealed},
		{"the checkpoints taken out", inTurn, Stripped},
	} {
		t.Run(failure.attack, func(t *testing.T) {
			require.NoError(t, failure.naive(one("untouched").lines))
			require.Error(t, failure.naive(one("an entry changed, the hashes made anew").lines), "it is of some use")
			bad := one(failure.attack)
			require.NoError(t, failure.naive(bad.lines), "it is fooled")
			require.Equal(t, failure.kind, bad.audited(t).Kind)
		})
	}
}

// TestProofsOfTheTreeInRFC6962 holds proofs against the tree of seven leaves of
// section 2.1.3, which is put together here by hand: those that it names are
// good, and what somebody makes of them is not. Both verifiers say so.
func TestProofsOfTheTreeInRFC6962(t *testing.T) {
	leaf := func(n int) tlog.Hash { return tlog.RecordHash(fmt.Appendf(nil, "d%d", n)) }
	a, b, c, d, e, f, j := leaf(0), leaf(1), leaf(2), leaf(3), leaf(4), leaf(5), leaf(6)
	g, h, i := tlog.NodeHash(a, b), tlog.NodeHash(c, d), tlog.NodeHash(e, f)
	k, l := tlog.NodeHash(g, h), tlog.NodeHash(i, j)
	root := tlog.NodeHash(k, l)
	r := NewRatchet(Origin(run))
	signed, _, err := r.Sign(Checkpoint{Origin(run), 7, root})
	require.NoError(t, err)
	key := Given{Keys: r.Keys()[:1]}
	text := func(line string, index int, path ...tlog.Hash) string {
		var out strings.Builder
		fmt.Fprintf(&out, "%s\nextra %s\nindex %d\n", proofFormat, base64.StdEncoding.EncodeToString([]byte(line)), index)
		for _, p := range path {
			fmt.Fprintf(&out, "%s\n", p)
		}
		return out.String() + "\n" + signed
	}
	good := map[string]string{
		"d0": text("d0", 0, b, h, l), "d1": text("d1", 1, a, h, l), "d2": text("d2", 2, d, g, l),
		"d3": text("d3", 3, c, g, l), "d4": text("d4", 4, f, j, k), "d6": text("d6", 6, i, k),
	}
	bad := map[string]string{
		"the line of another": text("d1", 0, b, h, l), "another place": text("d0", 1, b, h, l), "behind the end": text("d0", 7, b, h, l),
		"hashes in another order": text("d3", 3, g, c, l), "a hash left out": text("d3", 3, c, g), "none at all": text("d0", 0),
		"one too many": text("d6", 6, i, k, k), "the last leaf as if the tree were full": text("d6", 6, j, i, k),
		"a node for a leaf": text(string(append(a[:], b[:]...)), 0, h, l), "the proof of another leaf": text("d4", 4, c, g, l),
		"a smaller tree": strings.Replace(text("d0", 0, b, h, l), "\n7\n", "\n6\n", 1),
		"another root":   strings.Replace(text("d0", 0, b, h, l), root.String(), k.String(), 1),
		"no format":      strings.Replace(text("d0", 0, b, h, l), "proof@v1", "proof@v2", 1),
	}
	ours := func(text string) bool { p, err := ParseProof(text); return err == nil && p.Vouched(key) }
	theirs := func(text string) bool {
		path := filepath.Join(t.TempDir(), "one.tlog-proof")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		out := found{Kind: "?"}
		python(t, &out, "--pubkey", key.Keys[0], path)
		return out.Kind == "" && out.Vouched > 0
	}
	for name, proof := range good {
		require.True(t, ours(proof) && theirs(proof), name)
	}
	for name, proof := range bad {
		require.False(t, ours(proof), name)
		require.False(t, theirs(proof), name)
	}
}
