package host

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// byNftables isolates a machine, or releases it, by a table of its packet filter
// that is irctl's own.
func byNftables(isolate bool) kind.Kind {
	return kind.Change{
		Type: config.Describe[filterConfig](target),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			f, err := open(req)
			return &step{filter: f, isolating: isolate}, err
		},
	}
}

// step is one step on one filter, and what a look at the machine found.
type step struct {
	*filter
	isolating bool
	now       string   // the table as listed; "" is none
	table     string   // what the step loads; "" removes the table
	want      string   // table as it will be listed
	left      []path   // that stay open
	waiting   []string // waits to put another table back, see arm
	note      string   // added to the summary
}

// Look implements kind.Work.
func (s *step) Look(ctx context.Context, _ action.Values) (now kind.State, err error) {
	if s.isolating {
		if s.left, err = s.paths(ctx); err != nil {
			return now, err
		}
		s.table = isolation(s.left)
		if s.want, err = s.written(ctx, s.table); err != nil {
			return now, err
		}
	}
	if s.now, err = s.list(ctx, "-s"); err != nil {
		return now, err
	}
	now.Desired = !isolates(s.now)
	if s.isolating {
		s.waiting, err = s.armed(ctx)
		now.Desired = s.now == s.want && len(s.waiting) == 0
	}
	now.Current, now.Want = s.current(), s.desired()
	now.Already = strings.Replace(now.Current, " is isolated", " is isolated already", 1)
	now.Already = strings.Replace(now.Already, " is connected", " is connected already", 1)
	return now, err
}

// current says what is so now.
func (s *step) current() string {
	switch {
	case s.now == "":
		return fmt.Sprintf("%s is connected", s)
	case !isolates(s.now):
		return fmt.Sprintf("%s is connected, and has a table %s that is no isolation", s, tableName)
	case !s.isolating:
		return fmt.Sprintf("%s is isolated", s)
	case s.now != s.want:
		return fmt.Sprintf("%s is isolated, but not as the target says", s)
	case len(s.waiting) > 0:
		return fmt.Sprintf("%s is isolated, but about to connect itself again, because irctl was ended in between", s)
	}
	return s.desired()
}

// desired says what will be so.
func (s *step) desired() string {
	if s.table == "" {
		return fmt.Sprintf("%s is connected", s)
	}
	if len(s.left) == 0 {
		return fmt.Sprintf("%s is isolated, and reaches nobody", s)
	}
	names := each.Of(s.left, path.String)
	return fmt.Sprintf("%s is isolated, and left to it is only %s", s, strings.Join(names, ", "))
}

// Keep implements kind.Keeper. What an earlier attempt recorded counts for as
// long as it, or what the attempt wrote, is still there.
func (s *step) Keep(ctx context.Context, record action.Values) (map[string]any, error) {
	if s.isolating && s.now == s.want {
		return nil, nil
	}
	if len(record) > 0 {
		untouched, err := s.written(ctx, record.String("before"))
		if err != nil || untouched == s.now && record.String("written") == s.table {
			return nil, err
		}
		own, err := s.written(ctx, record.String("written"))
		if err != nil {
			return nil, err
		}
		if s.now == untouched || s.now == own { // but irctl comes another way now
			return map[string]any{"written": s.table}, nil
		}
	}
	before, err := s.list(ctx)
	return map[string]any{"before": before, "written": s.table}, err
}

// Change implements kind.Work.
func (s *step) Change(ctx context.Context, record action.Values, out action.Sink) error {
	if !s.isolating {
		err := s.put(ctx, "")
		if err == nil {
			s.note = s.silence(ctx)
		}
		return err
	}
	// Whatever waits from an earlier attempt: this one goes on, or arms anew.
	if err := s.disarm(ctx, s.waiting); err != nil || s.now == s.want {
		return err
	}
	if _, silent := s.answering(ctx); len(silent) > 0 {
		out.Progress("these did not answer before either, so their silence proves nothing: " + strings.Join(silent, ", "))
	}
	return s.isolate(ctx, s.table, record.String("before"))
}

// Seen implements kind.Witness: nothing gets through to an isolated machine.
func (s *step) Seen(ctx context.Context, _ action.Values) (wrong, err error) {
	if !s.isolating {
		return nil, nil
	}
	return s.cut(ctx), nil
}

// Note implements kind.Noter.
func (s *step) Note() string { return s.note }

// PutBack implements kind.Restorer.
func (s *step) PutBack(ctx context.Context, record action.Values, _ action.Sink) (changed bool, summary string, err error) {
	text := record.String("before")
	summary = fmt.Sprintf("the filter of %s is as it was before the step", s)
	now, err := s.list(ctx, "-s")
	if err != nil {
		return false, "", err
	}
	before, err := s.written(ctx, text)
	if err != nil || now == before {
		return false, summary, err
	}
	written, err := s.written(ctx, record.String("written"))
	if err != nil {
		return false, "", err
	}
	if now != written {
		return false, "", changedSince(s.filter, now)
	}
	if isolates(text) {
		if way, ok, err := s.ownWay(ctx); err != nil || ok && !lets(before, way) {
			return false, "", cutsOff(s.filter, way, err)
		}
		err = s.isolate(ctx, text, record.String("written"))
	} else {
		err = s.put(ctx, text)
	}
	if err == nil && s.isolating {
		summary += s.silence(ctx)
	}
	return true, summary, err
}

// Check implements kind.Checker.
func (s *step) Check(ctx context.Context) []error {
	if s.NetNS != "" {
		if errs := s.host.Check(ctx, "nsenter"); len(errs) > 0 {
			return errs
		}
	}
	errs := s.probesAllowed()
	_, err := s.Look(ctx, nil)
	if err == nil && s.isolating {
		_, err = s.command(ctx, replacing(s.table), "--check", "--file", "-")
	}
	if err != nil {
		errs = append(errs, err)
	}
	return errs
}

// isolate puts up an isolation, and makes sure that somebody can take it away.
func (f *filter) isolate(ctx context.Context, table, before string) error {
	files, err := f.arm(ctx, before)
	if err != nil {
		return err
	}
	if err := f.put(ctx, table, files...); err != nil {
		if action.IsDoubtful(err) {
			return f.waits(err)
		}
		return cmp.Or(f.disarm(ctx, files), err)
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
			f.WayBack),
		Cause: cause, Doubt: true,
	}
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

func changedSince(f *filter, now string) error {
	e := &action.Error{
		Message:   fmt.Sprintf(kind.Somebody+" has changed the table %s of %s since the step, so it was left as it is", tableName, f),
		Hint:      "look at it with `nft list table " + tableName + "` and ask who changed it; host.release connects the machine in any case",
		Permanent: true,
	}
	switch {
	case isolates(now):
		e.Hint = "if another run of irctl has isolated it anew, roll that run back too; else " + e.Hint
	case now == "":
		e.Message = fmt.Sprintf(kind.Somebody+" has removed the table %s of %s since the step, so it was left so", tableName, f)
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
