package library

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

var secretName = pattern.Late(`\{secret: ([A-Z0-9_]+)\}`)

// NewFor fills a template of an environment with what runbooks need: every
// target as the first type that fits is described, with the others beside it,
// the secrets that these descriptions name, and the values, to be filled in.
func (l *Library) NewFor(template string, runbooks []string) (string, error) {
	head, _, _ := strings.Cut(template, "\n# The systems that runbooks act on")
	var targets, values, secrets, files []string
	seen := map[string]bool{}
	once := func(list *[]string, key, line string) {
		if !seen[key] {
			seen[key] = true
			*list = append(*list, line)
		}
	}
	for _, name := range runbooks {
		p, err := l.PlanOf(name)
		if err != nil {
			return "", err
		}
		needs := fitting.NeedsOf(p, l.Actions.Spec)
		for _, v := range needs.Values {
			once(&values, "value "+v, "  "+v+": \"\" # fill in\n")
		}
		for _, f := range append(needs.Programs, needs.Files...) {
			once(&files, "file "+f, "#   "+f+"\n")
		}
		for _, t := range needs.Targets {
			text := "# " + strings.Join(t.Actions, ", ") + "; or of type " + strings.Join(t.Types, ", ") + "\n" + l.exampleOf(t)
			for _, found := range secretName().FindAllStringSubmatch(text, -1) {
				once(&secrets, "secret "+found[1], "  "+found[1]+": {env: "+found[1]+"}\n")
			}
			once(&targets, t.Name, "  "+strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ")+"\n")
		}
	}
	head = strings.Replace(head, "\n\n", "\nrunbooks: ["+strings.Join(runbooks, ", ")+"]\n\n", 1)
	head = strings.Replace(head, "values:\n", "values:\n"+strings.Join(values, ""), 1)
	head = strings.Replace(head, "  MAIL_TOKEN: {env: MAIL_TOKEN}\n", strings.Join(secrets, ""), 1)
	if len(files) > 0 {
		head += "\n# Programs, files and folders that the runbooks use on the machine that runs them:\n" + strings.Join(files, "")
	}
	return head + "\n# The systems that the runbooks act on. `irctl target types` describes each type.\ntargets:\n" + strings.Join(targets, "\n"), nil
}

// exampleOf describes a target by the example of the first type that fits.
func (l *Library) exampleOf(t fitting.NeededTarget) string {
	if len(t.Types) == 0 {
		return t.Name + ": {type: nothing-fits-all-of-them}"
	}
	spec, _ := l.Actions.Spec(t.Actions[0])
	i := slices.IndexFunc(spec.Targets, func(f action.TargetType) bool { return f.Name == t.Types[0] })
	_, body, _ := strings.Cut(spec.Targets[i].Example, ":")
	return t.Name + ":" + body
}
