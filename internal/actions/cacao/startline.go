package cacao

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

var (
	method      = pattern.Late(`^[A-Z]{1,20}$`)
	httpVersion = pattern.Late(`^HTTP/[0-9]+(\.[0-9]+)?$`)
	// wholeTarget is what a variable may hold that is a request's whole target
	// (RFC 3986 sections 3.3 and 3.4).
	wholeTarget = pattern.Late(`^/([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$`)
)

// startLine reads the first line of a request (RFC 9112 section 3): method,
// target, version. Values are percent-encoded, so that one cannot add a part
// to the path or a parameter to the query.
func startLine(text string, vars values) (verb, target string, err error) {
	parts := strings.Fields(text)
	if len(parts) != 3 || !httpVersion().MatchString(parts[2]) {
		return "", "", permanent(fmt.Sprintf("%q is not the first line of a request", action.CleanLine(text, 80)), "write METHOD TARGET HTTP/1.1, for example GET /api/hosts?id=7 HTTP/1.1")
	}
	if verb = parts[0]; !method().MatchString(verb) || verb == "CONNECT" || verb == "TRACE" {
		return "", "", permanent(fmt.Sprintf("%q is not a method that a playbook can use", action.CleanLine(verb, 40)), "write it out in capitals, such as GET or POST")
	}
	target, err = requestTarget(parts[1], vars)
	switch {
	case err != nil:
		return "", "", err
	case strings.Contains(target, "://"):
		return "", "", permanent("the request's target must be a path, not a URL", "the host comes from the playbook's target, which the environment binds to a system")
	case !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") || strings.Contains(target, "#"):
		return "", "", permanent(fmt.Sprintf("%q is not the target of a request", action.CleanLine(parts[1], 80)), "it begins with one / and holds no #")
	}
	return verb, target, nil
}

func requestTarget(text string, vars values) (string, error) {
	if refs := references(text, vars); len(refs) == 1 && refs[0].Start == 0 && refs[0].End == len(text) {
		return targetOf(refs[0], vars)
	}
	path, query, asks := strings.Cut(text, "?")
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		written, err := vars.substitute(segment, func(_ reference.Place, value string) (string, error) { return percent(value), nil })
		if err != nil {
			return "", err
		}
		if written != segment && (written == "" || written == "." || written == "..") {
			return "", permanent(fmt.Sprintf("a variable would make %q of a part of the path, and the request would go to another resource", written), "look where the value comes from")
		}
		segments[i] = written
	}
	out := strings.Join(segments, "/")
	if !asks {
		return out, nil
	}
	written, err := vars.substitute(query, func(_ reference.Place, value string) (string, error) { return percent(value), nil })
	return out + "?" + written, err
}

// targetOf returns the value of a variable that is the whole target.
func targetOf(ref reference.Place, vars values) (string, error) {
	value, err := vars.text(ref)
	if err != nil {
		return "", err
	}
	if !wholeTarget().MatchString(value) || strings.Contains(value+"/", "/../") || strings.Contains(value+"/", "/./") {
		return "", permanent(fmt.Sprintf("the value of %s is not the target of a request", ref.Name), "it must be a path that begins with / and is percent-encoded where it has to be (RFC 3986)")
	}
	return value, nil
}

// percent encodes everything but unreserved characters (RFC 3986 section 2.3).
func percent(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }
