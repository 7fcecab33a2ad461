package guard

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// Lookup finds the addresses of machines, each once. A nil Lookup asks nobody.
// Its methods may be called from several goroutines.
type Lookup struct {
	// Find is net.Resolver.LookupNetIP.
	Find func(ctx context.Context, network, host string) ([]netip.Addr, error)

	mu    sync.Mutex
	known map[string]found
	leads map[string]string // where ssh leads, by how it is called
	deaf  time.Time         // until when nobody is asked, because no answer came
}

// found is what is known of a name. It is unsure if no answer came.
type found struct {
	at     []netip.Prefix
	unsure bool
}

// NewLookup asks as this machine does.
func NewLookup() *Lookup { return &Lookup{Find: net.DefaultResolver.LookupNetIP} }

const (
	lookupTime = 2 * time.Second
	askSSH     = 10 * time.Second // it reads files, on a machine that may be busy
	deafFor    = 30 * time.Second // a responder does not wait for each of a hundred names
)

// addresses are those that a text stands for.
func (l *Lookup) addresses(ctx context.Context, text string) found {
	if network, ok := networkOf(text); ok {
		return found{at: []netip.Prefix{network}}
	}
	name := hostOf(text)
	if l == nil || name == "" {
		return found{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.known[name]; ok {
		return f
	}
	if time.Now().Before(l.deaf) {
		return unheard(name)
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	addrs, err := l.Find(ctx, "ip", name)
	var f found
	for _, a := range addrs {
		a = mapped(a)
		f.at = append(f.at, netip.PrefixFrom(a, a.BitLen()))
	}
	var dns *net.DNSError
	if err != nil && (!errors.As(err, &dns) || !dns.IsNotFound) {
		l.deaf = time.Now().Add(deafFor)
		return unheard(name) // asked again then
	}
	l.keep(name, f)
	return f
}

// unheard is what is known of a name while no answer comes: this machine knows its
// own addresses.
func unheard(name string) found {
	if !slices.ContainsFunc(here(), func(own string) bool { return below(own, name) }) {
		return found{unsure: true}
	}
	return all(found{at: []netip.Prefix{netip.PrefixFrom(netip.IPv6Loopback(), 128)}})
}

func (l *Lookup) keep(name string, f found) {
	if l.known == nil {
		l.known = map[string]found{}
	}
	l.known[name] = f
}

// means reports whether a protected machine, network or name and what is touched
// have an address or a name in common; doubt says that nobody could tell. An item
// or a host that is placed has its addresses beside it: no answer about its name
// is no doubt. What is changed for others, such as a domain that is blocked, means
// all below it, and is not looked up: whoever runs the domain could see that.
func (l *Lookup) means(ctx context.Context, item, host string, others, itemPlaced, hostPlaced bool) (same, doubt bool) {
	name := hostOf(host)
	rest, wild := strings.CutPrefix(item, "*.")
	if below(item, name) || others && blocksBelow(host) && (strings.HasSuffix(hostOf(rest), "."+name) || wild && hostOf(rest) == name) {
		return true, false
	}
	if wild {
		return false, false // a pattern has no addresses
	}
	if network, is := networkOf(host); others && !is {
		return false, false
	} else if others {
		a := l.addresses(ctx, item)
		return overlap(a.at, []netip.Prefix{network}), a.unsure && !itemPlaced
	}
	a, b := all(l.addresses(ctx, item)), all(l.addresses(ctx, host))
	a.unsure, b.unsure = a.unsure && !itemPlaced, b.unsure && !hostPlaced
	return overlap(a.at, b.at), a.unsure && (len(b.at) > 0 || b.unsure) || b.unsure && len(a.at) > 0
}

// blocksBelow reports whether to block what a text names blocks all below its name:
// a page of a site is one page.
func blocksBelow(text string) bool {
	_, rest, isURL := strings.Cut(text, "://")
	_, page, _ := strings.Cut(rest, "/")
	return hostOf(text) != "" && (!isURL || page == "")
}

// placed reports whether as many addresses as names are in a list of hosts: the
// names are then known by them.
func placed(hosts []string) bool {
	names, addresses := 0, 0
	for _, host := range hosts {
		if _, is := networkOf(host); is {
			addresses++
		} else if !strings.HasPrefix(host, "*.") {
			names++
		}
	}
	return addresses > 0 && addresses >= names
}

// all adds to what leads to this machine alone the addresses by which others reach
// it: localhost is one machine with them.
func all(f found) found {
	if slices.ContainsFunc(f.at, func(p netip.Prefix) bool {
		return p.IsSingleIP() && (p.Addr().IsLoopback() || p.Addr().IsUnspecified())
	}) {
		f.at = slices.Clone(f.at)
		for _, a := range host.Own() {
			f.at = append(f.at, netip.PrefixFrom(mapped(a), mapped(a).BitLen()))
		}
	}
	return f
}

// canonical is the one name under which a machine is counted.
func (l *Lookup) canonical(ctx context.Context, text string) string {
	if f := l.addresses(ctx, text); len(f.at) > 0 {
		first := slices.MinFunc(f.at, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
		return first.Addr().String()
	}
	if name := hostOf(text); name != "" {
		return name
	}
	return text
}

// overSSH is where ssh leads for a target's via: ssh_config may give a name any
// address. It is unsure if ssh did not say.
func (l *Lookup) overSSH(ctx context.Context, via map[string]any) (real string, unsure bool) {
	name, _ := via["ssh"].(string)
	if l == nil || name == "" {
		return "", false
	}
	call, _ := json.Marshal(via)
	l.mu.Lock()
	real, known := l.leads[string(call)]
	l.mu.Unlock()
	if known {
		return real, false
	}
	ctx, cancel := context.WithTimeout(ctx, askSSH)
	defer cancel()
	h, err := host.New(action.Values{"via": via}, action.Allow{})
	if err == nil {
		real, err = h.HostName(ctx)
	}
	if err != nil {
		return "", true // asked again the next time
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leads == nil {
		l.leads = map[string]string{}
	}
	l.leads[string(call)] = real
	return real, false
}

// here is this machine, by the names and addresses that it knows of itself.
func here() []string {
	out := []string{"localhost", "*.localhost"} // RFC 6761 section 6.3
	if name, err := os.Hostname(); err == nil {
		out = append([]string{name}, out...)
	}
	for _, addr := range host.Own() {
		out = append(out, addr.String())
	}
	return out
}

// own is the entry that stands in every list for what cuts a machine off: the
// one that irctl runs on, and the one from which its operator came. A list of
// what is blocked looks for its responders itself, from the side of its target.
func own() Entry {
	e := Entry{Why: "you could not reach it any more, nor take anything back", self: true, Hosts: here()}
	if ends, ok := host.Operator(); ok {
		e.Hosts = append(e.Hosts, ends.From.Addr().String())
	}
	return e
}
