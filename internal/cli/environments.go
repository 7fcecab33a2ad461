package cli

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/runbook"
)

// labName is the name by which the lab's environment is found.
const labName = "lab"

// findEnvironment returns the file that --env or IRCTL_ENV means; nil if
// neither was given.
func (a *app) findEnvironment(name string) (*document, error) {
	if name == "" {
		return nil, nil
	}
	d, err := a.find(a.environmentPlaces(), name)
	if !errors.Is(err, errNotFound) {
		return d, err
	}
	if name == labName {
		return a.labEnvironment()
	}
	var names []string
	for _, l := range a.allEnvironments() {
		names = append(names, l.Name)
	}
	p := &problem{exit: ExitInvalid, what: "there is no environment " + name + didYouMean(nearest(name, names))}
	p.means = "Looked in ./environments and in your own and the machine's irctl/environments folders."
	return nil, p.with("irctl environment list")
}

func (a *app) labEnvironment() (*document, error) {
	path := filepath.Join(a.labDir(), "environment.yaml")
	d, err := a.readDocument("environment", labName, path)
	if errors.Is(err, fs.ErrNotExist) {
		p := &problem{exit: ExitInvalid, what: "the lab was never started here, so there is no environment " + labName}
		return nil, p.with("irctl lab up")
	}
	return d, err
}

// allEnvironments lists every environment that a name can mean.
func (a *app) allEnvironments() []listed {
	out := a.list(a.environmentPlaces())
	if d, err := a.labEnvironment(); err == nil {
		out = append(out, listed{labName, d.Path})
	}
	return out
}

// openEnvironment reads the environment that was asked for; nil without an
// error if none was.
func (a *app) openEnvironment() (*environment.Environment, *document, error) {
	d, err := a.findEnvironment(a.env)
	if d == nil || err != nil {
		return nil, nil, err
	}
	env, ds := a.parseEnvironment(d)
	if ds.HasErrors() {
		return nil, nil, a.showErrors(d, ds)
	}
	return env, d, nil
}

// mustEnvironment is openEnvironment for a command that needs one.
func (a *app) mustEnvironment() (*environment.Environment, *document, error) {
	env, d, err := a.openEnvironment()
	if err == nil && env == nil {
		p := usagef("no environment was named")
		for _, l := range a.allEnvironments() {
			p.add(projection.Command(append(slices.Clone(a.Args), "--env", l.Name)...))
		}
		err = p.with("irctl help environments")
	}
	return env, d, err
}

// parseEnvironment reads an environment and finds everything that is wrong
// with it. Its paths are relative to the file's folder.
func (a *app) parseEnvironment(d *document) (*environment.Environment, runbook.Diagnostics) {
	env, ds := environment.Parse(d.File, d.Source)
	if env != nil {
		ds = append(ds, env.Check(a.actions().Specs())...)
		policy, wrong := a.machinePolicy()
		if wrong != nil {
			var told runbook.Decoder
			told.Report("IR0413", runbook.Span{File: d.File, Start: runbook.Position{Line: 1, Column: 1}, End: runbook.Position{Line: 1, Column: 1}},
				strings.Join(wrong.next, ", "), "nobody can tell what this machine permits: %s", wrong.Error())
			return env, relabel(d, append(ds, told.Diagnostics()...))
		}
		var weaker runbook.Diagnostics
		env, weaker = env.Under(policy)
		ds = append(ds, weaker...)
	}
	return env, relabel(d, ds)
}
