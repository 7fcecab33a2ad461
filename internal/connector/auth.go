package connector

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// proof is how the requests of a call prove who sends them. Whatever it knows
// that must not be seen is taken out of answers, so that a system that sends it
// back shows it to nobody.
type proof struct {
	auth   Auth
	parts  map[string]string // of the one that is used, by the names of its table
	bearer string
	hidden []string
}

func newProof(s *scene) (*proof, error) {
	a := s.file.Auth
	p := &proof{auth: a, parts: map[string]string{}}
	for _, v := range s.req.Target.Config {
		data.Any(v, func(v any) bool {
			if secret, is := v.(action.Secret); is {
				p.conceal(secret.Reveal())
			}
			return false
		})
	}
	var err error
	if a.Bearer != nil {
		p.bearer, _, err = s.revealed(a.Bearer)
	}
	for _, n := range []*Named{a.Basic, a.Header, a.Query, a.OAuth2, a.Device, a.AWS, a.Certificate} {
		if n == nil {
			continue
		}
		for _, pair := range n.Pairs {
			var problem error
			if p.parts[pair.Key.Value], _, problem = s.revealed(pair.Value); problem != nil {
				err = problem
			}
		}
	}
	if a.Basic != nil {
		p.conceal(basic(p.parts["user"], p.parts["password"]))
	}
	return p, err
}

// conceal has a text taken out of answers. One of a few characters stands in them
// by chance.
func (p *proof) conceal(text string) {
	if len(text) > 3 && !slices.Contains(p.hidden, text) {
		p.hidden = append(p.hidden, text)
	}
}

// options are those of a client that proves it as connections and whole requests do.
func (p *proof) options(o httpclient.Options) httpclient.Options {
	if p.auth.Certificate != nil {
		o.CertFile, o.KeyFile = p.parts["cert_file"], p.parts["key_file"]
	}
	if p.auth.AWS != nil {
		o.Sign = p.sign
	}
	return o
}

// sign is AWS Signature Version 4.
func (p *proof) sign(r *http.Request, body []byte) error {
	sum := sha256.Sum256(body)
	who := aws.Credentials{AccessKeyID: p.parts["access_key"], SecretAccessKey: p.parts["secret_key"], SessionToken: p.parts["session_token"]}
	return v4.NewSigner().SignHTTP(r.Context(), who, r, hex.EncodeToString(sum[:]), p.parts["service"], p.parts["region"], time.Now())
}

// give puts the proof into a request. fresh says that another one would be the
// same.
func (p *proof) give(ctx context.Context, c *caller, header map[string]any, query url.Values) (fresh bool, err error) {
	authorize := func(text string) { header["Authorization"] = action.NewSecret(text) }
	switch a := p.auth; {
	case a.Bearer != nil:
		authorize("Bearer " + p.bearer)
	case a.Basic != nil:
		authorize("Basic " + basic(p.parts["user"], p.parts["password"]))
	case a.Header != nil:
		header[http.CanonicalHeaderKey(p.parts["name"])] = action.NewSecret(p.parts["value"])
	case a.Query != nil:
		query.Set(p.parts["name"], p.parts["value"])
	case a.OAuth2 != nil || a.Device != nil:
		token, fresh, err := p.token(ctx, c)
		if err != nil {
			return true, err
		}
		authorize("Bearer " + token)
		return fresh, nil
	}
	return true, nil
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

// hide takes what must not be seen out of an answer.
func (p *proof) hide(r *httpclient.Response) {
	for _, text := range p.hidden {
		if bytes.Contains(r.Body, []byte(text)) {
			r.Body = bytes.ReplaceAll(r.Body, []byte(text), []byte("[redacted]"))
		}
		for _, lines := range r.Header {
			for i := range lines {
				lines[i] = strings.ReplaceAll(lines[i], text, "[redacted]")
			}
		}
	}
}

// tokens are those that were given to irctl, by what they were asked with. They
// are in memory alone.
type tokens struct {
	mu    sync.Mutex
	known map[string]token
}

type token struct {
	text string
	ends time.Time
}

// asked is what tokens of the call's target are known by.
func (p *proof) asked(c *caller) string {
	return strings.Join([]string{c.req.Target.Name, p.parts["token_url"], p.parts["client_id"], p.parts["scopes"], p.parts["audience"], p.parts["client_secret"], p.parts["refresh_token"]}, "\x00")
}

// forget drops the token that a system did not accept, and reports whether there
// was one.
func (p *proof) forget(c *caller) bool {
	c.file.issued.mu.Lock()
	defer c.file.issued.mu.Unlock()
	_, known := c.file.issued.known[p.asked(c)]
	delete(c.file.issued.known, p.asked(c))
	return known
}

// token is one that is good for a while yet; fresh says that it was given just now.
// Whoever wants one while it is asked for waits for it.
func (p *proof) token(ctx context.Context, c *caller) (text string, fresh bool, err error) {
	t := &c.file.issued
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.known[p.asked(c)]
	if !ok || time.Now().After(known.ends) {
		if known, err = p.ask(ctx, c); err != nil {
			return "", true, err
		}
		if t.known == nil {
			t.known = map[string]token{}
		}
		t.known[p.asked(c)], fresh = known, true
	}
	p.conceal(known.text)
	return known.text, fresh, nil
}

// ask asks for a token: by a client's own credentials (RFC 6749 section 4.4), or by
// what a person's sign-in has left (section 6).
func (p *proof) ask(ctx context.Context, c *caller) (token, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if p.auth.Device != nil {
		form = url.Values{"grant_type": {"refresh_token"}, "refresh_token": {p.parts["refresh_token"]}}
	}
	for name, field := range map[string]string{"scope": "scopes", "audience": "audience"} {
		if p.parts[field] != "" {
			form.Set(name, p.parts[field])
		}
	}
	answer, err := p.grant(ctx, c, p.parts["token_url"], form)
	if err != nil {
		return token{}, err
	}
	text, _ := answer["access_token"].(string)
	kind, _ := answer["token_type"].(string)
	if text == "" || !strings.EqualFold(kind, "bearer") {
		return token{}, &action.Error{Message: p.host() + " gave no bearer token, so nothing was sent", Permanent: true,
			Hint: "look whether that is where tokens are given, and what it answers"}
	}
	lasts := 5 * time.Minute
	if seconds, ok := answer["expires_in"].(int64); ok {
		lasts = time.Duration(min(max(seconds, 1), 86400)) * time.Second
	}
	return token{text, time.Now().Add(lasts - lasts/10)}, nil
}

func (p *proof) host() string {
	u, _ := url.Parse(p.parts["token_url"])
	if u == nil {
		return "the server of tokens"
	}
	return action.CleanLine(u.Host, 80)
}

// grant asks an authorization server something. What it answers is shown to nobody,
// but for its words about an error.
func (p *proof) grant(ctx context.Context, c *caller, at string, form url.Values) (map[string]any, error) {
	u, err := c.at.follow(c.at.base, at)
	if err != nil {
		return nil, err
	}
	send := httpclient.Request{Method: http.MethodPost, URL: u.String(), Header: map[string]any{"Accept": "application/json"}}
	if secret := p.parts["client_secret"]; secret != "" {
		// RFC 6749 section 2.3.1: both are encoded as in a form before.
		send.Header["Authorization"] = action.NewSecret("Basic " + basic(url.QueryEscape(p.parts["client_id"]), url.QueryEscape(secret)))
	} else {
		form.Set("client_id", p.parts["client_id"])
	}
	send.ContentType, send.Body = "application/x-www-form-urlencoded", []byte(form.Encode())
	resp, err := c.client.Do(ctx, send)
	if err != nil {
		return nil, host.Certain(p.mute(err))
	}
	answer, _ := data.Decode(resp.Body)
	fields, _ := answer.(map[string]any)
	if resp.Success() && fields != nil {
		return fields, nil
	}
	e := &action.Error{Message: fmt.Sprintf("%s gave no token (%d), so nothing was sent", u.Host, resp.Status), Permanent: resp.Status == http.StatusBadRequest || resp.Status == http.StatusUnauthorized,
		Hint: "check client_id and what goes with it in the environment's target, and the scopes", After: httpclient.RetryAfter(resp.Header, time.Now())}
	p.hide(&resp)
	code, _ := fields["error"].(string)
	words, _ := fields["error_description"].(string)
	if words != "" {
		e.Message += " (" + action.CleanLine(words, 160) + ")"
	}
	if code != "" {
		e.Cause = refusal(code)
	}
	return nil, e
}

// refusal is what an authorization server calls its error (RFC 6749 section 5.2).
type refusal string

// Error implements error.
func (r refusal) Error() string { return action.CleanLine(string(r), 60) }

// mute takes what must not be seen out of an error.
func (p *proof) mute(err error) error {
	var e *action.Error
	if !errors.As(err, &e) || e.Cause == nil {
		return err
	}
	text := e.Cause.Error()
	for _, hidden := range p.hidden {
		text = strings.ReplaceAll(text, hidden, "[redacted]")
	}
	if text == e.Cause.Error() {
		return err
	}
	muted := *e
	muted.Cause = errors.New(text)
	return &muted
}
