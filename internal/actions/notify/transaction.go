package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	maillog "github.com/wneessen/go-mail/log"
	protocol "github.com/wneessen/go-mail/smtp"

	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// wholeTime bounds a whole conversation: RFC 5321 section 4.5.3.2 lets a server
// take ten minutes after the text, but an incident does not.
const wholeTime = 3 * time.Minute

// transaction is a conversation with a mail server. It is driven command by
// command because each answer decides something: a refused recipient must not
// keep the message from the others, and what was lost before the text is
// certain while what was lost after it is not.
type transaction struct {
	client *protocol.Client
	conn   net.Conn
	server string
	stop   func() bool
	// unsent is what a failure means besides.
	unsent string
}

type refusedRecipient struct {
	address, answer string
	temporary       bool
}

// converse connects, encrypts and signs in.
func (c *smtpConfig) converse(ctx context.Context, allow action.Allow) (*transaction, error) {
	host, port := c.place()
	t := &transaction{server: net.JoinHostPort(host, port), unsent: ", so nothing was sent"}
	conf, err := httpclient.TLS(c.CAFile)
	if err != nil {
		return nil, err
	}
	conf.ServerName = host
	var conn net.Conn
	if c.TLS == tlsImplicit {
		conn, err = (&tls.Dialer{NetDialer: httpclient.Dialer(allow), Config: conf}).DialContext(ctx, "tcp", t.server)
	} else {
		conn, err = httpclient.Dialer(allow).DialContext(ctx, "tcp", t.server)
	}
	if err != nil {
		return nil, t.failed("cannot be reached", err)
	}
	t.conn, t.stop = conn, context.AfterFunc(ctx, func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(wholeTime)); err != nil {
		_ = conn.Close()
		return nil, t.failed("cannot be reached", err)
	}
	if t.client, err = protocol.NewClient(conn, host); err != nil {
		t.stop()
		_ = conn.Close()
		return nil, t.failed("does not take mail", err)
	}
	t.client.SetLogger(told{ctx, t.server})
	t.client.SetDebugLog(true)
	if err := t.begin(c, host, conf); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *transaction) begin(c *smtpConfig, host string, conf *tls.Config) error {
	if err := t.client.Hello(oneLine(c.Helo)); err != nil {
		return t.failed("does not accept the greeting", err)
	}
	mode := c.TLS
	offered, _ := t.client.Extension("STARTTLS")
	switch {
	case mode == tlsStartTLS && !offered:
		return &action.Error{Message: "the mail server at " + t.server + " does not offer encryption, so nothing was sent", Hint: "check the address; somebody in between may suppress it", Permanent: true}
	case mode == tlsStartTLS, mode == tlsAuto && offered:
		if err := t.client.StartTLS(conf); err != nil {
			return t.failed("could not be talked to encrypted", err)
		}
	}
	user := c.User
	if user == "" {
		return nil
	}
	auth := protocol.PlainAuth("", user, c.Password.Reveal(), host, false)
	if _, mechanisms := t.client.Extension("AUTH"); !strings.Contains(" "+mechanisms+" ", " PLAIN ") && strings.Contains(" "+mechanisms+" ", " LOGIN ") {
		auth = protocol.LoginAuth(user, c.Password.Reveal(), host, false)
	}
	if err := t.client.Auth(auth); err != nil {
		e := t.failed("does not let irctl sign in", err)
		e.Cause = errors.New(strings.ReplaceAll(e.Cause.Error(), c.Password.Reveal(), "[redacted]"))
		e.Hint = "check username, the secret behind password, and that the connection is encrypted"
		return e
	}
	return nil
}

// told tells the log of the attempt each command that goes to the server; the
// library masks those that sign in.
type told struct {
	ctx    context.Context
	server string
}

// Debugf implements [maillog.Logger].
func (t told) Debugf(l maillog.Log) {
	if l.Direction == maillog.DirClientToServer {
		sent.Say(t.ctx, t.server+": "+action.CleanLine(fmt.Sprintf(l.Format, l.Messages...), 300))
	}
}

// Infof, Warnf and Errorf are of no command.
func (told) Infof(maillog.Log)  {}
func (told) Warnf(maillog.Log)  {}
func (told) Errorf(maillog.Log) {}

// offer names sender and recipients and says whom the server refuses. Nothing
// is sent to anybody yet.
func (t *transaction) offer(from *mail.Address, to []*mail.Address) (accepted []string, refused []refusedRecipient, err error) {
	if err := t.client.Mail("<" + from.Address + ">"); err != nil {
		return nil, nil, t.failed("does not take mail from "+from.Address, err)
	}
	for _, a := range to {
		err := t.client.Rcpt("<" + a.Address + ">")
		var answer *textproto.Error
		switch {
		case err == nil:
			accepted = append(accepted, a.Address)
		case errors.As(err, &answer):
			refused = append(refused, refusedRecipient{a.Address, said(answer), answer.Code < 500})
		default:
			return nil, nil, t.failed("broke off before anything was sent", err)
		}
	}
	return accepted, refused, nil
}

// send hands the text over. Until the final dot is sent nothing was delivered;
// from then on only the server's answer tells.
func (t *transaction) send(m *gomail.Msg) error {
	w, err := t.client.Data()
	if err != nil {
		return t.failed("does not take the message", err)
	}
	if _, err := m.WriteTo(w); err != nil {
		return t.failed("broke off before the whole message was sent", err)
	}
	err = w.Close()
	var answer *textproto.Error
	if err != nil && !errors.As(err, &answer) {
		return &action.Error{
			Message: "the connection to the mail server at " + t.server + " was lost before it confirmed the message",
			Hint:    "ask a recipient or the server's log whether the message arrived",
			Cause:   plainCause(err),
			Doubt:   true,
		}
	}
	if err != nil {
		return t.failed("does not take the message", err)
	}
	return nil
}

// reset ends a transaction of which nothing was sent.
func (t *transaction) reset() error {
	if err := t.client.Reset(); err != nil {
		return t.failed("broke off", err)
	}
	return nil
}

func (t *transaction) close() {
	_ = t.client.Quit()
	t.stop()
	_ = t.client.Close()
}

// failed is the error for what certainly did not happen. An answer of 5xx is
// final, everything else may be tried again (RFC 5321 section 4.2.1).
func (t *transaction) failed(what string, err error) *action.Error {
	var policy *action.Error
	if errors.As(err, &policy) {
		return policy
	}
	e := &action.Error{Message: fmt.Sprintf("the mail server at %s %s%s", t.server, what, t.unsent), Cause: plainCause(err), Hint: "check the server, then retry"}
	var answer *textproto.Error
	if errors.As(err, &answer) {
		e.Cause = reply{said(answer), answer.Code}
		if answer.Code >= 500 {
			e.Permanent, e.Hint = true, "the server will not take it; correct the target or the message"
		} else {
			e.Hint = "the server asks to try again later"
		}
	}
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		e.Permanent, e.Hint = true, "if the server is right, name its authority's PEM file as ca_file"
	}
	return e
}

// reply is a refusal in the server's words.
type reply struct {
	text string
	code int
}

func (r reply) Error() string { return r.text }

func said(answer *textproto.Error) string {
	return action.CleanLine(fmt.Sprintf("%d %s", answer.Code, answer.Msg), 200)
}

func plainCause(err error) error { return errors.New(action.CleanLine(err.Error(), 300)) }
