package notify

import (
	"crypto/sha256"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/irctl/irctl/internal/pattern"
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
		a, err := address(t)
		if err != nil {
			return nil, err
		}
		if !seen[a.Address] {
			seen[a.Address] = true
			out = append(out, a)
		}
	}
	return out, nil
}

// unquoted is an address whose local part needs no quotes (RFC 5321 section
// 4.1.2): without them, which the parser takes away, any other would end early
// in a command, and go on as its parameters.
var unquoted = pattern.Late(`^[^\s"(),:;<>@[\\\]]+@[^\s"(),;<>@\\]+$`)

func address(text string) (*mail.Address, error) {
	a, err := mail.ParseAddress(text)
	if err != nil || !unquoted().MatchString(a.Address) || strings.ContainsFunc(a.Address+a.Name, unicode.IsControl) {
		return nil, &action.Error{
			Message:   fmt.Sprintf("%q is not an e-mail address, so nothing was sent", action.CleanLine(text, 80)),
			Hint:      "write it as in dana@example.com",
			Permanent: true,
		}
	}
	return a, nil
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

// compose writes the message.
func compose(req action.Request, from *mail.Address, to []*mail.Address, id string) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(from)
	m.ToMailAddress(to...)
	if r := req.With.String("reply_to"); r != "" {
		a, err := address(r)
		if err != nil {
			return nil, err
		}
		m.ReplyToMailAddress(a)
	}
	m.Subject(oneLine(req.With.String("subject")))
	m.SetDate()
	m.SetMessageIDWithValue(id)
	// Out-of-office programs must not answer (RFC 3834).
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, req.With.String("body"))
	return m, nil
}
