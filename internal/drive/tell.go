package drive

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Message is what people are told through a target, by one of the actions that
// tell people.
type Message struct {
	Number         int // of the notice
	Action, Target string
	With           map[string]any // inputs of the action: data, in which nothing is evaluated
	Lacks          string         // why it cannot be sent at all, "" if it can
}

// tellTime is the most that one message may take: nothing waits for it but the
// end of the process.
const tellTime = 30 * time.Second

// Tell sends a message whose notice is durable in s. It is never sent again, so
// nothing is recorded for a second attempt.
func (d *Driver) Tell(ctx context.Context, s engine.State, path string, m Message) Outcome {
	ctx, cancel := context.WithTimeoutCause(ctx, tellTime, errTimeUp)
	defer cancel()
	err := d.tell(ctx, s, path, m)
	return Outcome{Err: err, Unknown: action.IsDoubtful(err), Timeout: err != nil && errors.Is(context.Cause(ctx), errTimeUp)}
}

func (d *Driver) tell(ctx context.Context, s engine.State, path string, m Message) error {
	if m.Lacks != "" {
		return &action.Error{Message: m.Lacks, Permanent: true}
	}
	act, ok := d.cfg.Action(m.Action)
	if !ok {
		return &action.Error{Message: "this irctl has no action " + m.Action, Permanent: true}
	}
	c := call{act: act, spec: act.Spec(), target: m.Target}
	with, problems := coerce.Fields(c.spec.Inputs, d.redact.Values(m.With))
	if len(problems) > 0 {
		return inputError(m.Action, problems)
	}
	started, _, _ := s.Started()
	c.req = action.Request{
		Run: d.cfg.Run, Runbook: started.Runbook, Path: path, Attempt: 1, Key: d.cfg.Run + "/" + path + "#notice-" + strconv.Itoa(m.Number),
		With: with, Allow: d.cfg.Environment.Policy(), Folder: started.Folder, Dir: d.cfg.Dir,
	}
	if err := d.reach(ctx, &c); err != nil {
		return err
	}
	out := newSink(d, Hooks{Record: func(event.Values) error { return nil }})
	_, err := run(ctx, act, c.req, out)
	out.close()
	return err
}

// Told is how a notice ended. instead is what to do if it did not get there.
func (d *Driver) Told(path string, n event.NoticeStarted, o Outcome, instead string) event.Event {
	if o.Err == nil {
		return d.event(path, event.NoticeSent{Number: n.Number, To: n.To, Target: n.Target})
	}
	var e *action.Error
	f := failure(d.redact, o.Err)
	f.Timeout, f.Doubt = o.Timeout, o.Unknown
	if instead != "" {
		f.Hint = action.CleanLine(instead, 300)
	}
	permanent := errors.As(o.Err, &e) && e.Permanent
	return d.event(path, event.NoticeFailed{Number: n.Number, To: n.To, Target: n.Target, Error: f, Again: !f.Doubt && !permanent})
}

// TellingLost ends a notice of a process that died before it knew how it went.
func (d *Driver) TellingLost(path string, n event.NoticeStarted, instead string) event.Event {
	return d.Told(path, n, Outcome{Err: errTellingLost, Unknown: true}, instead)
}

var errTellingLost = errors.New("irctl ended before it was known whether the message arrived; it is not sent again")
