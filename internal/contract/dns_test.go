package contract

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// The key that the name server knows, and the name that it lets be changed.
const (
	zoneKey    = "irctl.example.com."
	zoneSecret = "c2VjcmV0IG9mIGEgdGVzdA=="
	zoneName   = "www.example.com."
)

// nameServer is the primary of example.com, with the addresses of one name.
type nameServer struct {
	tap
	faults actiontest.Faults
	req    action.Request

	mu  sync.Mutex
	set []dns.RR
}

func startNameServer(t *testing.T, a action.Action) actiontest.StandIn {
	if strings.HasPrefix(a.Spec().Name, "block.") {
		return startPolicyZone(t, a)
	}
	s := &nameServer{}
	for _, text := range []string{"77 A 198.51.100.10", "77 A 198.51.100.11"} {
		rr, err := dns.NewRR(zoneName + " " + text)
		require.NoError(t, err)
		s.set = append(s.set, rr)
	}
	at := serveDNS(t, s.answer)
	s.req = request(t, a, "rfc2136",
		action.Values{"name": "www", "type": "A", "records": []any{"198.51.100.80"}, "ttl": time.Minute},
		map[string]any{"server": at, "zone": "example.com", "key_name": zoneKey, "key_secret": action.NewSecret(zoneSecret), "check_name": "www"})
	return s
}

// serveDNS answers over TCP at the address that it returns.
func serveDNS(t *testing.T, answer dns.HandlerFunc) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	started := make(chan struct{})
	server := &dns.Server{
		Listener: l, Handler: answer, TsigSecret: map[string]string{zoneKey: zoneSecret},
		MsgAcceptFunc:     func(dns.Header) dns.MsgAcceptAction { return dns.MsgAccept },
		NotifyStartedFunc: func() { close(started) },
	}
	var served sync.WaitGroup
	served.Go(func() { _ = server.ActivateAndServe() })
	<-started
	t.Cleanup(func() { _ = server.Shutdown(); served.Wait() })
	return l.Addr().String()
}

func (s *nameServer) Request() action.Request    { return s.req }
func (s *nameServer) Faults() *actiontest.Faults { return &s.faults }

func (s *nameServer) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for _, rr := range s.set {
		lines = append(lines, rr.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// answer answers one question or update.
func (s *nameServer) answer(w dns.ResponseWriter, m *dns.Msg) {
	s.updated(m)
	updates := m.Opcode == dns.OpcodeUpdate
	fault := s.faults.Next(updates)
	r := new(dns.Msg)
	r.SetReply(m)
	r.Authoritative = true
	switch {
	case fault == actiontest.Lost:
		_ = w.Close()
		return
	case fault == actiontest.Refused || updates && (m.IsTsig() == nil || w.TsigStatus() != nil):
		r.Rcode = dns.RcodeRefused
	case updates:
		r.Rcode = s.update(m)
	case m.Question[0].Qtype == dns.TypeSOA:
		soa, err := dns.NewRR("example.com. 60 SOA ns1.example.com. hostmaster.example.com. 1 60 60 60 60")
		if err != nil {
			panic(err)
		}
		r.Answer = append(r.Answer, soa)
	default:
		s.mu.Lock()
		r.Answer = append(r.Answer, s.set...)
		s.mu.Unlock()
	}
	if fault == actiontest.Unanswered {
		_ = w.Close()
		return
	}
	if m.IsTsig() != nil {
		r.SetTsig(zoneKey, dns.HmacSHA256, 300, time.Now().Unix())
	}
	if err := w.WriteMsg(r); err != nil {
		_ = w.Close()
	}
}

// update replaces the set if it is the one that the update requires (RFC 2136
// section 3.2), and returns the code of the answer.
func (s *nameServer) update(m *dns.Msg) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	addresses := func(rrs []dns.RR) string {
		var out []string
		for _, rr := range rrs {
			if a, ok := rr.(*dns.A); ok {
				out = append(out, a.A.String())
			}
		}
		slices.Sort(out)
		return fmt.Sprint(out)
	}
	if addresses(m.Answer) != addresses(s.set) {
		return dns.RcodeNXRrset
	}
	for _, rr := range m.Ns {
		switch rr.Header().Class {
		case dns.ClassANY:
			s.set = nil
		case dns.ClassINET:
			same := func(o dns.RR) bool { return dns.IsDuplicate(rr, o) }
			s.set = append(slices.DeleteFunc(s.set, same), rr)
		}
	}
	return dns.RcodeSuccess
}
