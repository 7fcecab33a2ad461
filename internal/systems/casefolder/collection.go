package casefolder

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

const (
	manifestFile = "manifest.json"
	sumsFile     = "SHA256SUMS"
)

// Item is one piece of evidence as the manifest keeps it.
type Item struct {
	File      string     `json:"file"`   // its name in the collection's folder
	Kind      string     `json:"kind"`   // file, stdout, stderr, body, headers
	Source    string     `json:"source"` // where it is from: a path, a command, a URL
	Size      int64      `json:"size"`
	SHA256    string     `json:"sha256"`
	Modified  *time.Time `json:"modified,omitempty"`  // the source's mtime
	ExitCode  *int       `json:"exit_code,omitempty"` // of a command
	Status    int        `json:"status,omitempty"`    // of a URL's answer
	Collected time.Time  `json:"collected"`
	Run       string     `json:"run"`
	Note      string     `json:"note,omitempty"` // what a reader should know, such as that the file was growing
}

// Collection is one folder of evidence in a case: what one step collected.
// It is for one goroutine.
type Collection struct {
	Name string // its folder's name below evidence/

	c    *Case
	m    manifest
	root *os.Root
}

type manifest struct {
	Key      string `json:"key"`
	Run      string `json:"run"`
	Complete bool   `json:"complete"`
	Items    []Item `json:"items"`
}

var collectionName = pattern.Late(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Collected returns what the step with this key has collected so far; ok is
// false when it has not begun. Close it.
func (c *Case) Collected(name, key string) (col *Collection, ok bool, err error) {
	if !collectionName().MatchString(name) || strings.Contains(name, "..") || name == sumsFile {
		return nil, false, &action.Error{
			Message:   fmt.Sprintf("%q cannot name a folder of evidence", action.CleanLine(name, 80)),
			Hint:      "use letters, digits, dots, dashes and underscores, at most 64",
			Permanent: true,
		}
	}
	evidence, err := c.evidence()
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = evidence.Close() }()
	for n := 1; ; n++ {
		folder := numbered(name, "", n)
		if _, err := evidence.Lstat(folder); errors.Is(err, fs.ErrNotExist) {
			return &Collection{Name: folder, c: c}, false, nil
		}
		root, err := evidence.OpenRoot(folder)
		if err != nil {
			continue // a link or a file of somebody else: never written through
		}
		var m manifest
		text, err := root.ReadFile(manifestFile)
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err == nil && m.Key == key {
			return &Collection{Name: folder, c: c, m: m, root: root}, true, nil
		}
		_ = root.Close()
	}
}

// Collection returns the collection of the step with this key, which begins
// with this call unless it has begun before. Close it.
func (c *Case) Collection(ctx context.Context, name, key, run string) (*Collection, error) {
	unlock, err := c.store.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	col, ok, err := c.Collected(name, key)
	if err != nil || ok {
		return col, err
	}
	evidence, err := c.evidence()
	if err != nil {
		return nil, err
	}
	defer func() { _ = evidence.Close() }()
	if err := evidence.Mkdir(col.Name, 0o700); err != nil {
		return nil, unwritable(c.Folder(), err)
	}
	if col.root, err = evidence.OpenRoot(col.Name); err != nil {
		return nil, unwritable(c.Folder(), err)
	}
	col.m = manifest{Key: key, Run: run, Items: []Item{}}
	if err := col.save(); err != nil {
		return nil, errors.Join(err, col.Close())
	}
	return col, durable.Sync(evidence.Name())
}

// evidence opens the evidence folder, which must be a real folder in the case.
func (c *Case) evidence() (*os.Root, error) {
	root, err := os.OpenRoot(c.Folder())
	if err != nil {
		return nil, unreadable(c, err)
	}
	defer func() { _ = root.Close() }()
	info, err := root.Lstat(evidenceFolder)
	if err != nil {
		return nil, unreadable(c, err)
	}
	if !info.IsDir() {
		return nil, &action.Error{
			Message:   fmt.Sprintf("the evidence folder of case %s is not a folder of its own", c.ID),
			Hint:      "a link would lead evidence out of the case; put a folder in its place",
			Permanent: true,
		}
	}
	return root.OpenRoot(evidenceFolder)
}

// Items returns what was collected so far.
func (col *Collection) Items() []Item { return slices.Clone(col.m.Items) }

// Complete reports whether Finish has returned nil before.
func (col *Collection) Complete() bool { return col.m.Complete }

// Has reports whether a source was collected in whole before.
func (col *Collection) Has(kind, source string) bool {
	return slices.ContainsFunc(col.m.Items, func(i Item) bool { return i.Kind == kind && i.Source == source })
}

// Finish brings SHA256SUMS up to date. Complete says that nothing is left to
// collect.
func (col *Collection) Finish(ctx context.Context, complete bool) error {
	unlock, err := col.c.store.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	col.m.Complete = complete
	if err := col.save(); err != nil {
		return err
	}
	evidence, err := col.c.evidence()
	if err != nil {
		return err
	}
	defer func() { _ = evidence.Close() }()
	old, err := evidence.ReadFile(sumsFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unreadable(col.c, err)
	}
	sums, err := col.sums(old)
	if err != nil {
		return err
	}
	if bytes.Equal(sums, old) {
		return nil
	}
	if err := durable.WriteIn(evidence, sumsFile, sums, 0o600); err != nil {
		return unwritable(col.c.Folder(), err)
	}
	return nil
}

// sums replaces this collection's lines in the text of SHA256SUMS.
func (col *Collection) sums(old []byte) ([]byte, error) {
	var lines []string
	for l := range strings.Lines(string(old)) {
		// "<64 hex>  <name>", as sha256sum writes it
		if len(l) > 66 && !strings.HasPrefix(l[66:], col.Name+"/") {
			lines = append(lines, strings.TrimSuffix(l, "\n"))
		}
	}
	text, err := col.root.ReadFile(manifestFile)
	if err != nil {
		return nil, unreadable(col.c, err)
	}
	lines = append(lines, hexDigest(text)+"  "+path.Join(col.Name, manifestFile))
	for _, i := range col.m.Items {
		lines = append(lines, i.SHA256+"  "+path.Join(col.Name, i.File))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[66:], b[66:]) })
	return []byte(strings.Join(lines, "\n") + "\n"), nil
}

// Folder returns where the collection is.
func (col *Collection) Folder() string {
	return filepath.Join(col.c.Folder(), evidenceFolder, col.Name)
}

// Close gives back what the collection holds open.
func (col *Collection) Close() error {
	if col.root == nil {
		return nil
	}
	return col.root.Close()
}

func (col *Collection) save() error {
	text, err := json.MarshalIndent(col.m, "", "  ")
	if err != nil {
		return err
	}
	if err := durable.WriteIn(col.root, manifestFile, append(text, '\n'), 0o600); err != nil {
		return unwritable(col.c.Folder(), err)
	}
	return nil
}

func numbered(stem, ext string, n int) string {
	if n == 1 {
		return stem + ext
	}
	return fmt.Sprintf("%s-%d%s", stem, n, ext)
}

func hexDigest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// SumsDigest returns the SHA-256 of SHA256SUMS as it is.
func (c *Case) SumsDigest() (string, error) {
	evidence, err := c.evidence()
	if err != nil {
		return "", err
	}
	defer func() { _ = evidence.Close() }()
	text, err := evidence.ReadFile(sumsFile)
	if err != nil {
		return "", unreadable(c, err)
	}
	return hexDigest(text), nil
}
