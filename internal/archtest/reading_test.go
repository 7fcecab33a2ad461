package archtest

import (
	"path"
	"regexp"
	"strings"
)

// checkReading holds a package's list of files against the folder: a list that
// names what is gone, or leaves out what is there, leads nobody in. A list may
// name files that are alike by a pattern, ir*.go.
func (t *Tree) checkReading(p *pkg) {
	const why = "the package comment says in which order to read: it names every file and no other"
	var doc *file
	var list string
	for _, f := range p.files {
		if f.ast.Doc != nil {
			if _, after, ok := strings.Cut(f.ast.Doc.Text(), "reading order"); ok {
				doc, list = f, after
			}
		}
	}
	if doc == nil {
		return
	}
	found := map[string]bool{}
	for _, f := range p.files {
		name, listed := path.Base(f.path), false
		for _, pattern := range goFile.FindAllString(list, -1) {
			if ok, _ := path.Match(pattern, name); ok {
				found[pattern], listed = true, true
			}
		}
		if !listed && !f.test && f != doc && !ofPlatform.MatchString(name) {
			t.report(doc.path, "leaves "+name+" out of its reading order", why)
		}
	}
	for _, pattern := range goFile.FindAllString(list, -1) {
		if !found[pattern] {
			t.report(doc.path, "names "+pattern+" in its reading order, which is not there", why)
			found[pattern] = true
		}
	}
}

// goFile matches what names a Go file, or several, in prose.
var goFile = regexp.MustCompile(`[a-z0-9_*]+\.go\b`)

// ofPlatform matches the files that hold the same for some system each; a list
// may name one of them or none.
var ofPlatform = regexp.MustCompile(`_(unix|linux|darwin|windows|other)\.go$`)
