package nameserver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

const (
	callTime  = 10 * time.Second       // for one question; ctx may end it earlier
	LookEvery = 200 * time.Millisecond // between two questions to a server that has not followed yet
	fudge     = 300                    // seconds that two clocks may differ (RFC 8945 section 10)
)

// Zone is a zone and the servers that know it. Every question goes over TCP,
// which `via` can carry and nobody can forge from afar.
type Zone struct {
	host      *host.Host
	Origin    string // absolute, in lower case
	Primary   string // host:port
	Servers   []string
	Follow    time.Duration // how long Servers may take to follow Primary
	CheckName string        // absolute, "" if there is none
	key       key
}

type key struct {
	name, algorithm string
	secret          action.Secret
}

// ErrChanged says that the records were not what an update required.
var ErrChanged = errors.New("the records are not what they were a moment before")

// At is the set that the primary has. The question is signed, so that a server
// with several views answers with the one that the key may update, and so that
// nobody else can have answered.
func (z *Zone) At(ctx context.Context, s RecordSet) (RecordSet, error) {
	return z.Ask(ctx, z.Primary, s, true)
}

// Ask asks one server for a set, without recursion.
func (z *Zone) Ask(ctx context.Context, server string, s RecordSet, signed bool) (RecordSet, error) {
	r, err := z.Question(ctx, server, s.Name, s.Kind, signed)
	if err != nil {
		return RecordSet{}, err
	}
	var rrs []dns.RR
	for _, rr := range r.Answer {
		head := rr.Header()
		if dns.CanonicalName(head.Name) != s.Name {
			continue // what an alias leads to
		}
		if alias, ok := rr.(*dns.CNAME); ok && s.Kind != dns.TypeCNAME {
			return RecordSet{}, &action.Error{
				Message:   fmt.Sprintf("%s is an alias of %s, and beside an alias there is no other record, so nothing was changed", ShortName(s.Name), action.CleanLine(ShortName(alias.Target), 120)),
				Hint:      "switch its CNAME, or what the alias leads to",
				Permanent: true,
			}
		}
		if head.Rrtype == s.Kind {
			head.Name = s.Name
			rrs = append(rrs, rr)
		}
	}
	return newSet(s.Name, s.Kind, rrs), nil
}

// Question returns the authoritative answer of a server; that there is nothing
// is an answer.
func (z *Zone) Question(ctx context.Context, server, name string, kind uint16, signed bool) (*dns.Msg, error) {
	m := new(dns.Msg)
	m.SetQuestion(name, kind)
	m.RecursionDesired = false
	r, err := z.exchange(ctx, server, m, signed)
	switch {
	case err != nil:
		return nil, err
	case r.Rcode == dns.RcodeSuccess && r.Authoritative, r.Rcode == dns.RcodeNameError && r.Authoritative:
		return r, nil
	case r.Rcode == dns.RcodeSuccess, r.Rcode == dns.RcodeRefused, r.Rcode == dns.RcodeNotAuth:
		return nil, &action.Error{
			Message: fmt.Sprintf("%s does not answer for %s with authority", server, ShortName(name)),
			Hint:    fmt.Sprintf("name servers of the zone %s in the target; a resolver's answer proves nothing, and a part of the zone that others serve is a zone of its own", ShortName(z.Origin)),
		}
	}
	return nil, &action.Error{Message: fmt.Sprintf("%s failed to answer: %s", server, dns.RcodeToString[r.Rcode]), Hint: "see the log of the name server"}
}

// Replace puts one set in the place of another, or changes nothing and returns
// ErrChanged if the other is not there any more (RFC 2136 section 2.4).
func (z *Zone) Replace(ctx context.Context, from, to RecordSet) error {
	m := new(dns.Msg)
	m.SetUpdate(z.Origin)
	set := []dns.RR{&dns.ANY{Hdr: dns.RR_Header{Name: from.Name, Rrtype: from.Kind}}}
	if len(from.Records) == 0 {
		m.RRsetNotUsed(set)
	} else {
		m.Used(copies(from.Records))
		m.RemoveRRset(set)
	}
	m.Insert(copies(to.Records))
	return z.update(ctx, m, from.Label())
}

// MayUpdate asks the primary for an update that changes nothing: the set, if it
// is still so, is replaced by itself.
func (z *Zone) MayUpdate(ctx context.Context, now RecordSet) error {
	m := new(dns.Msg)
	m.SetUpdate(z.Origin)
	set := []dns.RR{&dns.ANY{Hdr: dns.RR_Header{Name: now.Name, Rrtype: now.Kind}}}
	if len(now.Records) == 0 {
		m.RRsetNotUsed(set)
		m.RemoveRRset(set)
	} else {
		m.Used(copies(now.Records))
		m.Insert(copies(now.Records))
	}
	return z.update(ctx, m, now.Label())
}

func (z *Zone) update(ctx context.Context, m *dns.Msg, label string) error {
	r, err := z.exchange(ctx, z.Primary, m, true)
	if err != nil {
		return err
	}
	e := &action.Error{Message: fmt.Sprintf("%s did not change %s: %s", z.Primary, label, dns.RcodeToString[r.Rcode]), Hint: "see the log of the name server"}
	switch r.Rcode {
	case dns.RcodeSuccess:
		return nil
	case dns.RcodeNXRrset, dns.RcodeYXRrset:
		return ErrChanged
	case dns.RcodeRefused:
		e.Message = fmt.Sprintf("%s does not let the key %s change %s, so nothing was changed", z.Primary, ShortName(z.key.name), label)
		e.Hint, e.Permanent = "permit it on the server: in BIND with update-policy or allow-update of the zone", true
	case dns.RcodeNotAuth, dns.RcodeNotZone:
		e.Message = fmt.Sprintf("%s is not the primary of %s, so nothing was changed", z.Primary, ShortName(z.Origin))
		e.Hint, e.Permanent = "correct server and zone in the target", true
	case dns.RcodeNotImplemented:
		e.Message = fmt.Sprintf("%s takes no dynamic updates, so nothing was changed", z.Primary)
		e.Permanent = true
	}
	return e
}

// copies are records that the library may change while it builds a message.
func copies(rrs []dns.RR) []dns.RR {
	out := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		out[i] = dns.Copy(rr)
	}
	return out
}

// exchange sends one message and returns the answer to it. An update whose
// answer is lost is in doubt.
func (z *Zone) exchange(ctx context.Context, server string, m *dns.Msg, signed bool) (*dns.Msg, error) {
	raw, err := z.host.DialContext(ctx, "tcp", server)
	if err != nil {
		return nil, unreachable(server, err)
	}
	defer func() { _ = raw.Close() }()
	_ = raw.SetDeadline(time.Now().Add(callTime))
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	sent.Say(ctx, server+": "+asSent(m))
	c := &dns.Conn{Conn: raw}
	if signed {
		m.SetTsig(z.key.name, z.key.algorithm, fudge, time.Now().Unix())
		c.TsigSecret = map[string]string{z.key.name: z.key.secret.Reveal()}
	}
	err = c.WriteMsg(m)
	var r *dns.Msg
	if err == nil {
		r, err = c.ReadMsg()
	}
	if r != nil && r.Id == m.Id {
		if signed {
			if problem := z.unsigned(server, r); problem != nil {
				return nil, problem
			}
		}
		if err == nil {
			return r, nil
		}
	}
	if err == nil {
		err = errors.New("it answered something else")
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return nil, &action.Error{
		Message: server + " gave no answer that can be used",
		Hint:    "look at the name server and its log, then retry",
		Cause:   err, Doubt: m.Opcode == dns.OpcodeUpdate,
	}
}

// asSent is a message for the log of an attempt.
func asSent(m *dns.Msg) string {
	parts := each.Of(m.Question, func(q dns.Question) string {
		return dns.OpcodeToString[m.Opcode] + " " + q.Name + " " + dns.TypeToString[q.Qtype]
	})
	for _, part := range []struct {
		name    string
		records []dns.RR
	}{{"if", m.Answer}, {"then", m.Ns}} {
		if m.Opcode == dns.OpcodeUpdate && len(part.records) > 0 {
			parts = append(parts, part.name)
			for _, rr := range part.records {
				parts = append(parts, strings.Join(strings.Fields(rr.String()), " "))
			}
		}
	}
	return strings.Join(parts, " ")
}

// unsigned says why the server did not accept the key (RFC 8945 section 5.2),
// or that its answer should be signed and is not. An update that is refused so
// had no effect.
func (z *Zone) unsigned(server string, r *dns.Msg) error {
	name := ShortName(z.key.name)
	e := &action.Error{Message: fmt.Sprintf("%s does not accept the key %s, so nothing was changed", server, name), Permanent: true}
	t := r.IsTsig()
	switch {
	case t == nil && r.Rcode == dns.RcodeSuccess:
		return &action.Error{Message: server + " answered without a signature, so somebody else may have answered", Hint: "check that the server knows the key " + name, Doubt: r.Opcode == dns.OpcodeUpdate}
	case t == nil:
		return nil // the code says why
	case t.Error == dns.RcodeBadKey:
		e.Hint = "the server knows no key of this name and algorithm: correct key_name and key_algorithm, or add the key to the server"
	case t.Error == dns.RcodeBadSig:
		e.Hint = "the secret is another one than the server's: correct the secret behind key_secret"
	case t.Error == dns.RcodeBadTime:
		e.Hint, e.Permanent = "the clocks of this machine and of the server differ by more than five minutes: set them", false
	default:
		return nil
	}
	return e
}

func unreachable(server string, cause error) error {
	e := &action.Error{Message: "the name server " + server + " cannot be reached, so nothing was changed", Hint: "check the address, and that it answers over TCP, then retry", Cause: cause}
	var why *action.Error
	if errors.As(cause, &why) { // by the network policy, or by ssh
		e.Hint, e.Permanent = why.Hint, why.Permanent
	}
	return e
}

// Followed looks whether every server that the world asks has a set. It is wrong
// if one says something else, and an error if those that answer have it and
// another gives no answer.
func (z *Zone) Followed(ctx context.Context, want RecordSet) (wrong, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime/2)
	defer cancel()
	var late []string
	other := false
	for _, server := range z.Servers {
		got, err := z.Ask(ctx, server, want, false)
		switch {
		case err != nil:
			late = append(late, err.Error())
		case !got.Same(want):
			late, other = append(late, fmt.Sprintf("%s says that %s", server, got)), true
		}
	}
	if len(late) == 0 {
		return nil, nil
	}
	e := &action.Error{
		Message: fmt.Sprintf("%s has it, but not every server that the world asks: %s", z.Primary, strings.Join(late, "; ")),
		Hint:    "check that these servers are up and get the zone from the primary (NOTIFY, transfer), then retry",
	}
	if other {
		return e, nil
	}
	return nil, e
}

// Close ends what Open began.
func (z *Zone) Close() { z.host.Close() }

// Serves says what keeps a server from answering for the zone.
func (z *Zone) Serves(ctx context.Context, server string, signed bool) []error {
	r, err := z.Question(ctx, server, z.Origin, dns.TypeSOA, signed)
	if err != nil {
		return []error{err}
	}
	for _, rr := range r.Answer {
		if _, ok := rr.(*dns.SOA); ok {
			return nil
		}
	}
	return []error{&action.Error{
		Message:   fmt.Sprintf("%s is not the top of a zone on %s", ShortName(z.Origin), server),
		Hint:      "correct zone in the target",
		Permanent: true,
	}}
}
