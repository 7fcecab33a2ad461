package dns

import (
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type rfc2136.
func (rfc2136) Target() action.TargetType {
	return action.TargetType{
		Name:    "rfc2136",
		Summary: "a zone on BIND or any other name server that takes signed dynamic updates (RFC 2136, RFC 8945)",
		Fields: []action.Field{
			{Name: "server", Type: action.String, Required: true, Description: "The zone's primary server, which takes updates, over TCP; port 53 without a port.", Example: "ns1.example.com"},
			{Name: "zone", Type: action.String, Required: true, Description: "The zone to change.", Example: "example.com"},
			{Name: "key_name", Type: action.String, Required: true, Description: "The name of the TSIG key, as the server knows it.", Example: "irctl.example.com"},
			{Name: "key_secret", Type: action.String, Required: true, Secret: true, Description: "The TSIG key in base64, as tsig-keygen prints it.", Example: "{secret: TSIG_KEY}"},
			{Name: "key_algorithm", Type: action.Enum, Enum: []string{"hmac-sha256", "hmac-sha384", "hmac-sha512"}, Default: "hmac-sha256", Description: "What the key signs with."},
			{Name: "servers", Type: action.List, Items: action.String, Default: []any{}, Description: "The servers that the world asks, each of which must give the new answer; without them, the primary.", Example: "[ns1.example.com, ns2.example.com]"},
			{Name: "patience", Type: action.Duration, Default: 30 * time.Second, Description: "How long those servers may take to follow the primary."},
			{Name: "check_name", Type: action.String, Description: "A name whose A records the key may change: target check asks for an update of it that changes nothing.", Example: "www.example.com"},
			host.ViaField(),
		},
		Example: `zone:
  type: rfc2136
  owner: network@example.com
  fallback: Call the network team and have them change the record by hand.
  config:
    server: ns1.example.com
    zone: example.com
    key_name: irctl.example.com
    key_secret: {secret: TSIG_KEY}
    servers: [ns1.example.com, ns2.example.com]
    check_name: www.example.com
`,
		Check: check,
		Undo:  true,
	}
}

func check(config action.Values) []action.Problem {
	out := host.CheckVia(config)
	for _, name := range []string{"zone", "key_name", "check_name"} {
		if text := config.String(name); text != "" && !isName(text) {
			out = append(out, action.Problem{Input: name, Message: fmt.Sprintf("%q is not a domain name", action.CleanLine(text, 80))})
		}
	}
	if _, err := address(config.String("server")); err != nil {
		out = append(out, action.Problem{Input: "server", Message: err.Error(), Hint: "write HOST, or HOST:PORT"})
	}
	for i, s := range config.Strings("servers") {
		if _, err := address(s); err != nil {
			out = append(out, action.Problem{Input: fmt.Sprintf("servers[%d]", i), Message: err.Error(), Hint: "write HOST, or HOST:PORT"})
		}
	}
	if name := config.String("check_name"); name != "" && len(out) == 0 {
		if _, err := absolute(name, dns.CanonicalName(config.String("zone"))); err != nil {
			out = append(out, action.Problem{Input: "check_name", Message: err.Error()})
		}
	}
	if config.Duration("patience") < 0 {
		out = append(out, action.Problem{Input: "patience", Message: "is less than nothing"})
	}
	return out
}

// isName reports whether a text is a domain name.
func isName(text string) bool {
	_, ok := dns.IsDomainName(text)
	return ok && !strings.ContainsAny(text, " \t\r\n\\\"();")
}

// address is where a name server is reached.
func address(text string) (string, error) {
	wrong := fmt.Errorf("%q is not the address of a server", action.CleanLine(text, 80))
	name, port, err := net.SplitHostPort(text)
	if err != nil { // no port; an IPv6 address has colons and may have brackets
		name, port = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"), "53"
		if strings.Contains(name, ":") && net.ParseIP(name) == nil {
			return "", wrong
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || name == "" || net.ParseIP(name) == nil && !isName(name) {
		return "", wrong
	}
	return net.JoinHostPort(name, port), nil
}

// open is the zone that a request's target names. It does no I/O.
func open(req action.Request) (*zone, error) {
	c := req.Target.Config
	wrong := func(field, message, hint string) (*zone, error) {
		return nil, &action.Error{Message: fmt.Sprintf("target %s: %s %s", req.Target.Name, field, message), Hint: hint, Permanent: true}
	}
	if problems := check(c); len(problems) > 0 {
		return wrong(problems[0].Input, problems[0].Message, problems[0].Hint)
	}
	secret := strings.TrimSpace(c.Secret("key_secret").Reveal())
	if raw, err := base64.StdEncoding.DecodeString(secret); err != nil || len(raw) == 0 {
		return wrong("key_secret", "is not a key in base64", "take the text after `secret` in the key's configuration, without quotes; tsig-keygen makes one")
	}
	h, err := host.Of(req)
	if err != nil {
		return nil, err
	}
	z := &zone{
		host: h, origin: dns.CanonicalName(c.String("zone")), patience: c.Duration("patience"),
		key: key{name: dns.CanonicalName(c.String("key_name")), algorithm: c.String("key_algorithm") + ".", secret: action.NewSecret(secret)},
	}
	z.primary, _ = address(c.String("server")) // checked above
	for _, s := range c.Strings("servers") {
		a, _ := address(s)
		z.servers = append(z.servers, a)
	}
	if len(z.servers) == 0 {
		z.servers = []string{z.primary}
	}
	return z, nil
}
