package nameserver

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/irctl/irctl/pkg/action"
)

// Types are the kinds of records that may be replaced. NS, SOA and those of
// DNSSEC are not among them: a mistake there takes the whole zone away.
var Types = []string{"A", "AAAA", "CAA", "CNAME", "MX", "SRV", "TXT"}

// maxTTL is the longest TTL, in seconds (RFC 2181 section 8).
const maxTTL = math.MaxInt32

// RecordSet is all records of one type at one name, none if there are none.
type RecordSet struct {
	Name    string // absolute, in lower case
	Kind    uint16
	Records []dns.RR // each with the set's TTL; in the order of their texts
}

// Wanted is the set that a step asks for.
func Wanted(with action.Values, origin string) (RecordSet, *action.Problem) {
	name, err := absolute(with.String("name"), origin)
	if err != nil {
		return RecordSet{}, &action.Problem{Input: "name", Message: err.Error()}
	}
	kind := dns.StringToType[with.String("type")]
	ttl := with.Duration("ttl")
	if ttl < 0 || ttl > maxTTL*time.Second || ttl%time.Second != 0 {
		return RecordSet{}, &action.Problem{Input: "ttl", Message: "is not a TTL", Hint: "give whole seconds, 68 years at most (RFC 2181 section 8)"}
	}
	texts := with.Strings("records")
	if len(texts) == 0 {
		return RecordSet{}, &action.Problem{Input: "records", Message: "names no record", Hint: "a name without any record is an outage; give what it is to lead to"}
	}
	var rrs []dns.RR
	for i, text := range texts {
		rr, err := record(dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: uint32(ttl / time.Second)}, text)
		if err != nil {
			return RecordSet{}, &action.Problem{Input: fmt.Sprintf("records[%d]", i), Message: err.Error(), Hint: formHint(kind)}
		}
		rrs = append(rrs, rr)
	}
	if kind == dns.TypeCNAME && len(rrs) > 1 {
		return RecordSet{}, &action.Problem{Input: "records", Message: "a name has one CNAME at most (RFC 2181 section 10.1)"}
	}
	return newSet(name, kind, rrs), nil
}

// newSet makes a set out of records, each once.
func newSet(name string, kind uint16, rrs []dns.RR) RecordSet {
	s := RecordSet{Name: name, Kind: kind}
	for _, rr := range rrs {
		if !s.has(rr) {
			s.Records = append(s.Records, rr)
		}
	}
	slices.SortFunc(s.Records, func(a, b dns.RR) int { return strings.Compare(data(a), data(b)) })
	return s
}

// absolute is the whole name of what a person wrote: with the zone, without it,
// or @ for the zone itself.
func absolute(text, origin string) (string, error) {
	if text == "@" {
		return origin, nil
	}
	bare := text
	if rest, ok := strings.CutPrefix(text, "*."); ok {
		bare = rest
	}
	if !isName(bare) || strings.Contains(bare, "*") {
		return "", fmt.Errorf("%q is not a domain name", action.CleanLine(text, 80))
	}
	name := dns.CanonicalName(text)
	switch {
	case dns.IsSubDomain(origin, name):
		return name, nil
	case strings.HasSuffix(text, "."):
		return "", fmt.Errorf("%s is not in the zone %s", action.CleanLine(name, 120), ShortName(origin))
	}
	name += origin
	if !isName(strings.TrimPrefix(name, "*.")) {
		return "", fmt.Errorf("%s is longer than a domain name may be", action.CleanLine(name, 80))
	}
	return name, nil
}

// record reads the data of one record. A TXT without quotes is taken as it is.
func record(head dns.RR_Header, text string) (dns.RR, error) {
	wrong := fmt.Errorf("%q is not the data of a record of type %s", action.CleanLine(text, 80), dns.TypeToString[head.Rrtype])
	if strings.ContainsAny(text, "\r\n\x00") || strings.TrimSpace(text) == "" {
		return nil, wrong
	}
	if head.Rrtype == dns.TypeTXT && !strings.HasPrefix(text, `"`) {
		return received(&dns.TXT{Hdr: head, Txt: pieces(text)})
	}
	// Of a zone file's syntax, only one record's data is wanted: no comment
	// that ends it early, no brackets that let it go on.
	if head.Rrtype != dns.TypeTXT && head.Rrtype != dns.TypeCAA && strings.ContainsAny(text, `;()"`) {
		return nil, wrong
	}
	rr, err := dns.NewRR(head.String() + text)
	if err != nil || rr == nil || rr.Header().Rrtype != head.Rrtype {
		return nil, wrong
	}
	if rr, err = received(rr); err != nil {
		return nil, wrong
	}
	return rr, nil
}

// received is a record as it is after it was sent, so that it compares with
// what a server answers: there may be several ways to write the same bytes.
func received(rr dns.RR) (dns.RR, error) {
	wire := make([]byte, dns.MaxMsgSize)
	n, err := dns.PackRR(rr, wire, 0, nil, false)
	if err != nil {
		return nil, fmt.Errorf("the record cannot be sent: %w", err)
	}
	rr, _, err = dns.UnpackRR(wire[:n], 0)
	return rr, err
}

// pieces cuts a text into strings of 255 bytes, the most that one holds (RFC
// 1035 section 3.3), escaped as the library wants them.
func pieces(text string) []string {
	var out []string
	for len(text) > 0 {
		n := min(255, len(text))
		out = append(out, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text[:n]))
		text = text[n:]
	}
	return out
}

func formHint(kind uint16) string {
	switch kind {
	case dns.TypeA:
		return "write an IPv4 address, such as 198.51.100.80"
	case dns.TypeAAAA:
		return "write an IPv6 address, such as 2001:db8::80"
	case dns.TypeCNAME:
		return "write a whole name, such as sorry.example.net"
	case dns.TypeMX:
		return "write preference and name, such as 10 mail.example.net"
	case dns.TypeSRV:
		return "write priority, weight, port and name, such as 0 5 5060 sip.example.net"
	case dns.TypeCAA:
		return `write flags, tag and value, such as 0 issue "ca.example.net"`
	}
	return "write the text, or strings in double quotes"
}

func (s RecordSet) has(rr dns.RR) bool {
	return slices.ContainsFunc(s.Records, func(o dns.RR) bool { return dns.IsDuplicate(rr, o) })
}

// Same reports whether two sets hold the same records with the same TTL.
func (s RecordSet) Same(o RecordSet) bool {
	if s.Name != o.Name || s.Kind != o.Kind || len(s.Records) != len(o.Records) || s.TTL() != o.TTL() {
		return false
	}
	return !slices.ContainsFunc(s.Records, func(rr dns.RR) bool { return !o.has(rr) })
}

// TTL is 0 for an empty set.
func (s RecordSet) TTL() time.Duration {
	if len(s.Records) == 0 {
		return 0
	}
	return time.Duration(s.Records[0].Header().Ttl) * time.Second
}

// data is a record without name, TTL, class and type.
func data(rr dns.RR) string { return strings.TrimPrefix(rr.String(), rr.Header().String()) }

// Texts are the records as a step may give them.
func (s RecordSet) Texts() []string {
	out := []string{}
	for _, rr := range s.Records {
		out = append(out, data(rr))
	}
	return out
}

// Lines are the records whole, to be kept and read back by ReadSet.
func (s RecordSet) Lines() []any {
	out := []any{}
	for _, rr := range s.Records {
		out = append(out, rr.String())
	}
	return out
}

func ReadSet(name string, kind uint16, lines []string) (RecordSet, error) {
	var rrs []dns.RR
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil || rr == nil {
			return RecordSet{}, fmt.Errorf("%q is not a record", action.CleanLine(line, 80))
		}
		rrs = append(rrs, rr)
	}
	return newSet(name, kind, rrs), nil
}

// Label names the set for people.
func (s RecordSet) Label() string {
	return action.CleanLine(ShortName(s.Name)+" "+dns.TypeToString[s.Kind], 120)
}

// String says what the set holds.
func (s RecordSet) String() string {
	if len(s.Records) == 0 {
		return s.Label() + " has no records"
	}
	return fmt.Sprintf("%s is %s (TTL %s)", s.Label(), s.List(), ShortTime(s.TTL()))
}

func (s RecordSet) List() string { return action.CleanLine(strings.Join(s.Texts(), ", "), 200) }

func ShortName(name string) string {
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

// ShortTime is a duration without the units that are 0: 1h for 1h0m0s.
func ShortTime(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
