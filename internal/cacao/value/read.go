package value

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Text returns what a variable holds as the text that comparisons see. Letters
// of hexadecimal digits are lower case, addresses have their shortest form.
// Null is an error: what is unknown compares with nothing.
func Text(kind, name string, v any) (string, error) {
	v, err := Fit(kind, v)
	switch text := v.(type) {
	case nil:
		return "", unknown(name, err)
	case string:
		return canonical(kind, text), nil
	}
	return "", fmt.Errorf("the variable %s holds an object, and objects cannot be compared", name)
}

func unknown(name string, err error) error {
	if err != nil {
		return fmt.Errorf("the variable %s: %w", name, err)
	}
	return fmt.Errorf("the variable %s has no value (null), so nothing can be said about it; ask with EXISTS first", name)
}

// Shown returns what a variable holds as it stands in a text for people.
// Objects are JSON; null is an error.
func Shown(kind, name string, v any) (string, error) {
	v, err := Fit(kind, v)
	switch v := v.(type) {
	case nil:
		return "", unknown(name, err)
	case string:
		return v, nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// Assigned is Fit with the variable's name in the error.
func Assigned(kind, name string, v any) (any, error) {
	out, err := Fit(kind, v)
	if err != nil {
		return nil, fmt.Errorf("the variable %s: %w", name, err)
	}
	return out, nil
}

func canonical(kind, text string) string {
	switch kind {
	case "hexstring", "hash", "md5-hash", "sha256-hash", "uuid", "mac-addr":
		return strings.ToLower(text)
	case "ipv6-addr":
		if addr, err := netip.ParseAddr(text); err == nil {
			return addr.String()
		}
		return strings.ToLower(text)
	}
	return text
}

// Whole returns what a variable holds as a whole number.
func Whole(kind, name string, v any) (int64, error) {
	text, err := Text(kind, name, v)
	if err != nil {
		return 0, err
	}
	i, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the variable %s is %q, which is not a whole number", name, short(text))
	}
	return i, nil
}

// Real returns what a variable holds as a number.
func Real(kind, name string, v any) (float64, error) {
	text, err := Text(kind, name, v)
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("the variable %s is %q, which is not a number", name, short(text))
	}
	return f, nil
}

// Truth returns what a variable holds as true or false.
func Truth(kind, name string, v any) (bool, error) {
	text, err := Text(kind, name, v)
	if err != nil {
		return false, err
	}
	switch strings.ToLower(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("the variable %s is %q, which is neither true nor false", name, short(text))
}

// Time returns what a variable holds as a time.
func Time(kind, name string, v any) (time.Time, error) {
	text, err := Text(kind, name, v)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("the variable %s is %q, which is not a time (RFC 3339)", name, short(text))
	}
	return at.UTC(), nil
}

// Like compares a text with a pattern of STIX's LIKE: % is any number of
// characters, _ is one.
func Like(text, pattern string) bool {
	t, p := []rune(text), []rune(pattern)
	// The last % seen, and how much of the text it has taken so far.
	i, j, star, mark := 0, 0, -1, 0
	for i < len(t) {
		switch {
		case j < len(p) && p[j] == '%':
			star, mark = j, i
			j++
		case j < len(p) && (p[j] == '_' || p[j] == t[i]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	for j < len(p) && p[j] == '%' {
		j++
	}
	return j == len(p)
}

// Subset reports whether every address of the first network is one of the
// second. An address is a network of one.
func Subset(inner, outer string) (bool, error) {
	a, err := prefix(inner)
	if err != nil {
		return false, err
	}
	b, err := prefix(outer)
	if err != nil {
		return false, err
	}
	return b.Bits() <= a.Bits() && b.Contains(a.Addr()), nil
}

func prefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked(), nil
	}
	return netip.Prefix{}, errors.New(strconv.Quote(short(text)) + " is neither an address nor a network")
}
