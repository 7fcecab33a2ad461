// Package postfix drives a Postfix mail system through its own programs and
// its main.cf: [Open] reaches it, [System.Look] sees how it stands,
// [System.Impose] has it put all mail off and [System.Lift] puts back what was
// there before, both from a [Suspension].
//
// While mail is suspended, three things keep it:
//
//   - smtpd_client_restrictions answers 450, so that senders elsewhere keep
//     their mail and try again.
//   - defer_transports names every transport that delivers, so that mail from
//     programs on the machine, and from services with restrictions of their
//     own in master.cf, waits in the queue.
//   - What was in the queue is put on hold, where it does not grow too old.
//
// Both settings are put back as they stood in main.cf, to the byte; no other
// line is touched. Only messages that irctl put on hold are released.
//
// A file beside main.cf, [noteName], holds the same as the run's record for
// as long as mail is suspended. From it another run can restore mail, and a
// person can too.
//
// Files, in reading order: target.go, maincf.go (the two settings), queue.go,
// reply.go (as senders see it), look.go, change.go, access.go (maps that say whom
// to refuse), problem.go.
package postfix

import (
	"context"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type postfix.
func Target() action.TargetType {
	return config.Describe[Config](action.TargetType{
		Name:    "postfix",
		Summary: "a Postfix mail system, version 3.1 or later",
		Example: `corporate-mail:
  type: postfix
  owner: mail@example.com
  fallback: Call the mail team and have them stop the SMTP service.
  config:
    smtp: 127.0.0.1:25
    via: {ssh: mail.example.com, sudo: true}
`,
		Tools: []string{"postfix", "postconf", "postqueue", "postsuper"},
		Undo:  true,
	})
}

// Config is a target's config.
type Config struct {
	Folder string // of main.cf
	SMTP   string
	Via    host.Via
}

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return config.Fields{
		FolderField(&c.Folder),
		config.Into(&c.SMTP, action.Field{Name: "smtp", Default: "127.0.0.1:25", Pattern: `.+:[0-9]+`, Description: "Where irctl looks, as a sender would, whether mail is accepted. It gives no message.", Example: "mail.example.com:25"}),
		c.Via.Field(),
	}
}

// System is one Postfix instance. Close it when the call of the action ends.
type System struct {
	host   *host.Host
	config string // the folder of main.cf
	smtp   string
}

// Open is the instance that a request's target names. It does no I/O.
func Open(req action.Request) (*System, error) {
	c, h, err := host.Reach(req, func(c Config) host.Via { return c.Via })
	return &System{host: h, config: strings.TrimRight(c.Folder, "/"), smtp: c.SMTP}, err
}

// Close ends what Open began.
func (s *System) Close() { s.host.Close() }

func (s *System) file(name string) string { return s.config + "/" + name }

// run runs one of Postfix's programs for this instance. Input goes to its
// stdin.
func (s *System) run(ctx context.Context, program, input string, args ...string) (string, error) {
	c := process.Command{Argv: append([]string{program, "-c", s.config}, args...), Stdin: action.NewSecret(input), Max: maxOutput}
	res, err := s.host.Run(ctx, c, nil)
	if err == nil && res.Cut {
		err = tooMuch(program)
	}
	return res.Stdout, host.Advise(err, "check that irctl acts there as root (`via: {sudo: true}`), and see Postfix's log; then retry")
}

// query is run for what only looks.
func (s *System) query(ctx context.Context, program string, args ...string) (string, error) {
	text, err := s.run(ctx, program, "", args...)
	return text, host.Certain(err)
}

// maxOutput is how many bytes a program may print: about 200,000 messages of
// postqueue.
const maxOutput = 64 << 20
