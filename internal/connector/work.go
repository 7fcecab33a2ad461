package connector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// work is an action on a target for one call: a kind.Work.
type work struct {
	*caller
	action *Action
	from   *host.Host
	done   bool // Change has done what no look can see
}

// open makes ready to send requests, and sends none.
func (f *File) open(spec action.Spec, a *Action, req action.Request) (kind.Work, error) {
	s := &scene{file: f, spec: spec, req: req, record: req.Record, found: map[string]any{}}
	at, err := s.reachable()
	if err != nil {
		return nil, err
	}
	api := f.api(req.Target.Config, at)
	if problems := api.Check(); len(problems) > 0 {
		return nil, problems[0].Of(req.Target.Name)
	}
	from, err := host.Open(api.Via, req.Allow)
	if err != nil {
		return nil, err
	}
	c := &caller{scene: s, at: at}
	if c.proof, err = newProof(s); err == nil {
		c.client, err = httpclient.New(req.Allow, c.proof.options(httpclient.Options{Timeout: f.Timeout, CAFile: api.CAFile, Dial: from.Dialer()}))
	}
	if err != nil {
		from.Close()
		return nil, err
	}
	return &work{caller: c, action: a, from: from}, nil
}

// renew gives the call a new password.
func (w *work) renew(secret action.Secret) {
	w.fresh = secret
	w.proof.conceal(secret.Reveal())
}

// Close implements kind.Work.
func (w *work) Close() { w.from.Close() }

// Patience implements kind.Patient.
func (w *work) Patience() patience.Limit {
	return patience.Limit{For: cmp.Or(w.action.Settle, 10*time.Second), Every: 500 * time.Millisecond}
}

// Look implements kind.Work.
func (w *work) Look(ctx context.Context, record action.Values) (kind.State, error) {
	w.record = record
	want := w.about() + ": " + strings.ToLower(w.spec.Summary[:1]) + w.spec.Summary[1:]
	s := kind.State{Once: w.action.Once, Want: want}
	if err := w.look(ctx, w.action.Look); err != nil {
		return s, err
	}
	missing, err := w.holds(w.action.Missing)
	switch {
	case err != nil:
		return s, w.unclear("missing", err)
	case missing && w.action.Missing.Given():
		return s, &action.Error{Message: w.about() + ": it is not there, so nothing was changed", Permanent: true, Hint: "check the name, or whether another target has it"}
	}
	if s.Outputs, err = w.outputs(); err != nil && w.spec.Effect == action.Read {
		return s, err
	}
	state := w.says(w.action.State)
	s.Current = strings.TrimSuffix(w.about()+": "+state, ": ")
	switch {
	case w.spec.Effect == action.Read:
		s.Desired = true
		return s, nil
	case !w.action.Desired.Given():
		s.Unknown, s.Once, s.Desired = true, !w.file.Repeatable(w.action), w.done
		s.Current, s.Summary = w.req.Target.Name+" does not tell whether it was done", "done at "+want
		return s, nil
	}
	desired, err := w.holds(w.action.Desired)
	if err != nil {
		return s, w.unclear("desired", err)
	}
	s.Desired = desired
	if state == "" {
		s.Current = w.about() + ": " + map[bool]string{true: "done", false: "not done"}[desired]
	}
	s.Summary, s.Already = s.Current, s.Current
	return s, nil
}

// look sends requests that change nothing. An error is never in doubt.
func (w *work) look(ctx context.Context, requests []*Request) error {
	for _, r := range requests {
		result, err := w.do(ctx, r, "")
		if err != nil {
			return host.Certain(err)
		}
		w.found[r.As.Value] = result
	}
	return nil
}

// about names what is acted on.
func (w *work) about() string {
	var of []string
	for _, f := range w.spec.Inputs {
		if v := w.req.With[f.Name]; f.Subject && v != nil {
			of = append(of, action.CleanLine(expr.Text(v), 60))
		}
	}
	if len(of) == 0 {
		return w.req.Target.Name
	}
	return strings.Join(of, ", ") + " at " + w.req.Target.Name
}

func (w *work) unclear(what string, err error) error {
	return &action.Error{
		Message: fmt.Sprintf("the answers of %s do not tell what `%s` of the connector asks", w.req.Target.Name, what), Cause: err, Permanent: true,
		Hint: "compare what it answers with " + w.file.Path,
	}
}

// outputs are those that can be told by now; the error says which cannot. One that
// is null is not there.
func (w *work) outputs() (map[string]any, error) {
	out := map[string]any{}
	var untold error
	for _, p := range w.action.Outputs {
		v, err := w.evalText(p.Value.Text)
		if err != nil {
			untold = w.unclear("outputs."+p.Key.Value, err)
			continue
		}
		if v == nil {
			continue
		}
		if f, known := w.spec.Output(p.Key.Value); known {
			typed, problem := coerce.One(f, v)
			if problem != nil {
				untold = w.unclear("outputs."+p.Key.Value, errors.New("it "+problem.Message))
				continue
			}
			v = typed
		}
		out[p.Key.Value] = data.Clean(data.Of(v))
	}
	return out, untold
}

// Keep implements kind.Keeper.
func (w *work) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	if len(record) > 0 || w.action.Undo == nil && len(w.action.Keep) == 0 {
		return nil, nil
	}
	kept := map[string]any{}
	for _, p := range w.action.Keep {
		v, err := w.evalText(p.Value.Text)
		if err != nil {
			return nil, w.unclear("keep."+p.Key.Value, err)
		}
		kept[p.Key.Value] = data.Clean(data.Of(v))
	}
	if len(kept) == 0 {
		kept["begun"] = true
	}
	return kept, nil
}

// Change implements kind.Work. An answer that was lost does not matter if a look
// finds that it is so.
func (w *work) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	w.out = out
	err := w.send(ctx, w.action.Run)
	if err != nil && (!action.IsDoubtful(err) || !w.action.Desired.Given()) {
		return err
	}
	if err != nil && w.until(ctx, func() (bool, error) { return w.holds(w.action.Desired) }) != nil {
		return err
	}
	w.done = true
	outputs, _ := w.outputs()
	for _, f := range w.spec.Outputs {
		if f.Required && outputs[f.Name] == nil && !w.action.Desired.Given() {
			return &action.Error{
				Message: fmt.Sprintf("it was carried out at %s, but its %s is not in the answer", w.req.Target.Name, f.Name), Permanent: true, Doubt: true,
				Hint: fmt.Sprintf("check `outputs: {%s: ...}` in %s", f.Name, w.file.Path),
			}
		}
	}
	return nil
}

// send sends requests that change something, in order.
func (w *work) send(ctx context.Context, requests []*Request) error {
	for i, r := range requests {
		key := w.req.Key
		if i > 0 && key != "" {
			key = fmt.Sprintf("%s.%d", key, i)
		}
		result, err := w.do(ctx, r, key)
		if err != nil {
			return err
		}
		if r.As.Given() {
			w.found[r.As.Value] = result
		}
	}
	return nil
}

// until looks until something is so.
func (w *work) until(ctx context.Context, is func() (bool, error)) error {
	return w.Patience().Until(ctx, func() error {
		if err := w.look(ctx, w.action.Look); err != nil {
			return err
		}
		ok, err := is()
		if err == nil && !ok {
			err = errors.New("not so yet")
		}
		return err
	})
}

// Seen implements kind.Witness.
func (w *work) Seen(ctx context.Context, _ action.Values) (wrong, err error) {
	v := w.action.Verify
	if v == nil {
		return nil, nil
	}
	if err := w.look(ctx, v.Look); err != nil {
		return nil, err
	}
	seen, err := w.holds(v.Holds)
	if err != nil {
		return nil, w.unclear("verify", err)
	}
	if !seen {
		wrong = &action.Error{Message: fmt.Sprintf("%s: changed, but `%s` does not hold", w.about(), action.CleanLine(v.Holds.Value, 100)), Hint: "look there what keeps it, then retry"}
	}
	return wrong, nil
}

// PutBack implements kind.Restorer.
func (w *work) PutBack(ctx context.Context, record action.Values, out action.Sink) (bool, string, error) {
	u := w.action.Undo
	w.record, w.out = record, out
	if err := w.look(ctx, w.action.Look); err != nil {
		return false, "", err
	}
	was := func() string {
		return strings.TrimSuffix(w.about()+": "+w.says(w.action.State), ": ") + ", as before the step"
	}
	undone := func() (bool, error) { return w.holds(u.Undone) }
	switch is, err := undone(); {
	case err != nil:
		return false, "", w.unclear("undone", err)
	case is:
		return false, was(), nil
	}
	if put, err := w.holds(u.When); err != nil {
		return false, "", w.unclear("undo.when", err)
	} else if !put {
		return false, w.about() + ": it was so before the step, so nothing is put back", nil
	}
	if mine, err := w.holds(w.action.Desired); err != nil {
		return false, "", w.unclear("desired", err)
	} else if !mine && len(u.Run) == 1 && !u.Run[0].Each.Given() {
		return false, "", &action.Error{
			Message: fmt.Sprintf("%s is not as the step left it: %s has changed it since (%s), so nothing was put back", w.about(), kind.Somebody, w.says(w.action.State)), Permanent: true,
			Hint: "decide there how it should be",
		}
	}
	err := w.send(ctx, u.Run)
	if err != nil && !action.IsDoubtful(err) {
		return false, "", err
	}
	if late := w.until(ctx, undone); late != nil {
		return false, "", cmp.Or(err, action.Doubtful(fmt.Errorf("%s was put back, and a look does not show it: %w", w.about(), late)))
	}
	return true, was(), nil
}

// Check implements kind.Checker: the credentials work, and what is acted on can
// be looked at if it is known.
func (w *work) Check(ctx context.Context) []error {
	if err := w.look(ctx, w.file.Ready); err != nil {
		return []error{err}
	}
	looked := maps.Clone(w.found)
	err := w.look(ctx, w.action.Look)
	switch {
	case errors.Is(err, errNotYet) && len(w.file.Ready) > 0:
		w.found = looked
		return nil
	case errors.Is(err, errNotYet) || err == nil && len(w.action.Look) == 0 && len(w.file.Ready) == 0:
		return []error{&action.Error{Message: "whether " + w.req.Target.Name + " lets irctl do " + w.spec.Name + ": it cannot be asked beforehand", Unchecked: true}}
	case err != nil:
		return []error{err}
	}
	return nil
}
