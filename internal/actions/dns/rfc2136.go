package dns

import (
	"context"
	"errors"
	"fmt"

	"github.com/miekg/dns"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/systems/nameserver"
	"github.com/irctl/irctl/pkg/action"
)

// byUpdate replaces a record set by a dynamic update.
func byUpdate() kind.Kind {
	return kind.Change{
		Type: config.Describe[nameserver.Config](nameserver.Target),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			z, err := nameserver.Open(req)
			if err != nil {
				return nil, err
			}
			return &pointing{Zone: z, with: req.With}, nil
		},
		Inputs: func(with action.Values) []action.Problem {
			if !with.Has("name") || !with.Has("type") || !with.Has("records") || !with.Has("ttl") {
				return nil // they hold expressions
			}
			// Which zone it is does not matter here.
			if _, p := nameserver.Wanted(with, "."); p != nil {
				return []action.Problem{*p}
			}
			return nil
		},
	}
}

// pointing is a zone in which one set is replaced.
type pointing struct {
	*nameserver.Zone
	with action.Values
	want nameserver.RecordSet
	now  nameserver.RecordSet // that the primary has
	put  bool                 // by this attempt
	prev nameserver.RecordSet // that was there before
}

// Patience implements kind.Patient.
func (p *pointing) Patience() patience.Limit {
	return patience.Limit{For: p.Follow, Every: nameserver.LookEvery}
}

// Look implements kind.Work.
func (p *pointing) Look(ctx context.Context, record action.Values) (s kind.State, err error) {
	var problem *action.Problem
	if p.want, problem = nameserver.Wanted(p.with, p.Origin); problem != nil {
		return s, &action.Error{Message: problem.Input + ": " + problem.Message, Hint: problem.Hint, Permanent: true}
	}
	if p.now, err = p.At(ctx, p.want); err != nil {
		return s, err
	}
	before, _, acted, err := recorded(record)
	if p.prev = before; !acted {
		p.prev = p.now
	}
	return kind.State{
		Desired: p.now.Same(p.want), Current: p.now.String(), Want: p.want.String(), Outputs: outputsOf(p.prev),
	}, err
}

// Keep implements kind.Keeper.
func (p *pointing) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	before, _, acted, err := recorded(record)
	if err != nil || p.now.Same(p.want) || acted && before.Same(p.now) {
		return nil, err
	}
	// What an earlier attempt recorded is not there any more, nor is what it
	// wrote: somebody else was here since, and theirs is what undo puts back.
	p.prev = p.now
	return map[string]any{
		"name": p.now.Name, "type": dns.TypeToString[p.now.Kind], "previous": p.now.Lines(), "written": p.want.Lines(),
	}, nil
}

// Change implements kind.Work.
func (p *pointing) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	if !p.now.Same(p.want) {
		if err := p.exchangeSets(ctx, p.prev, p.want); err != nil {
			return err
		}
		p.put = true
	}
	out.Progress("asking " + serverCount(len(p.Servers)))
	return nil
}

// Seen implements kind.Witness: every server that the world asks has the set
// that the primary has.
func (p *pointing) Seen(ctx context.Context, _ action.Values) (wrong, err error) {
	return p.Followed(ctx, p.now)
}

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
	now, err := p.At(ctx, before)
	if err != nil {
		return false, "", err
	}
	summary = before.String() + ", as before the step"
	if changed = !now.Same(before); changed {
		if !now.Same(written) {
			return false, "", changedSince(now, before)
		}
		if err := p.exchangeSets(ctx, written, before); err != nil {
			return false, "", err
		}
		summary += caches(written)
	}
	out.Progress("asking " + serverCount(len(p.Servers)))
	return changed, summary, p.Patience().Until(ctx, func() error { return errors.Join(p.Followed(ctx, before)) })
}

// otherRun is said first: records do not tell who wrote them.
const otherRun = "if another run of irctl changed it, roll that one back first; else "

func changedSince(now, before nameserver.RecordSet) error {
	e := &action.Error{
		Message:   fmt.Sprintf(kind.Somebody+" has changed it since the step: %s, and was left so", now),
		Hint:      otherRun + "ask who changed it; if it is to go, run dns.restore with what was there before the step: " + before.List() + " (TTL " + nameserver.ShortTime(before.TTL()) + ")",
		Permanent: true,
	}
	if len(before.Records) == 0 {
		e.Hint = otherRun + "ask who changed it; before the step there was no such record, so remove it by hand if it is to go"
	}
	return e
}

// exchangeSets puts one set in the place of another and returns when the
// primary has it.
func (p *pointing) exchangeSets(ctx context.Context, from, to nameserver.RecordSet) error {
	err := p.Replace(ctx, from, to)
	if err != nil && !errors.Is(err, nameserver.ErrChanged) {
		return err
	}
	now, lookErr := p.At(ctx, to)
	switch {
	case lookErr != nil && err == nil:
		return action.Doubtful(lookErr)
	case lookErr != nil:
		return lookErr
	case now.Same(to): // also when the answer to an earlier update was lost
		return nil
	case err != nil:
		return &action.Error{
			Message: fmt.Sprintf(kind.Somebody+" changed it at the same time, so nothing was changed: %s", now),
			Hint:    "ask who changes it, then retry",
		}
	}
	return &action.Error{
		Message: fmt.Sprintf("%s confirmed the update, but %s", p.Primary, now),
		Hint:    "a server ignores a CNAME beside other records of the name (RFC 2136 section 3.4.2.2); otherwise check whether another program manages the record",
	}
}

// caches says for how long others may still have the previous answer.
func caches(before nameserver.RecordSet) string {
	if before.TTL() == 0 {
		return ""
	}
	return "; resolvers elsewhere may still answer " + before.List() + " for up to " + nameserver.ShortTime(before.TTL())
}

func outputsOf(before nameserver.RecordSet) map[string]any {
	texts := []any{}
	for _, t := range before.Texts() {
		texts = append(texts, t)
	}
	return map[string]any{"previous": texts, "previous_ttl": nameserver.ShortTime(before.TTL())}
}

// recorded is what the step found and what it wrote in its place.
func recorded(v action.Values) (before, written nameserver.RecordSet, ok bool, err error) {
	if len(v) == 0 {
		return nameserver.RecordSet{}, nameserver.RecordSet{}, false, nil
	}
	kind := dns.StringToType[v.String("type")]
	if before, err = nameserver.ReadSet(v.String("name"), kind, v.Strings("previous")); err == nil {
		written, err = nameserver.ReadSet(v.String("name"), kind, v.Strings("written"))
	}
	if err != nil {
		err = &action.Error{Message: "what the step recorded cannot be read", Hint: "see the step's record in the journal, and change the records by hand", Cause: err, Permanent: true}
	}
	return before, written, true, err
}

// Check implements kind.Checker. Whether the key may change a name is known for the
// step's own or for the target's check_name.
func (p *pointing) Check(ctx context.Context) []error {
	z := p.Zone
	var errs []error
	for _, server := range z.Servers {
		if server != z.Primary {
			errs = append(errs, z.Serves(ctx, server, false)...)
		}
	}
	if problems := z.Serves(ctx, z.Primary, true); len(problems) > 0 {
		return append(errs, problems...)
	}
	name, problem := nameserver.Wanted(p.with, z.Origin)
	if problem != nil || !p.with.Has("name") {
		name = nameserver.RecordSet{Name: z.CheckName, Kind: dns.TypeA}
	}
	if name.Name == "" {
		return errs
	}
	now, err := z.At(ctx, name)
	if err == nil {
		err = z.MayUpdate(ctx, now)
	}
	if err != nil && !errors.Is(err, nameserver.ErrChanged) { // somebody may change it just now
		errs = append(errs, err)
	}
	return errs
}

func serverCount(n int) string {
	if n == 1 {
		return "the name server"
	}
	return fmt.Sprintf("all %d name servers", n)
}
