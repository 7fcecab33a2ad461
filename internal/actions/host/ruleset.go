package host

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// path is a way that stays open: to and from the addresses of a prefix, or,
// with a port, for connections from there to that TCP port.
type path struct {
	from netip.Prefix
	port uint16 // 0 is everything
}

func parsePath(text string) (path, error) {
	if from, err := parsePrefix(text); err == nil {
		return path{from: from}, nil
	}
	wrong := fmt.Errorf("%q is not an address or a network, with or without a port", action.CleanLine(text, 80))
	name, port, err := net.SplitHostPort(text)
	if err != nil {
		return path{}, wrong
	}
	from, err := parsePrefix(name)
	n, err2 := strconv.ParseUint(port, 10, 16)
	if err != nil || err2 != nil || n == 0 {
		return path{}, wrong
	}
	return path{from, uint16(n)}, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.WithZone("").Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err == nil && p.Addr().Is4In6() {
		err = fmt.Errorf("an IPv4 network is written as one")
	}
	return p.Masked(), err
}

func isService(text string) bool {
	name, port, err := net.SplitHostPort(text)
	n, err2 := strconv.ParseUint(port, 10, 16)
	return err == nil && err2 == nil && n > 0 && name != "" && !strings.ContainsAny(name, " \t\r\n/")
}

// covers reports whether the way is open to one that is asked for.
func (p path) covers(o path) bool {
	return p.from.Bits() <= o.from.Bits() && p.from.Contains(o.from.Addr()) && (p.port == 0 || p.port == o.port)
}

// address is the prefix, or the one address that it holds.
func (p path) address() string {
	if p.from.IsSingleIP() {
		return p.from.Addr().String()
	}
	return p.from.String()
}

func (p path) String() string {
	text := p.address()
	if p.port != 0 {
		text += fmt.Sprintf(" (TCP port %d)", p.port)
	}
	return text
}

// with adds a way, unless it is open already.
func with(paths []path, p path) []path {
	if slices.ContainsFunc(paths, func(o path) bool { return o.covers(p) }) {
		return paths
	}
	return append(paths, p)
}

const (
	// tableName is the one that irctl keeps to. nft(8) calls the family of both
	// kinds of IP inet.
	tableName = "inet irctl"
	// marker is in every isolation and in nothing else.
	marker = `comment "isolated by irctl"`
	// priority is before connection tracking and all that is usual: a packet
	// that is dropped here is seen by nobody.
	priority = -300
)

// isolation is the table that leaves paths open, for nft -f. It does not ask
// which connections stand: those of others end, and the machine opens none by a
// way that is for its port.
func isolation(paths []path) string {
	var in, out strings.Builder
	rule := func(b *strings.Builder, format string, args ...any) {
		fmt.Fprintf(b, "\t\t"+format+" accept\n", args...)
	}
	neighbours := false
	for _, p := range paths {
		family := "ip"
		if p.from.Addr().Is6() {
			family, neighbours = "ip6", true
		}
		address := p.address()
		if p.port == 0 {
			rule(&in, "%s saddr %s", family, address)
			rule(&out, "%s daddr %s", family, address)
			continue
		}
		rule(&in, "%s saddr %s tcp dport %d", family, address, p.port)
		rule(&out, "%s daddr %s tcp sport %d tcp flags & (syn | ack) != syn", family, address, p.port)
	}
	if neighbours { // without them no IPv6 address is found (RFC 4861 section 7.1)
		for _, b := range []*strings.Builder{&in, &out} {
			rule(b, "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255")
		}
	}
	return fmt.Sprintf(`table %[1]s {
	chain input {
		type filter hook input priority %[2]d; policy drop;
		iifname "lo" accept %[3]s
%[4]s	}
	chain forward {
		type filter hook forward priority %[2]d; policy drop;
	}
	chain output {
		type filter hook output priority %[2]d; policy drop;
		oifname "lo" accept
%[5]s	}
}
`, tableName, priority, marker, in.String(), out.String())
}

// isolates reports whether a table is an isolation, of whatever paths.
func isolates(table string) bool { return strings.Contains(table, marker) }

// lets reports whether an isolation leaves a way open, as far as its text
// tells.
func lets(table string, way path) bool {
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if len(words) < 3 || words[1] != "saddr" || words[len(words)-1] != "accept" {
			continue
		}
		from, err := parsePrefix(words[2])
		if err != nil {
			continue
		}
		port := uint64(0)
		switch rest := words[3 : len(words)-1]; {
		case len(rest) == 0:
		case len(rest) == 3 && rest[0] == "tcp" && rest[1] == "dport":
			port, err = strconv.ParseUint(rest[2], 10, 16)
		default:
			continue
		}
		if err == nil && (path{from, uint16(port)}).covers(way) {
			return true
		}
	}
	return false
}

// replacing is what has nft put a table in the place of the one that is there,
// if one is: "" is none. The kernel does all of it or nothing.
func replacing(table string) string {
	return "add table " + tableName + "\ndelete table " + tableName + "\n" + table
}
