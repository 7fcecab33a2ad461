package anchor

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/irctl/irctl/internal/durable"
)

// The files of a home's log.
const (
	keyFile    = "key"    // the private key, mode 0600
	publicFile = "vkey"   // the key that witnesses and auditors are given
	leavesFile = "leaves" // the hashes of the leaves, 32 bytes each
)

// Log is the log of a home: its leaves are the checkpoints that were anchored.
// It may be used from several processes at once; each call takes a lock.
type Log struct{ dir string }

// OpenLog returns the log in a folder, which is made with a new key if it is
// not there. host names the machine in the log's name.
func OpenLog(dir, host string) (*Log, error) {
	l := &Log{dir}
	if _, err := os.Stat(filepath.Join(dir, keyFile)); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return l, err
	}
	if err := durable.Folder(dir); err != nil {
		return nil, err
	}
	return l, l.locked(func() error {
		if _, err := os.Stat(filepath.Join(dir, keyFile)); err == nil {
			return nil // another process was quicker
		}
		some := make([]byte, 4)
		if _, err := rand.Read(some); err != nil {
			return err
		}
		name := "irctl/" + strings.Map(plain, host) + "/" + hex.EncodeToString(some)
		private, public, err := note.GenerateKey(rand.Reader, name)
		if err != nil {
			return err
		}
		if err := durable.Write(filepath.Join(dir, publicFile), []byte(public+"\n"), 0o600); err != nil {
			return err
		}
		return durable.Write(filepath.Join(dir, keyFile), []byte(private+"\n"), 0o600)
	})
}

// plain keeps of a name what may stand in a key's.
func plain(r rune) rune {
	if r <= ' ' || r == '+' || r == '/' || r > '~' {
		return '-'
	}
	return r
}

// Folder is where the log lies.
func (l *Log) Folder() string { return l.dir }

func (l *Log) locked(do func() error) error {
	lock := flock.New(filepath.Join(l.dir, "lock"), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }()
	return do()
}

// Key is the public key of the log: what a witness must be given beforehand.
func (l *Log) Key() (Key, error) {
	text, err := os.ReadFile(filepath.Join(l.dir, publicFile))
	if err != nil {
		return Key{}, err
	}
	return ParseKey(strings.TrimSpace(string(text)))
}

// view is the log as it was at one time.
type view struct {
	stored []tlog.Hash // as package tlog numbers them
	size   int64
	signed []byte // the checkpoint, signed by the log
}

// Add makes the text of a checkpoint a leaf, unless it is the last one already,
// and returns its number from 0 and the log with it; without a text, the log as it
// is.
func (l *Log) Add(leaf []byte) (index int64, v *view, err error) {
	err = l.locked(func() error {
		private, err := os.ReadFile(filepath.Join(l.dir, keyFile))
		if err != nil {
			return err
		}
		signer, err := note.NewSigner(strings.TrimSpace(string(private)))
		if err != nil {
			return err
		}
		leaves, err := l.leaves()
		if err != nil {
			return err
		}
		hash := tlog.RecordHash(leaf)
		if n := len(leaves); leaf != nil && (n == 0 || leaves[n-1] != hash) {
			if err := l.append(int64(n), hash); err != nil {
				return err
			}
			leaves = append(leaves, hash)
		}
		index = int64(len(leaves)) - 1
		v, err = newView(leaves, signer)
		return err
	})
	return index, v, err
}

// leaves reads the hashes of the leaves. What follows the last whole one is
// what an interrupted write left.
func (l *Log) leaves() ([]tlog.Hash, error) {
	data, err := os.ReadFile(filepath.Join(l.dir, leavesFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	out := make([]tlog.Hash, len(data)/tlog.HashSize)
	for i := range out {
		copy(out[i][:], data[i*tlog.HashSize:])
	}
	return out, nil
}

func (l *Log) append(n int64, hash tlog.Hash) error {
	f, err := os.OpenFile(filepath.Join(l.dir, leavesFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(hash[:], n*tlog.HashSize)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func newView(leaves []tlog.Hash, signer note.Signer) (*view, error) {
	v := &view{size: int64(len(leaves))}
	for i, hash := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(i), hash, v)
		if err != nil {
			return nil, err
		}
		v.stored = append(v.stored, more...)
	}
	root, err := tlog.TreeHash(v.size, v)
	if err != nil {
		return nil, err
	}
	v.signed, err = note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), v.size, root)}, signer)
	return v, err
}

// ReadHashes implements tlog.HashReader.
func (v *view) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		if at >= int64(len(v.stored)) {
			return nil, fmt.Errorf("the log has no hash %d", at)
		}
		out[i] = v.stored[at]
	}
	return out, nil
}
