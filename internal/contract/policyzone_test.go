package contract

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// policyZone is the primary of rpz.example.com, and a resolver that goes by it.
type policyZone struct {
	tap
	faults actiontest.Faults
	req    action.Request

	mu    sync.Mutex
	rules map[string]string // where a CNAME leads, by its owner
}

const policyOrigin = ".rpz.example.com."

func startPolicyZone(t *testing.T, a action.Action) actiontest.StandIn {
	s := &policyZone{rules: map[string]string{"old.example" + policyOrigin: ".", "*.old.example" + policyOrigin: ".", "half.example" + policyOrigin: "sorry.example.com."}}
	if a.Spec().Name == "block.remove" {
		s.rules["evil.example"+policyOrigin], s.rules["*.evil.example"+policyOrigin] = "*.", "rpz-drop."
		s.rules["32.66.113.0.203.rpz-ip"+policyOrigin] = "."
	}
	s.req = request(t, a, "rfc2136", action.Values{"values": []any{"evil.example", "old.example", "half.example", "203.0.113.66"}},
		map[string]any{"server": serveDNS(t, s.answer), "zone": "rpz.example.com", "key_name": zoneKey, "key_secret": action.NewSecret(zoneSecret)})
	return s
}

func (s *policyZone) Request() action.Request    { return s.req }
func (s *policyZone) Faults() *actiontest.Faults { return &s.faults }

func (s *policyZone) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := ""
	for _, owner := range sortedKeys(s.rules) {
		text += owner + " " + s.rules[owner] + "\n"
	}
	return text
}

// answer answers one question or update.
func (s *policyZone) answer(w dns.ResponseWriter, m *dns.Msg) {
	s.updated(m)
	updates := m.Opcode == dns.OpcodeUpdate
	fault := s.faults.Next(updates)
	r := new(dns.Msg)
	r.SetReply(m)
	r.Authoritative = true
	s.mu.Lock()
	switch name := strings.ToLower(m.Question[0].Name); {
	case fault == actiontest.Lost:
	case fault == actiontest.Refused || updates && (m.IsTsig() == nil || w.TsigStatus() != nil):
		r.Rcode = dns.RcodeRefused
	case updates:
		r.Rcode = s.update(m)
	case m.Question[0].Qtype == dns.TypeSOA:
		soa, _ := dns.NewRR("rpz.example.com. 60 SOA ns1.example.com. hostmaster.example.com. 1 60 60 60 60")
		r.Answer = append(r.Answer, soa)
	case s.rules[name] != "":
		rr, _ := dns.NewRR(name + " 60 CNAME " + s.rules[name])
		r.Answer = append(r.Answer, rr)
	case s.rules[strings.TrimSuffix(name, ".")+policyOrigin] != "":
		r.Rcode = dns.RcodeNameError
	}
	s.mu.Unlock()
	if fault == actiontest.Lost || fault == actiontest.Unanswered {
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

// update changes rules if all are as the update requires.
func (s *policyZone) update(m *dns.Msg) int {
	for _, rr := range m.Answer {
		owner := strings.ToLower(rr.Header().Name)
		if c, ok := rr.(*dns.CNAME); ok && s.rules[owner] != c.Target || !ok && s.rules[owner] != "" {
			return dns.RcodeNXRrset
		}
	}
	for _, rr := range m.Ns {
		owner := strings.ToLower(rr.Header().Name)
		if c, ok := rr.(*dns.CNAME); ok && rr.Header().Class == dns.ClassINET {
			s.rules[owner] = c.Target
		} else {
			delete(s.rules, owner)
		}
	}
	return dns.RcodeSuccess
}
