package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/projection"
)

// hat is a person together with the role in which they speak.
type hat struct{ person, role string }

// whoSpeaks finds the person as whom the account may answer a question that
// was put to roles. as and role narrow the choice; both may be empty. typed is
// the command, to be shown with what is missing.
//
// An environment without people names nobody who could be asked, so whoever
// may write to the run's folder may answer.
func whoSpeaks(env *environment.Environment, account string, roles []string, as, role string, typed ...string) (hat, error) {
	if role != "" && !slices.Contains(roles, role) {
		return hat{}, usagef("role %q was not asked; %s may answer", role, strings.Join(roles, " or "))
	}
	if env == nil || len(env.People) == 0 {
		if as != "" {
			return hat{}, usagef("the run's environment names no people, so --as %s means nobody", as)
		}
		if role == "" && len(roles) > 0 {
			role = roles[0]
		}
		return hat{"", role}, nil
	}
	var mine, open, others []hat // by name, to everybody, to somebody else
	for _, p := range env.People {
		for _, r := range roles {
			if !slices.Contains(p.Roles, r) || role != "" && r != role {
				continue
			}
			h := hat{p.Name, r}
			switch {
			case as != "" && as != p.Name:
				others = append(others, h)
			case p.User == account:
				mine = append(mine, h)
			case p.User == "*":
				open = append(open, h)
			default:
				others = append(others, h)
			}
			break
		}
	}
	if len(mine) == 0 {
		mine = open
	}
	switch len(mine) {
	case 1:
		return mine[0], nil
	case 0:
		return hat{}, mayNot(env, account, roles, as, others)
	}
	p := usagef("%s may act as more than one person here: say which", account)
	for _, h := range mine {
		p.add(projection.Command(append(slices.Clone(typed), "--as", h.person)...))
	}
	return hat{}, p
}

// mayNot refuses with who could answer instead.
func mayNot(env *environment.Environment, account string, roles []string, as string, others []hat) error {
	p := &problem{exit: ExitFailed, what: fmt.Sprintf("%s may not answer this as %s", account, strings.Join(roles, " or "))}
	if as != "" {
		who, known := env.Person(as)
		p.what = fmt.Sprintf("%s may not answer this as %s", account, as)
		switch {
		case !known:
			p.what = fmt.Sprintf("the environment names nobody called %q", as)
		case !slices.ContainsFunc(who.Roles, func(r string) bool { return slices.Contains(roles, r) }):
			p.what += ", who is not " + strings.Join(roles, " or ")
		}
	}
	p.means = "Nothing was recorded; the run goes on waiting."
	for _, h := range others {
		who, _ := env.Person(h.person)
		line := fmt.Sprintf("ask %s (%s, %s)", who.FullName, h.person, h.role)
		if who.Phone != "" {
			line += ", " + who.Phone
		}
		p.add(line)
	}
	if len(others) == 0 {
		p.add("nobody in the environment holds " + strings.Join(roles, " or "))
	}
	return p
}
