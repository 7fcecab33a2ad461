package cacao

import (
	"strings"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/runbook"
)

// What a failure handler may read about the step that failed. The standard
// asks that a timeout be told as ACTION_TIMEOUT with the id of the step, and
// gives no name to it; a playbook that declares one of these names itself
// keeps its own.
const (
	failedStep    = "__failed_step__"    // id of the step
	failureReason = "__failure_reason__" // ACTION_TIMEOUT or ACTION_FAILED
	failureText   = "__failure_text__"   // what went wrong, one line
)

var failureNames = []string{failedStep, failureReason, failureText}

// failureScope declares them, outside of everything.
var failureScope = func() *scope {
	s := &scope{}
	for _, name := range failureNames {
		s.variables = append(s.variables, &Variable{Name: runbook.Text{Value: name}, Type: runbook.Text{Value: "string"}})
	}
	s.has("") // it is shared, and later only read
	return s
}()

// readsFailure reports whether anything in the playbook reads what failed.
func (pb *Playbook) readsFailure() bool {
	declared := &scope{variables: pb.Variables}
	for _, s := range pb.Steps {
		var texts []*runbook.Value
		for _, c := range s.Commands {
			texts = append(texts, c.texts()...)
		}
		for _, v := range []*runbook.Value{s.Condition, s.Switch} {
			if v != nil {
				texts = append(texts, v)
			}
		}
		for _, text := range texts {
			for _, name := range failureNames {
				if v, _ := declared.lookup(name); v == nil && strings.Contains(text.Text, name+":value") {
					return true
				}
			}
		}
	}
	return false
}

// telling puts a node between a failed step and its handler that says what
// failed, if the playbook reads that anywhere. It returns where to go.
func (f *frame) telling(s *Step, id, handler plan.NodeID, at place) plan.NodeID {
	if !f.failure {
		return handler
	}
	name := f.plan.Nodes[id].Name
	read := func(what string) plan.Value { return plan.Of("${{ " + what + " }}") }
	node := f.set(name+"-failed", "Note what failed", []plan.Assignment{
		{Name: f.variable(failureScope, failedStep), Value: plan.Of(s.ID.Value)},
		{Name: f.variable(failureScope, failureReason), Value: read("steps." + name + ".timed_out ? 'ACTION_TIMEOUT' : 'ACTION_FAILED'")},
		{Name: f.variable(failureScope, failureText), Value: read("steps." + name + ".error")},
	}, at)
	if node == plan.None {
		return handler
	}
	f.plan.Nodes[node].Next = handler
	return node
}
