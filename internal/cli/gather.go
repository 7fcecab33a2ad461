package cli

import (
	"bytes"
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

// codeUnreadable is the code of a file that could not be looked at.
const codeUnreadable = "IR0100"

// fileCodes are the codes of findings about files as such.
func fileCodes() []runbook.Code {
	return []runbook.Code{
		{ID: codeUnreadable, Severity: runbook.Error, Title: "file that cannot be read", Unshown: "it is about the file and not about what stands in it",
			Explanation: "The path leads to nothing, or to something that this user may not read. Every other file was checked."},
	}
}

// candidate is a file that an argument of validate means, not yet read.
type candidate struct {
	name  string    // as asked for
	path  string    // absolute, "" if doc is there already
	doc   *document // standard input, or a runbook that was found by its name
	found bool      // met in a folder, not named: it may be somebody else's
	err   error     // why nothing can be read
}

// gather returns the files that the arguments mean, each once: a file that is
// met twice counts as named if it was named once.
func (a *app) gather(args []string, stdin string) []candidate {
	var out []candidate
	for _, arg := range args {
		out = append(out, a.candidates(arg, stdin)...)
	}
	return once(out)
}

// once leaves one of several candidates that are the same file. It counts as
// named if one of them does.
func once(files []candidate) []candidate {
	var out []candidate
	at := map[string]int{} // identity -> index in out
	for _, c := range files {
		key := c.identity()
		if i, seen := at[key]; seen && key != "" {
			out[i].found = out[i].found && c.found
			continue
		}
		at[key] = len(out)
		out = append(out, c)
	}
	return out
}

// identity is the same for two candidates that are the same file, "" for one
// that is like no other.
func (c candidate) identity() string {
	switch {
	case c.err != nil:
		return ""
	case c.doc != nil && strings.HasPrefix(c.doc.File, shippedPrefix):
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
func (a *app) candidates(arg, stdin string) []candidate {
	if arg == "-" {
		return []candidate{a.standardInput(stdin)}
	}
	path := a.abs(arg)
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return a.inFolder(arg, path)
	case err == nil:
		return []candidate{{name: arg, path: path}}
	case strings.ContainsAny(arg, "*?[{"):
		return a.matching(arg)
	case isPath(arg) || strings.HasSuffix(arg, ".json"):
		return []candidate{{name: arg, err: reason(err)}}
	}
	d, err := a.findRunbook(arg)
	return []candidate{{name: arg, doc: d, err: err}}
}

// standardInput reads a file from standard input. Its name stands in messages,
// and what the file refers to is looked for beside it.
func (a *app) standardInput(name string) candidate {
	source, err := readBounded(a.Stdin)
	if err != nil {
		return candidate{name: name, err: err}
	}
	d := newDocument(name, name, source)
	d.File = a.abs(name)
	return candidate{name: name, doc: d}
}

// matching are the files that a pattern means, for a shell that did not expand
// it: ** is any number of folders, and what begins with a dot is left out
// unless the pattern names it.
func (a *app) matching(pattern string) []candidate {
	base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
	options := []doublestar.GlobOption{doublestar.WithFilesOnly(), doublestar.WithNoFollow(), doublestar.WithFailOnIOErrors()}
	if !strings.Contains("/"+rest, "/.") {
		options = append(options, doublestar.WithNoHidden())
	}
	names, err := doublestar.Glob(os.DirFS(a.abs(base)), rest, options...)
	if err == nil && len(names) == 0 {
		err = errors.New("no file matches the pattern")
	}
	if err != nil {
		return []candidate{{name: pattern, err: reason(err)}}
	}
	slices.Sort(names)
	out := make([]candidate, len(names))
	for i, n := range names {
		path := filepath.Join(a.abs(base), filepath.FromSlash(n))
		out[i] = candidate{name: a.short(path), path: path}
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
func (a *app) inFolder(arg, dir string) []candidate {
	var out []candidate
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			out = append(out, candidate{name: a.short(path), err: reason(err)})
			return nil
		case e.IsDir() && path != dir && passedOver(e.Name()):
			return fs.SkipDir
		case e.IsDir() || !slices.Contains(documentEnds, filepath.Ext(path)) || strings.HasSuffix(path, keptSuffix) || e.Name() == schemaName:
			return nil
		case e.Type().IsRegular() || e.Type()&fs.ModeSymlink != 0 && leadsInside(dir, path):
			out = append(out, candidate{name: a.short(path), path: path, found: true})
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

// documentEnds are how the names of irctl's files end.
var documentEnds = []string{".yaml", ".yml", ".json"}

// mostBytes is how much of a file is read: far more than any kind of file may
// hold, so that its reader says what is too much.
const mostBytes = 32 << 20

func readBounded(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, mostBytes+1))
	if err == nil && n > mostBytes {
		err = errors.New("it is larger than 32 MiB")
	}
	return b.Bytes(), err
}

// fetch reads a candidate.
func (a *app) fetch(c candidate) (*document, error) {
	if c.doc != nil || c.err != nil {
		return c.doc, c.err
	}
	f, err := os.Open(c.path)
	if err != nil {
		return nil, reason(err)
	}
	defer func() { _ = f.Close() }()
	source, err := readBounded(f)
	if err != nil {
		return nil, reason(err)
	}
	d := newDocument(c.name, a.short(c.path), source)
	d.File = c.path
	return d, nil
}

// cannotRead is the finding about a file that could not be read.
func cannotRead(c candidate, err error) runbook.Diagnostic {
	d := runbook.Diagnostic{
		Severity: runbook.Error, Code: codeUnreadable, Span: runbook.Span{File: c.name},
		Summary: "this cannot be read: " + err.Error(), Detail: "check the path and its permissions; `irctl runbook list` shows the names of runbooks",
	}
	var p *problem
	if errors.As(err, &p) {
		d.Summary = p.Error()
		d.Detail = strings.TrimSpace(p.means + " Next: " + strings.Join(p.next, ", or "))
	}
	return d
}
