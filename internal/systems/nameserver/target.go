package nameserver

import (
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type rfc2136.
var Target = action.TargetType{
	Name:    "rfc2136",
	Service: true,
	Summary: "a zone on BIND or any other name server that takes signed dynamic updates (RFC 2136, RFC 8945)",
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
	Undo: true,
}

type Config struct {
	Server, Zone string
	KeyName      string
	KeySecret    action.Secret
	KeyAlgorithm string
	Servers      []string
	Patience     time.Duration
	CheckName    string
	Via          host.Via
}

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.Server, action.Field{Name: "server", Required: true, Description: "The zone's primary server, which takes updates, over TCP; port 53 without a port.", Example: "ns1.example.com"}),
		config.Into(&c.Zone, action.Field{Name: "zone", Required: true, Description: "The zone to change.", Example: "example.com"}),
		config.Into(&c.KeyName, action.Field{Name: "key_name", Required: true, Description: "The name of the TSIG key, as the server knows it.", Example: "irctl.example.com"}),
		config.Into(&c.KeySecret, action.Field{Name: "key_secret", Required: true, Description: "The TSIG key in base64, as tsig-keygen prints it.", Example: "{secret: TSIG_KEY}"}),
		config.Into(&c.KeyAlgorithm, action.Field{Name: "key_algorithm", Type: action.Enum, Enum: []string{"hmac-sha256", "hmac-sha384", "hmac-sha512"}, Default: "hmac-sha256", Description: "What the key signs with."}),
		config.Into(&c.Servers, action.Field{Name: "servers", Default: []any{}, Description: "The servers that the world asks, each of which must give the new answer; without them, the primary.", Example: "[ns1.example.com, ns2.example.com]"}),
		config.Into(&c.Patience, action.Field{Name: "patience", Default: 30 * time.Second, Description: "How long those servers may take to follow the primary."}),
		config.Into(&c.CheckName, action.Field{Name: "check_name", Description: "A name whose A records the key may change: target check asks for an update of it that changes nothing.", Example: "www.example.com"}),
		c.Via.Field(),
	}
}

// Check implements config.Checker.
func (c *Config) Check() (out []action.Problem) {
	for _, name := range [][2]string{{"zone", c.Zone}, {"key_name", c.KeyName}, {"check_name", c.CheckName}} {
		if name[1] != "" && !isName(name[1]) {
			out = append(out, action.Problem{Input: name[0], Message: fmt.Sprintf("%q is not a domain name", action.CleanLine(name[1], 80))})
		}
	}
	reached := func(field, server string) {
		if _, err := address(server); err != nil {
			out = append(out, action.Problem{Input: field, Message: err.Error(), Hint: "write HOST, or HOST:PORT"})
		}
	}
	reached("server", c.Server)
	for i, s := range c.Servers {
		reached(fmt.Sprintf("servers[%d]", i), s)
	}
	if c.CheckName != "" && len(out) == 0 {
		if _, err := absolute(c.CheckName, dns.CanonicalName(c.Zone)); err != nil {
			out = append(out, action.Problem{Input: "check_name", Message: err.Error()})
		}
	}
	if c.Patience < 0 {
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

// Open is the zone that a request's target names. It does no I/O.
func Open(req action.Request) (*Zone, error) {
	c, err := config.Read[Config](req.Target)
	if err != nil {
		return nil, err
	}
	return c.zone(req)
}

func (c Config) zone(req action.Request) (z *Zone, err error) {
	secret := strings.TrimSpace(c.KeySecret.Reveal())
	if raw, err := base64.StdEncoding.DecodeString(secret); err != nil || len(raw) == 0 {
		return nil, action.Problem{
			Input: "key_secret", Message: "is not a key in base64", Hint: "take the text after `secret` in the key's configuration, without quotes; tsig-keygen makes one",
		}.Of(req.Target.Name)
	}
	z = &Zone{
		Origin: dns.CanonicalName(c.Zone), Follow: c.Patience,
		key: key{name: dns.CanonicalName(c.KeyName), algorithm: c.KeyAlgorithm + ".", secret: action.NewSecret(secret)},
	}
	z.Primary, _ = address(c.Server) // Check has seen that it is one
	for _, s := range c.Servers {
		a, _ := address(s)
		z.Servers = append(z.Servers, a)
	}
	if len(z.Servers) == 0 {
		z.Servers = []string{z.Primary}
	}
	if c.CheckName != "" {
		z.CheckName, _ = absolute(c.CheckName, z.Origin)
	}
	z.host, err = host.Open(c.Via, req.Allow)
	return z, err
}
