package host

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// nftables isolates a machine, or releases it, by a table of its packet filter
// that is irctl's own.
type nftables struct{ isolate bool }

// state is what a look at the machine found and what the step wants there.
type state struct {
	now   string // the table as listed; "" is none
	table string // what the step loads; "" removes the table
	want  string // table as it will be listed
	paths []path
	armed []string // waits to put another table back, see arm
	done  bool
}

func (n nftables) look(ctx context.Context, f *filter) (state, error) {
	var s state
	var err error
	if n.isolate {
		if s.paths, err = f.paths(ctx); err != nil {
			return s, err
		}
		s.table = isolation(s.paths)
		if s.want, err = f.written(ctx, s.table); err != nil {
			return s, err
		}
	}
	if s.now, err = f.table(ctx); err != nil {
		return s, err
	}
	s.done = !isolates(s.now)
	if n.isolate {
		s.armed, err = f.armed(ctx)
		s.done = s.now == s.want && len(s.armed) == 0
	}
	return s, err
}

// current says what is so now.
func (s state) current(f *filter) string {
	switch {
	case s.now == "":
		return fmt.Sprintf("%s is connected", f)
	case !isolates(s.now):
		return fmt.Sprintf("%s is connected, and has a table %s that is no isolation", f, tableName)
	case s.now == s.want && len(s.armed) > 0:
		return fmt.Sprintf("%s is isolated, but about to connect itself again, because irctl was ended in between", f)
	case s.now == s.want:
		return s.desired(f)
	}
	return fmt.Sprintf("%s is isolated, but not as the target says", f)
}

// desired says what will be so.
func (s state) desired(f *filter) string {
	if s.table == "" {
		return fmt.Sprintf("%s is connected", f)
	}
	if len(s.paths) == 0 {
		return fmt.Sprintf("%s is isolated, and reaches nobody", f)
	}
	var names []string
	for _, p := range s.paths {
		names = append(names, p.String())
	}
	return fmt.Sprintf("%s is isolated, and left to it is only %s", f, strings.Join(names, ", "))
}

// Inspect implements action.Inspector.
func (n nftables) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	f, err := open(req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer f.close()
	s, err := n.look(ctx, f)
	if err != nil {
		return action.Inspection{}, err
	}
	i := action.Inspection{Known: true, Repeatable: true, Desired: s.done, Current: s.current(f), Want: s.desired(f), Outputs: map[string]any{}}
	if !n.isolate && isolates(s.now) {
		i.Current = fmt.Sprintf("%s is isolated", f)
	}
	return i, nil
}

// Run implements kind.Kind.
func (n nftables) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	f, err := open(req)
	if err != nil {
		return action.Result{}, err
	}
	defer f.close()
	s, err := n.look(ctx, f)
	if err != nil {
		return action.Result{}, err
	}
	acted := len(req.Record) > 0
	r := action.Result{Outputs: map[string]any{}, Summary: s.desired(f)}
	if n.isolate {
		// Whatever waits from an earlier attempt: this one goes on, or arms anew.
		if err := f.disarm(ctx, s.armed); err != nil {
			return action.Result{}, err
		}
		s.armed, s.done = nil, s.now == s.want
	}
	if s.done {
		r.Changed, r.Already = acted, !acted
		if r.Already {
			r.Summary = strings.Replace(s.current(f), " is isolated", " is isolated already", 1)
			r.Summary = strings.Replace(r.Summary, " is connected", " is connected already", 1)
		}
		if n.isolate {
			err = f.cut(ctx)
		}
		return r, err
	}
	before, err := record(ctx, f, s, req, out)
	if err != nil {
		return action.Result{}, err
	}
	if !n.isolate {
		if err := f.put(ctx, ""); err != nil {
			return action.Result{}, err
		}
		r.Changed, r.Summary = true, r.Summary+f.silence(ctx)
		return r, nil
	}
	if _, silent := f.answering(ctx); len(silent) > 0 {
		out.Progress("these did not answer before either, so their silence proves nothing: " + strings.Join(silent, ", "))
	}
	if err := f.isolate(ctx, s.table, before); err != nil {
		return action.Result{}, err
	}
	r.Changed = true
	return r, f.cut(ctx)
}

// isolate puts up an isolation, and makes sure that somebody can take it away.
func (f *filter) isolate(ctx context.Context, table, before string) error {
	files, err := f.arm(ctx, before)
	if err != nil {
		return err
	}
	if err := f.put(ctx, table); err != nil {
		if action.IsDoubtful(err) {
			return f.waits(err)
		}
		return errors.Join(err, f.disarm(ctx, files))
	}
	if err := f.stillReached(ctx, before); err != nil {
		return err
	}
	return f.disarm(ctx, files)
}

// waits says what becomes of a machine that irctl may not reach any more.
func (f *filter) waits(cause error) error {
	if !f.guarded() {
		return cause
	}
	return &action.Error{
		Message: fmt.Sprintf("irctl was cut off from %s while it isolated it", f),
		Hint: fmt.Sprintf("within %s the machine connects itself again; then write into keep how it is reached: the other end of a tunnel too, if one ends there",
			f.req.Target.Config.Duration("way_back")),
		Cause: cause, Doubt: true,
	}
}

// record keeps what is there, which it returns, and what the step puts in its
// place. What an earlier attempt recorded counts for as long as it is still
// there.
func record(ctx context.Context, f *filter, s state, req action.Request, out action.Sink) (string, error) {
	if len(req.Record) > 0 {
		earlier := action.Values(req.Record)
		before := earlier.String("before")
		untouched, err := f.written(ctx, before)
		if err != nil || untouched == s.now && earlier.String("written") == s.table {
			return before, err
		}
		own, err := f.written(ctx, earlier.String("written"))
		if err != nil {
			return "", err
		}
		if s.now == untouched || s.now == own { // but irctl comes another way now
			return before, out.Record(map[string]any{"written": s.table})
		}
	}
	before, err := f.former(ctx)
	if err != nil {
		return "", err
	}
	return before, out.Record(map[string]any{"before": before, "written": s.table})
}

// cut looks from the outside that nothing gets through to an isolated machine.
func (f *filter) cut(ctx context.Context) error {
	open, _ := f.answering(ctx)
	if len(open) == 0 {
		return nil
	}
	return &action.Error{
		Message: fmt.Sprintf("the filter of %s is in place, but this machine still gets an answer from %s", f, strings.Join(open, ", ")),
		Hint:    "either this machine is among those that keep names, or another one answers there; use a probe that neither holds for",
	}
}

// stillReached looks that a new connection can be made to a machine that was
// just isolated. If not, before is put back: nobody could release it.
func (f *filter) stillReached(ctx context.Context, before string) error {
	lost := f.signIn(ctx)
	if lost == nil {
		return nil
	}
	// The connection that stands may still carry a command when no new one does.
	back, cancel := context.WithTimeout(context.WithoutCancel(ctx), signInTime)
	defer cancel()
	if err := f.put(back, before); err != nil {
		return f.waits(lost)
	}
	return &action.Error{
		Message: fmt.Sprintf("while %s was isolated nobody could sign in, so it was connected again", f),
		Hint:    "connections seem to come from different addresses: write them into keep, then retry",
		Cause:   lost,
	}
}

// silence names the probes that do not answer though they should.
func (f *filter) silence(ctx context.Context) string {
	if _, silent := f.answering(ctx); len(silent) > 0 {
		return "; no answer yet from " + strings.Join(silent, ", ")
	}
	return ""
}

// Undo implements action.Undoer.
func (n nftables) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	if len(req.Record) == 0 {
		return action.Result{Already: true, Summary: "nothing was changed, so nothing is put back"}, nil
	}
	f, err := open(req)
	if err != nil {
		return action.Result{}, err
	}
	defer f.close()
	text := action.Values(req.Record).String("before")
	now, err := f.table(ctx)
	if err != nil {
		return action.Result{}, err
	}
	before, err := f.written(ctx, text)
	if err != nil {
		return action.Result{}, err
	}
	written, err := f.written(ctx, action.Values(req.Record).String("written"))
	if err != nil {
		return action.Result{}, err
	}
	switch {
	case now == before:
		return action.Result{Already: true, Summary: fmt.Sprintf("the filter of %s is as it was before the step", f)}, nil
	case now != written:
		return action.Result{}, changedSince(f, now)
	}
	if isolates(text) {
		if way, ok, err := f.ownWay(ctx); err != nil || ok && !lets(before, way) {
			return action.Result{}, cutsOff(f, way, err)
		}
		err = f.isolate(ctx, text, action.Values(req.Record).String("written"))
	} else {
		err = f.put(ctx, text)
	}
	if err != nil {
		return action.Result{}, err
	}
	r := action.Result{Changed: true, Summary: fmt.Sprintf("the filter of %s is as it was before the step", f)}
	if n.isolate {
		r.Summary += f.silence(ctx)
	}
	return r, nil
}

func changedSince(f *filter, now string) error {
	e := &action.Error{
		Message:   fmt.Sprintf("somebody has changed the table %s of %s since the step, so it was left as it is", tableName, f),
		Hint:      "look at it with `nft list table " + tableName + "` and ask who changed it; host.release connects the machine in any case",
		Permanent: true,
	}
	if now == "" {
		e.Message = fmt.Sprintf("somebody has removed the table %s of %s since the step, so it was left so", tableName, f)
		e.Hint = "ask who removed it; host.isolate isolates the machine again"
	}
	return e
}

func cutsOff(f *filter, way path, err error) error {
	if err != nil {
		return err
	}
	return &action.Error{
		Message:   fmt.Sprintf("to isolate %s as it was before would cut the way that irctl comes now, from %s, so it was left as it is", f, way),
		Hint:      "run host.isolate instead: it keeps that way open",
		Permanent: true,
	}
}

// Preflight implements action.Preflighter.
func (n nftables) Preflight(ctx context.Context, req action.Request) []error {
	f, err := open(req)
	if err != nil {
		return []error{err}
	}
	defer f.close()
	if f.netns != "" {
		if errs := f.host.Check(ctx, "nsenter"); len(errs) > 0 {
			return errs
		}
	}
	errs := probesAllowed(req)
	s, err := n.look(ctx, f)
	if err == nil && n.isolate {
		_, err = f.command(ctx, replacing(s.table), "--check", "--file", "-")
	}
	if err != nil {
		errs = append(errs, err)
	}
	return errs
}
