package library

import (
	"path/filepath"
	"slices"

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

// Exercise finds a scenario by its name or path, and makes ready what it plays.
// Nothing of an environment is read.
func (l *Library) Exercise(name string) (*scenario.Scenario, *Prepared, error) {
	d, err := l.find(l.scenarioPlaces(), name)
	if err != nil {
		return nil, nil, err
	}
	if d == nil {
		source, ok := runbooks.Scenario(name)
		if !ok {
			return nil, nil, notFound(KindScenario, name, l.Scenarios())
		}
		d = NewDocument(name, shippedPrefix+name+".yaml", source)
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
