package notify

import (
	"crypto/sha256"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/irctl/irctl/internal/mailing"
	"github.com/irctl/irctl/pkg/action"
)

// addresses parses the recipients: bare addresses or with a name. One that
// could smuggle in a header or a second recipient does not parse.
func addresses(texts []string) ([]*mail.Address, error) {
	if len(texts) == 0 {
		return nil, &action.Error{Message: "nobody is named as recipient", Hint: "give at least one address", Permanent: true}
	}
	var out []*mail.Address
	seen := map[string]bool{}
	for _, t := range texts {
		a, err := mailing.Address(t)
		if err != nil {
			return nil, &action.Error{Message: err.Error() + ", so nothing was sent", Hint: "write it as in dana@example.com", Permanent: true}
		}
		if !seen[a.Address] {
			seen[a.Address] = true
			out = append(out, a)
		}
	}
	return out, nil
}

// messageID follows from the step, and for a later round from who is left, so
// that a message that was sent is recognised and one to others is not taken
// for it.
func messageID(key string, rest []string, from string) string {
	text := key
	if rest != nil {
		text += "\n" + strings.Join(rest, "\n")
	}
	_, domain, _ := strings.Cut(from, "@")
	return fmt.Sprintf("%x@%s", sha256.Sum256([]byte(text)), domain)
}

// oneLine makes a text fit for a header.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
}

// compose writes a message; replyTo is "" if answers go to the sender.
func compose(from *mail.Address, to []*mail.Address, id, subject, body, replyTo string) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(from)
	m.ToMailAddress(to...)
	if replyTo != "" {
		a, err := mailing.Address(replyTo)
		if err != nil {
			return nil, err
		}
		m.ReplyToMailAddress(a)
	}
	m.Subject(oneLine(subject))
	m.SetDate()
	m.SetMessageIDWithValue(id)
	// Out-of-office programs must not answer (RFC 3834).
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, body)
	return m, nil
}
