package cacao

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// FailureNames are what a failure handler may read about the step that failed:
// its id, why (ACTION_TIMEOUT or ACTION_FAILED), and what went wrong in one
// line. The standard asks that a timeout be told as ACTION_TIMEOUT with the id
// of the step, and gives no name to it; a playbook that declares one of these
// names itself keeps its own.
var FailureNames = [3]string{"__failed_step__", "__failure_reason__", "__failure_text__"}

// failureScope declares them, outside of everything.
var failureScope = func() *scope {
	all := each.Of(FailureNames[:], func(name string) *Variable {
		return &Variable{Name: runbook.Text{Value: name}, Type: runbook.Text{Value: "string"}}
	})
	return newScope(all, nil)
}()

// ReadsFailure reports whether anything in the playbook reads what failed.
func (pb *Playbook) ReadsFailure() bool {
	declared := newScope(pb.Variables, nil)
	for _, s := range pb.Steps {
		var texts []*runbook.Value
		for _, c := range s.Commands {
			texts = append(texts, c.Texts()...)
		}
		for _, v := range []*runbook.Value{s.Condition, s.Switch} {
			if v != nil {
				texts = append(texts, v)
			}
		}
		for _, text := range texts {
			if slices.ContainsFunc(FailureNames[:], func(name string) bool { return !declared.Has(name) && strings.Contains(text.Text, name+":value") }) {
				return true
			}
		}
	}
	return false
}
