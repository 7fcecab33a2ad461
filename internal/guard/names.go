package guard

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// account is a name of an account, and the domain that was given with it.
type account struct{ name, domain string }

// accountOf reads an account as directories, mail and Windows write it: alice,
// ALICE, CORP\alice, alice@example.com, uid=alice,ou=people. Directories compare
// without regard to case and to how many spaces there are (RFC 4518).
func accountOf(text string) account {
	text = cases.Fold().String(norm.NFKC.String(strings.Join(strings.Fields(text), " ")))
	text = strings.TrimPrefix(strings.Trim(text, `"'<>`), "mailto:")
	if attribute, rest, ok := strings.Cut(text, "="); ok && !strings.ContainsAny(attribute, `@\ `) {
		text, _, _ = strings.Cut(rest, ",")
	}
	if i := strings.LastIndexByte(text, '\\'); i >= 0 {
		return account{name: text[i+1:]} // a NetBIOS name is no domain name: nobody can compare them
	}
	name, domain, _ := strings.Cut(text, "@")
	if plain, _, tagged := strings.Cut(name, "+"); tagged && plain != "" {
		name = plain
	}
	return account{strings.TrimSpace(name), strings.TrimSuffix(domain, ".")}
}

// is reports whether two accounts may be one.
func (a account) is(b account) bool {
	return a.name == b.name && a.name != "" && (a.domain == b.domain || a.domain == "" || b.domain == "")
}

// String is the account as it is counted.
func (a account) String() string {
	if a.domain == "" {
		return a.name
	}
	return a.name + "@" + a.domain
}

// hostOf is the name or address of a machine in a text that says where something
// is: a URL, user@host, host:port, an address of IPv6 in brackets, with a port,
// or an address in the old forms of inet_aton(3). It is "" if there is none.
func hostOf(text string) string {
	text = strings.TrimSpace(strings.NewReplacer("[.]", ".", "hxxp", "http").Replace(text))
	if strings.Contains(text, "://") {
		at, err := url.Parse(text)
		if err != nil {
			return ""
		}
		text = at.Hostname()
	}
	text = text[strings.LastIndexByte(text, '@')+1:]
	if addr, err := netip.ParseAddrPort(text); err == nil {
		return plain(addr.Addr())
	}
	if addr, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return plain(addr)
	}
	if name, port, ok := strings.Cut(text, ":"); ok {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return ""
		}
		text = name
	}
	text = strings.ToLower(strings.TrimRight(text, "."))
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

// plain is an address in one form.
func plain(a netip.Addr) string { return a.WithZone("").Unmap().String() }

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
	if rest, wild := strings.CutPrefix(strings.ToLower(pattern), "*."); wild {
		return strings.HasSuffix(name, "."+hostOf(rest))
	}
	return name != "" && hostOf(pattern) == name
}

// named reports whether an item of a list is among words.
func named(item string, words map[string]bool) bool {
	network, isNetwork := networkOf(item)
	account := accountOf(item)
	for word := range words {
		host := hostOf(word)
		if addr, err := netip.ParseAddr(host); err == nil {
			if isNetwork && network.Contains(addr) {
				return true
			}
			continue
		}
		if below(item, host) || account.is(accountOf(word)) {
			return true
		}
	}
	return false
}

// overlap reports whether any two of two lists of networks have an address in
// common.
func overlap(a, b []netip.Prefix) bool {
	return slices.ContainsFunc(a, func(x netip.Prefix) bool { return slices.ContainsFunc(b, x.Overlaps) })
}
