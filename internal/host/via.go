package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// Via is the field of a target's config that says from where the target is
// acted on. Without it that is this machine.
func Via() action.Field {
	return action.Field{
		Name: "via", Type: action.Map,
		Description: "From which machine irctl acts on the target: commands run, files lie and addresses count there. Without it, this machine.",
		Example:     "{ssh: web1.example.com, sudo: true}",
		Fields: []action.Field{
			{Name: "ssh", Type: action.String, Pattern: `[^-\s][^\s]*`, Description: "The machine as ssh names it: a host, or a Host of ssh_config.", Example: "web1.example.com"},
			{Name: "user", Type: action.String, Pattern: `[^-\s][^\s]*`, Description: "Who irctl signs in as; ssh_config decides without it.", Example: "irctl"},
			{Name: "port", Type: action.Int, Description: "The port of the SSH server; ssh_config decides without it.", Example: "22"},
			{Name: "identity", Type: action.String, Path: true, Description: "The file with the private key; ssh_config and the agent decide without it.", Example: "/etc/irctl/id_ed25519"},
			{Name: "known_hosts", Type: action.String, Path: true, Description: "The file with the keys of known machines; your own without it.", Example: "known_hosts"},
			{Name: "config", Type: action.String, Path: true, Description: "The ssh_config(5) to read in the place of your own.", Example: "ssh_config"},
			{Name: "options", Type: action.Map, Items: action.String, Description: "Further options of ssh_config(5).", Example: "{ProxyJump: bastion.example.com}"},
			{Name: "sudo", Type: action.Bool, Default: false, Description: "Act as root, by sudo without a password; for files, sudo must permit sh."},
		},
	}
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

// CheckVia finds mistakes in a checked config's `via` that its Fields cannot
// express, for a TargetType's Check. It does no I/O.
func CheckVia(config action.Values) []action.Problem {
	via := config.Map("via")
	var out []action.Problem
	if via.String("ssh") == "" {
		for _, name := range []string{"user", "port", "identity", "known_hosts", "config", "options"} {
			if via.Has(name) {
				out = append(out, action.Problem{Input: "via." + name, Message: "means nothing without ssh", Hint: "write the machine as ssh: HOST, or remove this"})
			}
		}
	}
	if p := via.Int("port"); via.Has("port") && (p < 1 || p > 65535) {
		out = append(out, action.Problem{Input: "via.port", Message: fmt.Sprintf("is %d, and ports are 1 to 65535", p)})
	}
	options := via.Map("options")
	for _, name := range slices.Sorted(maps.Keys(options)) {
		text := options.String(name)
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
