package lab

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// Answer is what an outsider gets from one of the lab's systems.
type Answer struct {
	System  string   `json:"system"`            // "mail", "portal", "payments", "login"
	Code    int      `json:"code"`              // of SMTP, HTTP or LDAP
	Accepts bool     `json:"accepts"`           // it does what it is there for
	Text    []string `json:"text"`              // what it says, line by line
	Headers []string `json:"headers,omitempty"` // of HTTP: those that say when to come back
}

// Probe looks at a system of the lab from outside: mail, portal, payments, or
// the login of an account, with the first password if none is given.
func Probe(ctx context.Context, at Addresses, system, account, password string) (Answer, error) {
	switch system {
	case "mail":
		return probeMail(ctx, at)
	case "portal":
		return probePortal(ctx, at, system, "/")
	case "payments":
		return probePortal(ctx, at, system, "/other-ways-to-pay")
	}
	return probeLogin(ctx, at, account, password)
}

// probeMail hands the company's mail server the envelope of a mail and ends
// before there is one: RFC 5321 section 3.3.
func probeMail(ctx context.Context, at Addresses) (Answer, error) {
	out := Answer{System: "mail"}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", at.Mail)
	if err != nil {
		return out, fmt.Errorf("reach the lab's mail server: %w", err)
	}
	c := textproto.NewConn(conn)
	defer func() { _ = c.Close() }()
	if _, _, err := c.ReadResponse(220); err != nil {
		return out.refusal(err)
	}
	for _, step := range []struct {
		say  string
		want int
	}{
		{"EHLO outside.example.net", 250},
		{"MAIL FROM:<someone@example.net>", 250},
		{"RCPT TO:<erin@" + domain + ">", 250},
	} {
		if err := c.PrintfLine("%s", step.say); err != nil {
			return out, fmt.Errorf("talk to the lab's mail server: %w", err)
		}
		code, text, err := c.ReadResponse(step.want)
		if err != nil {
			return out.refusal(err)
		}
		out.Code, out.Text = code, strings.Split(text, "\n")
	}
	out.Accepts = true
	_ = c.PrintfLine("QUIT")
	return out, nil
}

// refusal takes an SMTP error reply for the answer that it is.
func (a Answer) refusal(err error) (Answer, error) {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return a, fmt.Errorf("talk to the lab's mail server: %w", err)
	}
	a.Code, a.Text = reply.Code, strings.Split(reply.Msg, "\n")
	return a, nil
}

// probePortal asks for a page of the portal as a customer's browser would:
// "/" is system portal, "/other-ways-to-pay" is system payments.
func probePortal(ctx context.Context, at Addresses, system, path string) (Answer, error) {
	out := Answer{System: system}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at.Portal+path, nil)
	if err != nil {
		return out, fmt.Errorf("ask the lab's portal: %w", err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return out, fmt.Errorf("reach the lab's portal: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return out, fmt.Errorf("read the lab's portal: %w", err)
	}
	out.Code, out.Accepts, out.Text = res.StatusCode, res.StatusCode == http.StatusOK, pageText(string(body))
	if after := res.Header.Get("Retry-After"); after != "" {
		out.Headers = append(out.Headers, "Retry-After: "+after)
	}
	return out, nil
}

// probeLogin tries to log in to the directory (a simple bind, RFC 4513
// section 5.1.3). An empty password stands for the account's first one.
func probeLogin(ctx context.Context, at Addresses, account, password string) (Answer, error) {
	out := Answer{System: "login"}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", at.Directory)
	if err != nil {
		return out, fmt.Errorf("reach the lab's directory: %w", err)
	}
	c := ldap.NewConn(conn, false)
	c.Start()
	defer func() { _ = c.Close() }()
	if password == "" {
		password = InitialPassword(account)
	}
	err = c.Bind("uid="+ldap.EscapeDN(account)+",ou=people,"+baseDN, password)
	var refused *ldap.Error
	switch {
	case err == nil:
		out.Accepts, out.Text = true, []string{account + " is logged in"}
	case errors.As(err, &refused) && refused.ResultCode < ldap.ErrorNetwork:
		out.Code = int(refused.ResultCode)
		out.Text = []string{account + ": " + ldap.LDAPResultCodeMap[refused.ResultCode] + " (" + strconv.Itoa(out.Code) + ")"}
	default:
		return out, fmt.Errorf("ask the lab's directory: %w", err)
	}
	return out, nil
}

var (
	unseen = regexp.MustCompile(`(?is)<(style|script|head)\b.*?</(style|script|head)>`)
	blocks = regexp.MustCompile(`(?i)</?(p|h[1-6]|li|ul|ol|div|br|tr|dt|dd|dl|main|section)\b[^>]*>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
)

// pageText is what a page says to a person, line by line.
func pageText(page string) []string {
	page = blocks.ReplaceAllString(unseen.ReplaceAllString(page, ""), "\n")
	page = html.UnescapeString(tags.ReplaceAllString(page, ""))
	var out []string
	for line := range strings.Lines(page) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out = append(out, line)
		}
	}
	return out
}
