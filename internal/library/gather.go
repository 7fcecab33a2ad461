package library

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/irctl/irctl/pkg/runbook"
)

// Candidate is a file that an argument means, not yet read.
type Candidate struct {
	Name  string    // as asked for
	path  string    // absolute, "" if doc is there already
	doc   *Document // standard input, or a runbook that was found by its name
	Found bool      // met in a folder, not named: it may be somebody else's
	err   error     // why nothing can be read
}

// Stream is what the argument "-" means: a stream with the name that it has in
// messages, beside which is looked for what the file refers to.
type Stream struct {
	Name string
	Read io.Reader
}

// Gather returns the files that the arguments mean, each once: a file that is
// met twice counts as named if it was named once.
func (l *Library) Gather(args []string, in Stream) []Candidate {
	var out []Candidate
	for _, arg := range args {
		out = append(out, l.candidates(arg, in)...)
	}
	return once(out)
}

// once leaves one of several candidates that are the same file. It counts as
// named if one of them does.
func once(files []Candidate) []Candidate {
	var out []Candidate
	at := map[string]int{} // identity -> index in out
	for _, c := range files {
		key := c.identity()
		if i, seen := at[key]; seen && key != "" {
			out[i].Found = out[i].Found && c.Found
			continue
		}
		at[key] = len(out)
		out = append(out, c)
	}
	return out
}

// identity is the same for two candidates that are the same file, "" for one
// that is like no other.
func (c Candidate) identity() string {
	switch {
	case c.err != nil:
		return ""
	case c.doc != nil && c.doc.Shipped():
		return c.doc.File
	}
	path := c.path
	if c.doc != nil {
		path = c.doc.File
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// candidates are the files of one argument: standard input, a file, a folder,
// a pattern, or the name of a runbook.
func (l *Library) candidates(arg string, in Stream) []Candidate {
	if arg == "-" {
		return []Candidate{l.stream(in)}
	}
	path := l.Abs(arg)
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return l.inFolder(arg, path)
	case err == nil:
		return []Candidate{{Name: arg, path: path}}
	case strings.ContainsAny(arg, "*?[{"):
		return l.matching(arg)
	case isPath(arg):
		return []Candidate{{Name: arg, err: Reason(err)}}
	}
	d, err := l.Runbook(arg)
	return []Candidate{{Name: arg, doc: d, err: err}}
}

func (l *Library) stream(in Stream) Candidate {
	source, err := readBounded(in.Read, 0)
	if err != nil {
		return Candidate{Name: in.Name, err: err}
	}
	d := NewDocument(in.Name, in.Name, source)
	d.File = l.Abs(in.Name)
	return Candidate{Name: in.Name, doc: d}
}

// matching are the files that a pattern means, for a shell that did not expand
// it: ** is any number of folders, and what begins with a dot is left out
// unless the pattern names it.
func (l *Library) matching(pattern string) []Candidate {
	base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
	options := []doublestar.GlobOption{doublestar.WithFilesOnly(), doublestar.WithNoFollow(), doublestar.WithFailOnIOErrors()}
	if !strings.Contains("/"+rest, "/.") {
		options = append(options, doublestar.WithNoHidden())
	}
	names, err := doublestar.Glob(os.DirFS(l.Abs(base)), rest, options...)
	if err == nil && len(names) == 0 {
		err = errors.New("no file matches the pattern")
	}
	if err != nil {
		return []Candidate{{Name: pattern, err: Reason(err)}}
	}
	slices.Sort(names)
	out := make([]Candidate, len(names))
	for i, n := range names {
		path := filepath.Join(l.Abs(base), filepath.FromSlash(n))
		out[i] = Candidate{Name: l.Short(path), path: path}
	}
	return out
}

// passedOver reports whether a folder inside another is left out unless it is
// named itself, as go does: testdata, and what begins with a dot or a line. What
// is in there may be wrong on purpose.
func passedOver(folder string) bool {
	return folder == "testdata" || strings.HasPrefix(folder, ".") || strings.HasPrefix(folder, "_")
}

// inFolder are the files below a folder that may be irctl's. Folders that are
// passedOver are left out, and so is what is no regular file or a link to one
// inside the same folder: nobody gave a path to it. The playbook that an
// imported runbook was made of is left out, too: the runbook is what counts. So
// is the schema that editors read.
func (l *Library) inFolder(arg, dir string) []Candidate {
	var out []Candidate
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			out = append(out, Candidate{Name: l.Short(path), err: Reason(err)})
			return nil
		case e.IsDir() && path != dir && passedOver(e.Name()):
			return fs.SkipDir
		case e.IsDir() || !slices.Contains(documentEnds, filepath.Ext(path)) || strings.HasSuffix(path, KeptSuffix) || e.Name() == SchemaName:
			return nil
		case e.Type().IsRegular() || e.Type()&fs.ModeSymlink != 0 && leadsInside(dir, path):
			out = append(out, Candidate{Name: l.Short(path), path: path, Found: true})
		}
		return nil
	})
	return out
}

// leadsInside reports whether a link leads to a regular file inside a folder.
func leadsInside(dir, link string) bool {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(link)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(root, real)
	if err != nil || !filepath.IsLocal(rel) {
		return false
	}
	info, err := os.Lstat(real)
	return err == nil && info.Mode().IsRegular()
}

// SchemaName is the file that editors read, in the folder that holds runbooks/
// and environments/.
const SchemaName = ".irctl.schema.json"

// documentEnds are how the names of irctl's files end.
var documentEnds = []string{".yaml", ".yml", ".json"}

// Fetch reads a candidate.
func (l *Library) Fetch(c Candidate) (*Document, error) {
	if c.doc != nil || c.err != nil {
		return c.doc, c.err
	}
	return l.readFile(c.Name, c.path)
}

// CannotRead is the finding about a file that could not be read.
func CannotRead(name string, err error) runbook.Diagnostic {
	return unreadable.At(runbook.Span{File: name}, "this cannot be read: "+err.Error(), "check the path and its permissions; `irctl runbook list` shows the names of runbooks")
}
