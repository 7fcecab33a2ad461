package kind

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// Change is one verb on one kind of system. It is a [Kind] with all abilities:
// it runs the [Work] that Open returns in the order that the package comment
// gives.
type Change struct {
	Type action.TargetType
	// Open reaches the system for one call, and changes nothing.
	Open func(ctx context.Context, req action.Request) (Work, error)
	// Patience is for how long the system may take to follow a change.
	Patience patience.Limit
	// Settles says that a look cannot see all that the change does: its end is
	// recorded too, and an attempt without that record changes everything again.
	Settles bool
	// Inputs is the action.Validator; nil finds nothing.
	Inputs func(with action.Values) []action.Problem
}

// Work is a system that a call has opened, for one verb. It may keep what Look
// saw in itself: Look comes first, and again after the change. A record holds
// everything that earlier attempts of the step and this one recorded; it is
// empty if nothing was.
type Work interface {
	// Look finds out how the system is, and changes nothing.
	Look(ctx context.Context, record action.Values) (State, error)
	// Change brings about the desired state from wherever an earlier attempt was
	// cut off. An error says whether the effect may have taken place. What it
	// records through out is added to the record.
	Change(ctx context.Context, record action.Values, out action.Sink) error
	// Close ends what Open began.
	Close()
}

// Keeper is a Work with something to record before the first change. A Work
// whose kind can be undone is one.
type Keeper interface {
	// Keep returns what PutBack will need, as plain data. It is nil if record
	// has all of that already, as it has after another attempt as a rule, or if
	// Change will only wait for others to follow.
	Keep(ctx context.Context, record action.Values) (map[string]any, error)
}

// Restorer is a Work that can be undone.
type Restorer interface {
	// PutBack puts back what was recorded, sees that it is back, and says in a
	// line what is so now.
	PutBack(ctx context.Context, record action.Values, out action.Sink) (changed bool, summary string, err error)
}

// Witness is a Work whose effect can be seen from outside.
type Witness interface {
	// Seen looks as the people concerned would, once, and returns what is not as
	// it should be, or why it could not look: whoever gives no answer says nothing
	// about the effect. It is asked after a Look that found the desired state.
	Seen(ctx context.Context, record action.Values) (wrong, err error)
}

// Retractor is a Work that may take its change back at once if it was made and
// is not seen, because then it may have struck somebody else.
type Retractor interface {
	// Retract is told why the change counts for nothing, and returns what the
	// step says of that.
	Retract(ctx context.Context, record action.Values, why error) error
}

// Somebody is who changed what a step left, where the system does not tell.
const Somebody = "somebody, or another run of irctl,"

// Checker is a Work whose system can tell more for a preflight than that Open
// works. It is asked alone, and maybe without all inputs.
type Checker interface {
	Check(ctx context.Context) []error
}

// Noter is a Work with something to add to the summary of a change.
type Noter interface{ Note() string }

// Patient is a Work whose target says how long its system may take to follow.
type Patient interface{ Patience() patience.Limit }

// State is how a system is.
type State struct {
	Desired bool // as the verb leaves it, by what the system says of itself
	Unknown bool // nobody can tell, see action.Inspection.Known
	Once    bool // what may have been done must not be done again by itself
	Current string
	Want    string // Current and Want are a line each, for people
	// Open are the ways around the effect that stay open, each a part of a
	// sentence: then it is not as desired, although Change has done what it can.
	Open []string
	// Unseen are ways at which nobody could look. A change treats them as open.
	Unseen  []string
	Outputs map[string]any
	// Summary is the result's once the state is desired; "" is Want.
	Summary string
	// Already is the summary if it was so before; "" is Summary and "already".
	Already string
}

// recordSettled is the name under which the end of a change is recorded.
const recordSettled = "settled"

// Settled reports whether the end of a change was recorded, see
// [Change.Settles].
func Settled(record action.Values) bool { return record.Bool(recordSettled) }

// Target implements [Kind].
func (c Change) Target() action.TargetType { return c.Type }

// call is one call of a Change.
type call struct {
	Change
	work   Work
	record action.Values
	out    action.Sink
}

func (c Change) begin(ctx context.Context, req action.Request, out action.Sink) (*call, error) {
	w, err := c.Open(ctx, req)
	if err != nil {
		return nil, err
	}
	if p, ok := w.(Patient); ok {
		c.Patience = p.Patience()
	}
	record := action.Values(maps.Clone(req.Record))
	if record == nil {
		record = action.Values{}
	}
	return &call{c, w, record, out}, nil
}

// Inspect implements action.Inspector.
func (c Change) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	k, err := c.begin(ctx, req, nil)
	if err != nil {
		return action.Inspection{}, err
	}
	defer k.work.Close()
	now, err := k.look(ctx)
	if err != nil {
		return action.Inspection{}, err
	}
	if now.Desired {
		wrong, err := k.seen(ctx)
		if err != nil {
			return action.Inspection{}, &action.Error{Message: "set as it should be, but nobody could look whether it is seen so", Cause: err}
		}
		if wrong != nil {
			now.Desired, now.Current = false, "set as it should be, but "+action.CleanLine(wrong.Error(), 200)
		}
	}
	hint := ""
	if now.Desired && len(now.Open) == 0 && len(now.Unseen) > 0 {
		return action.Inspection{}, &action.Error{Message: now.Current + ", but nobody could look at " + strings.Join(now.Unseen, ", ")}
	}
	if len(now.Open) > 0 {
		now.Desired, now.Current, hint = false, now.Current+now.stays(), now.close()
	}
	return action.Inspection{
		Known: !now.Unknown, Desired: now.Desired, Repeatable: !now.Once,
		Current: now.Current, Want: now.Want, Hint: hint, Outputs: outputs(now),
	}, nil
}

// Run implements [Kind].
func (c Change) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	k, err := c.begin(ctx, req, out)
	if err != nil {
		return action.Result{}, err
	}
	defer k.work.Close()
	now, err := k.look(ctx)
	if err != nil {
		return action.Result{}, k.certain(err)
	}
	if now.Desired && len(now.ways()) > 0 && len(req.Record) == 0 {
		return action.Result{}, &action.Error{
			Message: now.Current + ", so there is nothing to change" + now.stays(), Permanent: true,
			Hint: now.close(),
		}
	}
	if now.Desired && errors.Join(k.seen(ctx)) == nil {
		return result(now, len(req.Record) > 0), nil
	}
	if err := k.keep(ctx); err != nil {
		return action.Result{}, k.certain(err)
	}
	if err := k.work.Change(ctx, k.record, recorder{out, k.record}); err != nil {
		return action.Result{}, err
	}
	if now, err = k.follow(ctx); err != nil {
		if w, ok := k.work.(Retractor); ok && ctx.Err() == nil {
			err = w.Retract(ctx, k.record, err)
		}
		return action.Result{}, err
	}
	// Where there is nothing to undo, Change has only waited.
	r := result(now, !k.Type.Undo || len(k.record) > 0)
	if w, ok := k.work.(Noter); ok {
		r.Summary += w.Note()
	}
	return r, nil
}

// certain is an error from before the first change of the step.
func (k *call) certain(err error) error {
	if len(k.record) > 0 {
		return err
	}
	return host.Certain(err)
}

// look is Work.Look, by which a change that has no recorded end is not done.
func (k *call) look(ctx context.Context) (State, error) {
	now, err := k.work.Look(ctx, k.record)
	if k.Settles && len(k.record) > 0 && !Settled(k.record) {
		now.Desired = false
	}
	return now, err
}

func (k *call) seen(ctx context.Context) (wrong, err error) {
	if w, ok := k.work.(Witness); ok {
		return w.Seen(ctx, k.record)
	}
	return nil, nil
}

// keep makes durable what Undo will need.
func (k *call) keep(ctx context.Context) error {
	w, ok := k.work.(Keeper)
	if !ok {
		return nil
	}
	values, err := w.Keep(ctx, k.record)
	if err != nil || len(values) == 0 {
		return err
	}
	return recorder{k.out, k.record}.Record(values)
}

// follow looks, and has the witness look, until the change is there.
func (k *call) follow(ctx context.Context) (State, error) {
	var now State
	err := patience.Limit{For: k.Patience.For, Every: k.Patience.Every}.Until(ctx, func() (err error) {
		if now, err = k.work.Look(ctx, k.record); err != nil {
			return action.Doubtful(err)
		}
		if !now.Desired {
			return &action.Error{
				Message: "the change was made, but " + now.Current,
				Hint:    "check whether another program manages it too, then retry",
			}
		}
		return nil
	})
	if err == nil {
		err = k.Patience.Until(ctx, func() error { return errors.Join(k.seen(ctx)) })
	}
	if err == nil && k.Settles {
		err = action.Doubtful(k.out.Record(map[string]any{recordSettled: true}))
	}
	return now, err
}

// result is the good end: a change that is this step's own, now or by an
// earlier attempt, or a state that was there before.
func result(now State, own bool) action.Result {
	r := action.Result{Outputs: outputs(now), Changed: own, Already: !own, Summary: now.Summary}
	r.Summary = cmp.Or(r.Summary, now.Want)
	if r.Already && now.Already != "" {
		r.Summary = now.Already
	} else if r.Already {
		r.Summary += " already"
	}
	r.Summary += now.stays()
	return r
}

// ways are those that stay open, as far as anybody knows.
func (s State) ways() []string {
	ways := slices.Clone(s.Open)
	for _, way := range s.Unseen {
		ways = append(ways, way+", at which nobody could look")
	}
	return ways
}

// stays names the ways that stay open.
func (s State) stays() string {
	if ways := s.ways(); len(ways) > 0 {
		return "; STILL OPEN: " + strings.Join(ways, ", ")
	}
	return ""
}

// close says what to do about them.
func (s State) close() string {
	return "close what is still open where it leads, or by a target of the type that it is of, then retry: " + strings.Join(s.ways(), ", ")
}

func outputs(now State) map[string]any {
	if now.Outputs == nil {
		return map[string]any{}
	}
	return now.Outputs
}

// Undo implements action.Undoer.
func (c Change) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	r := action.Result{Outputs: map[string]any{}}
	if len(req.Record) == 0 {
		r.Already, r.Summary = true, "nothing was changed, so nothing is put back"
		return r, nil
	}
	k, err := c.begin(ctx, req, out)
	if err != nil {
		return action.Result{}, err
	}
	defer k.work.Close()
	r.Changed, r.Summary, err = k.work.(Restorer).PutBack(ctx, k.record, out)
	if err != nil {
		return action.Result{}, err
	}
	r.Already = !r.Changed
	return r, nil
}

// Preflight implements action.Preflighter.
func (c Change) Preflight(ctx context.Context, req action.Request) []error {
	w, err := c.Open(ctx, req)
	if err != nil {
		return []error{err}
	}
	defer w.Close()
	if k, ok := w.(Checker); ok {
		return k.Check(ctx)
	}
	return nil
}

// Validate implements action.Validator.
func (c Change) Validate(with action.Values, _ string) []action.Problem {
	if c.Inputs == nil {
		return nil
	}
	return c.Inputs(with)
}

// recorder adds what is recorded to the record.
type recorder struct {
	action.Sink
	record action.Values
}

// Record implements action.Sink.
func (r recorder) Record(values map[string]any) error {
	if err := r.Sink.Record(values); err != nil {
		return err
	}
	maps.Copy(r.record, values)
	return nil
}
