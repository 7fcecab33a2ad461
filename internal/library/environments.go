package library

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// labName is the name by which the lab's environment is found.
const labName = "lab"

// EnvironmentFile returns the file that the name or the path of an environment
// means.
func (l *Library) EnvironmentFile(name string) (*Document, error) {
	d, err := l.environmentFile(name)
	if err == nil && l.Only != nil {
		err = l.Only(d)
	}
	return d, err
}

func (l *Library) environmentFile(name string) (*Document, error) {
	d, err := l.find(l.environmentPlaces(), name)
	switch {
	case d != nil || err != nil:
		return d, err
	case name == labName:
		return l.labEnvironment()
	}
	return nil, notFound(KindEnvironment, name, l.Environments())
}

func (l *Library) labEnvironment() (*Document, error) {
	d, err := l.read(KindEnvironment, labName, filepath.Join(l.Lab, "environment.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NameError{Kind: KindEnvironment, Name: labName, Reason: NoLab, Problem: "the lab was never started here, so there is no environment " + labName}
	}
	return d, err
}

// Environments lists every environment that a name can mean.
func (l *Library) Environments() []Listed {
	out := l.list(l.environmentPlaces())
	if d, err := l.labEnvironment(); err == nil {
		out = append(out, Listed{labName, d.Path})
	}
	return out
}

// Environment reads the environment of a name within what the machine permits;
// nil without an error for the name "".
func (l *Library) Environment(name string) (*environment.Environment, *Document, error) {
	if name == "" {
		return nil, nil, nil
	}
	d, err := l.EnvironmentFile(name)
	if err != nil {
		return nil, nil, err
	}
	env, ds := l.ParseEnvironment(d)
	if ds.HasErrors() {
		return nil, nil, &Invalid{d, ds}
	}
	if policy, err := l.Policy(); err != nil {
		return nil, nil, err
	} else if by := policy.SignedEnvironments(); by.Trusted != "" {
		if _, err := l.Vouched(d, KindEnvironment, by); err != nil {
			return nil, nil, err
		}
	}
	for _, c := range l.Connectors {
		if by := env.SignedRunbooks(); by.Trusted != "" && !c.Document.Shipped() {
			if _, err := l.Vouched(c.Document, KindConnector, by); err != nil {
				env.Refuse(c.Name.Value, &action.Error{Message: err.Error(), Hint: "irctl runbook sign " + c.Document.Path, Permanent: true})
			}
		}
	}
	return env, d, nil
}

// Gathered is an environment with the machines that its groups have now; the
// listing is nil if it has no groups.
func Gathered(env *environment.Environment) (*environment.Environment, environment.Listing, error) {
	if !env.Grouped() {
		return env, nil, nil
	}
	list, err := env.Gather(context.Background(), true)
	if err != nil {
		return nil, nil, err
	}
	return env.With(list), list, nil
}

// ParseEnvironment reads an environment and finds everything that is wrong
// with it. Its paths are relative to the file's folder.
func (l *Library) ParseEnvironment(d *Document) (*environment.Environment, runbook.Diagnostics) {
	env, ds := environment.Parse(d.File, d.Source)
	if env == nil {
		return nil, d.relabel(ds)
	}
	ds = append(ds, env.Check(l.Actions.Specs())...)
	policy, err := l.Policy()
	var refused *environment.PolicyError
	if errors.As(err, &refused) {
		top := runbook.Position{Line: 1, Column: 1}
		var told language.Decoder
		told.Report(environment.WeakerThanPolicy, runbook.Span{File: d.File, Start: top, End: top}, refused.Advice(), "nobody can tell what this machine permits: %s", err.Error())
		return env, d.relabel(append(ds, told.Diagnostics()...))
	}
	env, weaker := env.Under(policy)
	return env, d.relabel(append(ds, weaker...))
}

// CheckSecrets looks at the places of an environment's secrets, and at no
// secret.
func (d *Document) CheckSecrets(env *environment.Environment) runbook.Diagnostics {
	return d.relabel(env.CheckSecrets())
}

// relabel gives the places of diagnostics the path that people read.
func (d *Document) relabel(ds runbook.Diagnostics) runbook.Diagnostics {
	short := func(s *runbook.Span) {
		if s.File == d.File {
			s.File = d.Path
		}
	}
	for i := range ds {
		short(&ds[i].Span)
		for n := range ds[i].Related {
			short(&ds[i].Related[n].Span)
		}
		if ds[i].Fix != nil {
			short(&ds[i].Fix.Span)
		}
	}
	return ds
}

// Fits holds the runbooks of these names against an environment; without names
// those that the environment is for, or all that there are. A runbook with
// errors is left to validate, unless it was named.
func (l *Library) Fits(env *environment.Environment, names []string, tell func(d *Document, r fitting.Report)) error {
	if len(names) == 0 {
		names = env.Runbooks
	}
	all := len(names) == 0
	var files []*Document
	for _, one := range l.Runbooks() {
		if d, err := l.Open(one); all && err == nil {
			files = append(files, d)
		}
	}
	for _, name := range names {
		d, err := l.Runbook(name)
		if err != nil {
			return err
		}
		files = append(files, d)
	}
	for _, d := range files {
		report, err := l.fit(d, env)
		switch {
		case err != nil && !all:
			return err
		case err == nil:
			tell(d, report)
		}
	}
	return nil
}

// Refit reads the environment of a run anew and says why the run's plan would not
// work in it. The error is *Invalid, *Unready or about the file.
func (l *Library) Refit(p *plan.Plan, started event.RunStarted) (*environment.Environment, error) {
	if started.EnvSource == "" {
		return nil, &FileError{Kind: KindEnvironment, Problem: "the run has no environment"}
	}
	env, d, err := l.Environment(started.EnvSource)
	if err != nil {
		return nil, err
	}
	w := &Prepared{Asked: Request{Environment: d.Path}, Plan: p, Environment: env}
	w.Fit = fitting.Plan(p, started, fitting.World{Environment: env, Action: l.Actions.Lookup})
	reasons := each.Of(w.Fit.Certain(), func(m fitting.Met) string { return m.String() })
	if len(reasons) > 0 {
		return nil, w.unsuitable(reasons)
	}
	return env, nil
}

// fit holds one runbook or playbook against an environment.
func (l *Library) fit(d *Document, env *environment.Environment) (fitting.Report, error) {
	w := &Prepared{File: d, Environment: env}
	if err := l.makePlan(w); err != nil {
		return fitting.Report{}, err
	}
	if w.playbooks != nil {
		var unfit *Unready
		if err := w.playbooks.bind(w); errors.As(err, &unfit) {
			var r fitting.Report
			for _, why := range unfit.Reasons {
				r.Met = append(r.Met, fitting.Met{Fault: fitting.Fault{Code: fitting.NoTarget, What: why, Do: "bind it below `playbooks: {bind: ...}` in " + env.Name()}, Certain: true})
			}
			return r, nil
		} else if err != nil {
			return fitting.Report{}, err
		}
	}
	return fitting.Plan(w.Plan, event.RunStarted{Runbook: w.Plan.Runbook}, fitting.World{Environment: env, Action: l.Actions.Lookup}), nil
}
