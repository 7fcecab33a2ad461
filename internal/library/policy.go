package library

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/environment"
)

// Policy reads what the machine's administrator demands of environments, from
// irctl/policy.yaml in the folder of the machine's configuration; nil if there
// is no such file.
func (l *Library) Policy() (*environment.Policy, error) {
	return environment.ReadPolicy(filepath.Join(l.Machine, "irctl", "policy.yaml"))
}

// strengthen makes the approvals of a plan what the machine's policy demands
// at least, before anybody is asked, and refuses a plan for which the
// environment names too few people.
func (l *Library) strengthen(w *Prepared) error {
	policy, err := l.Policy()
	if err != nil || policy == nil {
		return err
	}
	var lacking []string
	for i := range w.Plan.Nodes {
		ask := w.Plan.Nodes[i].Approval
		if ask == nil {
			continue
		}
		may := slices.Concat(ask.Roles, ask.EscalateTo)
		need, notRequester := policy.Approval(may, max(ask.Need, 1), ask.NotRequester)
		if need > ask.Need && w.Environment != nil && holders(w.Environment, ask.Roles) < need {
			lacking = append(lacking, fmt.Sprintf("step %s needs %d persons who are %s, and there are %d",
				w.Plan.Nodes[i].Path, need, strings.Join(ask.Roles, " or "), holders(w.Environment, ask.Roles)))
		}
		ask.Need, ask.NotRequester = need, notRequester
	}
	if len(lacking) == 0 {
		return nil
	}
	what := "the policy of this machine asks for more people than the environment " + w.Environment.Name() + " names"
	return &Unready{Run: w, Reason: TooFew, Problem: what, Reasons: lacking, Names: []string{policy.File}}
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
