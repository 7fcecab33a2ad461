package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Place is where a run belongs: the one file that is its journal, on one
// machine, in the hands of one account. A copy of the folder takes the record
// along and is told by it. What is not known is empty, and not compared.
//
// It shows copies that people and programs make of files. It does not show
// those that take the whole disk along, such as a snapshot of a virtual machine
// that is started beside the machine, and nobody is kept from writing the
// record anew.
type Place struct {
	Machine string `json:"machine,omitempty"` // made from the machine's id, which is confidential
	Account string `json:"account,omitempty"` // the number of the account that drives
	Journal string `json:"journal,omitempty"` // tells the file from its copies
	Host    string `json:"host,omitempty"`    // the machine's name, for people: it may change
}

// What of a place can be another one.
const (
	OtherMachine = "machine"
	OtherAccount = "account"
	OtherFile    = "file" // the folder is a copy
)

// here is the place of a journal as it is now.
func here(journal string) (Place, error) {
	mark, err := fileMark(journal)
	if err != nil {
		return Place{}, err
	}
	p := Place{Account: self(), Journal: mark}
	p.Host, _ = os.Hostname()
	if id := machineID(); id != "" {
		mac := hmac.New(sha256.New, []byte("irctl"))
		mac.Write([]byte(id))
		p.Machine = hex.EncodeToString(mac.Sum(nil)[:16])
	}
	return p, nil
}

// differs says what of a place is another one now.
func (p Place) differs(now Place) []string {
	var out []string
	for _, part := range []struct{ name, was, is string }{
		{OtherMachine, p.Machine, now.Machine}, {OtherAccount, p.Account, now.Account}, {OtherFile, p.Journal, now.Journal},
	} {
		if part.was != part.is && part.was != "" && part.is != "" {
			out = append(out, part.name)
		}
	}
	return out
}

// ElsewhereError says that a run belongs elsewhere: its folder was copied, or
// lies on a disk that another machine or another account drove it on. Who drove
// it there may drive it on, and then everything would be done twice.
type ElsewhereError struct {
	Run     string
	From    Place    // where it belongs; empty if its folder does not say
	Changed []string // what is another one here; empty if the folder does not say where it belongs
}

func (e *ElsewhereError) Error() string {
	why := map[string]string{
		OtherMachine: "it was driven on another machine, " + e.From.Host,
		OtherAccount: "it was driven by " + accountName(e.From.Account),
		OtherFile:    "its journal is a copy of the file that was driven",
	}
	var reasons []string
	for _, c := range e.Changed {
		reasons = append(reasons, why[c])
	}
	if len(reasons) == 0 {
		reasons = append(reasons, "its folder does not say where it was driven")
	}
	return fmt.Sprintf("run %s does not belong here: %s", e.Run, strings.Join(reasons, ", and "))
}

// Elsewhere tells whether the run belongs elsewhere, and nil if it is at home.
func (r *Reader) Elsewhere() (*ElsewhereError, error) { return elsewhere(r.fs, r.dir, r.id) }

func elsewhere(fsys FS, dir, id string) (*ElsewhereError, error) {
	now, err := here(filepath.Join(dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // there is no run to belong anywhere
	}
	if err != nil {
		return nil, cannot("see where run "+id+" belongs", err)
	}
	data, err := read(fsys, filepath.Join(dir, placeName), 1<<16)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := fsys.Stat(filepath.Join(dir, olderLockName)); err == nil {
			return nil, nil // an older irctl made it, which kept no such record
		}
		return &ElsewhereError{Run: id}, nil
	}
	if err != nil {
		return nil, cannot("see where run "+id+" belongs", err)
	}
	var from Place
	if json.Unmarshal(data, &from) != nil || from.Journal == "" {
		return &ElsewhereError{Run: id}, nil
	}
	if changed := from.differs(now); len(changed) > 0 {
		return &ElsewhereError{id, from, changed}, nil
	}
	return nil, nil
}

// From tells where the run was driven that [Store.TakeOver] took, and nil if it
// was at home.
func (r *Run) From() *ElsewhereError { return r.from }

// Settle writes down that the run belongs here from now on. It comes after the
// entry that says so is durable.
func (r *Run) Settle() error {
	return cannot("say where run "+r.id+" belongs", writePlace(r.fs, r.dir, r.mode))
}

// writePlace writes down that the run in a folder belongs here.
func writePlace(fsys FS, dir string, mode fs.FileMode) error {
	now, err := here(filepath.Join(dir, journalName))
	if err != nil {
		return err
	}
	data, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return replaceAs(fsys, filepath.Join(dir, placeName), append(data, '\n'), mode, true)
}
