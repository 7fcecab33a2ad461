package lab

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// company is what the lab's systems remember. Every change is on disk before
// change returns. It is safe for concurrent use.
type company struct {
	mu   sync.Mutex
	path string
	now  func() time.Time
	led  *box[Entry]
	data companyData
}

// companyData is the content of company.json.
type companyData struct {
	Mail     mailState         `json:"mail"`
	Accounts []*account        `json:"accounts"`
	Sessions []session         `json:"sessions"`
	Seen     map[string]string `json:"seen"` // digest of the portal's files when the lab last looked
}

type mailState struct {
	Suspended bool   `json:"suspended"`
	Notice    string `json:"notice"`
}

// account is an entry of the directory that can log in.
type account struct {
	UID      string    `json:"uid"`
	Name     string    `json:"cn"`
	Mail     string    `json:"mail"`
	Unit     string    `json:"ou"` // "people" or "borrowers"
	Title    string    `json:"title"`
	Password string    `json:"password"` // {SSHA256}, see hashPassword
	Locked   string    `json:"locked"`   // pwdAccountLockedTime, empty when not locked
	Changed  time.Time `json:"changed"`  // when the password was set
}

// session is somebody logged in to the portal.
type session struct {
	ID      string    `json:"id"` // SHA-256 of the cookie
	Account string    `json:"account"`
	From    string    `json:"from"` // the address it came from
	Since   time.Time `json:"since"`
}

func openCompany(path string, led *box[Entry], now func() time.Time) (*company, error) {
	c := &company{path: path, now: now, led: led}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, c.reset()
	}
	if err != nil {
		return nil, fmt.Errorf("read the lab's state: %w", err)
	}
	if err := json.Unmarshal(b, &c.data); err != nil {
		return nil, fmt.Errorf("the lab's state in %s cannot be read, `irctl lab reset` makes a new one: %w", path, err)
	}
	return c, nil
}

// reset makes the company what it was on its first day.
func (c *company) reset() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.data = firstDay(c.now())
	return c.save()
}

// change lets f change the data and writes it; then it adds the entries that f
// returned to the ledger. When it returns nil both are in their files.
func (c *company) change(f func(*companyData) []Entry) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries := f(&c.data)
	if err := c.save(); err != nil {
		return err
	}
	for _, e := range entries {
		e.Time = c.now().UTC()
		if err := c.led.add(e); err != nil {
			return err
		}
	}
	return nil
}

// look lets f read the data.
func (c *company) look(f func(*companyData)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.data)
}

func (c *company) save() error {
	return writeJSON(c.path, c.data)
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return replaceFile(path, append(b, '\n'))
}

// replaceFile writes a file so that a reader sees the old content or the new.
// The lab is the witness of what irctl does, so it shares no code with it.
func replaceFile(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = tmp.Write(b)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func (d *companyData) account(uid string) *account {
	for _, a := range d.Accounts {
		if strings.EqualFold(a.UID, uid) {
			return a
		}
	}
	return nil
}

// accepts reports whether an account may log in with a password.
func (a *account) accepts(password string) bool {
	return a != nil && a.Locked == "" && password != "" && checkPassword(a.Password, password)
}

const hashScheme = "{SSHA256}"

// hashPassword returns scheme, then the base64 of digest and salt, as
// directories write it (RFC 2307 section 5.3, with SHA-256).
func hashPassword(password string) string {
	salt := make([]byte, 8)
	_, _ = rand.Read(salt) // crypto/rand.Read never fails
	return hashScheme + base64.StdEncoding.EncodeToString(append(digest(password, salt), salt...))
}

func checkPassword(hash, password string) bool {
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(hash, hashScheme))
	if err != nil || len(b) < sha256.Size {
		return false
	}
	return subtle.ConstantTimeCompare(b[:sha256.Size], digest(password, b[sha256.Size:])) == 1
}

func digest(password string, salt []byte) []byte {
	sum := sha256.Sum256(append([]byte(password), salt...))
	return sum[:]
}
