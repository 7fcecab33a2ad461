package library

import (
	"errors"
	"fmt"
	"slices"

	"github.com/irctl/irctl/internal/connector"
)

// connectorPlaces is where connectors are looked for, shipped ones apart.
func (l *Library) connectorPlaces() search {
	return search{KindConnector, l.places("connectors"), []string{".yaml"}}
}

// Connectors reads every connector that is found by name. One that cannot be used
// is left out and said: of two of a name both are, so that a stale copy, or one in
// a folder that somebody else filled, never gets the secrets of a target.
func (l *Library) Connectors() ([]*connector.File, error) {
	var files []*connector.File
	var problems []error
	listed := l.list(l.connectorPlaces())
	for i, one := range listed {
		same := func(o Listed) bool { return o.Name == one.Name && o.Path != one.Path }
		if slices.ContainsFunc(listed, same) {
			problems = append(problems, fmt.Errorf("%s: another connector has this name, so neither is used", one.Path))
			continue
		}
		d, err := l.read(KindConnector, one.Name, l.Abs(listed[i].Path))
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
			files = append(files, f)
		}
	}
	return files, errors.Join(problems...)
}
