package notify

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// smtp hands the message to a mail server (RFC 5321).
type smtp struct{}

// The words of the field tls.
const (
	tlsAuto     = "auto"
	tlsNone     = "none"
	tlsStartTLS = "starttls"
	tlsImplicit = "tls"
)

func (smtp) Target() action.TargetType {
	return action.TargetType{
		Name:    "smtp",
		Summary: "a mail server that takes messages",
		Fields: []action.Field{
			{Name: "address", Type: action.String, Required: true, Description: "The server, as HOST or HOST:PORT. The port is 587, or 465 with tls: tls.", Example: "smtp.example.com:587"},
			{Name: "from", Type: action.String, Required: true, Description: "Who the message is from.", Example: "Example Bank <incident@example.com>"},
			{Name: "tls", Type: action.Enum, Enum: []string{tlsAuto, tlsStartTLS, tlsImplicit, tlsNone}, Default: tlsAuto, Description: "How the connection is encrypted: starttls (RFC 3207) and tls (RFC 8314) insist on it, auto uses STARTTLS if the server offers it. A password never travels unencrypted to another machine."},
			{Name: "ca_file", Type: action.String, Path: true, Description: "Further certificate authorities, in PEM."},
			{Name: "username", Type: action.String, Description: "Who irctl signs in as; without one it does not sign in."},
			{Name: "password", Type: action.String, Secret: true, Description: "The password of username."},
			{Name: "helo", Type: action.String, Default: "localhost", Description: "How irctl introduces itself to the server.", Example: "irctl.example.com"},
			{Name: "lookup", Type: action.String, Description: "An address that answers 200 when the message with {message_id} was delivered, and 404 when not.", Example: "https://mail.example.com/messages/{message_id}"},
			{Name: "lookup_is_final", Type: action.Bool, Default: false, Description: "A message that the lookup does not know will not arrive later either: nothing waits in a queue. Then a message whose sending was cut off is sent again without asking a person."},
			{Name: "token", Type: action.String, Secret: true, Description: "A bearer token for the lookup."},
		},
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
		Check: func(config action.Values) []action.Problem {
			problems := checkLookup(config, idPlaceholder)
			if _, err := address(config.String("from")); err != nil {
				problems = append(problems, action.Problem{Input: "from", Message: "is not an e-mail address", Hint: "write it as in incident@example.com"})
			}
			return problems
		},
	}
}

// Run implements kind.Kind.
func (smtp) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	r, err := next(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	if len(r.found) > 0 {
		if err := out.Record(map[string]any{recordDelivered: plain(r.had)}); err != nil {
			return action.Result{}, err
		}
	}
	if len(r.to) == 0 {
		done := sent(req, r)
		done.Already, done.Changed = true, false
		return done, nil
	}
	m, err := compose(req, r.from, r.to, r.id)
	if err != nil {
		return action.Result{}, err
	}
	t, err := converse(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer t.close()
	accepted, refused, err := t.offer(r.from, r.to)
	if err != nil {
		return action.Result{}, err
	}
	if len(accepted) > 0 {
		if err := out.Record(map[string]any{recordOffered: plain(accepted)}); err != nil {
			return action.Result{}, err
		}
		out.Progress(fmt.Sprintf("sending to %d of %d recipients", len(accepted), r.all))
		if err := t.send(m); err != nil {
			return action.Result{}, err
		}
		r.had = append(r.had, accepted...)
		if err := out.Record(map[string]any{recordDelivered: plain(r.had)}); err != nil {
			return action.Result{}, action.Doubtful(err)
		}
	}
	if len(refused) > 0 {
		return action.Result{}, refusal(refused, len(r.had), r.all)
	}
	return sent(req, r), nil
}

func sent(req action.Request, r round) action.Result {
	return action.Result{
		Outputs: map[string]any{"message_id": messageID(req.Key, nil, r.from.Address), "recipients": int64(len(r.had))},
		Changed: true,
		Summary: "the mail server took the message for " + recipients(len(r.had)),
	}
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

// Inspect implements action.Inspector.
func (smtp) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	r, err := next(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	i := action.Inspection{
		Known: true, Want: "the message is sent to " + recipients(r.all),
		// Before the server was offered the message nothing can have been sent.
		Repeatable: !r.offered || !r.doubt && req.Target.Config.Bool("lookup_is_final"),
	}
	switch {
	case len(r.to) == 0:
		i.Desired, i.Current, i.Outputs = true, "the message is sent", sent(req, r).Outputs
	case r.doubt:
		i.Known, i.Current = false, "the message may have been sent; the target names no lookup to tell"
	case len(r.had) > 0:
		i.Current = fmt.Sprintf("the message reached %d of %d recipients", len(r.had), r.all)
	default:
		i.Current = "the message is not sent"
	}
	return i, nil
}

// Preflight implements action.Preflighter: it signs in, and sends nothing.
func (smtp) Preflight(ctx context.Context, req action.Request) []error {
	var problems []error
	t, err := converse(ctx, req)
	if err == nil {
		from, bad := address(req.Target.Config.String("from"))
		if err = bad; err == nil {
			_, _, err = t.offer(from, nil)
		}
		t.close()
	}
	if err != nil {
		problems = append(problems, err)
	}
	if _, _, err := lookup(ctx, req, idPlaceholder, "preflight@example.invalid"); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// Validate implements action.Validator.
func (smtp) Validate(with action.Values, _ string) []action.Problem {
	var problems []action.Problem
	for _, t := range with.Strings("to") {
		if _, err := address(t); err != nil {
			problems = append(problems, action.Problem{Input: "to", Message: fmt.Sprintf("%q is not an e-mail address", action.CleanLine(t, 80)), Hint: "write it as in dana@example.com"})
		}
	}
	return problems
}

// place splits the server's address; the port follows from the encryption.
func place(config action.Values) (host, port string) {
	host, port, err := net.SplitHostPort(config.String("address"))
	if err != nil {
		host, port = strings.Trim(config.String("address"), "[]"), "587"
		if config.String("tls") == tlsImplicit {
			port = "465"
		}
	}
	return host, port
}
