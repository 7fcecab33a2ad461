package drive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Hooks is how work on a target reaches the driver's loop while it goes on.
// The functions may be called from any goroutine.
type Hooks struct {
	// Record makes what an action recorded durable before it returns nil.
	Record func(values event.Values) error
	// Progress shows a clean line without secrets to whoever watches; may be nil.
	Progress func(line string)
}

// Outcome is how an attempt, or undoing, ended.
type Outcome struct {
	Result    action.Result
	Err       error // nil is success
	Artifacts []event.Artifact
	Verified  bool // the step's verify agreed
	Observed  bool // found by looking, not by doing
	Timeout   bool // the time was up
	// Unknown says that nobody can tell whether the effect took place; Err
	// then says why.
	Unknown bool
	// Left says that undoing changed nothing, because this run relies on the step
	// and has inherited what it kept.
	Left claim.Hold
	// Release gives back the lock on what was acted on, once the outcome is
	// durable; nil if there is none.
	Release func()
	// Again says that another process began the attempt, that the effect did
	// not take place, and that the step may simply run again.
	Again bool
}

// startAttempt makes the intent of the next attempt.
func (d *Driver) startAttempt(s engine.State, st engine.Step, n *plan.Node, sc scope) (event.Body, error) {
	c, err := d.prepare(s, st.Path, n.Action, sc)
	if err != nil {
		return nil, err
	}
	touches, asked, err := d.guarded(s, st, c, false)
	if err != nil {
		return nil, err
	}
	title, err := d.title(n, sc)
	if err != nil {
		return nil, err
	}
	timeout, err := d.duration(n.Timeout, sc)
	if err != nil {
		return nil, err
	}
	if asked != nil {
		asked.Title = title
		return *asked, nil
	}
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	return event.AttemptStarted{
		Title: title, Attempt: st.Attempt + 1, Action: n.Action.Action, Target: c.target, Key: c.req.Key,
		With: c.shown, Deadline: d.now().Add(timeout), Touches: touches,
	}, nil
}

// call is one use of an action with its inputs worked out. The target is
// still only a name: reaching for its secrets is work.
type call struct {
	act    action.Action
	spec   action.Spec
	target string
	req    action.Request
	shown  event.Values // the inputs as the journal may hold them
}

// prepare makes the call of an action for the step at path. It does no I/O.
func (d *Driver) prepare(s engine.State, path string, use *plan.Use, sc scope) (call, error) {
	st, _ := s.Step(path)
	var said *intent
	undone := st.Undo.Phase != "" // a clean-up before a rollback is not
	if use == nodeOf(s, st).Action && (st.Phase == engine.Attempting || st.Phase == engine.Ended && st.Attempt > 0 || undone) {
		said = &intent{st.Target, st.With, undone}
	} else if use == nodeOf(s, st).Action && len(st.Approvals) > 0 && (st.Target != "" || st.With != nil) {
		said = &intent{target: st.Target, with: st.With} // what was approved is what is done
	}
	c, err := d.use(use, sc.resolve, said)
	if err != nil {
		return call{}, err
	}
	started, _, _ := s.Started()
	c.req.Run, c.req.Runbook, c.req.Path, c.req.Attempt = d.cfg.Run, started.Runbook, path, st.Attempt
	c.req.Key, c.req.Folder = d.cfg.Run+"/"+path, started.Folder
	c.req.Record, c.req.Outputs, c.req.Dir = st.Record, st.Outputs, d.cfg.Dir
	if d.cfg.Environment != nil {
		if store := d.cfg.Environment.NewSecrets(); store != nil {
			c.req.Secrets = learning{store, d.redact}
		}
	}
	return c, nil
}

// use works out the target's name and the inputs of a use of an action. What
// the journal says of an attempt goes before what the expressions say by now;
// said is nil if there was none.
func (d *Driver) use(use *plan.Use, resolve expr.Resolver, said *intent) (call, error) {
	act, ok := d.cfg.Action(use.Action)
	if !ok {
		return call{}, &action.Error{Message: "this irctl has no action " + use.Action, Hint: "see irctl action list", Permanent: true}
	}
	c := call{act: act, spec: act.Spec(), target: use.Target, shown: event.Values{}}
	switch {
	case use.TargetExpr.Given && said != nil:
		c.target = said.target
	case use.TargetExpr.Given:
		raw, tainted, err := d.eval.Value(use.TargetExpr.Raw, resolve)
		if err != nil {
			return call{}, err
		}
		if tainted {
			return call{}, &action.Error{Message: "the name of the target of " + use.Action + " would hold a secret", Hint: "name targets by what may be read", Permanent: true}
		}
		c.target = expr.Text(raw)
	}
	given := make(map[string]any, len(use.With))
	var without []string
	for _, a := range use.With {
		v, tainted, err := d.eval.Value(a.Value.Raw, resolve)
		if v, err = said.input(a.Name, v, err, d.redact); err != nil && said.needless(a.Name) {
			without = append(without, a.Name)
			continue
		}
		if err != nil {
			return call{}, err
		}
		if v == nil && a.Value.HasExpr() {
			continue // an output that is not there counts as not given
		}
		if tainted {
			d.redact.Learn(v)
		}
		if field, _ := c.spec.Input(a.Name); field.Argv {
			if err := becomesOption(a.Value.Raw, v); err != nil {
				return call{}, err
			}
		}
		given[a.Name] = v
		c.shown[a.Name] = d.redact.Data(v)
	}
	with, problems := coerce.Fields(c.spec.Inputs, given)
	problems = slices.DeleteFunc(problems, func(p action.Problem) bool { return slices.Contains(without, p.Input) })
	if len(problems) > 0 {
		return call{}, inputError(use.Action, problems)
	}
	c.req.With = with
	if d.cfg.Environment != nil {
		c.req.Allow = d.cfg.Environment.Policy()
	}
	return c, nil
}

// learning is a secret store that makes new secrets known to the redactor
// before anyone else sees them.
type learning struct {
	action.SecretStore
	redact *Redactor
}

func (l learning) Put(ctx context.Context, name string, s action.Secret) (string, error) {
	l.redact.Add(s)
	return l.SecretStore.Put(ctx, name, s)
}

func (l learning) Get(ctx context.Context, ref string) (action.Secret, error) {
	s, err := l.SecretStore.Get(ctx, ref)
	l.redact.Add(s)
	return s, err
}

func inputError(name string, problems []action.Problem) error {
	texts := each.Of(problems, func(p action.Problem) string { return strings.TrimSpace(p.Input + " " + p.Message) })
	return &action.Error{Message: "the inputs of " + name + " do not fit: " + strings.Join(texts, "; "), Hint: problems[0].Hint, Permanent: true}
}

// reach gives the call its target.
func (d *Driver) reach(ctx context.Context, c *call) error {
	switch {
	case len(c.spec.Targets) == 0:
		return nil
	case d.cfg.Environment == nil:
		return &action.Error{
			Message: "target " + c.target + " is not known: the run has no environment", Permanent: true,
			Hint: "start the run with --env NAME",
		}
	}
	t, err := d.cfg.Environment.Resolve(ctx, c.target, c.spec)
	if err != nil {
		return err // names the target
	}
	d.redact.Learn(t.Config)
	c.req.Target = t
	return nil
}

// Perform runs the attempt whose intent is durable in s. It returns when the
// action has ended, which it does soon after ctx.
func (d *Driver) Perform(ctx context.Context, s engine.State, path string, hooks Hooks) Outcome {
	return d.locked(ctx, s, path, hooks, Outcome{}, func(*claim.Resource) Outcome { return d.perform(ctx, s, path, hooks) })
}

func (d *Driver) perform(ctx context.Context, s engine.State, path string, hooks Hooks) Outcome {
	st, _ := s.Step(path)
	n := nodeOf(s, st)
	ctx, cancel := d.cfg.Until(ctx, st.Deadline, errTimeUp)
	defer cancel()
	ctx, done, err := d.own(ctx, d.id(path, doing, st.Attempt), d.doubted(st))
	defer done()
	if err != nil {
		return Outcome{Err: err, Unknown: true}
	}
	c, err := d.prepare(s, path, n.Action, d.at(s, path))
	if err == nil {
		err = d.reach(ctx, &c)
	}
	if err != nil {
		return Outcome{Err: err}
	}
	out := newSink(d, hooks)
	if n.Action.Target != "" || n.Action.TargetExpr.Given { // of others the inputs say it
		ctx = sent.Heard(ctx, out.sent())
	}
	res, err := run(ctx, c.act, c.req, out)
	c.req.Record = out.record(c.req.Record)
	o := Outcome{Result: res, Err: err, Artifacts: out.close()}
	if err == nil {
		o.Verified, o.Err = d.verify(ctx, s, path, n, c, res, out)
	}
	if o.Err != nil && errors.Is(context.Cause(ctx), errTimeUp) {
		o.Timeout = true
	}
	if action.IsDoubtful(o.Err) {
		o = d.clear(ctx, st, c, n, o)
		if o.Observed {
			o.Verified, o.Err = d.verify(context.WithoutCancel(ctx), s, path, n, c, o.Result, newSink(d, hooks))
		}
	}
	return o
}

var errTimeUp = errors.New("the time was up")

// run is act.Run, with a panic turned into a doubtful error: the run must not
// die of one action.
func run(ctx context.Context, act action.Action, req action.Request, out action.Sink) (res action.Result, err error) {
	defer caught(&err)
	return act.Run(ctx, req, out)
}

func caught(err *error) {
	if p := recover(); p != nil {
		*err = action.Doubtful(fmt.Errorf("the action is broken: %v", p))
	}
}

// verify does what the step's verify says, after the action said that it is
// done. What the action returned, which no event holds yet, is known there.
func (d *Driver) verify(ctx context.Context, s engine.State, path string, n *plan.Node, c call, res action.Result, out action.Sink) (bool, error) {
	switch {
	case n.Verify != nil:
		sc := d.at(s, path)
		sc.own = &result{n, d.outputs(res.Outputs)}
		check, err := d.prepare(s, path, n.Verify, sc)
		if err == nil {
			st, _ := s.Step(path)
			err = d.spared(s, st, check)
		}
		if err == nil {
			err = d.reach(ctx, &check)
		}
		if err == nil {
			_, err = run(ctx, check.act, check.req, out)
		}
		if err != nil {
			return false, &action.Error{Message: "the action reported success, but its check did not agree", Cause: err, Hint: hintOf(err)}
		}
		return true, nil
	case n.VerifySelf:
		seen, err := inspect(ctx, c)
		switch {
		case err != nil:
			return false, &action.Error{Message: "the action reported success, but the target cannot be looked at", Cause: err, Hint: hintOf(err)}
		case !seen.Known || !seen.Desired:
			e := &action.Error{
				Message: "the action reported success, but the target shows: " + orUnknown(seen.Current),
				Hint:    seen.Hint, Permanent: seen.Hint != "",
			}
			if e.Hint == "" && seen.Want != "" {
				e.Hint = "it should be: " + seen.Want + "; see what else changes the target, then retry"
			}
			return false, e
		}
		return true, nil
	}
	return false, nil
}

func hintOf(err error) string {
	var e *action.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

func orUnknown(s string) string {
	if s == "" {
		return "nothing that tells"
	}
	return s
}

// Outcome answers engine.Perform with how the attempt ended.
func (d *Driver) Outcome(s engine.State, path string, o Outcome) event.Event {
	st, _ := s.Step(path)
	n := nodeOf(s, st)
	switch {
	case o.Err == nil && !o.Again:
		return d.event(path, event.StepSucceeded{
			Attempt: st.Attempt, Outputs: d.outputs(o.Result.Outputs), Changed: o.Result.Changed,
			Summary:  d.said(o.Result.Summary),
			Observed: o.Observed, Verified: o.Verified, Artifacts: o.Artifacts,
		})
	case o.Unknown:
		return d.event(path, event.StepUnknown{
			Attempt: st.Attempt, Reason: failure(d.redact, o.Err).Message, Timeout: o.Timeout, Artifacts: o.Artifacts,
		})
	case st.Aborting:
		return d.event(path, event.StepCanceled{Reason: "told to stop", Artifacts: o.Artifacts})
	case o.Again && s.BeingEnded(path):
		return d.event(path, event.StepFailed{Attempt: st.Attempt, Error: event.Failure{Message: cutOff + "; what is around the step has ended since", Doubt: true}})
	case o.Again:
		return d.event(path, event.AttemptFailed{
			Attempt: st.Attempt, RetryAt: d.now(),
			Error: event.Failure{Message: cutOff + "; the target shows that the step can run again", Doubt: true},
		})
	}
	f := failure(d.redact, o.Err)
	f.Timeout, f.Doubt = o.Timeout, action.IsDoubtful(o.Err)
	if o.Timeout {
		f.Message = "timed out after " + st.Deadline.Sub(st.Since).Round(time.Millisecond).String() + ": " + f.Message
	}
	at, again, err := d.nextTry(s, st, n, o, f)
	if again {
		return d.event(path, event.AttemptFailed{Attempt: st.Attempt, Error: f, RetryAt: at, Artifacts: o.Artifacts})
	}
	if err != nil {
		f.Message += "; it was not tried again, because " + failure(d.redact, err).Message
	}
	body := d.failed(s, path, st.Attempt, f).(event.StepFailed)
	body.Artifacts = o.Artifacts
	return d.event(path, body)
}

// cutOff says why nobody was there to see an attempt's outcome.
const cutOff = "irctl ended before the outcome was known"

// The most bytes of an output that an outcome keeps; what is longer belongs into
// an artifact.
const (
	maxText = 256 << 10 // the head of an output, each byte made harmless
	maxData = 16 << 20  // as JSON
)

// outputs are outputs as the journal keeps them. One that is too long is not
// kept in part: who needs it is told.
func (d *Driver) outputs(out map[string]any) event.Values {
	if out == nil {
		return nil
	}
	v := d.redact.Values(out)
	for name, e := range v {
		size, most := 0, maxText
		switch e := e.(type) {
		case string:
			size = len(e)
		case []any, map[string]any:
			b, err := event.List{e}.MarshalJSON()
			if size, most = len(b), maxData; err != nil {
				v[name] = event.Missing("the output " + name + " cannot be written down: " + err.Error())
			}
		}
		if size > most {
			v[name] = event.Missing(fmt.Sprintf("the output %s has %d bytes, and the most that is kept is %d; let the step say less, or keep it in a file", name, size, most))
		}
	}
	return v
}
