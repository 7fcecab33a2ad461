package library

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/runbooks"
)

// Document is a file that was read: what a name means, or a path leads to.
type Document struct {
	Name   string // as asked for
	Path   string // where it was found, for people; "irctl:containment.yaml" for a shipped one
	File   string // the same, absolute
	Source []byte
	Digest string // SHA-256, hex
}

// NewDocument returns a document of these bytes, as if they lay at a path.
func NewDocument(name, path string, source []byte) *Document {
	sum := sha256.Sum256(source)
	return &Document{name, path, path, source, hex.EncodeToString(sum[:])}
}

// shippedPrefix marks the path of a file that is built into irctl.
const shippedPrefix = "irctl:"

// Shipped reports whether the file is built into irctl.
func (d *Document) Shipped() bool { return strings.HasPrefix(d.File, shippedPrefix) }

// Sources gives the bytes of the document under its path, for excerpts.
func (d *Document) Sources(path string) []byte {
	if path == d.Path {
		return d.Source
	}
	return nil
}

// Listed is a file that a name can mean.
type Listed struct{ Name, Path string }

// search is how documents of one kind are found by name: in folders, in this
// order, as files with one of these endings. A name that two of them hold is an
// error, because a stale copy must not win silently over the one that was meant.
type search struct {
	kind    string
	folders []string
	endings []string
}

// runbookPlaces is where runbooks are looked for, shipped ones apart. A runbook
// may be a playbook of CACAO, in JSON.
func (l *Library) runbookPlaces() search {
	return search{KindRunbook, l.places("runbooks"), []string{".yaml", ".json"}}
}

// environmentPlaces is where environments are looked for.
func (l *Library) environmentPlaces() search {
	return search{KindEnvironment, l.places("environments"), []string{".yaml"}}
}

// places are this folder's, the user's own and the machine's.
func (l *Library) places(folder string) []string {
	places := []string{filepath.Join(l.Dir, folder)}
	for _, configuration := range []string{l.User, l.Machine} {
		if configuration != "" {
			places = append(places, filepath.Join(configuration, "irctl", folder))
		}
	}
	return places
}

// isPath reports whether a name is meant as the path of a file.
func isPath(name string) bool {
	return strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".json")
}

// find returns the one file that a name means, nil if no place holds it.
func (l *Library) find(s search, name string) (*Document, error) {
	if isPath(name) {
		return l.Read(s.kind, name)
	}
	if name == "" || strings.HasPrefix(name, ".") {
		return nil, &NameError{Kind: s.kind, Name: name, Reason: NoName, Problem: strconv.Quote(name) + " is not the name of a " + s.kind}
	}
	var found []*Document
	for _, dir := range s.folders {
		for _, ending := range s.endings {
			d, err := l.read(s.kind, name, filepath.Join(dir, name+ending))
			switch {
			case err == nil:
				found = append(found, d)
			case !errors.Is(err, fs.ErrNotExist):
				return nil, err
			}
		}
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	}
	e := &NameError{
		Kind: s.kind, Name: name, Reason: TwoOfAName, Problem: "two " + s.kind + "s are called " + name,
		Hint: "irctl does not guess which one you mean: name the file.",
	}
	e.Names = each.Of(found, func(d *Document) string { return d.Path })
	return nil, e
}

// Runbook returns the file that the name or the path of a runbook means.
func (l *Library) Runbook(name string) (*Document, error) {
	if d, err := l.find(l.runbookPlaces(), name); d != nil || err != nil {
		return d, err
	}
	if source, ok := runbooks.Source(name); ok {
		return NewDocument(name, shippedPrefix+name+".yaml", source), nil
	}
	return nil, notFound(KindRunbook, name, l.Runbooks())
}

// Runbooks lists every runbook that a name can mean, shipped ones last. A
// shipped one is left out where a file of that name comes before it.
func (l *Library) Runbooks() []Listed {
	out := l.list(l.runbookPlaces())
	for _, name := range runbooks.Names() {
		if !slices.ContainsFunc(out, func(one Listed) bool { return one.Name == name }) {
			out = append(out, Listed{name, shippedPrefix + name + ".yaml"})
		}
	}
	return out
}

// Open reads a runbook that was listed.
func (l *Library) Open(one Listed) (*Document, error) {
	if name, ok := strings.CutPrefix(one.Path, shippedPrefix); ok {
		return l.calleeFile("./"+name, one.Path)
	}
	return l.read(KindRunbook, one.Name, l.Abs(one.Path))
}

// Read reads the file at a path, as a file of a kind; "" is any.
func (l *Library) Read(kind, path string) (*Document, error) { return l.read(kind, path, l.Abs(path)) }

func (l *Library) read(kind, name, path string) (*Document, error) {
	d, err := l.readFile(name, path)
	if err != nil {
		what := "cannot read "
		if kind != "" {
			what += "the " + kind + " "
		}
		return nil, &FileError{Kind: kind, Problem: what + l.Short(path), Err: err}
	}
	return d, nil
}

// readFile is read with the bare reason for which the file cannot be read.
func (l *Library) readFile(name, path string) (*Document, error) {
	source, err := l.Bytes(path)
	if err != nil {
		return nil, Reason(err)
	}
	d := NewDocument(name, l.Short(path), source)
	d.File = path
	return d, nil
}

// Bytes reads a file that somebody named, which may be a pipe: nobody can tell
// whether something will come, so whoever waits for it is told. The error may be a
// *fs.PathError.
func (c Config) Bytes(path string) ([]byte, error) {
	if c.Waits != nil {
		defer time.AfterFunc(time.Second, func() { c.Waits(path) }).Stop()
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	size := int64(0)
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		size = min(info.Size(), mostBytes)
	}
	return readBounded(f, size)
}

// mostBytes is how much of a file is read: far more than any kind of file may
// hold, so that its reader says what is too much.
const mostBytes = 32 << 20

// readBounded reads all; size is what to expect, 0 if nobody knows.
func readBounded(r io.Reader, size int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(size) + bytes.MinRead)
	n, err := io.Copy(&b, io.LimitReader(r, mostBytes+1))
	if err == nil && n > mostBytes {
		err = errors.New("it is larger than 32 MiB")
	}
	return b.Bytes(), err
}

// Reason is a file system error without the path, which stands before it.
func Reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// list returns the names that the places hold, sorted.
func (l *Library) list(s search) []Listed {
	var out []Listed
	for _, dir := range s.folders {
		for _, ending := range s.endings {
			for _, f := range filesIn(dir, ending) {
				if !standsBeside(f) {
					out = append(out, Listed{strings.TrimSuffix(filepath.Base(f), ending), l.Short(f)})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Listed) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// filesIn returns the files of a folder with an ending. A pipe in such a place
// could hold up whoever only looks around.
func filesIn(dir, ending string) []string {
	files, _ := filepath.Glob(filepath.Join(dir, "*"+ending))
	return slices.DeleteFunc(files, func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && !info.Mode().IsRegular()
	})
}

// standsBeside reports whether a file in a place of runbooks is none: tests,
// the bindings of a playbook, what a connector uses of a description, the playbook that a runbook was made of, JSON
// that is somebody else's.
func standsBeside(path string) bool {
	if strings.HasSuffix(path, KeptSuffix) {
		return true
	}
	if strings.HasSuffix(path, ".json") {
		source, err := os.ReadFile(path)
		return err == nil && !isPlaybook(source)
	}
	return strings.HasSuffix(path, ".test.yaml") || strings.HasSuffix(path, ".bindings.yaml") || strings.HasSuffix(path, ".openapi.yaml")
}

// Abs makes a path absolute that is relative to the working folder.
func (c Config) Abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(c.Dir, path)
}

// Short is a path as people like to read it: relative to the working folder if
// it lies below it.
func (c Config) Short(path string) string {
	rel, err := filepath.Rel(c.Dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return rel
}
