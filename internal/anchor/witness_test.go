package anchor_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"filippo.io/mldsa"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// witness is a witness as C2SP tlog-witness describes one: it knows logs by
// their keys, and cosigns only what follows from what it cosigned before.
type witness struct {
	mu      sync.Mutex
	name    string
	sign    func(at uint64, text []byte) []byte
	kind    byte
	public  []byte
	logs    note.Verifiers
	origins map[string]bool
	sizes   map[string]int64
	roots   map[string]tlog.Hash
}

func newWitness(t *testing.T, name string, kind byte) *witness {
	t.Helper()
	w := &witness{name: name, kind: kind, origins: map[string]bool{}, sizes: map[string]int64{}, roots: map[string]tlog.Hash{}, logs: note.VerifierList()}
	seed := sha256.Sum256([]byte(name))
	switch kind {
	case 0x04:
		private := ed25519.NewKeyFromSeed(seed[:])
		w.public = private.Public().(ed25519.PublicKey)
		w.sign = func(at uint64, text []byte) []byte {
			return ed25519.Sign(private, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text))
		}
	case 0x06:
		private, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), seed[:])
		require.NoError(t, err)
		w.public = private.PublicKey().Bytes()
		w.sign = func(at uint64, text []byte) []byte {
			lines := strings.SplitN(string(text), "\n", 4)
			size, _ := strconv.ParseUint(lines[1], 10, 64)
			root, _ := base64.StdEncoding.DecodeString(lines[2])
			m := append([]byte("subtree/v1\n\x00"), byte(len(name)))
			m = binary.BigEndian.AppendUint64(append(m, name...), at)
			m = append(append(m, byte(len(lines[0]))), lines[0]...)
			m = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(m, 0), size)
			sig, err := private.Sign(nil, append(m, root...), nil)
			require.NoError(t, err)
			return sig
		}
	}
	return w
}

// vkey is the witness's key as people write it.
func (w *witness) vkey() string {
	data := append([]byte{w.kind}, w.public...)
	return fmt.Sprintf("%s+%x+%s", w.name, w.id(), base64.StdEncoding.EncodeToString(data))
}

func (w *witness) id() []byte {
	sum := sha256.Sum256(append([]byte(w.name+"\n"), append([]byte{w.kind}, w.public...)...))
	return sum[:4]
}

func (w *witness) know(k anchor.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logs, w.origins[k.Name()] = note.VerifierList(k), true
}

func (w *witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	head, signed, ok := bytes.Cut(body, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if !ok || err != nil || r.URL.Path != "/add-checkpoint" {
		http.Error(out, "bad request", http.StatusBadRequest)
		return
	}
	origin, _, _ := strings.Cut(string(signed), "\n")
	if !w.origins[origin] {
		http.Error(out, "unknown", http.StatusNotFound)
		return
	}
	n, err := note.Open(signed, w.logs)
	if err != nil {
		http.Error(out, err.Error(), http.StatusForbidden)
		return
	}
	parts := strings.SplitN(n.Text, "\n", 4)
	size, _ := strconv.ParseInt(parts[1], 10, 64)
	root, err := tlog.ParseHash(parts[2])
	if err != nil || old > size {
		http.Error(out, "bad request", http.StatusBadRequest)
		return
	}
	if old != w.sizes[origin] {
		out.Header().Set("Content-Type", "text/x.tlog.size")
		out.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintln(out, w.sizes[origin])
		return
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			http.Error(out, "bad request", http.StatusBadRequest)
			return
		}
		proof = append(proof, h)
	}
	switch {
	case old == size && old > 0 && root != w.roots[origin]:
		http.Error(out, "another tree", http.StatusConflict)
		return
	case 0 < old && old < size && tlog.CheckTree(proof, size, root, old, w.roots[origin]) != nil:
		http.Error(out, "inconsistent", http.StatusUnprocessableEntity)
		return
	}
	w.sizes[origin], w.roots[origin] = size, root
	const at = 1_790_000_000
	sig := append(w.id(), binary.BigEndian.AppendUint64(nil, at)...)
	_, _ = fmt.Fprintf(out, "— %s %s\n", w.name, base64.StdEncoding.EncodeToString(append(sig, w.sign(at, []byte(n.Text))...)))
}

func client(t *testing.T) *httpclient.Client {
	t.Helper()
	c, err := httpclient.New(action.Allow{Loopback: true}, httpclient.Options{})
	require.NoError(t, err)
	return c
}

// checkpointOf is the text of a checkpoint of some run.
func checkpointOf(size int) []byte {
	return fmt.Appendf(nil, "irctl/01RUN\n%d\n%s\n", size, tlog.RecordHash(fmt.Append(nil, size)))
}

// home is the log of a home and a witness that knows it.
func home(t *testing.T, kind byte) (*anchor.Log, *witness, anchor.Witness, *anchor.Policy) {
	t.Helper()
	l, err := anchor.OpenLog(filepath.Join(t.TempDir(), "log"), "web 1")
	require.NoError(t, err)
	key, err := l.Key()
	require.NoError(t, err)
	w := newWitness(t, "witness.example.com/w1", kind)
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	public, err := anchor.ParseKey(w.vkey())
	require.NoError(t, err)
	w.know(key)
	p, err := anchor.ParsePolicy(fmt.Sprintf("log %s\nwitness w1 %s\nquorum w1\n", key, w.vkey()))
	require.NoError(t, err)
	return l, w, anchor.Witness{URL: server.URL + "/", Key: public}, p
}

func TestAWitnessCosignsWhatFollowsFromWhatItSaw(t *testing.T) {
	for kind, name := range map[byte]string{0x04: "Ed25519", 0x06: "ML-DSA-44"} {
		t.Run(name, func(t *testing.T) {
			l, _, w, p := home(t, kind)
			var proofs [][]byte
			for size := 1; size <= 9; size++ {
				proof, err := w.Cosign(context.Background(), client(t), l, checkpointOf(size))
				require.NoError(t, err)
				proofs = append(proofs, proof)
			}
			for i, proof := range proofs {
				seen, err := anchor.CheckProof(proof, checkpointOf(i+1), p.Open)
				require.NoError(t, err)
				require.Equal(t, []string{"w1"}, seen.By)
				require.EqualValues(t, i+1, seen.Size)
				require.EqualValues(t, 1_790_000_000, seen.At.Unix())
				_, err = anchor.CheckProof(proof, checkpointOf(i+2), p.Open)
				require.ErrorContains(t, err, "does not lead")
			}
			again, err := w.Cosign(context.Background(), client(t), l, checkpointOf(9))
			require.NoError(t, err)
			seen, err := anchor.CheckProof(again, checkpointOf(9), p.Open)
			require.NoError(t, err)
			require.EqualValues(t, 9, seen.Size, "the same once more adds no leaf")
		})
	}
}

func TestEveryByteOfAProofCounts(t *testing.T) {
	l, _, w, p := home(t, 0x04)
	_, err := w.Cosign(context.Background(), client(t), l, checkpointOf(1))
	require.NoError(t, err)
	proof, err := w.Cosign(context.Background(), client(t), l, checkpointOf(2))
	require.NoError(t, err)
	for i := range proof {
		for bit := range 8 {
			other := bytes.Clone(proof)
			other[i] ^= 1 << bit
			if bytes.Equal(decoded(other), decoded(proof)) {
				continue // the last digit of a base64 text has bits that mean nothing (RFC 4648 section 3.5)
			}
			_, err := anchor.CheckProof(other, checkpointOf(2), p.Open)
			require.Error(t, err, "byte %d, bit %d of\n%s", i, bit, proof)
		}
	}
}

// decoded is a text with its last words of base64 as the bytes that they stand for.
func decoded(text []byte) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		at := bytes.LastIndexByte(line, ' ') + 1
		data, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(string(line[at:]), "\n"))
		if err != nil || !bytes.HasSuffix(line, []byte("\n")) {
			data = line[at:]
		}
		out = append(append(out, line[:at]...), data...)
	}
	return out
}

func TestAWitnessRefusesALogThatWasCutOrReplaced(t *testing.T) {
	l, _, w, _ := home(t, 0x04)
	for size := 1; size <= 4; size++ {
		_, err := w.Cosign(context.Background(), client(t), l, checkpointOf(size))
		require.NoError(t, err)
	}
	// Where the leaves lie is known to whoever owns the machine.
	dir := l.Folder()
	leaves, err := os.ReadFile(filepath.Join(dir, "leaves"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "leaves"), leaves[:32], 0o600))
	_, err = w.Cosign(context.Background(), client(t), l, checkpointOf(5))
	require.ErrorContains(t, err, "the log was cut off")
	leaves[0] ^= 1
	require.NoError(t, os.WriteFile(filepath.Join(dir, "leaves"), leaves, 0o600))
	_, err = w.Cosign(context.Background(), client(t), l, checkpointOf(6))
	require.ErrorContains(t, err, "another log")
}

func TestAWitnessMustKnowTheLog(t *testing.T) {
	l, _, w, _ := home(t, 0x04)
	other, err := anchor.OpenLog(filepath.Join(t.TempDir(), "log"), "other")
	require.NoError(t, err)
	_, err = w.Cosign(context.Background(), client(t), other, checkpointOf(1))
	require.ErrorContains(t, err, "does not know the log")
	stranger := newWitness(t, "stranger.example.com", 0x04)
	w.Key, err = anchor.ParseKey(stranger.vkey())
	require.NoError(t, err)
	_, err = w.Cosign(context.Background(), client(t), l, checkpointOf(1))
	require.ErrorContains(t, err, "not its signature")
}

// A witness that has seen what another process added meanwhile is shown that.
func TestAnotherProcessMayBeQuicker(t *testing.T) {
	l, _, w, p := home(t, 0x04)
	var once sync.Once
	inner := w.URL
	forward := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		once.Do(func() {
			_, err := anchor.Witness{URL: inner, Key: w.Key}.Cosign(context.Background(), client(t), l, checkpointOf(2))
			require.NoError(t, err)
		})
		to, _ := url.Parse(inner)
		r.SetURL(to)
	}})
	t.Cleanup(forward.Close)
	proof, err := anchor.Witness{URL: forward.URL, Key: w.Key}.Cosign(context.Background(), client(t), l, checkpointOf(1))
	require.NoError(t, err)
	seen, err := anchor.CheckProof(proof, checkpointOf(1), p.Open)
	require.NoError(t, err)
	require.EqualValues(t, 2, seen.Size)
}

func TestTwoProcessesAddToOneLog(t *testing.T) {
	l, _, _, _ := home(t, 0x04)
	dir := l.Folder()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			again, err := anchor.OpenLog(dir, "x")
			if err == nil {
				_, _, err = again.Add(checkpointOf(i))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	leaves, err := os.ReadFile(filepath.Join(dir, "leaves"))
	require.NoError(t, err)
	require.Len(t, leaves, 8*32)
}
