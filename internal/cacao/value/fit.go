// Package value is what the variables of CACAO playbooks hold: texts of 15
// types, null for what is not known, and objects.
//
// [Fit] takes a value that comes from a playbook or a command as the standard
// writes it; [Native] as a runbook's variable holds it. [Pattern] is how a person
// writes one.
package value

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/pattern"
)

const octet = `(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`

// shapes are the types whose values are texts of a certain look.
var shapes = map[string]struct {
	pattern func() *regexp.Regexp // nil: any text may be typed
	takes   string
	fits    func(text string) bool // nil: the pattern says all
}{
	"bool":        {nil, "true or false", func(text string) bool { return slices.Contains([]string{"true", "false"}, strings.ToLower(text)) }},
	"integer":     {nil, "a whole number of at most 64 bits", whole},
	"long":        {nil, "a whole number of at most 64 bits", whole},
	"float":       {nil, "a number", func(text string) bool { _, err := strconv.ParseFloat(text, 64); return err == nil }},
	"ipv4-addr":   {pattern.Late(`^(` + octet + `\.){3}` + octet + `(/([0-9]|[12][0-9]|3[0-2]))?$`), anAddress, func(text string) bool { return address(text).Is4() }},
	"ipv6-addr":   {pattern.Late(`^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/[0-9]{1,3})?$`), anAddress + ", without a zone", func(text string) bool { return address(text).Is6() }},
	"mac-addr":    {pattern.Late(`^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$`), "six pairs of hexadecimal digits", func(text string) bool { hw, _ := net.ParseMAC(text); return len(hw) == 6 }},
	"hexstring":   {pattern.Late(`^([0-9a-fA-F]{2})*$`), "hexadecimal digits in pairs", nil},
	"hash":        {pattern.Late(`^[0-9a-fA-F]+$`), "hexadecimal digits", nil},
	"md5-hash":    {pattern.Late(`^[0-9a-fA-F]{32}$`), "32 hexadecimal digits", nil},
	"sha256-hash": {pattern.Late(`^[0-9a-fA-F]{64}$`), "64 hexadecimal digits", nil},
	"uuid":        {pattern.Late(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`), "a UUID", nil},
	"uri":         {pattern.Late(`^[A-Za-z][A-Za-z0-9+.-]*:.+$`), "a URI with its scheme", func(text string) bool { u, err := url.Parse(text); return err == nil && u.Scheme != "" }},
}

const anAddress = "an address or a network of that kind"

func whole(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil
}

// address reads an address or, as STIX does, a network in CIDR notation. The
// zero address is neither.
func address(text string) netip.Addr {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix.Addr()
	}
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return addr
	}
	return netip.Addr{}
}

// Pattern is how a person's text for a variable of a type must look, as a
// regular expression (RE2); empty if any text may do.
func Pattern(kind string) string {
	if s := shapes[kind]; s.pattern != nil {
		return s.pattern().String()
	}
	return ""
}

// Fit returns a value as a variable of a type (section 10.18.4) holds it: nil
// if it is unknown, a text, or an object. Values of a type that the standard
// does not know are any text, and the empty text fits every type: it means
// known to be empty.
//
// Numbers stay the text that they were given as, so that none is rounded.
func Fit(kind string, v any) (any, error) {
	switch number := v.(type) {
	case nil:
		return nil, nil
	case float64:
		v = strconv.FormatFloat(number, 'g', -1, 64)
	case map[string]any, []any:
		if kind == "dictionary" {
			return v, nil
		}
	}
	return fitText(kind, data.Text(v))
}

func fitText(kind, text string) (any, error) {
	if text == "" {
		return "", nil
	}
	s, fits := shapes[kind], true
	switch {
	case kind == "dictionary":
		var tree map[string]any
		if json.Unmarshal([]byte(text), &tree) == nil {
			return tree, nil
		}
		s.takes, fits = "a JSON object", false
	case s.fits != nil:
		fits = s.fits(text)
	case s.pattern != nil:
		fits = s.pattern().MatchString(text)
	}
	if !fits {
		return nil, fmt.Errorf("%q is not of type %s: it takes %s", short(text), kind, s.takes)
	}
	if kind == "bool" {
		return strings.ToLower(text), nil
	}
	return text, nil
}

// Native returns a value as a variable of a runbook holds it: numbers as int64
// or float64, bool as bool, all else as [Fit] gives it. Null stays null, and
// the empty text, which fits every type, stays empty.
func Native(kind string, v any) (any, error) {
	v, err := Fit(kind, v)
	text, ok := v.(string)
	if err != nil || !ok || text == "" {
		return v, err
	}
	switch kind {
	case "bool":
		return text == "true", nil
	case "integer", "long":
		return strconv.ParseInt(text, 10, 64)
	case "float":
		return strconv.ParseFloat(text, 64)
	}
	return v, nil
}

// short is a text as a message may quote it.
func short(s string) string {
	if r := []rune(s[:min(len(s), 256)]); len(r) > 60 || len(s) > 256 {
		return string(r[:min(len(r), 60)]) + "…"
	}
	return s
}
