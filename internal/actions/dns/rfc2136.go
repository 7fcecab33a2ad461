package dns

import (
	"context"
	"errors"
	"fmt"

	"github.com/miekg/dns"

	"github.com/irctl/irctl/pkg/action"
)

// rfc2136 replaces a record set by a dynamic update.
type rfc2136 struct{}

// begin is the zone of a request and the set that it asks for. The caller
// closes the zone.
func begin(req action.Request) (*zone, recordSet, error) {
	z, err := open(req)
	if err != nil {
		return nil, recordSet{}, err
	}
	want, problem := wanted(req.With, z.origin)
	if problem != nil {
		return nil, recordSet{}, &action.Error{Message: problem.Input + ": " + problem.Message, Hint: problem.Hint, Permanent: true}
	}
	return z, want, nil
}

// Validate implements action.Validator. Which zone it is does not matter here.
func (rfc2136) Validate(with action.Values, _ string) []action.Problem {
	if !with.Has("name") || !with.Has("type") || !with.Has("records") || !with.Has("ttl") {
		return nil // they hold expressions
	}
	if _, p := wanted(with, "."); p != nil {
		return []action.Problem{*p}
	}
	return nil
}

// Inspect implements action.Inspector.
func (rfc2136) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	z, want, err := begin(req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer z.close()
	now, err := z.at(ctx, want)
	if err != nil {
		return action.Inspection{}, err
	}
	i := action.Inspection{Known: true, Repeatable: true, Current: now.String(), Want: want.String(), Desired: now.same(want)}
	if late := z.behind(ctx, now, 0); len(late) > 0 {
		i.Desired = false
		i.Current += "; but " + sentence(late)
	}
	before, _, recorded, err := recorded(req.Record)
	if !recorded {
		before = now
	}
	i.Outputs = outputsOf(before)
	return i, err
}

// Run implements kind.Kind.
func (rfc2136) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	z, want, err := begin(req)
	if err != nil {
		return action.Result{}, err
	}
	defer z.close()
	now, err := z.at(ctx, want)
	if err != nil {
		return action.Result{}, err
	}
	before, _, acted, err := recorded(req.Record)
	if err != nil {
		return action.Result{}, err
	}
	if now.same(want) {
		if !acted {
			before = now
		}
		r := action.Result{Changed: acted, Already: !acted, Outputs: outputsOf(before), Summary: want.String()}
		if r.Already {
			r.Summary += " already"
		}
		return r, z.followed(ctx, want, out)
	}
	if !acted || !before.same(now) {
		// What an earlier attempt recorded is not there any more, nor is what it
		// wrote: somebody else was here since, and theirs is what undo puts back.
		if err := out.Record(map[string]any{"name": now.name, "type": dns.TypeToString[now.kind], "previous": now.lines(), "written": want.lines()}); err != nil {
			return action.Result{}, err
		}
		before = now
	}
	if err := z.put(ctx, before, want, out); err != nil {
		return action.Result{}, err
	}
	return action.Result{Changed: true, Outputs: outputsOf(before), Summary: want.String() + caches(before)}, nil
}

// Undo implements action.Undoer.
func (rfc2136) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	before, written, acted, err := recorded(req.Record)
	if err != nil || !acted {
		return action.Result{Already: true, Summary: "nothing was changed, so nothing is put back"}, err
	}
	z, err := open(req)
	if err != nil {
		return action.Result{}, err
	}
	defer z.close()
	now, err := z.at(ctx, before)
	if err != nil {
		return action.Result{}, err
	}
	if now.same(before) {
		return action.Result{Already: true, Summary: now.String() + ", as before the step"}, z.followed(ctx, before, out)
	}
	if !now.same(written) {
		return action.Result{}, changedSince(now, before)
	}
	if err := z.put(ctx, written, before, out); err != nil {
		return action.Result{}, err
	}
	return action.Result{Changed: true, Summary: before.String() + ", as before the step" + caches(written)}, nil
}

func changedSince(now, before recordSet) error {
	e := &action.Error{
		Message:   fmt.Sprintf("somebody has changed it since the step: %s, and was left so", now),
		Hint:      "ask who changed it; if it is to go, run dns.restore with what was there before the step: " + before.list() + " (TTL " + shortTime(before.ttl()) + ")",
		Permanent: true,
	}
	if len(before.records) == 0 {
		e.Hint = "ask who changed it; before the step there was no such record, so remove it by hand if it is to go"
	}
	return e
}

// put replaces one set by another and returns when every server has it.
func (z *zone) put(ctx context.Context, from, to recordSet, out action.Sink) error {
	err := z.replace(ctx, from, to)
	if err != nil && !errors.Is(err, errChanged) {
		return err
	}
	now, lookErr := z.at(ctx, to)
	switch {
	case lookErr != nil && err == nil:
		return action.Doubtful(lookErr)
	case lookErr != nil:
		return lookErr
	case now.same(to): // also when the answer to an earlier update was lost
		return z.followed(ctx, to, out)
	case err != nil:
		return &action.Error{
			Message: fmt.Sprintf("somebody changed it at the same time, so nothing was changed: %s", now),
			Hint:    "ask who changes it, then retry",
		}
	}
	return &action.Error{
		Message: fmt.Sprintf("%s confirmed the update, but %s", z.primary, now),
		Hint:    "a server ignores a CNAME beside other records of the name (RFC 2136 section 3.4.2.2); otherwise check whether another program manages the record",
	}
}

// followed waits until every server that the world asks has the set.
func (z *zone) followed(ctx context.Context, want recordSet, out action.Sink) error {
	out.Progress("asking " + serverCount(len(z.servers)))
	late := z.behind(ctx, want, z.patience)
	if len(late) == 0 {
		return nil
	}
	return &action.Error{
		Message: fmt.Sprintf("%s has it, but after %s not every server that the world asks: %s", z.primary, z.patience, sentence(late)),
		Hint:    "check that these servers are up and get the zone from the primary (NOTIFY, transfer), then retry",
	}
}

// caches says for how long others may still have the previous answer.
func caches(before recordSet) string {
	if before.ttl() == 0 {
		return ""
	}
	return "; resolvers elsewhere may still answer " + before.list() + " for up to " + shortTime(before.ttl())
}

func outputsOf(before recordSet) map[string]any {
	texts := []any{}
	for _, t := range before.texts() {
		texts = append(texts, t)
	}
	return map[string]any{"previous": texts, "previous_ttl": shortTime(before.ttl())}
}

// recorded is what the step found and what it wrote in its place.
func recorded(record map[string]any) (before, written recordSet, ok bool, err error) {
	if len(record) == 0 {
		return recordSet{}, recordSet{}, false, nil
	}
	v := action.Values(record)
	kind := dns.StringToType[v.String("type")]
	if before, err = readSet(v.String("name"), kind, v.Strings("previous")); err == nil {
		written, err = readSet(v.String("name"), kind, v.Strings("written"))
	}
	if err != nil {
		err = &action.Error{Message: "what the step recorded cannot be read", Hint: "see the step's record in the journal, and change the records by hand", Cause: err, Permanent: true}
	}
	return before, written, true, err
}

// Preflight implements action.Preflighter. Whether the key may change a name is
// known for the step's own or for the target's check_name.
func (rfc2136) Preflight(ctx context.Context, req action.Request) []error {
	z, err := open(req)
	if err != nil {
		return []error{err}
	}
	defer z.close()
	var errs []error
	for _, server := range z.servers {
		if server != z.primary {
			errs = append(errs, z.serves(ctx, server, false)...)
		}
	}
	if problems := z.serves(ctx, z.primary, true); len(problems) > 0 {
		return append(errs, problems...)
	}
	names := []recordSet{}
	if set, p := wanted(req.With, z.origin); req.With.Has("name") && p == nil {
		names = append(names, set)
	} else if name := req.Target.Config.String("check_name"); name != "" {
		if whole, err := absolute(name, z.origin); err == nil {
			names = append(names, recordSet{name: whole, kind: dns.TypeA})
		}
	}
	for _, n := range names {
		now, err := z.at(ctx, n)
		if err == nil {
			err = z.mayUpdate(ctx, now)
		}
		if err != nil && !errors.Is(err, errChanged) { // somebody may change it just now
			errs = append(errs, err)
		}
	}
	return errs
}

// serves says what keeps a server from answering for the zone.
func (z *zone) serves(ctx context.Context, server string, signed bool) []error {
	r, err := z.question(ctx, server, z.origin, dns.TypeSOA, signed)
	if err != nil {
		return []error{err}
	}
	for _, rr := range r.Answer {
		if _, ok := rr.(*dns.SOA); ok {
			return nil
		}
	}
	return []error{&action.Error{
		Message:   fmt.Sprintf("%s is not the top of a zone on %s", shortName(z.origin), server),
		Hint:      "correct zone in the target",
		Permanent: true,
	}}
}
