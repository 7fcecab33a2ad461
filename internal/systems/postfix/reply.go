package postfix

import (
	"context"
	"crypto/tls"
	"errors"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// Reply is what a sender is told who wants to hand over a message.
type Reply struct {
	Code int // 250 is yes
	Text string
}

// Later reports whether senders are to keep their mail (RFC 5321 section
// 4.2.1).
func (r Reply) Later() bool { return r.Code/100 == 4 }

// saying reports whether it is the reply with these words.
func (r Reply) saying(words string) bool { return r.Later() && strings.Contains(r.Text, words) }

// replyTime is how long one conversation may take. Postscreen has strangers
// wait some seconds.
const replyTime = 30 * time.Second

// ask begins to send a message to the system's postmaster and ends before there
// is one. Postfix takes a recipient that is written without a domain, as RFC
// 5321 section 4.5.1 asks, whatever its restrictions say; so the domain counts.
func (s *System) ask(ctx context.Context) (Reply, error) {
	domain, err := s.value(ctx, "myhostname")
	if err != nil {
		return Reply{}, err
	}
	conn, err := s.host.DialContext(ctx, "tcp", s.smtp)
	if err != nil {
		return Reply{}, s.unanswered(err)
	}
	defer func() { _ = conn.Close() }()
	end := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer end()
	late := time.AfterFunc(replyTime, func() { _ = conn.Close() })
	defer late.Stop()
	name, _, _ := strings.Cut(s.smtp, ":")
	c, err := smtp.NewClient(conn, name)
	if err != nil {
		return s.reply(err)
	}
	if err := c.Hello("irctl.localdomain"); err != nil {
		return s.reply(err)
	}
	r, err := s.reply(offer(c, "postmaster@"+domain))
	_ = c.Quit()
	return r, err
}

// offer goes as far as the recipient. Where mail must come encrypted it does,
// and the certificate does not matter, as between mail systems (RFC 7435).
func offer(c *smtp.Client, recipient string) error {
	err := c.Mail("")
	var refused *textproto.Error
	if errors.As(err, &refused) && refused.Code == mustStartTLS {
		if err = c.StartTLS(&tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}); err == nil {
			err = c.Mail("")
		}
	}
	if err != nil {
		return err
	}
	return c.Rcpt(recipient)
}

// mustStartTLS is the reply to who speaks unencrypted and must not (RFC 3207
// section 4).
const mustStartTLS = 530

// reply tells an answer from the lack of one.
func (s *System) reply(err error) (Reply, error) {
	var refused *textproto.Error
	switch {
	case err == nil:
		return Reply{Code: 250}, nil
	case errors.As(err, &refused):
		return Reply{Code: refused.Code, Text: action.CleanLine(refused.Msg, 400)}, nil
	}
	return Reply{}, s.unanswered(err)
}

// until asks until good finds nothing wrong with the reply, or patience ends.
func (s *System) until(ctx context.Context, good func(Reply) error) error {
	return following.Until(ctx, func() error {
		r, err := s.ask(ctx)
		if err != nil {
			return err
		}
		return good(r)
	})
}

// following is for how long a reload may take to have its effect.
var following = patience.Limit{For: 30 * time.Second}
