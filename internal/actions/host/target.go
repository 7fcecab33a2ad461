package host

import (
	"fmt"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// target describes the target type nftables.
var target = action.TargetType{
	Name:    "nftables",
	Summary: "a Linux machine, or one network namespace of it, by its own packet filter (nftables)",
	Example: `web1:
  type: nftables
  owner: servers@example.com
  fallback: Call the data centre and have them pull the cable of web1.
  config:
    keep: [198.51.100.0/28]
    probe: ["web1.example.com:443"]
    via: {ssh: web1.example.com, sudo: true}
`,
	Tools: []string{"flock", "nft", "setsid", "unshare"},
	Undo:  true,
}

type filterConfig struct {
	Keep, Probe []string
	NetNS       string
	WayBack     time.Duration
	Via         host.Via
}

// Fields implements config.Config.
func (c *filterConfig) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.Keep, action.Field{
			Name: "keep", Default: []any{}, Example: "[198.51.100.0/28, \"198.51.100.40:22\"]",
			Description: "Who the machine still talks to: an address or a network, with a port if it may only connect to that TCP port of the machine.",
		}),
		config.Into(&c.Probe, action.Field{
			Name: "probe", Default: []any{}, Example: "[\"198.51.100.7:443\"]",
			Description: "Services of the machine, as HOST:PORT, that must not answer this machine any more when it is isolated; the summary of a release names those that do not answer again.",
		}),
		config.Into(&c.NetNS, action.Field{Name: "netns", Pattern: `[A-Za-z0-9_][A-Za-z0-9_.-]*`, Description: "The network namespace to cut off in the place of the whole machine, as ip-netns(8) names it.", Example: "shop"}),
		config.Into(&c.WayBack, action.Field{Name: "way_back", Default: time.Minute, Description: "Over ssh, how long the machine waits for irctl to sign in once more when it is isolated, before it connects itself again."}),
		c.Via.Field(),
	}
}

// Check implements config.Checker.
func (c *filterConfig) Check() (out []action.Problem) {
	for i, text := range c.Keep {
		if _, err := parsePath(text); err != nil {
			out = append(out, action.Problem{Input: fmt.Sprintf("keep[%d]", i), Message: err.Error(), Hint: `write 198.51.100.4, 198.51.100.0/28, 198.51.100.4:22, 2001:db8::4 or "[2001:db8::4]:22"`})
		}
	}
	for i, text := range c.Probe {
		if !isService(text) {
			out = append(out, action.Problem{Input: fmt.Sprintf("probe[%d]", i), Message: fmt.Sprintf("%q is not the address of a service", action.CleanLine(text, 80)), Hint: "write HOST:PORT"})
		}
	}
	if c.WayBack < time.Second {
		out = append(out, action.Problem{Input: "way_back", Message: "is shorter than a second", Hint: "give irctl the time to sign in, such as 1m"})
	}
	if len(c.Keep) == 0 && c.Via.SSH == "" && c.NetNS == "" {
		out = append(out, action.Problem{
			Input: "keep", Message: "is empty, so that isolating this machine would leave no way to it",
			Hint: "name the addresses that may still reach it, or the machine that is meant as via: {ssh: HOST}",
		})
	}
	return out
}
