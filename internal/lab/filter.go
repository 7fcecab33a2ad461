package lab

import (
	"slices"
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
		return !slices.ContainsFunc(f.Children, func(c *ber.Packet) bool { return !matches(e, c) })
	case ldap.FilterOr:
		return slices.ContainsFunc(f.Children, func(c *ber.Packet) bool { return matches(e, c) })
	case ldap.FilterNot:
		return len(f.Children) == 1 && !matches(e, f.Children[0])
	case ldap.FilterPresent:
		return len(e.values(octets(f))) > 0
	case ldap.FilterEqualityMatch, ldap.FilterApproxMatch:
		return compares(e, f, func(v string, with *ber.Packet) bool { return strings.EqualFold(v, octets(with)) })
	case ldap.FilterGreaterOrEqual:
		return compares(e, f, func(v string, with *ber.Packet) bool { return v >= octets(with) })
	case ldap.FilterLessOrEqual:
		return compares(e, f, func(v string, with *ber.Packet) bool { return v <= octets(with) })
	case ldap.FilterSubstrings:
		return compares(e, f, func(v string, with *ber.Packet) bool { return hasParts(strings.ToLower(v), with.Children) })
	}
	return false
}

// compares tests the values of the attribute that a filter names.
func compares(e entry, f *ber.Packet, test func(value string, with *ber.Packet) bool) bool {
	return len(f.Children) == 2 && slices.ContainsFunc(e.values(octets(f.Children[0])), func(v string) bool { return test(v, f.Children[1]) })
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
