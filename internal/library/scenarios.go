package library

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/runbooks"
)

// scenarioPlaces is where scenarios are looked for, shipped ones apart.
func (l *Library) scenarioPlaces() search {
	return search{KindScenario, l.places("scenarios"), []string{".yaml"}}
}

// Scenarios lists every scenario that a name can mean, shipped ones last.
func (l *Library) Scenarios() []Listed {
	out := l.list(l.scenarioPlaces())
	for _, name := range runbooks.Scenarios() {
		if !slices.ContainsFunc(out, func(one Listed) bool { return one.Name == name }) {
			out = append(out, Listed{name, shippedPrefix + name + ".yaml"})
		}
	}
	return out
}

// ScenarioFile is the file of a scenario, by its name or path.
func (l *Library) ScenarioFile(name string) (*Document, error) { return l.scenario(name) }

// scenario finds the file of a scenario by its name or path.
func (l *Library) scenario(name string) (*Document, error) {
	if d, err := l.find(l.scenarioPlaces(), name); d != nil || err != nil {
		return d, err
	}
	if source, ok := runbooks.Scenario(name); ok {
		return NewDocument(name, shippedPrefix+name+".yaml", source), nil
	}
	return nil, notFound(KindScenario, name, l.Scenarios())
}

// Plays is the name of the runbook that a scenario plays.
func (l *Library) Plays(one Listed) (string, error) {
	d, err := l.scenario(one.Name)
	if err != nil {
		return "", err
	}
	s, ds := scenario.Parse(d.Path, d.Source)
	if ds.HasErrors() {
		return "", &Invalid{d, ds}
	}
	return NameOf(s.Runbook.Value), nil
}

// NameOf is the name that the name or the path of a runbook stands for.
func NameOf(runbook string) string {
	base := filepath.Base(runbook)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// Exercise finds a scenario by its name or path, and makes ready what it plays.
// Nothing of an environment is read.
func (l *Library) Exercise(name string) (*scenario.Scenario, *Prepared, error) {
	d, err := l.scenario(name)
	if err != nil {
		return nil, nil, err
	}
	s, ds := scenario.Parse(d.Path, d.Source)
	if s != nil {
		ds = append(ds, s.Check(l.Callee)...)
	}
	if ds.HasErrors() {
		return nil, nil, &Invalid{d, ds}
	}
	runbook := s.Runbook.Value
	if isPath(runbook) && !filepath.IsAbs(runbook) && !d.Shipped() {
		runbook = filepath.Join(filepath.Dir(d.File), runbook)
	}
	file, err := l.Runbook(runbook)
	if err != nil {
		return nil, nil, err
	}
	w := &Prepared{Asked: Request{Runbook: runbook, Inputs: map[string]string{}}, File: file}
	if err := l.makePlan(w); err != nil {
		return nil, nil, err
	}
	for _, p := range s.Inputs {
		w.Asked.Inputs[p.Key.Value] = data.Text(data.Of(p.Value.Data()))
	}
	for _, f := range w.Plan.Inputs {
		if f.Secret && f.Required {
			w.Asked.Inputs[f.Name] = "env:EXERCISE" // nobody reads it
		}
	}
	var problems []compile.Problem
	if w.Inputs, w.Secrets, problems = compile.Inputs(w.Plan, w.Asked.Inputs); len(problems) > 0 {
		return nil, nil, w.badInputs(problems)
	}
	return s, w, nil
}
