package cacao

import "github.com/irctl/irctl/pkg/runbook"

// condition checks the condition of an if or while step where it stands.
func (c *checker) condition(s *Step, in *scope, told map[runbook.Span]bool) {
	if s.Condition == nil || told[s.Condition.Span] {
		return
	}
}
