package library

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/pkg/runbook"
)

// Surroundings are what files are held against when an environment is named;
// nil is none.
type Surroundings struct {
	env   *environment.Environment
	world fitting.World
}

// holders are the people who hold a role.
func (s *Surroundings) holders(role string) []string {
	return each.Of(s.env.PeopleWith(role), func(p environment.Person) string { return p.Name })
}

// Against returns the surroundings that an environment is, and the files with
// the environment's own among them. There are none if the environment has
// errors: those are reported where they stand. elsewhere says that another
// machine runs them.
func (l *Library) Against(name string, elsewhere bool, files []Candidate) ([]Candidate, *Surroundings, error) {
	if name == "" {
		return files, nil, nil
	}
	d, err := l.EnvironmentFile(name)
	if err != nil {
		return files, nil, err
	}
	env, ds := l.ParseEnvironment(d)
	covered := map[string]bool{}
	for _, c := range files {
		if c.doc != nil {
			covered[c.doc.Path] = true
		} else {
			covered[l.Short(c.path)] = true
		}
	}
	files = once(append(files, Candidate{Name: d.Name, doc: d}))
	if ds.HasErrors() {
		return files, nil, nil
	}
	callee := func(name, from string) (*runbook.Runbook, error) {
		rb, err := l.Callee(name, from)
		if err == nil && covered[rb.File] {
			return nil, nil // it is checked by itself
		}
		return rb, err
	}
	return files, &Surroundings{env, fitting.World{Environment: env, Action: l.Actions.Lookup, Callee: callee, Elsewhere: elsewhere}}, nil
}

// Checked is what came of one file.
type Checked struct {
	Name  string    // for people
	File  *Document // nil if it could not be read
	Err   error     // why not
	Kind  string    // "" if it is not irctl's, and was passed over
	Found runbook.Diagnostics
	Held  int // checks that could not be made because of what was found
}

// Check reads files and finds what is wrong with them, on every processor, in
// the order of the files.
func (l *Library) Check(files []Candidate, against *Surroundings) []Checked {
	out := make([]Checked, len(files))
	each.AtOnce(len(files), func(i int) { out[i] = l.checkOne(files[i], against) })
	return out
}

var nothingOfOurs = fileCodes.Warning("IR0126", "folder with nothing of irctl's",
	"No file in the folder says that it is irctl's, so that nothing was checked: perhaps another folder was meant, or the files lack `irctl: v1`. With --strict it fails.")

// Barren are the findings about folders among the arguments in which nothing of
// irctl's was checked.
func (l *Library) Barren(args []string, checked []Checked) (found runbook.Diagnostics) {
	for _, arg := range args {
		folder := l.Abs(arg)
		if info, err := os.Stat(folder); arg == "-" || err != nil || !info.IsDir() {
			continue
		}
		if !slices.ContainsFunc(checked, func(c Checked) bool {
			rel, err := filepath.Rel(folder, l.Abs(c.Name))
			return err == nil && c.Kind != "" && filepath.IsLocal(rel)
		}) {
			found = append(found, nothingOfOurs.At(runbook.Span{File: arg}, "nothing in this folder is irctl's", "name another folder, or begin your files with `irctl: v1`"))
		}
	}
	return found
}

func (l *Library) checkOne(c Candidate, against *Surroundings) Checked {
	d, err := l.Fetch(c)
	if err != nil {
		return Checked{Name: c.Name, Kind: KindFile, Err: err}
	}
	kind := KindOf(d.Source)
	switch {
	case kind == "" && c.Found:
		return Checked{Name: d.Path}
	case kind == "" && strings.EqualFold(filepath.Ext(d.Path), ".json"):
		kind = KindPlaybook
	case kind == "":
		kind = KindRunbook
	}
	found, held := l.Diagnose(d, kind, against)
	return Checked{Name: d.Path, File: d, Kind: kind, Found: found, Held: held}
}
