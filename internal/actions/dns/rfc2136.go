package dns

import (
	"context"
	"errors"
	"fmt"

	"github.com/miekg/dns"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// byUpdate replaces a record set by a dynamic update.
func byUpdate() kind.Kind {
	return kind.Change{
		Type: config.Describe[zoneConfig](target),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			z, err := open(req)
			if err != nil {
				return nil, err
			}
			return &pointing{zone: z, with: req.With}, nil
		},
		Inputs: func(with action.Values) []action.Problem {
			if !with.Has("name") || !with.Has("type") || !with.Has("records") || !with.Has("ttl") {
				return nil // they hold expressions
			}
			// Which zone it is does not matter here.
			if _, p := wanted(with, "."); p != nil {
				return []action.Problem{*p}
			}
			return nil
		},
	}
}

// pointing is a zone in which one set is replaced.
type pointing struct {
	*zone
	with action.Values
	want recordSet
	now  recordSet // that the primary has
	put  bool      // by this attempt
	prev recordSet // that was there before
}

// Close implements kind.Work.
func (p *pointing) Close() { p.host.Close() }

// Patience implements kind.Patient.
func (p *pointing) Patience() patience.Limit {
	return patience.Limit{For: p.patience, Every: lookEvery}
}

// Look implements kind.Work.
func (p *pointing) Look(ctx context.Context, record action.Values) (s kind.State, err error) {
	var problem *action.Problem
	if p.want, problem = wanted(p.with, p.origin); problem != nil {
		return s, &action.Error{Message: problem.Input + ": " + problem.Message, Hint: problem.Hint, Permanent: true}
	}
	if p.now, err = p.at(ctx, p.want); err != nil {
		return s, err
	}
	before, _, acted, err := recorded(record)
	if p.prev = before; !acted {
		p.prev = p.now
	}
	return kind.State{
		Desired: p.now.same(p.want), Current: p.now.String(), Want: p.want.String(), Outputs: outputsOf(p.prev),
	}, err
}

// Keep implements kind.Keeper.
func (p *pointing) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	before, _, acted, err := recorded(record)
	if err != nil || p.now.same(p.want) || acted && before.same(p.now) {
		return nil, err
	}
	// What an earlier attempt recorded is not there any more, nor is what it
	// wrote: somebody else was here since, and theirs is what undo puts back.
	p.prev = p.now
	return map[string]any{
		"name": p.now.name, "type": dns.TypeToString[p.now.kind], "previous": p.now.lines(), "written": p.want.lines(),
	}, nil
}

// Change implements kind.Work.
func (p *pointing) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	if !p.now.same(p.want) {
		if err := p.exchangeSets(ctx, p.prev, p.want); err != nil {
			return err
		}
		p.put = true
	}
	out.Progress("asking " + serverCount(len(p.servers)))
	return nil
}

// Seen implements kind.Witness: every server that the world asks has the set
// that the primary has.
func (p *pointing) Seen(ctx context.Context, _ action.Values) error { return p.followed(ctx, p.now) }

// Note implements kind.Noter.
func (p *pointing) Note() string {
	if !p.put {
		return ""
	}
	return caches(p.prev)
}

// PutBack implements kind.Restorer.
func (p *pointing) PutBack(ctx context.Context, record action.Values, out action.Sink) (changed bool, summary string, err error) {
	before, written, _, err := recorded(record)
	if err != nil {
		return false, "", err
	}
	now, err := p.at(ctx, before)
	if err != nil {
		return false, "", err
	}
	summary = before.String() + ", as before the step"
	if changed = !now.same(before); changed {
		if !now.same(written) {
			return false, "", changedSince(now, before)
		}
		if err := p.exchangeSets(ctx, written, before); err != nil {
			return false, "", err
		}
		summary += caches(written)
	}
	out.Progress("asking " + serverCount(len(p.servers)))
	return changed, summary, p.Patience().Until(ctx, func() error { return p.followed(ctx, before) })
}

// otherRun is said first: records do not tell who wrote them.
const otherRun = "if another run of irctl changed it, roll that one back first; else "

func changedSince(now, before recordSet) error {
	e := &action.Error{
		Message:   fmt.Sprintf(kind.Somebody+" has changed it since the step: %s, and was left so", now),
		Hint:      otherRun + "ask who changed it; if it is to go, run dns.restore with what was there before the step: " + before.list() + " (TTL " + shortTime(before.ttl()) + ")",
		Permanent: true,
	}
	if len(before.records) == 0 {
		e.Hint = otherRun + "ask who changed it; before the step there was no such record, so remove it by hand if it is to go"
	}
	return e
}

// exchangeSets puts one set in the place of another and returns when the
// primary has it.
func (z *zone) exchangeSets(ctx context.Context, from, to recordSet) error {
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
		return nil
	case err != nil:
		return &action.Error{
			Message: fmt.Sprintf(kind.Somebody+" changed it at the same time, so nothing was changed: %s", now),
			Hint:    "ask who changes it, then retry",
		}
	}
	return &action.Error{
		Message: fmt.Sprintf("%s confirmed the update, but %s", z.primary, now),
		Hint:    "a server ignores a CNAME beside other records of the name (RFC 2136 section 3.4.2.2); otherwise check whether another program manages the record",
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
func recorded(v action.Values) (before, written recordSet, ok bool, err error) {
	if len(v) == 0 {
		return recordSet{}, recordSet{}, false, nil
	}
	kind := dns.StringToType[v.String("type")]
	if before, err = readSet(v.String("name"), kind, v.Strings("previous")); err == nil {
		written, err = readSet(v.String("name"), kind, v.Strings("written"))
	}
	if err != nil {
		err = &action.Error{Message: "what the step recorded cannot be read", Hint: "see the step's record in the journal, and change the records by hand", Cause: err, Permanent: true}
	}
	return before, written, true, err
}

// Check implements kind.Checker. Whether the key may change a name is known for the
// step's own or for the target's check_name.
func (p *pointing) Check(ctx context.Context) []error {
	z := p.zone
	var errs []error
	for _, server := range z.servers {
		if server != z.primary {
			errs = append(errs, z.serves(ctx, server, false)...)
		}
	}
	if problems := z.serves(ctx, z.primary, true); len(problems) > 0 {
		return append(errs, problems...)
	}
	name, problem := wanted(p.with, z.origin)
	if problem != nil || !p.with.Has("name") {
		name = recordSet{name: z.checkName, kind: dns.TypeA}
	}
	if name.name == "" {
		return errs
	}
	now, err := z.at(ctx, name)
	if err == nil {
		err = z.mayUpdate(ctx, now)
	}
	if err != nil && !errors.Is(err, errChanged) { // somebody may change it just now
		errs = append(errs, err)
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
