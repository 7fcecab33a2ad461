package store

import (
	"fmt"
	"path/filepath"
	"strings"
)

// receiptName begins the name of a file that an anchor's receipt lies in.
const receiptName = "anchor-"

// maxReceipt bounds a receipt in memory.
const maxReceipt = 1 << 20

// KeepReceipt puts what an anchor gave beside the journal of a run, under a name
// of letters, digits and dashes. One of the same name is replaced. It needs no
// lock, and nothing of the run depends on it.
func (s *Store) KeepReceipt(id, name string, data []byte) error {
	if err := s.exists(id); err != nil {
		return err
	}
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return fmt.Errorf("%q is no name of a receipt", name)
	}
	err := replaceAs(s.fs, filepath.Join(s.Folder(id), receiptName+name+jsonSuffix), data, s.FileMode(), true)
	return cannot("keep a receipt of run "+id, err)
}

// Receipts returns what anchors gave for the run, by the names of the receipts.
func (r *Reader) Receipts() (map[string][]byte, error) {
	entries, err := r.fs.ReadDir(r.dir)
	if err != nil {
		return nil, cannot("read the receipts of run "+r.id, err)
	}
	out := map[string][]byte{}
	for _, e := range entries {
		name, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), jsonSuffix), receiptName)
		if !ok || !strings.HasSuffix(e.Name(), jsonSuffix) || !e.Type().IsRegular() {
			continue
		}
		if out[name], err = read(r.fs, filepath.Join(r.dir, e.Name()), maxReceipt); err != nil {
			return nil, cannot("read the receipts of run "+r.id, err)
		}
	}
	return out, nil
}
