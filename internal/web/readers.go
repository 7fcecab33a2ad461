package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/durable"
)

// Reader is somebody who may read the war room. Of the token only its hash is kept.
type Reader struct {
	Name  string    `json:"name"`
	Hash  string    `json:"sha256"` // of the token, in hex
	Since time.Time `json:"since"`
}

// Readers are those who may read the war room: those of a file, which is read anew
// whenever somebody comes, and one who has a token for as long as this process lives.
type Readers struct {
	file  string
	guest Reader
}

// ReadersIn are the readers of a file, which need not exist.
func ReadersIn(file string) *Readers { return &Readers{file: file} }

// Guest makes a token that this process alone knows, for whoever started it.
func (r *Readers) Guest(name string) (token string) {
	token = rand.Text()
	r.guest = Reader{Name: name, Hash: hashed(token)}
	return token
}

// Add makes a token for a reader, in place of an earlier one of the same name, and
// returns it. It is kept nowhere.
func (r *Readers) Add(name string, now time.Time) (token string, err error) {
	all, err := r.All()
	if err != nil {
		return "", err
	}
	token = rand.Text()
	all = append(slices.DeleteFunc(all, named(name)), Reader{name, hashed(token), now.UTC()})
	return token, r.write(all)
}

// Remove takes the token of a reader away; found is false if there was none. A page
// that is open ends within [beat].
func (r *Readers) Remove(name string) (found bool, err error) {
	all, err := r.All()
	left := slices.DeleteFunc(slices.Clone(all), named(name))
	if err != nil || len(left) == len(all) {
		return false, err
	}
	return true, r.write(left)
}

// All are the readers of the file, the oldest first.
func (r *Readers) All() (all []Reader, err error) {
	text, err := os.ReadFile(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("the readers in %s: %w", r.file, err)
	}
	return all, nil
}

// Know says whose a token is. A file that cannot be read knows nobody.
func (r *Readers) Know(token string) (name string, ok bool) {
	all, _ := r.All()
	hash := []byte(hashed(token))
	for _, one := range append(all, r.guest) {
		if subtle.ConstantTimeCompare([]byte(one.Hash), hash) == 1 {
			name, ok = one.Name, token != ""
		}
	}
	return name, ok
}

func (r *Readers) write(all []Reader) error {
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return durable.Write(r.file, append(text, '\n'), 0o600)
}

func named(name string) func(Reader) bool { return func(r Reader) bool { return r.Name == name } }

// hashed is enough for a token, which nobody can guess: it has 128 bits.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
