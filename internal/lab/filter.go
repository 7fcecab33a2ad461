package lab

import (
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// matches evaluates a search filter (RFC 4511 section 4.5.1.7). Values are
// compared without regard to case. A kind of filter that the lab does not know
// matches nothing.
func matches(e entry, f *ber.Packet) bool {
	switch f.Tag {
	case ldap.FilterAnd:
		for _, c := range f.Children {
			if !matches(e, c) {
				return false
			}
		}
		return true
	case ldap.FilterOr:
		for _, c := range f.Children {
			if matches(e, c) {
				return true
			}
		}
		return false
	case ldap.FilterNot:
		return len(f.Children) == 1 && !matches(e, f.Children[0])
	case ldap.FilterPresent:
		return len(e.values(octets(f))) > 0
	case ldap.FilterEqualityMatch, ldap.FilterApproxMatch:
		return compares(e, f, strings.EqualFold)
	case ldap.FilterGreaterOrEqual:
		return compares(e, f, func(v, than string) bool { return v >= than })
	case ldap.FilterLessOrEqual:
		return compares(e, f, func(v, than string) bool { return v <= than })
	case ldap.FilterSubstrings:
		return contains(e, f)
	}
	return false
}

func compares(e entry, f *ber.Packet, test func(value, with string) bool) bool {
	if len(f.Children) != 2 {
		return false
	}
	for _, v := range e.values(octets(f.Children[0])) {
		if test(v, octets(f.Children[1])) {
			return true
		}
	}
	return false
}

func contains(e entry, f *ber.Packet) bool {
	if len(f.Children) != 2 {
		return false
	}
	for _, v := range e.values(octets(f.Children[0])) {
		if hasParts(strings.ToLower(v), f.Children[1].Children) {
			return true
		}
	}
	return false
}

func hasParts(rest string, parts []*ber.Packet) bool {
	for _, p := range parts {
		part := strings.ToLower(octets(p))
		switch p.Tag {
		case ldap.FilterSubstringsInitial:
			if !strings.HasPrefix(rest, part) {
				return false
			}
			rest = rest[len(part):]
		case ldap.FilterSubstringsFinal:
			return strings.HasSuffix(rest, part)
		default:
			i := strings.Index(rest, part)
			if i < 0 {
				return false
			}
			rest = rest[i+len(part):]
		}
	}
	return true
}
