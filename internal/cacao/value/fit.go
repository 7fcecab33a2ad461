// Package value is what the variables of CACAO playbooks hold: texts of 15
// types, null for what is not known, and objects.
//
// [Fit] takes a value that comes from a playbook or a command as the standard
// writes it; [Native] as a runbook's variable holds it. [Pattern] is how a person
// writes one.
package value

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/pattern"
)

const octet = `(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`

// shapes are the types whose values are texts of a certain look.
var shapes = map[string]struct {
	pattern func() *regexp.Regexp
	words   string // empty: Fit looks closer
}{
	"ipv4-addr":   {pattern.Late(`^(` + octet + `\.){3}` + octet + `(/([0-9]|[12][0-9]|3[0-2]))?$`), ""},
	"ipv6-addr":   {pattern.Late(`^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/[0-9]{1,3})?$`), ""},
	"mac-addr":    {pattern.Late(`^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$`), ""},
	"hexstring":   {pattern.Late(`^([0-9a-fA-F]{2})*$`), "hexadecimal digits in pairs"},
	"hash":        {pattern.Late(`^[0-9a-fA-F]+$`), "hexadecimal digits"},
	"md5-hash":    {pattern.Late(`^[0-9a-fA-F]{32}$`), "32 hexadecimal digits"},
	"sha256-hash": {pattern.Late(`^[0-9a-fA-F]{64}$`), "64 hexadecimal digits"},
	"uuid":        {pattern.Late(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`), "a UUID"},
	"uri":         {pattern.Late(`^[A-Za-z][A-Za-z0-9+.-]*:.+$`), ""},
}

// Pattern is how a person's text for a variable of a type must look, as a
// regular expression (RE2); empty if any text may do.
func Pattern(kind string) string {
	if s, ok := shapes[kind]; ok {
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
	if s := shapes[kind]; s.words != "" {
		if !s.pattern().MatchString(text) {
			return nil, fmt.Errorf("%q is not a %s: it takes %s", short(text), kind, s.words)
		}
		return text, nil
	}
	var err error
	switch kind {
	case "bool":
		switch strings.ToLower(text) {
		case "true", "false":
			return strings.ToLower(text), nil
		}
		err = errors.New("it takes true or false")
	case "integer", "long":
		if _, err = strconv.ParseInt(text, 10, 64); err != nil {
			err = errors.New("it takes a whole number of at most 64 bits")
		}
	case "float":
		if _, err = strconv.ParseFloat(text, 64); err != nil {
			err = errors.New("it takes a number")
		}
	case "ipv4-addr", "ipv6-addr":
		err = address(kind, text)
	case "mac-addr":
		if hw, problem := net.ParseMAC(text); problem != nil || len(hw) != 6 {
			err = errors.New("it takes six pairs of hexadecimal digits")
		}
	case "uri":
		if u, problem := url.Parse(text); problem != nil || u.Scheme == "" {
			err = errors.New("it takes a URI with its scheme")
		}
	case "dictionary":
		var tree map[string]any
		if json.Unmarshal([]byte(text), &tree) == nil {
			return tree, nil
		}
		err = errors.New("it takes a JSON object")
	}
	if err != nil {
		return nil, fmt.Errorf("%q is not of type %s: %w", short(text), kind, err)
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

// address accepts an address or, as STIX does, a network in CIDR notation.
func address(kind, text string) error {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		var prefix netip.Prefix
		prefix, err = netip.ParsePrefix(text)
		addr = prefix.Addr()
	}
	switch {
	case err != nil || addr.Is4() != (kind == "ipv4-addr"):
		return errors.New("it takes an address or a network of that kind")
	case addr.Zone() != "":
		return errors.New("it takes an address without a zone")
	}
	return nil
}

// short is a text as a message may quote it.
func short(s string) string {
	if r := []rune(s[:min(len(s), 256)]); len(r) > 60 || len(s) > 256 {
		return string(r[:min(len(r), 60)]) + "…"
	}
	return s
}
