package drive

import (
	"fmt"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Conclude answers engine.Conclude: all that the step at path waited for is in.
func (d *Driver) Conclude(s engine.State, path string) event.Event {
	body, err := d.conclude(s, path)
	if err != nil {
		body = d.failed(s, path, 0, failure(d.redact, err))
	}
	return d.event(path, body)
}

func (d *Driver) conclude(s engine.State, path string) (event.Body, error) {
	st, _ := s.Step(path)
	n := nodeOf(s, st)
	if st.Refused != nil {
		f := event.Failure{Message: "refused by " + engine.Name(st.Refused.By)}
		if st.Refused.Comment != "" {
			f.Message += ": " + action.CleanLine(d.redact.Text(st.Refused.Comment), 300)
		}
		return event.StepFailed{Error: f}, nil
	}
	if st.Denied != "" {
		f := event.Failure{Message: "a person confirmed that it did not happen: " + action.CleanLine(d.redact.Text(st.Denied), 300)}
		f.Timeout = st.Error != nil && st.Error.Timeout
		return d.failed(s, path, st.Attempt, f), nil
	}
	if status, message, stopped := st.Stopped(); stopped && status == event.Failed {
		return event.StepFailed{Error: event.Failure{Message: message}}, nil
	}
	switch n.Kind {
	case plan.Approve:
		return approved(st), nil
	case plan.While:
		again, err := d.condition(n.Condition, d.at(s, path))
		switch {
		case err != nil:
			return nil, err
		case again && n.MaxIterations > 0 && st.Iteration >= n.MaxIterations:
			return nil, &action.Error{
				Message: fmt.Sprintf("the condition still holds after %d passes, which is the most that the runbook allows", st.Iteration),
				Hint:    "look why `" + string(n.Condition) + "` does not change",
			}
		case again:
			return event.IterationStarted{Iteration: st.Iteration + 1}, nil
		}
	}
	outputs, err := d.results(s, st, n)
	if err != nil {
		return nil, err
	}
	return event.StepSucceeded{Outputs: outputs, Summary: summary(st, n)}, nil
}

func approved(st engine.Step) event.Body {
	var by []any
	var names []string
	for _, a := range st.Approvals {
		by = append(by, engine.Name(a.By))
		name := engine.Name(a.By) + " (" + a.Role + ")"
		if a.BreakGlass {
			name += " alone, who broke the glass"
		}
		names = append(names, name)
	}
	return event.StepSucceeded{
		Outputs: event.Values{"approved_by": by},
		Summary: "approved by " + strings.Join(names, ", "),
	}
}

func summary(st engine.Step, n *plan.Node) string {
	switch n.Kind {
	case plan.ForEach:
		if st.Failures > 0 {
			return fmt.Sprintf("went through %d, of which %d failed", len(st.Items), st.Failures)
		}
		return fmt.Sprintf("went through %d", len(st.Items))
	case plan.If, plan.Switch:
		if st.Branch == engine.NoBranch {
			return "no branch applied"
		}
		if st.Branch == "" {
			return "took the default"
		}
		return "took " + st.Branch
	case plan.While:
		return fmt.Sprintf("ended after %d passes", st.Iteration)
	}
	_, message, _ := st.Stopped()
	return message
}

// results evaluates the outputs that a block declares, inside the block. A
// loop over items gives a list for each.
func (d *Driver) results(s engine.State, st engine.Step, n *plan.Node) (event.Values, error) {
	if len(n.Results) == 0 {
		return nil, nil
	}
	if n.Kind != plan.ForEach {
		return d.assignments(n.Results, d.within(s, st.Path, 0))
	}
	out := make(event.Values, len(n.Results))
	for _, r := range n.Results {
		out[r.Name] = make([]any, 0, len(st.Items))
	}
	for lane := range st.Items {
		pass, err := d.assignments(n.Results, d.within(s, st.Path, lane))
		if err != nil && st.Failures == 0 {
			return nil, err
		}
		for name := range out { // an item that failed may have none
			out[name] = append(out[name].([]any), pass[name])
		}
	}
	return out, nil
}

// Watch answers engine.Watch: step_succeeded if the wait's condition holds;
// otherwise ok is false and the caller looks again after interval.
func (d *Driver) Watch(s engine.State, path string) (e event.Event, ok bool) {
	st, _ := s.Step(path)
	n := nodeOf(s, st)
	holds, err := d.condition(n.Condition, d.at(s, path))
	switch {
	case err != nil:
		return d.event(path, d.failed(s, path, 0, failure(d.redact, err))), true
	case !holds:
		return event.Event{}, false
	}
	return d.event(path, event.StepSucceeded{Summary: "`" + string(n.Condition) + "` holds"}), true
}

// Expire answers engine.Expire: the step's time is up.
func (d *Driver) Expire(s engine.State, path string) event.Event {
	st, _ := s.Step(path)
	n := nodeOf(s, st)
	f := event.Failure{Timeout: true}
	since := st.Deadline.Sub(st.Since).Round(time.Second)
	switch st.Phase {
	case engine.Approving:
		f.Message = fmt.Sprintf("nobody with role %s answered within %s", strings.Join(st.MayAnswer(d.now()), " or "), since)
		f.Hint = "retry asks again"
		if n.Approval.OnExpiry == plan.ExpiryNo {
			f.Message, f.Timeout = "refused: "+f.Message+", which the runbook takes for a no", false
		}
	case engine.Asking:
		f.Message = fmt.Sprintf("it was not done within %s", since)
		f.Hint = "retry asks again"
	case engine.Timing:
		f.Message = fmt.Sprintf("`%s` did not come true within %s", n.Condition, since)
		if n.Looks() {
			f.Message = fmt.Sprintf("%s did not become so within %s; last: %s", useWords(n.Verify), since, orUnknown(st.Summary))
		}
	default:
		f.Message = fmt.Sprintf("it was not through within %s", since)
	}
	return d.event(path, d.failed(s, path, 0, f))
}

// End answers engine.EndRun.
func (d *Driver) End(s engine.State, status event.Status) event.Event {
	body := event.RunEnded{Status: status}
	root := s.Root()
	if _, message, stopped := root.Stopped(); stopped {
		body.Message = action.CleanLine(message, 500)
	}
	if left := leftTo(s); s.RollingBack() && left > 0 {
		body.Message = fmt.Sprintf("left as they are, because other runs rely on them: %d", left)
	}
	if status == event.Succeeded && !s.RollingBack() {
		outputs, err := d.assignments(s.Plan().Outputs, d.within(s, "", 0))
		if err != nil {
			body.Message = "an output could not be worked out: " + failure(d.redact, err).Message
		} else if len(outputs) > 0 {
			body.Outputs = outputs
		}
	}
	return d.event("", body)
}

// leftTo counts the steps whose undoing was left to other runs.
func leftTo(s engine.State) (n int) {
	for _, st := range s.Steps() {
		if st.Undo.To != "" {
			n++
		}
	}
	return n
}

// Interval is how long to wait between two looks at a wait's condition.
func (d *Driver) Interval(s engine.State, path string) time.Duration {
	st, _ := s.Step(path)
	interval, err := d.duration(nodeOf(s, st).Interval, d.at(s, path))
	if err != nil || interval <= 0 {
		return defaultInterval
	}
	return interval
}
