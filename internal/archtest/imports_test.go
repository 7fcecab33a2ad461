package archtest

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// checkName looks at the package itself: has it a room, a doc comment, and a
// name that says something.
func (t *Tree) checkName(p *pkg) {
	if contains(vague, path.Base(p.dir)) || contains(vague, p.name) {
		t.report(p.dir, "package "+p.name+" has a name that says nothing",
			"a package is one sentence without \"and\"; name it after what it does")
	}
	if _, ok := roomOf(p.dir); !ok {
		t.report(p.dir, "package "+path.Base(p.dir)+" has no room in the architecture",
			"say in internal/archtest/rules_test.go what it may import and why")
	}
	if p.name == "" {
		return // tests only
	}
	docs := 0
	want := "Package " + p.name + " "
	if p.name == "main" {
		want = "Command " + path.Base(p.dir) + " "
	}
	for _, f := range p.files {
		if f.test || f.ast.Doc == nil {
			continue
		}
		if strings.HasPrefix(f.ast.Doc.Text(), want) {
			docs++
		}
	}
	if docs == 0 {
		t.report(p.dir, "the package has no doc comment that begins with \""+want+"\"",
			"a package opens with the object a caller wants and the order of calls")
	}
	if docs > 1 {
		t.report(p.dir, "the package has more than one doc comment", "there is one place to begin reading")
	}
}

func roomOf(dir string) (room, bool) {
	if i := roomAt(dir); i >= 0 {
		return rooms[i], true
	}
	return room{}, false
}

// roomAt is the index of the room that counts for a folder, or -1.
func roomAt(dir string) int {
	return slices.IndexFunc(rooms, func(r room) bool { return matches(r.pkg, dir) })
}

// CheckRooms returns the rooms that hold no package of the tree: nothing is
// there any more, or a room above has the same pattern.
func (t *Tree) CheckRooms() []Finding {
	held := map[int]bool{}
	for dir := range t.packages {
		held[roomAt(dir)] = true
	}
	var out []Finding
	for i, r := range rooms {
		if !held[i] {
			out = append(out, Finding{"internal/archtest/rules_test.go", "the room " + r.pkg + " holds no package", "a rule for nothing hides the one that counts"})
		}
	}
	return out
}

// checkImports looks at the arrows between packages. Tests may use what they
// like to arrange their cases.
func (t *Tree) checkImports(p *pkg) {
	r, ok := roomOf(p.dir)
	for _, f := range p.files {
		for _, spec := range f.ast.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue
			}
			where := t.at(spec.Pos())
			if own, ours := strings.CutPrefix(imported, Module+"/"); ours {
				if ok && !f.test && own != p.dir && !matchesAny(r.may, own) {
					t.report(where, p.dir+" imports "+own, r.why)
				}
				continue
			}
			t.checkForeign(p, r, f, imported, where)
		}
	}
}

// checkForeign looks at an import from outside the module.
func (t *Tree) checkForeign(p *pkg, r room, f *file, imported, where string) {
	first, _, _ := strings.Cut(imported, "/")
	standard := !strings.Contains(first, ".")
	if r.bare && !standard && !f.test && !matchesAny(r.may, imported) {
		t.report(where, p.dir+" imports "+imported, r.why)
	}
	for _, o := range owners {
		if hasPath(imported, o.module) && !matchesAny(o.pkgs, p.dir) && !f.test {
			t.report(where, p.dir+" imports "+imported,
				"a heavy dependency has one owner: "+strings.Join(o.pkgs, " or "))
		}
	}
	if reason, bad := impure[imported]; bad && p.dir == "internal/engine" && !f.test {
		t.report(where, "the engine imports "+imported, reason)
	}
}

func hasPath(imported, module string) bool {
	return imported == module || strings.HasPrefix(imported, strings.TrimSuffix(module, "/")+"/")
}
