package cli

import (
	"github.com/irctl/irctl/internal/environment"
)

// against returns the environment that validate holds runbooks against, and
// its file, which is then checked with the others; nil if --env was not given,
// and no environment if it cannot be read.
func (a *app) against(v validation) (*environment.Environment, *document, error) {
	if !v.against {
		return nil, nil, nil
	}
	d, err := a.findEnvironment(a.env)
	if err != nil || d == nil {
		return nil, nil, err
	}
	env, ds := a.parseEnvironment(d)
	if ds.HasErrors() {
		env = nil // what is wrong with it is reported where it stands
	}
	return env, d, nil
}
