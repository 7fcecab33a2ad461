package library

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/runbooks"
)

// connectorPlaces is where connectors are looked for, shipped ones apart.
func (l *Library) connectorPlaces() search {
	return search{KindConnector, l.places("connectors"), []string{".yaml"}}
}

// Connected lists every connector that a name can mean, shipped ones last. A
// shipped one is left out where a file of that name comes before it.
func (l *Library) Connected() []Listed {
	out := l.list(l.connectorPlaces())
	for _, name := range runbooks.Connectors() {
		if !slices.ContainsFunc(out, func(one Listed) bool { return one.Name == name }) {
			out = append(out, Listed{name, shippedPrefix + connectorFolder + name + ".yaml"})
		}
	}
	return out
}

// connectorFolder is where shipped connectors lie.
const connectorFolder = "connectors/"

func (l *Library) connector(one Listed) (*Document, error) {
	if strings.HasPrefix(one.Path, shippedPrefix) {
		source, err := runbooks.Connector(one.Name + ".yaml")
		return NewDocument(one.Name, one.Path, source), err
	}
	return l.read(KindConnector, one.Name, l.Abs(one.Path))
}

// ConnectorNamed returns the connector that a name or a path means.
func (l *Library) ConnectorNamed(name string) (*Document, error) {
	if d, err := l.find(l.connectorPlaces(), name); d != nil || err != nil {
		return d, err
	}
	if source, err := runbooks.Connector(name + ".yaml"); err == nil && !strings.Contains(name, ".") {
		return NewDocument(name, shippedPrefix+connectorFolder+name+".yaml", source), nil
	}
	return nil, notFound(KindConnector, name, l.Connected())
}

// Beside returns how to read what lies beside a document.
func (l *Library) Beside(d *Document) func(name string) ([]byte, error) {
	if d.Shipped() {
		return runbooks.Connector
	}
	return func(name string) ([]byte, error) {
		return l.Bytes(filepath.Join(filepath.Dir(d.File), filepath.Base(name)))
	}
}

// Connector is a connector with its file.
type Connector struct {
	*connector.File
	Document *Document
}

// FindConnectors reads every connector that is found by name. One that cannot be used
// is left out and said: of two of a name both are, so that a stale copy, or one in
// a folder that somebody else filled, never gets the secrets of a target.
func (l *Library) FindConnectors() ([]Connector, error) {
	var out []Connector
	var problems []error
	listed := l.Connected()
	for _, one := range listed {
		if slices.ContainsFunc(listed, func(o Listed) bool { return o.Name == one.Name && o.Path != one.Path }) {
			problems = append(problems, fmt.Errorf("%s: another connector has this name, so neither is used", one.Path))
			continue
		}
		if _, err := runbooks.Connector(one.Name + ".yaml"); err == nil && filepath.Dir(l.Abs(one.Path)) == l.connectorPlaces().folders[0] {
			problems = append(problems, fmt.Errorf("%s: irctl comes with a connector of this name, whose place none in the working folder takes: call it otherwise", one.Path))
			one.Path = shippedPrefix + connectorFolder + one.Name + ".yaml"
		}
		d, err := l.connector(one)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		f, found := connector.Parse(d.Path, d.Source)
		switch {
		case found.HasErrors():
			problems = append(problems, fmt.Errorf("%s is no connector that irctl can use, so it is left out: irctl validate %s", d.Path, d.Path))
		case f.Name.Value != one.Name:
			problems = append(problems, fmt.Errorf("%s: the connector's name is %s, and its file is called otherwise, so it is left out", d.Path, f.Name.Value))
		default:
			out = append(out, Connector{f, d})
		}
	}
	return out, errors.Join(problems...)
}

// connects keeps the connectors of the targets that a plan acts on, as further
// files that it is made from: they are signed where runbooks must be, and a run
// resumes with those that it began with.
func (l *Library) connects(w *Prepared) {
	if w.Environment == nil {
		return
	}
	types := map[string]bool{}
	for _, n := range w.Plan.Nodes {
		for _, u := range []*plan.Use{n.Action, n.Undo, n.Verify} {
			if u == nil {
				continue
			}
			t, named := w.Environment.Target(u.Target)
			types[t.Type] = true
			if !named && (u.Target != "" || u.TargetExpr.Given) { // which one is known when it runs
				for _, of := range w.Environment.Types() {
					types[of] = true
				}
			}
		}
	}
	for _, c := range l.Connectors {
		if types[c.Name.Value] {
			w.keep(c.Document)
		}
	}
}

// WriteConnector writes the files of a new connector, by their names, into this
// folder's connectors, and none if one of them is there. It returns where they are.
func (l *Library) WriteConnector(files map[string][]byte) (wrote []string, err error) {
	folder := filepath.Join(l.Dir, "connectors")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
			return nil, &WriteError{Problem: "cannot write " + l.Short(filepath.Join(folder, name)), Means: "Nothing was written.", Err: fs.ErrExist}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(folder, name)
		if err := l.WriteNew(path, files[name]); err != nil {
			return wrote, err
		}
		wrote = append(wrote, l.Short(path))
	}
	return wrote, nil
}
