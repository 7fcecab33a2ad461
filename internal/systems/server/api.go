package server

import (
	"net/url"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// API is a system whose interface lies below the URL where people open it:
// fields of its target's config.
type API struct {
	URL, User, CAFile string
	Token, Password   action.Secret
	Plaintext         bool
	Via               host.Via
}

// Way ties the fields about the connection to their descriptions.
func (a *API) Way() config.Fields {
	return config.Fields{
		config.Into(&a.CAFile, action.Field{Name: "ca_file", Path: true, Description: "Further certificate authorities, in PEM."}),
		config.Into(&a.Plaintext, action.Field{Name: "plaintext", Default: false, Description: "Permit credentials to travel unencrypted to another machine. Unencrypted loopback needs no permission."}),
		a.Via.Field(),
	}
}

// Check finds a URL below which no system is, and credentials that would travel
// unencrypted. It does no I/O.
func (a *API) Check() []action.Problem {
	credential := ""
	switch {
	case !a.Token.IsZero():
		credential = "token"
	case !a.Password.IsZero():
		credential = "password"
	}
	u, err := url.Parse(a.URL)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return []action.Problem{{Input: "url", Message: "is not where the system is", Hint: "write https://HOST, with the path if there is one, and nothing else"}}
	case u.Scheme == "http" && !host.IsLoopback(u.Hostname()) && !a.Plaintext && credential != "":
		return []action.Problem{{Input: "url", Message: "would have " + credential + " travel unencrypted", Hint: "use https://, or permit it with plaintext: true"}}
	}
	return nil
}

// Base is the URL without a slash at its end.
func (a *API) Base() string { return strings.TrimRight(a.URL, "/") }

// Client is how requests are sent there, and from which machine. Close the
// host. It does no I/O.
func (a *API) Client(allow action.Allow, auth httpclient.Auth) (*httpclient.Client, *host.Host, error) {
	from, err := host.Open(a.Via, allow)
	if err != nil {
		return nil, nil, err
	}
	client, err := httpclient.New(allow, httpclient.Options{CAFile: a.CAFile, Dial: from.Dialer(), Auth: auth})
	return client, from, err
}
