package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/projection"
)

// policyPath is where the machine's administrator says what environments may
// allow.
func (a *app) policyPath() string { return filepath.Join(a.SystemConfig, "irctl", "policy.yaml") }

// machinePolicy reads the machine's policy; nil if there is none. One that
// cannot be read stops everything: it may forbid just what is asked for.
func (a *app) machinePolicy() (*environment.Policy, *problem) {
	path := a.policyPath()
	source, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		p := &problem{exit: ExitInvalid, what: "this machine's policy " + path + " cannot be read", cause: reason(err)}
		return nil, p.meaning("Nothing is run: it may forbid this.").with("have the one who administers this machine make it readable")
	}
	policy, ds := environment.ParsePolicy(path, source)
	if policy == nil {
		p := &problem{exit: ExitInvalid, what: "this machine's policy " + path + " has errors"}
		if len(ds) > 0 {
			p.what += ": " + ds[0].Summary
		}
		return nil, p.meaning("Nothing is run: it may forbid this.").with(projection.Command("validate", path))
	}
	return policy, nil
}

// strengthen makes the approvals of a plan what the machine's policy demands
// at least, before anybody is asked, and refuses a plan for which the
// environment names too few people.
func (a *app) strengthen(w *prepared) error {
	policy, wrong := a.machinePolicy()
	if wrong != nil {
		return wrong
	}
	if policy == nil {
		return nil
	}
	var lacking []string
	for i := range w.plan.Nodes {
		ask := w.plan.Nodes[i].Approval
		if ask == nil {
			continue
		}
		need, notRequester := policy.Approval(ask.Roles, max(ask.Need, 1), ask.NotRequester)
		if need > ask.Need && w.env != nil && holders(w.env, ask.Roles) < need {
			lacking = append(lacking, fmt.Sprintf("step %s needs %d persons who are %s, and there are %d",
				w.plan.Nodes[i].Path, need, strings.Join(ask.Roles, " or "), holders(w.env, ask.Roles)))
		}
		ask.Need, ask.NotRequester = need, notRequester
	}
	if len(lacking) == 0 {
		return nil
	}
	p := &problem{exit: ExitInvalid, what: "the policy of this machine asks for more people than the environment " + w.env.Name() + " names\n- " + strings.Join(lacking, "\n- ")}
	return p.meaning("Nothing was run. The policy is %s.", policy.File).with("irctl environment show " + a.env)
}

// holders counts the people who hold one of the roles.
func holders(env *environment.Environment, roles []string) int {
	seen := map[string]bool{}
	for _, role := range roles {
		for _, p := range env.PeopleWith(role) {
			seen[p.Name] = true
		}
	}
	return len(seen)
}
