// Package dovecot drives a Dovecot mail server through doveadm and a deny file:
// [Open] reaches it, [System.Look] sees who is denied and who is signed in,
// [System.Change] replaces the deny file, [System.Denied] looks that it counts,
// and [System.EndSessions] ends sessions.
//
// The deny file is a passwd-file of a passdb with `deny = yes`: whoever it names
// cannot sign in, by whatever protocol. Mail for them is still delivered. One
// line names one user. Between two comments stand those whom email.suspend put
// there ([Deny.Block]); account.disable writes lines outside of them, so that
// restoring mail enables nobody who was disabled.
//
// Files, in reading order: target.go, deny.go (the file), look.go, change.go.
package dovecot

import (
	"context"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type dovecot. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return config.Describe[Config](action.TargetType{
		Name:    "dovecot",
		Summary: "the mailboxes of a Dovecot server, by IMAP, POP3 and whatever else signs in",
		Example: `mailboxes:
  type: dovecot
  owner: mail@example.com
  fallback: Call the mail team and have them stop Dovecot.
  config:
    deny_file: /etc/dovecot/denied
    via: {ssh: imap.example.com, sudo: true}
`,
		Tools: []string{"doveadm", "doveconf"},
		Undo:  undo,
	})
}

// Config is a target's config.
type Config struct {
	DenyFile, Config string
	Via              host.Via
}

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.DenyFile, action.Field{Name: "deny_file", Required: true, Pattern: `/.*`, Description: "The passwd-file of a passdb with deny = yes, which has to be the first passdb of Dovecot's configuration. It must be there, and may be empty.", Example: "/etc/dovecot/denied"}),
		config.Into(&c.Config, action.Field{Name: "config", Default: "/etc/dovecot/dovecot.conf", Pattern: `/.*`, Description: "Dovecot's configuration file.", Example: "/etc/dovecot/dovecot.conf"}),
		c.Via.Field(),
	}
}

// System is one Dovecot instance. Close it when the call of the action ends.
type System struct {
	host     *host.Host
	config   string
	denyFile string
	conf     string   // what doveconf says, after a line end; "" if it was not asked yet
	known    string   // a user whom Dovecot knows
	longer   []string // see LongerNames
}

// Open is the instance that a request's target names. It does no I/O.
func Open(_ context.Context, req action.Request) (*System, error) {
	conf, h, err := host.Reach(req, func(c Config) host.Via { return c.Via })
	if err != nil {
		return nil, err
	}
	return &System{host: h, config: conf.Config, denyFile: conf.DenyFile}, nil
}

// Close ends what Open began.
func (s *System) Close() { s.host.Close() }

// How doveadm ends (doveadm(1), sysexits.h).
const (
	noUser    = 67 // there is no such user, or nobody may sign in by that name
	noSession = 68 // nobody was there to be kicked
)

// doveadm runs a command of doveadm(1).
func (s *System) doveadm(ctx context.Context, success []int, args ...string) (process.Result, error) {
	c := process.Command{Argv: append([]string{"doveadm", "-c", s.config}, args...), Success: append(success, 0), Max: maxOutput}
	res, err := s.host.Run(ctx, c, nil)
	if err == nil && res.Cut {
		err = &action.Error{Message: fmt.Sprintf("doveadm printed more than %d MiB", maxOutput>>20), Permanent: true}
	}
	return res, host.Advise(err, "check that Dovecot runs and that irctl acts there as root (`via: {sudo: true}`)")
}

// maxOutput is how many bytes doveadm may print: about a million users.
const maxOutput = 32 << 20

// CheckName is an error unless a text is the name of one user: doveadm takes
// * and ? for many.
func CheckName(user string) error {
	if user != "" && !strings.ContainsAny(user, "*?:, \t\r\n\x00") && user[0] != '-' && user[0] != '#' {
		return nil
	}
	return &action.Error{
		Message:   fmt.Sprintf("%q cannot be the name of one user of Dovecot", action.CleanLine(user, 60)),
		Hint:      "write it as `doveadm user` lists it",
		Permanent: true,
	}
}
