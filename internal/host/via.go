package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/pkg/action"
)

// Via says from where a target is acted on: the field `via` of its config. The
// zero Via is this machine.
type Via struct {
	SSH, User                    string
	Port                         *int64
	Identity, KnownHosts, Config string // paths on this machine
	Options                      map[string]string
	Sudo                         bool
}

// Field ties Via to its description.
func (v *Via) Field() config.Field {
	return config.Nested(action.Field{
		Name:        "via",
		Description: "From which machine irctl acts on the target: commands run, files lie and addresses count there. Without it, this machine.",
		Example:     "{ssh: web1.example.com, sudo: true}",
	}, config.Fields{
		config.Into(&v.SSH, action.Field{Name: "ssh", Pattern: `[^-\s][^\s]*`, Description: "The machine as ssh names it: a host, or a Host of ssh_config.", Example: "web1.example.com"}),
		config.Into(&v.User, action.Field{Name: "user", Pattern: `[^-\s][^\s]*`, Description: "Who irctl signs in as; ssh_config decides without it.", Example: "irctl"}),
		config.Into(&v.Port, action.Field{Name: "port", Description: "The port of the SSH server; ssh_config decides without it.", Example: "22"}),
		config.Into(&v.Identity, action.Field{Name: "identity", Path: true, Description: "The file with the private key; ssh_config and the agent decide without it.", Example: "/etc/irctl/id_ed25519"}),
		config.Into(&v.KnownHosts, action.Field{Name: "known_hosts", Path: true, Description: "The file with the keys of known machines; your own without it.", Example: "known_hosts"}),
		config.Into(&v.Config, action.Field{Name: "config", Path: true, Description: "The ssh_config(5) to read in the place of your own.", Example: "ssh_config"}),
		config.Into(&v.Options, action.Field{Name: "options", Description: "Further options of ssh_config(5).", Example: "{ProxyJump: bastion.example.com}"}),
		config.Into(&v.Sudo, action.Field{Name: "sudo", Default: false, Description: "Act as root, by sudo without a password; for files, sudo must permit sh."}),
	}).Checked(v.Check)
}

// Reach reads the config of the target of a call, and opens the machine that it
// names. Close it when the call ends. It does no I/O.
func Reach[C any, P config.Config[C]](req action.Request, via func(C) Via) (C, *Host, error) {
	c, err := config.Read[C, P](req.Target)
	if err != nil {
		return c, nil, err
	}
	h, err := Open(via(c), req.Allow)
	return c, h, err
}

// ViaField is the description alone, for a target type without a struct.
func ViaField() action.Field { return new(Via).Field().Field }

// viaOf reads the field from a target's config.
func viaOf(values action.Values) Via {
	var v Via
	config.Fields{v.Field()}.Fill(values)
	return v
}

// withheld are the options that a target must not set, in lower case, with
// what to do instead.
var withheld = map[string]string{
	"batchmode":               "irctl never answers a question of ssh",
	"stricthostkeychecking":   "a machine whose key nobody checked may be the attacker's: put its key into known_hosts",
	"userknownhostsfile":      "write known_hosts beside ssh",
	"globalknownhostsfile":    "write known_hosts beside ssh",
	"controlmaster":           "irctl shares connections by itself",
	"controlpath":             "irctl shares connections by itself",
	"controlpersist":          "irctl shares connections by itself",
	"loglevel":                "irctl reads what ssh says",
	"remotecommand":           "irctl gives the command",
	"requesttty":              "irctl needs no terminal",
	"sessiontype":             "irctl gives the command",
	"stdinnull":               "irctl gives the input",
	"forkafterauthentication": "irctl shares connections by itself",
}

// CheckVia is [Via.Check] of a checked config, for a target type without a
// struct.
func CheckVia(values action.Values) []action.Problem {
	v := viaOf(values)
	return v.Check()
}

// Check finds mistakes that the descriptions cannot express. It does no I/O.
func (v *Via) Check() []action.Problem {
	var out []action.Problem
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"user", v.User != ""}, {"port", v.Port != nil}, {"identity", v.Identity != ""}, {"known_hosts", v.KnownHosts != ""},
		{"config", v.Config != ""}, {"options", v.Options != nil},
	} {
		if f.given && v.SSH == "" {
			out = append(out, action.Problem{Input: "via." + f.name, Message: "means nothing without ssh", Hint: "write the machine as ssh: HOST, or remove this"})
		}
	}
	if v.Port != nil && (*v.Port < 1 || *v.Port > 65535) {
		out = append(out, action.Problem{Input: "via.port", Message: fmt.Sprintf("is %d, and ports are 1 to 65535", *v.Port)})
	}
	for _, name := range slices.Sorted(maps.Keys(v.Options)) {
		text := v.Options[name]
		switch {
		case withheld[strings.ToLower(name)] != "":
			out = append(out, action.Problem{Input: "via.options." + name, Message: "cannot be set here", Hint: withheld[strings.ToLower(name)]})
		case !isWord(name) || strings.ContainsAny(text, "\n\x00"):
			out = append(out, action.Problem{Input: "via.options." + name, Message: "is not an option of ssh_config(5)", Hint: "write {Name: value}, each on one line"})
		}
	}
	return out
}

// isWord reports whether a name consists of letters and digits.
func isWord(name string) bool {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
