package readiness

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/exercise"
)

// Rehearsal says whether a runbook, called name, was rehearsed not longer ago than
// within, how that went, and what was to be improved since. scenarios are those
// that play it.
func Rehearsal(name, runbook string, played []exercise.Score, scenarios []string, now time.Time, within time.Duration) Check {
	rehearse := "irctl exercise new --from " + name + " > scenarios/" + runbook + "-exercise.yaml"
	if len(scenarios) > 0 {
		rehearse = "irctl exercise " + scenarios[0] + " --auto"
	}
	today, newest := now.UTC().Format(time.DateOnly), exercise.Score{}
	var errs []error
	for _, s := range played {
		if s.Runbook != runbook {
			continue
		}
		if s.Day >= newest.Day {
			newest = s
		}
		for _, i := range s.Plan {
			if i.Due < today {
				errs = append(errs, &Problem{What: "overdue since " + i.Due + ", with " + i.Owner + ": " + i.Finding, Do: []string{"irctl exercise " + s.Scenario + " --auto"}})
			}
		}
	}
	if newest.Day == "" {
		return checkOf("rehearsal of "+runbook, "never", &Problem{What: "nobody has rehearsed it", Do: []string{rehearse}})
	}
	found := fmt.Sprintf("%s on %s, met %d of %d", newest.Scenario, newest.Day, newest.Met, newest.Of)
	if slices.ContainsFunc(newest.Injects, func(i exercise.Inject) bool { return strings.HasPrefix(i.Text, exercise.Placeholder) }) {
		errs = append(errs, &Problem{What: "the scenario " + newest.Scenario + " says nothing to its players yet: write what they see, and rehearse it", Do: []string{rehearse}})
	}
	if since := now.Add(-within).UTC().Format(time.DateOnly); newest.Day < since {
		errs = append(errs, &Problem{What: "the last rehearsal was before " + since, Do: []string{rehearse}})
	}
	c := checkOf("rehearsal of "+runbook, found, errs...)
	if len(newest.Idle) > 0 {
		c.Unchecked = append(c.Unchecked, "steps that no exercise reached: "+strings.Join(newest.Idle, ", "))
	}
	return c
}
