package trial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/connector/openapi"
	plain "github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// silence is how long a request waits for an answer in a trial.
const silence = 150 * time.Millisecond

// maxProblems is how many problems of a case are told.
const maxProblems = 12

// Result is what became of a case.
type Result struct {
	Case     string   `json:"case"`
	Tried    int      `json:"tried"`    // ways in which it was played
	Problems []string `json:"problems"` // what is wrong, none if it is empty
}

// Try plays every case of a file against the description that the connector was
// written from. Actions are those that there are beside the connector's.
func Try(ctx context.Context, by *connector.File, slice *openapi.Document, file *File, actions *registry.Registry) ([]Result, error) {
	with, err := connector.Into(actions, []*connector.File{by})
	if err != nil {
		return nil, err
	}
	hasty, _ := connector.Parse(by.Path, by.Source)
	hasty.Timeout = silence
	quick, err := connector.Into(actions, []*connector.File{hasty})
	if err != nil {
		return nil, err
	}
	ctx = patience.WithClock(ctx, &hurried{now: time.Now()})
	var out []Result
	tried := map[string]bool{}
	for _, c := range file.Cases {
		p := &play{by: by, slice: slice, file: file, it: c}
		var known bool
		if p.action, known = with.Lookup(c.Action.Value); known {
			p.form, known = p.action.Spec().TargetType(by.Name.Value)
		}
		if !known {
			out = append(out, Result{Case: c.Name.Value, Tried: 1, Problems: []string{fmt.Sprintf("%s:%d: the connector has no action %s", file.Path, c.Action.Span.Start.Line, c.Action.Value)}})
			continue
		}
		tried[c.Action.Value] = tried[c.Action.Value] || !c.Fails.Given() && len(c.Exchanges) == 0
		slow, _ := quick.Lookup(c.Action.Value)
		tally := actiontest.NewTally(ctx)
		p.all(tally, slow)
		p.close()
		out = append(out, p.result(tally))
	}
	for _, name := range by.Names() {
		if !tried[name] {
			out = append(out, Result{Case: name, Tried: 1, Problems: []string{file.Path + " has no case for it"}})
		}
	}
	return out, ctx.Err()
}

func (p *play) result(t *actiontest.Tally) Result {
	r := Result{Case: p.it.Name.Value, Problems: []string{}}
	for _, c := range t.Checks() {
		r.Tried++
		if c.Problem != "" {
			r.Problems = append(r.Problems, action.CleanLine(c.Name+": "+c.Problem, 400))
		}
	}
	if more := len(r.Problems) - maxProblems; more > 0 {
		r.Problems = append(r.Problems[:maxProblems], fmt.Sprintf("and %d more", more))
	}
	return r
}

// all plays the case in every way. Slow is its action with little patience for an
// answer.
func (p *play) all(t actiontest.T, slow action.Action) {
	switch {
	case len(p.it.Exchanges) > 0:
		t.Run("as recorded", p.recorded)
		return
	case p.it.Fails.Given():
		t.Run("refused", p.fails)
		return
	}
	asked, end, ok := 0, "", false
	t.Run("as expected", func(t actiontest.T) { asked, end, ok = p.clean(t) })
	if !ok {
		return // all else would only say so again
	}
	a := p.by.Action(p.it.Action.Value)
	looks := a.Desired.Given() && p.action.Spec().Effect != action.Read
	if looks && !p.already {
		actiontest.Contract{Action: p.action, Start: p.standIn, Anew: p.it.Anew, Stays: p.it.Stays}.Test(t)
	}
	for n := range asked {
		for _, trouble := range troubles() {
			of := p.action
			if trouble.name == silent {
				of = slow
			}
			t.Run(fmt.Sprintf("%s to request %d", trouble.name, n+1), func(t actiontest.T) { p.troubled(t, of, n+1, trouble, end, looks || p.by.Repeatable(a)) })
		}
	}
	t.Run("as described", func(t actiontest.T) {
		var wrong []string
		for _, s := range p.opened {
			wrong = append(wrong, s.mistakes()...)
		}
		slices.Sort(wrong)
		for _, line := range slices.Compact(wrong) {
			t.Errorf("%s", line)
		}
	})
}

func (p *play) standIn(t actiontest.T) actiontest.StandIn {
	s, err := p.start()
	if err != nil {
		fail(t, "%v", err)
	}
	return s
}

func fail(t actiontest.T, format string, args ...any) {
	t.Errorf(format, args...)
	t.FailNow()
}

// clean is the case with nothing in its way: how many requests it takes, and how
// it ends.
func (p *play) clean(t actiontest.T) (asked int, end string, ok bool) {
	s := p.standIn(t).(*stage)
	out := &actiontest.Sink{}
	result, err := p.action.Run(t.Context(), s.request, out)
	if wrong := s.mistakes(); len(wrong) > 0 {
		fail(t, "%s", strings.Join(wrong, "; "))
	}
	if err != nil {
		fail(t, "%s", whole(err))
	}
	for name, want := range p.it.Outputs {
		if got := result.Outputs[name]; !plain.Same(plain.Of(got), want) {
			t.Errorf("the output %s is %s, expected is %s", name, plain.Text(plain.Of(got)), plain.Text(want))
		}
	}
	asked, end, p.already = s.asked, s.State(), result.Already
	if inspector, is := p.action.(action.Inspector); is && p.it.State.Given() {
		in, err := inspector.Inspect(t.Context(), s.request)
		if err != nil {
			fail(t, "a look afterwards: %s", whole(err))
		}
		if !strings.Contains(in.Current, p.it.State.Value) {
			t.Errorf("a look afterwards says %q, expected is %q", in.Current, p.it.State.Value)
		}
	}
	p.secret(t, s, out, result, err)
	return asked, end, true
}

// fails is a case in which nothing may be changed.
func (p *play) fails(t actiontest.T) {
	s := p.standIn(t).(*stage)
	before := s.State()
	_, err := p.action.Run(t.Context(), s.request, &actiontest.Sink{})
	switch {
	case err == nil:
		t.Errorf("it succeeds, expected is an error with %q", p.it.Fails.Value)
	case !strings.Contains(whole(err), p.it.Fails.Value):
		t.Errorf("the error is %q, expected is one with %q", whole(err), p.it.Fails.Value)
	}
	if s.State() != before {
		t.Errorf("something was changed: %s", s.State())
	}
	for _, line := range s.mistakes() {
		t.Errorf("%s", line)
	}
}

// troubled is the case with trouble for one request: whoever reads the error knows
// what to do, nothing is seen that must not be, nothing happens twice, and the next
// attempt comes to the same end, from which undo leads back; again says that there is a next one.
func (p *play) troubled(t actiontest.T, of action.Action, n int, trouble trouble, end string, again bool) {
	s := p.standIn(t).(*stage)
	before := s.State()
	s.befall(n, trouble)
	out := &actiontest.Sink{}
	result, err := of.Run(t.Context(), s.request, out)
	if trouble.paged && !s.endless {
		return // that request is for no list
	}
	p.secret(t, s, out, result, err)
	now := s.State()
	// Whether something is not there, nobody can tell from a system that lies.
	if err == nil && now != end && (now != before || trouble.name != notThere) {
		t.Errorf("it says that it was done, and the system is otherwise: %s", now)
	}
	if err != nil {
		p.clear(t, err)
	}
	if action.IsDoubtful(err) && trouble.surely && now == before {
		t.Errorf("it was refused, and is said to be in doubt: %s", whole(err))
	}
	if err != nil && !action.IsDoubtful(err) && now != before && !again {
		t.Errorf("it was carried out, and the error does not say that it may have been: %s", whole(err))
	}
	if !again && (err == nil || action.IsDoubtful(err)) {
		return // a person decides, where nobody can look
	}
	s.befall(0, trouble)
	req := s.request
	req.Record = out.Recorded()
	if _, err = p.action.Run(t.Context(), req, out); err != nil {
		fail(t, "the next attempt: %s", whole(err))
	}
	if now = s.State(); now != end {
		fail(t, "the next attempt ends with %s, expected is %s", now, end)
	}
	if !p.form.Undo || p.it.Stays {
		return
	}
	req.Record, req.Undoes = out.Recorded(), req.Key
	if _, err = p.action.(action.Undoer).Undo(t.Context(), req, out); err != nil {
		fail(t, "undo: %s", whole(err))
	}
	if now = s.State(); now != before {
		t.Errorf("undo leads to %s, expected is %s", now, before)
	}
}

// clear holds that an error says what happened and what to do.
func (p *play) clear(t actiontest.T, err error) {
	var e *action.Error
	switch {
	case !errors.As(err, &e):
		t.Errorf("the error is none of an action: %v", err)
	case e.Message == "" || hint(err) == "":
		t.Errorf("the error does not say what to do: %v", err)
	}
}

// hint is what an error says is to be done.
func hint(err error) string {
	for e := (*action.Error)(nil); errors.As(err, &e); err = e.Cause {
		if e.Hint != "" {
			return e.Hint
		}
	}
	return ""
}

func whole(err error) string { return strings.TrimSpace(err.Error() + "; " + hint(err)) }

// secret holds that no token can be seen that the server gave, and nothing steers
// a terminal. The driver masks what the target's config keeps secret, wherever it
// turns up; of a token that was fetched it does not know.
func (p *play) secret(t actiontest.T, s *stage, out *actiontest.Sink, result action.Result, err error) {
	said := fmt.Sprint(out.Lines(), out.Recorded(), out.Stream("stdout"), out.Stream("stderr"), result.Summary, slices.Sorted(maps.Keys(result.Outputs)), result.Outputs)
	if err != nil {
		said += whole(err)
	}
	if s.token != "" && strings.Contains(said, s.token) {
		t.Errorf("a token can be seen: %s", strings.ReplaceAll(said, s.token, "[the token]"))
	}
	if strings.ContainsAny(said, "\x1b\a\u202e") {
		t.Errorf("characters that steer a terminal are passed on: %q", said)
	}
}
