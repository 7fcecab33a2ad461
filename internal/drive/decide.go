package drive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Begin answers engine.Begin: what the step at path needs now. It reads the
// state and nothing else.
func (d *Driver) Begin(s engine.State, path string) event.Event {
	body, err := d.begin(s, path)
	if err != nil {
		body = d.failed(s, path, 0, failure(d.redact, err))
	}
	return d.event(path, body)
}

func (d *Driver) begin(s engine.State, path string) (event.Body, error) {
	st, _ := s.Step(path)
	n, sc := nodeOf(s, st), d.at(s, path)
	if st.Phase == engine.Entering {
		if n.LeftOut != "" {
			return event.StepSkipped{Reason: n.LeftOut}, nil
		}
		if n.When != "" {
			holds, err := d.condition(n.When, sc)
			if err != nil {
				return nil, err
			}
			if !holds {
				return event.StepSkipped{Reason: "not needed: `" + string(n.When) + "` is false"}, nil
			}
		}
		if n.Delay.Given {
			delay, err := d.duration(n.Delay, sc)
			if err != nil {
				return nil, err
			}
			return event.StepDelayed{Until: d.now().Add(delay)}, nil
		}
	}
	if n.Approval != nil && (st.Phase == engine.Entering || st.Phase == engine.Delayed) {
		asked, err := d.ask(n, sc)
		return asked, err
	}
	if st.Phase == engine.Ready && st.Asked != nil && n.Action != nil {
		before := st.Asked.Body.(event.ApprovalAsked)
		asked, err := before, error(nil)
		if n.Approval != nil {
			asked, err = d.ask(n, sc)
		} else { // it is asked whether something may be overridden
			d.shows(&asked, n, sc)
		}
		if asked.Again = changes(before, asked); err != nil || len(asked.Again) > 0 {
			return asked, err
		}
	}
	return d.start(s, st, n, sc)
}

// ask is the question that a step puts before it acts, with all that a yes leads
// to as it is now.
func (d *Driver) ask(n *plan.Node, sc scope) (asked event.ApprovalAsked, err error) {
	question := n.Approval.Text
	if !question.Given {
		question = n.Text
	}
	text, err := d.text(question, sc)
	if err != nil {
		return asked, err
	}
	within, err := d.duration(n.Approval.Within, sc)
	if err != nil {
		return asked, err
	}
	title, err := d.title(n, sc)
	if err != nil {
		return asked, err
	}
	asked = event.ApprovalAsked{Title: title, Text: text, Roles: n.Approval.Roles, Need: max(n.Approval.Need, 1)}
	if within == 0 && n.Kind == plan.Approve {
		if within, err = d.duration(n.Timeout, sc); err != nil {
			return asked, err
		}
	}
	if err := d.ifNobodyAnswers(&asked, n.Approval, within, sc); err != nil {
		return asked, err
	}
	if n.Action != nil {
		d.shows(&asked, n, sc)
	}
	return asked, nil
}

// shows puts into a question what a yes leads to. What cannot be worked out yet
// fails the attempt, if it still cannot then.
func (d *Driver) shows(asked *event.ApprovalAsked, n *plan.Node, sc scope) {
	if c, err := d.use(n.Action, sc.resolve, nil); err == nil {
		d.call(asked, c)
	}
}

func (d *Driver) call(asked *event.ApprovalAsked, c call) {
	asked.Action, asked.Target, asked.With = c.spec.Name, c.target, c.shown
	if d.cfg.Environment != nil && c.target != "" {
		asked.Described, _ = d.redact.Data(d.cfg.Environment.Described(c.target)).(map[string]any)
	}
}

// ifNobodyAnswers says until when a question waits, who is reminded how often,
// and from when on others may answer.
func (d *Driver) ifNobodyAnswers(asked *event.ApprovalAsked, a *plan.Approval, within time.Duration, sc scope) error {
	now := d.now()
	remind, err := d.duration(a.Remind, sc)
	if err != nil {
		return err
	}
	after, err := d.duration(a.EscalateAfter, sc)
	if err != nil {
		return err
	}
	asked.RemindSeconds = int64(remind / time.Second)
	if after = cmp.Or(after, within); a.OnExpiry == plan.ExpiryEscalate {
		after = min(after, within)
	}
	if len(a.EscalateTo) > 0 {
		asked.EscalateTo, asked.EscalateAt = a.EscalateTo, now.Add(after)
	}
	if a.OnExpiry == plan.ExpiryEscalate {
		within *= 2 // the others have as much time again
	}
	if within > 0 {
		asked.Deadline = now.Add(within)
	}
	return nil
}

// start is the beginning proper, by kind.
func (d *Driver) start(s engine.State, st engine.Step, n *plan.Node, sc scope) (event.Body, error) {
	if n.Kind == plan.Action {
		return d.startAttempt(s, st, n, sc)
	}
	timeout, err := d.duration(n.Timeout, sc)
	if err != nil {
		return nil, err
	}
	var b event.StepStarted
	if b.Title, err = d.title(n, sc); err != nil {
		return nil, err
	}
	if timeout > 0 {
		b.Deadline = d.now().Add(timeout)
	}
	switch n.Kind {
	case plan.Set:
		values, err := d.assignments(n.Set, sc)
		return event.StepSucceeded{Outputs: values}, err
	case plan.Stop:
		text, err := d.text(n.Text, sc)
		return event.StepSucceeded{Summary: text}, err
	case plan.Manual:
		b.Text, err = d.text(n.Text, sc)
	case plan.Wait:
		err = d.startWait(n, sc, &b)
	case plan.If:
		var holds bool
		if holds, err = d.condition(n.Condition, sc); err == nil {
			b.Branch = ifBranch(n, holds)
		}
	case plan.Switch:
		b.Branch, err = d.switchBranch(n, sc)
	case plan.ForEach:
		b.Items, b.Keys, err = d.items(n, sc.resolve)
	case plan.Call:
		b.Inputs, err = d.callInputs(n, sc)
	}
	return b, err
}

func (d *Driver) startWait(n *plan.Node, sc scope, b *event.StepStarted) error {
	most, err := d.duration(n.WaitFor, sc)
	if err != nil {
		return err
	}
	switch {
	case n.Condition != "" || n.Looks():
		if most > 0 {
			b.Deadline = d.now().Add(most)
		}
	case n.WaitUntil.Given:
		raw, _, err := d.eval.Value(n.WaitUntil.Raw, sc.resolve)
		if err != nil {
			return err
		}
		at, problem := coerce.One(action.Field{Name: "until", Type: action.Time}, raw)
		if problem != nil {
			return &action.Error{Message: problem.Message, Hint: problem.Hint}
		}
		b.NotBefore = at.(time.Time).UTC()
	default:
		b.NotBefore = d.now().Add(most)
	}
	return nil
}

func ifBranch(n *plan.Node, holds bool) string {
	i := 0
	if !holds {
		i = 1
	}
	if i < len(n.Blocks) {
		return n.Blocks[i].Label
	}
	return engine.NoBranch
}

func (d *Driver) switchBranch(n *plan.Node, sc scope) (string, error) {
	sc.decides = true
	raw, _, err := d.eval.Value(n.Subject.Raw, sc.resolve)
	if err != nil {
		return "", err
	}
	return switchBranchOf(n, raw), nil
}

// switchBranchOf is the case that a value takes.
func switchBranchOf(n *plan.Node, raw any) string {
	v, taken := expr.Text(raw), engine.NoBranch
	for _, b := range n.Blocks {
		switch b.Label {
		case "":
			taken = ""
		case v:
			return v
		}
	}
	return taken
}

// assignments evaluates what a set step, a call or a block's results assign.
func (d *Driver) assignments(list []plan.Assignment, sc scope) (event.Values, error) {
	out := make(event.Values, len(list))
	for _, a := range list {
		v, tainted, err := d.eval.Value(a.Value.Raw, sc.resolve)
		if err != nil {
			return nil, err
		}
		if tainted {
			return nil, &action.Error{
				Message: "`" + a.Name + "` would hold a secret",
				Hint:    "secrets are used where they are needed, as ${{ inputs.NAME }}; they are not kept in variables or outputs",
			}
		}
		out[a.Name] = d.redact.Data(v)
	}
	return out, nil
}

func (d *Driver) callInputs(n *plan.Node, sc scope) (event.Values, error) {
	given := make(map[string]any, len(n.With))
	for _, a := range n.With {
		v, _, err := d.eval.Value(a.Value.Raw, sc.resolve)
		if err != nil {
			return nil, err
		}
		given[a.Name] = d.redact.Data(v) // a secret is computed again where it is used
	}
	return compile.CallInputs(n.CalleeInputs, given)
}

// items is what a loop goes through, and the names that its passes have in
// paths: unique, short, made of harmless characters.
func (d *Driver) items(n *plan.Node, resolve expr.Resolver) ([]any, []string, error) {
	raw, tainted, err := d.eval.Value(n.Subject.Raw, resolve)
	if err != nil {
		return nil, nil, err
	}
	if tainted {
		return nil, nil, &action.Error{Message: "the loop would go through a secret", Hint: "loop over names, and look the secrets up in the environment"}
	}
	var items []any
	var names []string
	switch v := d.redact.Data(raw).(type) {
	case nil:
		return nil, nil, &action.Error{
			Message: "the loop needs a list or a map, and `" + strings.TrimSpace(expr.Text(n.Subject.Raw)) + "` has no value",
			Hint:    "if there may be none, say so: ${{ has(X) ? X : [] }}",
		}
	case []any:
		items = v
		for _, item := range v {
			names = append(names, keyOf(item))
		}
	case map[string]any:
		for k := range v {
			names = append(names, k)
		}
		slices.Sort(names)
		for _, k := range names {
			items = append(items, v[k])
		}
	default:
		return nil, nil, &action.Error{Message: fmt.Sprintf("the loop needs a list or a map, and this is a %T", v)}
	}
	if items == nil {
		items = []any{}
	}
	return items, uniqueKeys(names), nil
}

func keyOf(item any) string {
	switch v := item.(type) {
	case string:
		return v
	case map[string]any:
		for _, k := range []string{"id", "name", "key", "account", "email"} {
			if s, ok := v[k].(string); ok {
				return s
			}
		}
		return ""
	case []any, nil:
		return ""
	}
	return fmt.Sprint(item)
}

// maxKey is the most bytes that a loop's item adds to a path.
const maxKey = 96

// uniqueKeys makes the names of items fit for paths: letters, marks and digits of
// every script stay, in the form of NFC (UAX 15), and nothing that is not seen.
func uniqueKeys(names []string) []string {
	next := make(map[string]int, len(names)) // what was given out, and the number after it
	out := make([]string, len(names))
	for i, name := range names {
		key := strings.Map(func(r rune) rune {
			if (unicode.In(r, unicode.L, unicode.M, unicode.Nd) && action.Clean(string(r)) == string(r)) || strings.ContainsRune("._@+-", r) {
				return r
			}
			return '-'
		}, norm.NFC.String(name))
		if len(key) > maxKey {
			key = strings.ToValidUTF8(key[:maxKey], "")
		}
		if key == "" {
			key = strconv.Itoa(i + 1)
		}
		unique := key
		for next[unique] > 0 {
			next[key]++
			unique = key + "-" + strconv.Itoa(next[key])
		}
		next[unique]++
		out[i] = unique
	}
	return out
}

// failed is the end of a step that cannot go on, with the fallback's text if
// the step has one.
func (d *Driver) failed(s engine.State, path string, attempt int, f event.Failure) event.Body {
	st, _ := s.Step(path)
	n := nodeOf(s, st)
	out := event.StepFailed{Attempt: attempt, Error: f}
	if st.Phase == engine.Attempting {
		out.Attempt = st.Attempt
	}
	// What takes over needs the same approval, and there is none if that failed.
	approved := n.Approval == nil || st.Refused == nil && len(st.Approvals) >= max(n.Approval.Need, 1)
	if n.Fallback.Given && approved {
		text, err := d.text(n.Fallback, d.at(s, path))
		if err != nil {
			text = "The automation failed, and its instructions cannot be shown: " + failure(d.redact, err).Message
		}
		out.Fallback = text
	}
	return out
}

// failure is what a person is told about an error: one clean line each, without
// secrets.
func failure(r *Redactor, err error) event.Failure {
	f := event.Failure{Message: action.CleanLine(r.Text(ofContext.Replace(err.Error())), longest)}
	var e *action.Error
	if errors.As(err, &e) {
		f.Hint = action.CleanLine(r.Text(e.Hint), longest)
	}
	var no *refused
	if errors.As(err, &no) {
		f.Refused, f.Touch = true, action.CleanLine(r.Text(no.touch), longest)
	}
	return f
}

// longest is how many characters of what a step says of its end are kept: there
// is room for the path of a new secret and every way in that stays open after it.
const longest = 1000

func (d *Driver) said(text string) string { return action.CleanLine(d.redact.Text(text), longest) }

// ofContext turns what libraries say about a context that ended into words
// about the step.
var ofContext = strings.NewReplacer(
	context.DeadlineExceeded.Error(), "the time was up",
	context.Canceled.Error(), "it was told to stop",
)
