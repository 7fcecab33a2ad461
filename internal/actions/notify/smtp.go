package notify

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/mailing"
	"github.com/irctl/irctl/pkg/action"
)

// The words of the field tls.
const (
	tlsAuto     = "auto"
	tlsNone     = "none"
	tlsStartTLS = "starttls"
	tlsImplicit = "tls"
)

// smtpConfig is a mail server that takes messages.
type smtpConfig struct {
	asking
	Address, From, TLS, User, Helo string
	Password                       action.Secret
	Final                          bool
}

// Fields implements config.Config.
func (c *smtpConfig) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.Address, action.Field{Name: "address", Required: true, Description: "The server, as HOST or HOST:PORT. The port is 587, or 465 with tls: tls.", Example: "smtp.example.com:587"}),
		config.Into(&c.From, action.Field{Name: "from", Required: true, Description: "Who the message is from.", Example: "Example Bank <incident@example.com>"}),
		config.Into(&c.TLS, action.Field{Name: "tls", Type: action.Enum, Enum: []string{tlsAuto, tlsStartTLS, tlsImplicit, tlsNone}, Default: tlsAuto, Description: "How the connection is encrypted: starttls (RFC 3207) and tls (RFC 8314) insist on it, auto uses STARTTLS if the server offers it. A password never travels unencrypted to another machine."}),
		c.caFile(),
		config.Into(&c.User, action.Field{Name: "username", Description: "Who irctl signs in as; without one it does not sign in."}),
		config.Into(&c.Password, action.Field{Name: "password", Description: "The password of username."}),
		config.Into(&c.Helo, action.Field{Name: "helo", Default: "localhost", Description: "How irctl introduces itself to the server.", Example: "irctl.example.com"}),
		config.Into(&c.Lookup, action.Field{Name: "lookup", Description: "An address that answers 200 when the message with {message_id} was delivered, and 404 when not.", Example: "https://mail.example.com/messages/{message_id}"}),
		config.Into(&c.Final, action.Field{Name: "lookup_is_final", Default: false, Description: "A message that the lookup does not know will not arrive later either: nothing waits in a queue. Then a message whose sending was cut off is sent again without asking a person."}),
		c.token(),
	}
}

// Check implements config.Checker.
func (c *smtpConfig) Check() []action.Problem {
	problems := c.check(idPlaceholder)
	if _, err := mailing.Address(c.From); err != nil {
		problems = append(problems, action.Problem{Input: "from", Message: "is not an e-mail address", Hint: "write it as in incident@example.com"})
	}
	return problems
}

// mailServer describes a mail server (RFC 5321).
func mailServer() action.TargetType {
	return config.Describe[smtpConfig](action.TargetType{
		Name:    "smtp",
		Summary: "a mail server that takes messages",
		Example: `out-of-band-mail:
  type: smtp
  owner: communications@example.com
  fallback: Call the telephone tree.
  config:
    address: smtp.example.org:587
    from: Example Bank <incident@example.org>
    tls: starttls
    username: incident
    password: {secret: OUT_OF_BAND_PASSWORD}
`,
	})
}

// inSMTP hands the message to a mail server.
func inSMTP() kind.Kind {
	return kind.Change{
		Type: mailServer(),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			c, err := config.Read[smtpConfig](req.Target)
			return &smtp{smtpConfig: c, req: req}, err
		},
		Inputs: checkRecipients,
	}
}

// Check implements kind.Checker: it signs in, and sends nothing.
func (w *smtp) Check(ctx context.Context) []error {
	var problems []error
	t, err := w.converse(ctx, w.req.Allow)
	if err == nil {
		from, bad := mailing.Address(w.From)
		if err = bad; err == nil {
			_, _, err = t.offer(from, nil)
		}
		t.close()
	}
	if err != nil {
		problems = append(problems, err)
	}
	if _, _, err := w.arrived(ctx, w.req.Allow, idPlaceholder, "preflight@example.invalid"); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// smtp is one message.
type smtp struct {
	smtpConfig
	req action.Request
	round
}

// Close implements kind.Work: nothing is held open.
func (*smtp) Close() {}

// Look implements kind.Work.
func (w *smtp) Look(ctx context.Context, record action.Values) (s kind.State, err error) {
	if w.round, err = w.next(ctx, record); err != nil {
		return s, err
	}
	s = kind.State{
		Want: "the message is sent to " + recipients(w.all),
		// Before the server was offered the message nothing can have been sent.
		Once:    w.offered && (w.doubt || !w.Final),
		Summary: "the mail server took the message for " + recipients(len(w.had)),
	}
	s.Already = s.Summary
	switch {
	case len(w.to) == 0:
		s.Desired, s.Current = true, "the message is sent"
		s.Outputs = map[string]any{"message_id": messageID(w.req.Key, nil, w.from.Address), "recipients": int64(len(w.had))}
	case w.doubt:
		s.Unknown, s.Current = true, "the message may have been sent; the target names no lookup to tell"
	case len(w.had) > 0:
		s.Current = fmt.Sprintf("the message reached %d of %d recipients", len(w.had), w.all)
	default:
		s.Current = "the message is not sent"
	}
	return s, nil
}

// Keep implements kind.Keeper: whom only the lookup knew of.
func (w *smtp) Keep(context.Context, action.Values) (map[string]any, error) {
	if len(w.found) == 0 {
		return nil, nil
	}
	return map[string]any{recordDelivered: plain(w.had)}, nil
}

// Change implements kind.Work.
func (w *smtp) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	m, err := compose(w.from, w.to, w.id, w.req.With.String("subject"), w.req.With.String("body"), w.req.With.String("reply_to"))
	if err != nil {
		return err
	}
	t, err := w.converse(ctx, w.req.Allow)
	if err != nil {
		return err
	}
	defer t.close()
	accepted, refused, err := t.offer(w.from, w.to)
	if err != nil {
		return err
	}
	if len(accepted) > 0 {
		if err := out.Record(map[string]any{recordOffered: plain(accepted)}); err != nil {
			return err
		}
		out.Progress(fmt.Sprintf("sending to %d of %d recipients", len(accepted), w.all))
		if err := t.send(m); err != nil {
			return err
		}
		w.had = append(w.had, accepted...)
		if err := out.Record(map[string]any{recordDelivered: plain(w.had)}); err != nil {
			return action.Doubtful(err)
		}
	}
	if len(refused) > 0 {
		return refusal(refused, len(w.had), w.all)
	}
	return nil
}

func recipients(n int) string {
	if n == 1 {
		return "1 recipient"
	}
	return fmt.Sprintf("%d recipients", n)
}

// refusal names those whom the message did not reach, and why.
func refusal(refused []refusedRecipient, had, all int) error {
	e := &action.Error{Permanent: true, Hint: "correct the addresses, or skip the step and tell these people another way"}
	var names []string
	for _, r := range refused {
		names = append(names, action.CleanLine(r.address, 80)+" ("+r.answer+")")
		if r.temporary {
			e.Permanent, e.Hint = false, "the server asks to try again later"
		}
	}
	e.Message = fmt.Sprintf("the message reached %d of %d recipients; the server refused %s", had, all, strings.Join(names, ", "))
	return e
}

// checkRecipients finds what is not an address.
func checkRecipients(with action.Values) []action.Problem {
	var problems []action.Problem
	for _, t := range with.Strings("to") {
		if _, err := mailing.Address(t); err != nil {
			problems = append(problems, action.Problem{Input: "to", Message: fmt.Sprintf("%q is not an e-mail address", action.CleanLine(t, 80)), Hint: "write it as in dana@example.com"})
		}
	}
	return problems
}

// place splits the server's address; the port follows from the encryption.
func (c *smtpConfig) place() (host, port string) {
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil {
		host, port = strings.Trim(c.Address, "[]"), "587"
		if c.TLS == tlsImplicit {
			port = "465"
		}
	}
	return host, port
}
