package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/irctl/irctl/internal/projection"
)

// defaultHome is $IRCTL_HOME, or irctl's folder among the user's state.
func (a *app) defaultHome() string {
	if home := a.Getenv("IRCTL_HOME"); home != "" {
		return home
	}
	return filepath.Join(a.State, "irctl")
}

// document is a file that was looked for by name: a runbook or an environment.
type document struct {
	Name   string // as asked for
	Path   string // where it was found, for people; "irctl:containment.yaml" for a shipped one
	File   string // the same, absolute
	Source []byte
	Digest string // SHA-256, hex
}

func newDocument(name, path string, source []byte) *document {
	sum := sha256.Sum256(source)
	return &document{name, path, path, source, hex.EncodeToString(sum[:])}
}

// place is one folder in which documents are looked for.
type place struct {
	label string // for people
	dir   string
}

// search is how documents of one kind are found by name: in places, in this
// order. A name that two places before the system's own hold is an error,
// because a stale copy must not win silently over the one that was meant.
type search struct {
	kind   string // "runbook"
	places []place
}

// shippedPrefix marks the path of a file that is built into irctl.
const shippedPrefix = "irctl:"

// runbookPlaces is where runbooks are looked for, shipped ones apart.
func (a *app) runbookPlaces() search {
	return search{"runbook", a.places("runbooks")}
}

// environmentPlaces is where environments are looked for.
func (a *app) environmentPlaces() search {
	return search{"environment", a.places("environments")}
}

func (a *app) places(folder string) []place {
	return []place{
		{"this folder", filepath.Join(a.Dir, folder)},
		{"your own", filepath.Join(a.Config, "irctl", folder)},
		{"the machine's", filepath.Join(a.SystemConfig, "irctl", folder)},
	}
}

// endings are those of the files that a name can mean. A runbook may be a
// playbook of CACAO, in JSON.
func (s search) endings() []string {
	if s.kind == "runbook" {
		return []string{".yaml", ".json"}
	}
	return []string{".yaml"}
}

// isPath reports whether a name is meant as the path of a file.
func isPath(name string) bool {
	return strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".json")
}

// errNotFound is what find returns when no place holds the name.
var errNotFound = errors.New("not found")

// find returns the one file that a name means.
func (a *app) find(s search, name string) (*document, error) {
	if isPath(name) {
		return a.readDocument(s.kind, name, a.abs(name))
	}
	if name == "" || strings.HasPrefix(name, ".") {
		return nil, usagef("%q is not the name of a %s", name, s.kind)
	}
	var found []*document
	for _, p := range s.places {
		for _, ending := range s.endings() {
			d, err := a.readDocument(s.kind, name, filepath.Join(p.dir, name+ending))
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
		return nil, errNotFound
	case 1:
		return found[0], nil
	}
	p := &problem{exit: ExitInvalid, what: "two " + s.kind + "s are called " + name}
	p.means = "irctl does not guess which one you mean: name the file."
	for _, d := range found {
		p.add(a.short(d.Path))
	}
	return nil, p
}

func (a *app) readDocument(kind, name, path string) (*document, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		p := &problem{exit: ExitInvalid, what: "cannot read the " + kind + " " + a.short(path), cause: reason(err)}
		if kind != "file" { // what a name may mean is listed
			p.add(projection.Command(kind, "list"))
		}
		return nil, p
	}
	d := newDocument(name, a.short(path), source)
	d.File = path
	return d, nil
}

// reason is a file system error without the path, which stands before it.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// list returns the names that the places hold, each once, sorted.
func (a *app) list(s search) []listed {
	var out []listed
	for _, p := range s.places {
		for _, ending := range s.endings() {
			files, _ := filepath.Glob(filepath.Join(p.dir, "*"+ending))
			for _, f := range files {
				if !a.standsBeside(f) {
					out = append(out, listed{strings.TrimSuffix(filepath.Base(f), ending), a.short(f)})
				}
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// standsBeside reports whether a file in a place of runbooks is none: tests,
// the bindings of a playbook, the playbook that a runbook was made of, JSON
// that is somebody else's.
func (a *app) standsBeside(path string) bool {
	if strings.HasSuffix(path, keptSuffix) {
		return true
	}
	if strings.HasSuffix(path, ".json") {
		source, err := os.ReadFile(path)
		return err == nil && !isPlaybook(source)
	}
	return strings.HasSuffix(path, ".test.yaml") || strings.HasSuffix(path, ".bindings.yaml")
}

// listed is a document in a list.
type listed struct{ Name, Path string }

// abs makes a path of the command line absolute.
func (a *app) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(a.Dir, path)
}

// short is a path as people like to read it: relative to the working folder if
// it lies below it.
func (a *app) short(path string) string {
	rel, err := filepath.Rel(a.Dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return rel
}
