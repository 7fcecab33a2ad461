package httpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// maxAfter bounds how long a server may make us wait.
const maxAfter = 24 * time.Hour

// Success reports whether the status is one of those wanted, or 2xx if none is
// given.
func (r Response) Success(want ...int) bool {
	if len(want) > 0 {
		return slices.Contains(want, r.Status)
	}
	return r.Status >= 200 && r.Status < 300
}

// Headers returns the answer's headers by their names in lower case, except
// cookies, made harmless to show.
func (r Response) Headers() map[string]any {
	out := map[string]any{}
	for name, values := range r.Header {
		if lower := strings.ToLower(name); lower != "set-cookie" {
			out[action.CleanLine(lower, 100)] = action.CleanLine(strings.Join(values, ", "), 1000)
		}
	}
	return out
}

// Unexpected is the error for a status that the caller did not want. Trying
// again may help after 408, 425, 429 and 5xx; other statuses are permanent.
// After a 504 nobody knows whether the request was carried out.
func (r Response) Unexpected() *action.Error {
	e := &action.Error{
		Message: fmt.Sprintf("%s answered %d %s", r.what, r.Status, http.StatusText(r.Status)),
		After:   RetryAfter(r.Header, time.Now()),
	}
	if text := action.CleanLine(string(r.Body), 160); text != "" {
		e.Message += fmt.Sprintf(" (%s)", text)
	}
	switch {
	case r.Status == http.StatusGatewayTimeout:
		e.Doubt = r.unsafe
	case r.Status == http.StatusRequestTimeout, r.Status == http.StatusTooEarly, r.Status == http.StatusTooManyRequests:
	case r.Status == http.StatusNotImplemented, r.Status == http.StatusHTTPVersionNotSupported:
		e.Permanent = true
	case r.Status >= 500, r.Success():
	default:
		e.Permanent = true
	}
	e.Hint = statusHint(r)
	return e
}

func statusHint(r Response) string {
	switch {
	case r.Status == http.StatusUnauthorized:
		return "the server does not accept the credentials; check the secret that the target names"
	case r.Status == http.StatusForbidden:
		return "the credentials lack a right; ask the system's owner to grant it"
	case r.Status == http.StatusNotFound:
		return "check the URL or path"
	case r.Status == http.StatusConflict:
		return "look there what the request is at odds with, then retry"
	case r.Status == http.StatusTooManyRequests:
		return "the server limits how often it is asked: retry later"
	case r.Status == http.StatusGatewayTimeout && r.unsafe:
		return "the server may have carried it out; look there before trying again"
	case r.Status >= 500:
		return "the server has trouble of its own: look at its logs or its status page, then retry"
	case r.Status >= 400:
		return "the server does not take the request as it is: its answer may say why"
	case r.Status >= 300 && r.Status < 400:
		if to := action.CleanLine(beforeQuery(r.Header.Get("Location")), 120); to != "" {
			return "redirects are not followed; if it is right, name " + to + " itself"
		}
		return "redirects are not followed"
	}
	return ""
}

// RetryAfter reads a Retry-After header (RFC 9110 section 10.2.3), given in
// seconds or as a date. It returns 0 if there is none, and at most a day.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, maxAfter)
	}
	if t, err := http.ParseTime(text); err == nil {
		return min(max(t.Sub(now), 0), maxAfter)
	}
	return 0
}

// noAnswer is the error for a request that got no whole answer.
func noAnswer(ctx context.Context, what string, err error, doubt bool) error {
	var policy *action.Error
	if errors.As(err, &policy) {
		return policy
	}
	e := &action.Error{Message: what + " got no answer", Cause: plainCause(err), Doubt: doubt}
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &cert):
		e.Message, e.Permanent = what+" was not sent: the server's certificate is not trusted", true
		e.Hint = "if the server is right, name its authority's PEM file as ca_file"
	case errors.Is(ctx.Err(), context.Canceled):
		e.Message, e.Cause = what+" was broken off", ctx.Err()
	case isTimeout(err):
		e.Message, e.Cause = what+" got no answer in time", nil
	}
	switch {
	case doubt:
		e.Hint = "the server may have carried it out; look there before trying again"
	case e.Hint == "":
		e.Hint = "check that the server runs and can be reached from here, then retry"
	}
	return e
}

// plainCause takes off the wrapping that repeats the URL with its query.
func plainCause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
