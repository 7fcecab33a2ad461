package email

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// What a mail server does with the mail of strangers.
const (
	accepts = "accepts" // replies of 2xx
	defers  = "defers"  // 4xx: the sender keeps the mail and tries again
	refuses = "refuses" // 5xx: the sender gives up
	anyway  = "any"
)

// Probe returns the action email.probe.
func Probe() action.Action {
	return kind.New(action.Spec{
		Name:    "email.probe",
		Summary: "See whether a mail server takes mail, as a sender sees it",
		Description: "Opens a conversation with the mail server as any sender does, names a sender and a recipient, and ends it before there is a message (RFC 5321 section 3.3). " +
			"The step fails if the answer is not what `expect` says. Nothing is sent and nothing is changed.",
		Effect:     action.Read,
		Idempotent: true,
		Inputs: []action.Field{
			{Name: "expect", Type: action.Enum, Enum: []string{anyway, accepts, defers, refuses}, Default: anyway, Description: "What the server must do: take the mail (2xx), defer it so that senders keep it (4xx), or refuse it for good (5xx).", Example: defers},
		},
		Outputs: []action.Field{
			{Name: "does", Type: action.String, Description: "What the server did: accepts, defers or refuses."},
			{Name: "code", Type: action.Int, Description: "The code of its reply, such as 250 or 451."},
			{Name: "answer", Type: action.String, Description: "What it said, made harmless to show."},
		},
		Example: `- id: mail-is-deferred
  uses: email.probe
  target: mail-from-outside
  with: {expect: defers}
  retry: {attempts: 5, delay: 2s}
`,
	}, mailExchanger{})
}

// mailExchanger is a mail server as its senders see it.
type mailExchanger struct{}

// Target implements kind.Kind.
func (mailExchanger) Target() action.TargetType {
	return config.Describe[exchangerConfig](action.TargetType{
		Name:    "mail-exchanger",
		Summary: "A mail server as the world's senders see it (MX, RFC 5321)",
		Example: `mail-from-outside:
  type: mail-exchanger
  config: {address: "mx.example.com:25", recipient: postmaster@example.com}
`,
	})
}

type exchangerConfig struct {
	Address, Recipient, Sender, Helo string
	Via                              host.Via
}

// Fields implements config.Config.
func (c *exchangerConfig) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.Address, action.Field{Name: "address", Required: true, Pattern: `[^\s]+:[0-9]+`, Description: "Host and port of the server.", Example: "mx.example.com:25"}),
		config.Into(&c.Recipient, action.Field{Name: "recipient", Required: true, Pattern: `[^\s<>]+@[^\s<>]+`, Description: "Somebody whom the server takes mail for.", Example: "postmaster@example.com"}),
		config.Into(&c.Sender, action.Field{Name: "sender", Pattern: `[^\s<>]+@[^\s<>]+`, Description: "Whom the mail would come from; without it the empty sender of delivery reports (RFC 5321 section 4.5.5).", Example: "someone@example.net"}),
		config.Into(&c.Helo, action.Field{Name: "helo", Pattern: `[^\s]+`, Default: "localhost.localdomain", Description: "The name that irctl greets with."}),
		c.Via.Field(),
	}
}

// patience bounds the whole conversation; a server that lets people wait
// longer is as good as down while an incident runs.
const patience = time.Minute

// reply is the server's last word.
type reply struct {
	does string
	code int
	text string
}

func (r reply) String() string {
	return fmt.Sprintf("the mail server %s mail: %d %s", r.does, r.code, r.text)
}

// Run implements kind.Kind.
func (m mailExchanger) Run(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	r, err := m.ask(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	if want := req.With.String("expect"); want != anyway && want != r.does {
		return action.Result{}, &action.Error{Message: r.String() + ", and it should be that it " + want + " mail", Hint: "look at the mail server; another may stand in front of it"}
	}
	return action.Result{Already: true, Summary: r.String(), Outputs: r.outputs()}, nil
}

func (r reply) outputs() map[string]any {
	return map[string]any{"does": r.does, "code": r.code, "answer": r.text}
}

// Inspect implements action.Inspector.
func (m mailExchanger) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	r, err := m.ask(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	want := req.With.String("expect")
	in := action.Inspection{Known: true, Repeatable: true, Desired: want == anyway || want == r.does, Current: r.String(), Want: "the mail server " + want + " mail", Outputs: r.outputs()}
	if want == anyway {
		in.Want = "whatever it does is written down"
	}
	return in, nil
}

// Preflight implements action.Preflighter. A server that defers answers, too.
func (m mailExchanger) Preflight(ctx context.Context, req action.Request) []error {
	if _, err := m.ask(ctx, req); err != nil {
		return []error{err}
	}
	return nil
}

// ask holds the conversation up to the recipient.
func (mailExchanger) ask(ctx context.Context, req action.Request) (reply, error) {
	c, h, err := host.Reach(req, func(c exchangerConfig) host.Via { return c.Via })
	if err != nil {
		return reply{}, err
	}
	defer h.Close()
	conn, err := h.DialContext(ctx, "tcp", c.Address)
	if err != nil {
		return reply{}, unreachable(c.Address, err)
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	_ = conn.SetDeadline(time.Now().Add(patience)) // a connection without deadlines ends with ctx
	text := textproto.NewConn(conn)
	defer func() { _ = text.Close() }()

	code, said, err := text.ReadResponse(220)
	for _, line := range []string{"EHLO " + c.Helo, "MAIL FROM:<" + c.Sender + ">", "RCPT TO:<" + c.Recipient + ">"} {
		if err != nil {
			break
		}
		if err = text.PrintfLine("%s", line); err == nil {
			code, said, err = text.ReadResponse(250)
		}
	}
	var refusal *textproto.Error
	switch {
	case errors.As(err, &refusal):
		code, said = refusal.Code, refusal.Msg
	case err != nil:
		return reply{}, unreachable(c.Address, err)
	}
	_ = text.PrintfLine("QUIT") // politeness; what was to be known is known
	r := reply{does: accepts, code: code, text: action.CleanLine(said, 300)}
	switch code / 100 {
	case 4:
		r.does = defers
	case 5:
		r.does = refuses
	}
	return r, nil
}

// unreachable is the error for a server that said nothing of use. That is no
// answer: a sender would try again, but so does who finds no server at all.
func unreachable(address string, err error) error {
	var known *action.Error
	if errors.As(err, &known) {
		return known
	}
	return &action.Error{
		Message: "the mail server at " + action.CleanLine(address, 100) + " gives no answer",
		Hint:    "check that it runs and that nothing stands between",
		Cause:   errors.New(action.CleanLine(err.Error(), 200)),
	}
}
