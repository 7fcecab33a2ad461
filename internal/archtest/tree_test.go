package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
)

// Finding is one place where the tree breaks a rule.
type Finding struct {
	Where  string // file, or file:line
	What   string
	Reason string
}

// String returns the finding as one line.
func (f Finding) String() string { return f.Where + ": " + f.What + " (" + f.Reason + ")" }

// before sorts findings by file, then by line.
func (f Finding) before(g Finding) bool {
	file, line := split(f.Where)
	other, otherLine := split(g.Where)
	if file != other {
		return file < other
	}
	return line < otherLine
}

// split parts file:line; a place without a line has line 0.
func split(where string) (string, int) {
	file, text, _ := strings.Cut(where, ":")
	line, _ := strconv.Atoi(text)
	return file, line
}

// Tree is the source of the module, parsed.
type Tree struct {
	fset     *token.FileSet
	top      []string // entries of the top folder that git does not ignore
	packages map[string]*pkg
	loaded   map[string]*types.Package // by folder
	findings []Finding
}

// pkg is one folder with Go files.
type pkg struct {
	dir   string // below the module, "internal/engine"
	name  string
	files []*file // sorted by name
}

// file is one Go file.
type file struct {
	path  string
	test  bool
	lines int
	ast   *ast.File
}

// ignoredAtTop returns the entries of .gitignore that name something in the
// top folder, "/irctl" or "/bin/": what a build leaves there is no finding.
func ignoredAtTop(root fs.FS) []string {
	text, err := fs.ReadFile(root, ".gitignore")
	if err != nil {
		return nil
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "/"); ok {
			out = append(out, strings.TrimSuffix(name, "/"))
		}
	}
	return out
}

// Read parses every Go file of the tree, whatever its build tags say. Folders
// called testdata and those that begin with a dot are not looked into.
func Read(root fs.FS) (*Tree, error) {
	t := &Tree{fset: token.NewFileSet(), packages: map[string]*pkg{}, loaded: map[string]*types.Package{}}
	entries, err := fs.ReadDir(root, ".")
	if err != nil {
		return nil, fmt.Errorf("read the top folder: %w", err)
	}
	ignored := ignoredAtTop(root)
	for _, e := range entries {
		if !contains(ignored, e.Name()) {
			t.top = append(t.top, e.Name())
		}
	}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		return t.add(root, name)
	})
	return t, err
}

func (t *Tree) add(root fs.FS, name string) error {
	src, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(t.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse %s: %w", name, err)
	}
	dir := path.Dir(name)
	p := t.packages[dir]
	if p == nil {
		p = &pkg{dir: dir}
		t.packages[dir] = p
	}
	test := strings.HasSuffix(name, "_test.go")
	if !test {
		p.name = parsed.Name.Name
	}
	p.files = append(p.files, &file{name, test, bytes.Count(src, []byte("\n")), parsed})
	return nil
}

// Check applies every rule and returns what is wrong, by file.
func (t *Tree) Check() []Finding {
	t.findings = nil
	t.checkTop()
	dirs := make([]string, 0, len(t.packages))
	for dir := range t.packages {
		dirs = append(dirs, dir)
	}
	sort.Strings(dirs)
	for _, dir := range dirs {
		p := t.packages[dir]
		t.checkName(p)
		t.checkReading(p)
		t.checkImports(p)
		t.checkSource(p)
		t.checkTyped(p)
	}
	sort.SliceStable(t.findings, func(i, j int) bool { return t.findings[i].before(t.findings[j]) })
	return t.findings
}

func (t *Tree) checkTop() {
	for _, name := range t.top {
		if strings.HasPrefix(name, ".") || contains(topLevel, name) {
			continue
		}
		t.report(name, "does not belong at the top of the repository",
			"the top level is "+strings.Join(topLevel, " ")+" and dot-files, so that the folder names show the architecture")
	}
}

func (t *Tree) report(where, what, reason string) {
	t.findings = append(t.findings, Finding{where, what, reason})
}

// at returns file:line of a place in the source.
func (t *Tree) at(pos token.Pos) string {
	p := t.fset.Position(pos)
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// matches reports whether a folder is within a pattern.
func matches(pattern, dir string) bool {
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return dir == below || strings.HasPrefix(dir, below+"/")
	}
	return dir == pattern
}

func matchesAny(patterns []string, dir string) bool {
	for _, p := range patterns {
		if matches(p, dir) {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
