package described

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// previous is the name under which the state before the change is recorded.
const previous = "previous"

// Call is a verb bound to a request.
type Call struct {
	system System
	verb   Verb
	req    action.Request
	given  map[string]any
}

// Call binds a verb of the system to a request. The verb must be one of the
// system's.
func (s System) Call(verb string, req action.Request) Call {
	v, ok := s.verb(verb)
	if !ok {
		panic(fmt.Sprintf("described: %s has no verb %q", s.Noun, verb))
	}
	return Call{system: s, verb: v, req: req}
}

// Give adds a value that is not an input of the action, such as a new
// password, under a name that the System declares among its Inputs.
func (c Call) Give(name string, value any) Call {
	given := maps.Clone(c.given)
	if given == nil {
		given = map[string]any{}
	}
	given[name] = value
	c.given = given
	return c
}

// Run brings the system into the verb's state, or does what is done once. See
// action.Action for the order of things.
func (c Call) Run(ctx context.Context, out action.Sink) (action.Result, error) {
	d, err := c.describe()
	if err != nil {
		return action.Result{}, err
	}
	defer d.close()
	before, err := d.look(ctx, c.verb)
	if err != nil {
		return action.Result{}, err
	}
	_, again := c.req.Record[previous]
	if before.known && before.desired {
		return action.Result{Outputs: before.outputs, Changed: again, Already: !again, Summary: before.now}, nil
	}
	if c.verb.State != "" && !again {
		if !before.known {
			return action.Result{}, c.cannotTell(before)
		}
		if err := out.Record(map[string]any{previous: before.state}); err != nil {
			return action.Result{}, err
		}
	}
	return c.act(ctx, d, out)
}

// act does the verb and checks the effect.
func (c Call) act(ctx context.Context, d description, out action.Sink) (action.Result, error) {
	section, ok := d.sections[c.verb.Name]
	if !ok {
		return action.Result{}, &action.Error{
			Message:   fmt.Sprintf("the target %s does not say how to %s", c.req.Target.Name, c.verb.Name),
			Hint:      fmt.Sprintf("add a section %q to its config, or do it by hand", c.verb.Name),
			Permanent: true,
		}
	}
	outputs, err := d.do(ctx, section, c.verb, out)
	if err != nil && !action.IsDoubtful(err) {
		return action.Result{}, err
	}
	after, lookErr := d.settled(ctx, c.verb)
	switch {
	case lookErr == nil && after.known && after.desired:
		maps.Copy(outputs, after.outputs)
		return action.Result{Outputs: outputs, Changed: true, Summary: after.now}, missing(c.verb, outputs)
	case err != nil:
		return action.Result{}, err
	case lookErr != nil:
		return action.Result{}, &action.Error{
			Message: fmt.Sprintf("%s was carried out at %s, but the effect could not be checked", c.verb.Name, c.req.Target.Name),
			Cause:   lookErr, Doubt: true,
		}
	case after.known:
		return action.Result{}, &action.Error{
			Message: fmt.Sprintf("%s was carried out without an error, but %s", c.verb.Name, after.now),
			Hint:    "if the system takes longer to follow, give the target a longer `settle`",
		}
	}
	return action.Result{Outputs: outputs, Changed: true, Summary: c.was(c.verb)}, missing(c.verb, outputs)
}

// Inspect looks at the system and changes nothing.
func (c Call) Inspect(ctx context.Context) (action.Inspection, error) {
	d, err := c.describe()
	if err != nil {
		return action.Inspection{}, err
	}
	defer d.close()
	in := action.Inspection{Repeatable: d.deduplicates || c.verb.State != "", Want: c.want()}
	seen, err := d.look(ctx, c.verb)
	if err != nil {
		return in, err
	}
	in.Known, in.Current = seen.known, seen.now
	if seen.known {
		in.Desired, in.Outputs = seen.desired, seen.outputs
	}
	return in, nil
}

func (c Call) want() string {
	if c.verb.State != "" {
		return c.is(c.verb.State)
	}
	return c.say(c.verb.Summary)
}

// is says in which state the system is, for people.
func (c Call) is(state string) string {
	verb := "is"
	if c.system.Plural {
		verb = "are"
	}
	return fmt.Sprintf("%s at %s %s %s", c.say(c.system.Noun), c.req.Target.Name, verb, state)
}

// was says that a verb was done, for people.
func (c Call) was(v Verb) string {
	if v.Done == "" {
		return fmt.Sprintf("done at %s: %s", c.req.Target.Name, c.say(v.Summary))
	}
	return fmt.Sprintf("%s at %s", c.say(v.Done), c.req.Target.Name)
}

// say fills in a text of the author's for people: a secret stays hidden, a
// value that is not known yet stays a placeholder.
func (c Call) say(text string) string {
	f := c.filler(false)
	return placeholder.ReplaceAllStringFunc(text, func(match string) string {
		name, ok := nameOf(match)
		v := f.data[name]
		if !ok || v == nil {
			return match
		}
		if _, secret := v.(action.Secret); secret {
			return fmt.Sprint(v)
		}
		return action.CleanLine(textOf(v), 60)
	})
}

// Undo puts back the state that Run recorded. What is done once cannot be
// undone.
func (c Call) Undo(ctx context.Context, out action.Sink) (action.Result, error) {
	if c.verb.State == "" {
		return action.Result{}, &action.Error{Message: c.verb.Name + " cannot be undone", Permanent: true}
	}
	before, recorded := c.req.Record[previous].(string)
	switch {
	case !recorded:
		return action.Result{Already: true, Summary: fmt.Sprintf("nothing was changed at %s", c.req.Target.Name)}, nil
	case before == c.verb.State:
		return action.Result{Already: true, Summary: c.is(before) + ", as it was before this run"}, nil
	}
	back := c
	back.verb = c.system.other(c.verb)
	d, err := back.describe()
	if err != nil {
		return action.Result{}, err
	}
	defer d.close()
	now, err := d.look(ctx, back.verb)
	if err != nil {
		return action.Result{}, err
	}
	if now.known && now.desired {
		return action.Result{Already: true, Summary: now.now}, nil
	}
	res, err := back.act(ctx, d, out)
	res.Outputs = nil
	return res, err
}

// Preflight finds out whether the target's description is whole and whether
// the system answers.
func (c Call) Preflight(ctx context.Context) []error {
	d, err := c.describe()
	if err != nil {
		return []error{err}
	}
	defer d.close()
	if err := d.reachable(ctx, c.verb); err != nil {
		return []error{err}
	}
	return nil
}

func (c Call) cannotTell(s sighting) error {
	return &action.Error{
		Message:   fmt.Sprintf("%s was not done, because nobody could put it back: %s", c.verb.Name, s.now),
		Hint:      "check the `status` section of the target " + c.req.Target.Name,
		Permanent: true,
	}
}

// missing is the error for an answer without an output that others rely on.
func missing(v Verb, outputs map[string]any) error {
	for _, o := range v.Outputs {
		if o.Required && outputs[o.Name] == nil && v.State == "" {
			return &action.Error{
				Message:   fmt.Sprintf("%s was carried out, but its %s is not in the answer", v.Name, o.Name),
				Hint:      fmt.Sprintf("check `outputs: {%s: ...}` in the target's section %q", o.Name, v.Name),
				Permanent: true, Doubt: true,
			}
		}
	}
	return nil
}

// settled looks until the state is as desired or the target's time to follow
// is over.
func (d description) settled(ctx context.Context, v Verb) (sighting, error) {
	limit, stop := context.WithTimeout(ctx, d.settle)
	defer stop()
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		s, err := d.look(ctx, v)
		if err == nil && (!s.known || s.desired) {
			return s, nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-limit.Done():
			timer.Stop()
			return s, err
		case <-timer.C:
		}
	}
}

var errNotYet = errors.New("not known yet")
