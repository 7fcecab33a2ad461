package library

import (
	"errors"
	"fmt"
	"slices"

	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/plan"
)

// connectorPlaces is where connectors are looked for, shipped ones apart.
func (l *Library) connectorPlaces() search {
	return search{KindConnector, l.places("connectors"), []string{".yaml"}}
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
	listed := l.list(l.connectorPlaces())
	for _, one := range listed {
		if slices.ContainsFunc(listed, func(o Listed) bool { return o.Name == one.Name && o.Path != one.Path }) {
			problems = append(problems, fmt.Errorf("%s: another connector has this name, so neither is used", one.Path))
			continue
		}
		d, err := l.read(KindConnector, one.Name, l.Abs(one.Path))
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
	use := func(names ...string) {
		for _, name := range names {
			t, _ := w.Environment.Target(name)
			types[t.Type] = true
		}
	}
	for _, n := range w.Plan.Nodes {
		for _, u := range []*plan.Use{n.Action, n.Undo, n.Verify} {
			switch {
			case u == nil:
			case u.TargetExpr.Given:
				use(w.Environment.TargetNames()...)
			default:
				use(u.Target)
			}
		}
	}
	for _, c := range l.Connectors {
		if types[c.Name.Value] {
			w.keep(c.Document)
		}
	}
}
