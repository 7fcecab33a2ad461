package readiness

import (
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
)

// People looks whether enough people who can answer hold the roles that a plan
// asks: somebody without a login name holds a role in vain.
func People(env *environment.Environment, p *plan.Plan) Check {
	var errs []error
	var roles []string
	for _, n := range p.Nodes {
		if n.Approval == nil || len(env.People) == 0 {
			continue
		}
		able := map[string]bool{}
		for _, role := range n.Approval.Roles {
			if !slices.Contains(roles, role) {
				roles = append(roles, role)
			}
			for _, one := range env.PeopleWith(role) {
				if one.User != "" || len(one.Keys) > 0 {
					able[one.Name] = true
				}
			}
		}
		if need := max(n.Approval.Need, 1); len(able) < need {
			errs = append(errs, &Problem{
				What: fmt.Sprintf("%s asks %d of %s, and %d can answer", n.Path, need, strings.Join(n.Approval.Roles, ", "), len(able)),
				Do:   []string{"give the role, and a login name as `user:`, to more people below `people:` in " + env.File},
			})
		}
	}
	found := "nobody is asked"
	switch {
	case len(errs) > 0:
		found = "too few can answer"
	case len(roles) > 0 && len(env.People) == 0:
		found = strings.Join(roles, ", ") + ": whoever may write to the run, since the environment names nobody"
	case len(roles) > 0:
		found = strings.Join(roles, ", ") + ": somebody can answer for each"
	}
	return checkOf("approvals", found, errs...)
}
