package login

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// connection is one as sshd tells connections apart, by what Match lines name
// besides the account.
type connection struct{ host, addr, laddr, lport string }

// near is from the machine to itself.
var near = connection{"localhost", "127.0.0.1", "127.0.0.1", "22"}

// matchScript prints the conditions of every Match line of a configuration and of
// what it includes, as deep as sshd does. A relative name is one in /etc/ssh
// (sshd_config(5), Include).
const matchScript = `look() {
while read -r word rest || [ -n "$word" ]; do case $word in
[Mm][Aa][Tt][Cc][Hh]) echo "$rest" ;;
[Ii][Nn][Cc][Ll][Uu][Dd][Ee]) (cd /etc/ssh 2>/dev/null; [ "$2" -gt 16 ] || for f in $rest; do [ ! -f "$f" ] || look "$f" $(($2 + 1)); done) ;;
esac; done <"$1"; }
look "$1" 0`

// connections are one that is near and, for each Match line, ones that it is
// about: sshd -T tells what holds for a connection, and not which there are.
func (k *Keys) connections(ctx context.Context) ([]connection, error) {
	res, err := k.h.Run(ctx, process.Command{Argv: []string{"sh", "-c", matchScript, "sh", k.config.Config}, Name: "sh"}, nil)
	if err != nil {
		return nil, &action.Error{Message: "the Match lines of " + action.CleanLine(k.config.Config, 120) + " could not be read, so nothing was changed", Hint: "act as root (`via: {sudo: true}`)", Cause: err}
	}
	out := []connection{near}
	for line := range strings.Lines(res.Stdout) {
		for _, c := range matched(line) {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// matched are connections that the conditions of a Match line are about, one
// for each pattern.
func matched(conditions string) []connection {
	words := strings.FieldsFunc(conditions, func(r rune) bool { return strings.ContainsRune(" \t\n=\"", r) })
	out := []connection{near}
	for i := 0; i+1 < len(words); i++ {
		var put func(*connection, string)
		switch strings.ToLower(words[i]) {
		case "host":
			put = func(c *connection, p string) { c.host = strings.NewReplacer("*", "x", "?", "x").Replace(p) }
		case "address":
			put = func(c *connection, p string) { c.addr = addressIn(p) }
		case "localaddress":
			put = func(c *connection, p string) { c.laddr = addressIn(p) }
		case "localport":
			put = func(c *connection, p string) { c.lport = p }
		default:
			continue
		}
		i++
		var more []connection
		for pattern := range strings.SplitSeq(words[i], ",") {
			for _, c := range out {
				if pattern != "" && !strings.HasPrefix(pattern, "!") {
					put(&c, pattern)
					more = append(more, c)
				}
			}
		}
		if more != nil {
			out = more
		}
	}
	return out
}

// addressIn is an address that a pattern fits: a network as CIDR, or a text with
// wildcards (ssh_config(5), PATTERNS).
func addressIn(pattern string) string {
	if network, err := netip.ParsePrefix(pattern); err == nil {
		if next := network.Masked().Addr().Next(); network.Contains(next) {
			return next.String()
		}
		return network.Addr().String()
	}
	fill := strings.NewReplacer("*", "1", "?", "1")
	if strings.Contains(pattern, ":") {
		if start, cut := strings.CutSuffix(pattern, ":*"); cut {
			pattern = strings.TrimSuffix(start, ":") + "::1"
		}
		return fill.Replace(pattern)
	}
	parts := strings.Split(fill.Replace(pattern), ".")
	for len(parts) < 4 {
		parts = append(parts, "1")
	}
	return strings.Join(parts, ".")
}
