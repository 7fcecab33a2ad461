package block

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// form is what a value is, as people say it.
type form string

// The forms.
const (
	address form = "address"
	network form = "network"
	domain  form = "domain"
	site    form = "URL"
	sender  form = "sender"
	hash    form = "file hash"
)

// value is what is blocked, in the one way to write it, so that two ways to
// write the same are one value: addresses as net/netip writes them, networks
// without the bits of an address, names in lower case and ASCII (RFC 5891).
type value struct {
	form form
	text string
}

// written undoes what reports do to addresses so that nobody opens them by
// mistake.
var written = strings.NewReplacer("[.]", ".", "(.)", ".", "[:]", ":", "[@]", "@")

var (
	hexHash   = pattern.Late(`^([0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`) // MD5, SHA-1, SHA-256
	localPart = pattern.Late(`^[!-?A-~]{1,64}$`)
	hostName  = pattern.Late(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// read finds out what a text is.
func read(text string) (value, error) {
	text = written.Replace(strings.TrimSpace(text))
	if rest, ok := strings.CutPrefix(text, "hxxp"); ok {
		text = "http" + rest
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		return readAddress(addr)
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		if p.IsSingleIP() {
			return readAddress(p.Addr())
		}
		if p.Addr().Is4In6() {
			return value{}, fmt.Errorf("%s is a network of IPv4 written as IPv6", p)
		}
		return value{network, p.Masked().String()}, nil
	}
	switch {
	case strings.Contains(text, "://"):
		return readURL(text)
	case strings.Contains(text, "@"):
		local, name, _ := strings.Cut(text, "@")
		at, err := ascii(name)
		if err != nil || !localPart().MatchString(local) {
			return value{}, fmt.Errorf("%q is not the address of a sender", action.CleanLine(text, 80))
		}
		return value{sender, strings.ToLower(local) + "@" + at}, nil
	case hexHash().MatchString(text):
		return value{hash, strings.ToLower(text)}, nil
	}
	name, err := ascii(text)
	if err != nil {
		return value{}, fmt.Errorf("%q is neither an address, a network, a domain, a URL, a sender nor a file hash", action.CleanLine(text, 80))
	}
	return value{domain, name}, nil
}

func readAddress(addr netip.Addr) (value, error) {
	if addr.Zone() != "" {
		return value{}, fmt.Errorf("%s names a network card, which means nothing elsewhere", addr)
	}
	return value{address, addr.Unmap().String()}, nil
}

func readURL(text string) (value, error) {
	wrong := fmt.Errorf("%q is not a URL of a page", action.CleanLine(text, 120))
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(text, " \t\r\n") {
		return value{}, wrong
	}
	name := u.Hostname()
	if addr, err := netip.ParseAddr(name); err == nil {
		if name = addr.Unmap().String(); strings.Contains(name, ":") {
			name = "[" + name + "]"
		}
	} else if name, err = ascii(name); err != nil {
		return value{}, wrong
	}
	u.Scheme = strings.ToLower(u.Scheme)
	usual := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if port := u.Port(); port != "" && port != usual {
		name += ":" + port
	}
	u.Host, u.Fragment = name, ""
	u.Path = cmp.Or(u.Path, "/")
	return value{site, u.String()}, nil
}

var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// ascii is a domain name as the DNS has it. A name without a dot is none: it is a
// slip, or a whole part of the internet.
func ascii(name string) (string, error) {
	out, err := names.ToASCII(strings.TrimSuffix(name, "."))
	if err != nil || len(out) > 253 || !hostName().MatchString(out) {
		return "", errors.New("it is not a domain name")
	}
	return out, nil
}

// readAll reads the input `values`, each value once.
func readAll(texts []string) (out []value, problems []action.Problem) {
	for i, text := range texts {
		v, err := read(text)
		if err != nil {
			problems = append(problems, action.Problem{
				Input: fmt.Sprintf("values[%d]", i), Message: err.Error(),
				Hint: "write 203.0.113.66, 203.0.113.0/24, evil.example.net, https://evil.example.net/page, mallory@example.net, or a hash of 32, 40 or 64 hexadecimal digits",
			})
		} else if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out, problems
}

// prefix is what an address or a network covers.
func (v value) prefix() (netip.Prefix, bool) {
	switch v.form {
	case address:
		addr, err := netip.ParseAddr(v.text)
		return netip.PrefixFrom(addr, addr.BitLen()), err == nil
	case network:
		p, err := netip.ParsePrefix(v.text)
		return p, err == nil
	}
	return netip.Prefix{}, false
}

// name is the host that a domain, URL or sender is of, "" if there is none.
func (v value) name() string {
	switch v.form {
	case domain:
		return v.text
	case site:
		if u, err := url.Parse(v.text); err == nil {
			return u.Hostname()
		}
	case sender:
		_, name, _ := strings.Cut(v.text, "@")
		return name
	}
	return ""
}

// texts are values for people and outputs, in their order.
func texts(values []value) []any {
	out := []any{}
	for _, v := range values {
		out = append(out, v.text)
	}
	return out
}

// some names values in a line.
func some(values []value) string {
	const shown = 5
	var out []string
	for i, v := range values {
		if i == shown && len(values) > shown+1 {
			out = append(out, fmt.Sprintf("%d more", len(values)-shown))
			break
		}
		out = append(out, action.CleanLine(v.text, 80))
	}
	return strings.Join(out, ", ")
}
