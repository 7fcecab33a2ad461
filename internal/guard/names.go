package guard

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// hostOf is the name or address of a machine in a text that says where something
// is: a URL, user@host, host:port, an address of IPv6 in brackets, with a port,
// a share of Windows, or an address in the old forms of inet_aton(3). Dots and
// schemes may be disarmed, as reports write them. It is "" if there is none.
func hostOf(text string) string {
	text = disarmed().Replace(normal(text))
	if i := strings.LastIndexByte(text, '\\'); i > 0 && text[0] != '\\' && !strings.Contains(text, "/") { // CORP\DC1$
		text = strings.TrimRight(text[i+1:], "$")
	}
	text = strings.TrimLeft(strings.ReplaceAll(text, `\`, "/"), "/")
	if scheme, rest, ok := strings.Cut(text, "://"); ok && !strings.ContainsAny(scheme, "/@") {
		text, _, _ = strings.Cut(rest, "?")
		text, _, _ = strings.Cut(text, "#")
		text, _, _ = strings.Cut(text, "/")
	}
	text = text[strings.LastIndexByte(text, '@')+1:]
	text, _, _ = strings.Cut(text, "/")
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	if addr, err := netip.ParseAddrPort(text); err == nil {
		return plain(addr.Addr())
	}
	if addr, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return plain(addr)
	}
	if name, port, ok := strings.Cut(text, ":"); ok {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil && port != "" {
			return ""
		}
		text = name
	}
	text = strings.TrimRight(text, ".")
	if addr, ok := oldForm(text); ok {
		return plain(addr)
	}
	if ascii, err := idna.Lookup.ToASCII(text); err == nil {
		text = ascii
	}
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_' {
			return ""
		}
	}
	return text
}

// disarmed puts the dots back with which reports take the harm out of names.
var disarmed = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[:]", ":", "[@]", "@", "hxxp", "http", "\u3002", ".")
})

// normal is a text as directories and resolvers compare it: compatibility forms
// and letters are folded (RFC 4518 section 2), what is invisible is left out, and
// spaces are one.
func normal(text string) string {
	plain := func(r rune) bool { return r <= ' ' || r >= 0x7f }
	if !strings.ContainsFunc(text, plain) {
		return strings.ToLower(text)
	}
	text = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// plain is an address in one form.
func plain(a netip.Addr) string { return mapped(a).String() }

// mapped is the address of IPv4 that an address of IPv6 stands for (RFC 4291
// section 2.5.5.2, RFC 6052 section 2.1), or the address itself.
func mapped(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	if b := a.As16(); a.Is6() && translated().Contains(a) {
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

var translated = sync.OnceValue(func() netip.Prefix { return netip.MustParsePrefix("64:ff9b::/96") })

// oldForm reads 127.1, 0x7f000001 and 2130706433.
func oldForm(text string) (netip.Addr, bool) {
	parts := strings.Split(text, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var whole uint64
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 0, 32)
		last := i == len(parts)-1
		switch {
		case err != nil, !last && n > 255, last && n >= 1<<(8*(5-len(parts))):
			return netip.Addr{}, false
		case last:
			whole = whole<<(8*(5-len(parts))) | n
		default:
			whole = whole<<8 | n
		}
	}
	return netip.AddrFrom4([4]byte{byte(whole >> 24), byte(whole >> 16), byte(whole >> 8), byte(whole)}), true
}

// networkOf reads an address or a network.
func networkOf(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(strings.TrimSpace(text)); err == nil {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		return p.Masked(), true
	}
	addr, err := netip.ParseAddr(hostOf(text))
	if err != nil {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(addr, addr.BitLen()), true
}

// below reports whether a name is one that a pattern stands for: itself, or with
// "*." before it all below.
func below(pattern, name string) bool {
	if rest, wild := strings.CutPrefix(normal(pattern), "*."); wild {
		return strings.HasSuffix(name, "."+hostOf(rest))
	}
	return name != "" && hostOf(pattern) == name
}

// overlap reports whether any two of two lists of networks have an address in
// common.
func overlap(a, b []netip.Prefix) bool {
	return slices.ContainsFunc(a, func(x netip.Prefix) bool { return slices.ContainsFunc(b, x.Overlaps) })
}
