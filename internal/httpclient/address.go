package httpclient

import (
	"net"
	"net/url"

	"github.com/irctl/irctl/pkg/action"
)

// Plaintext is the field of a target's config that permits credentials to
// travel unencrypted.
func Plaintext() action.Field {
	return action.Field{Name: "plaintext", Type: action.Bool, Default: false, Description: "Permit credentials to travel unencrypted to another machine. Unencrypted loopback needs no permission."}
}

// CheckURL finds mistakes in the field `url` of a target whose API lies below
// it, for a TargetType's Check. Credentials are the fields that hold some; if
// one of them is given, the URL must be encrypted, or plaintext permit that it
// is not. It does no I/O.
func CheckURL(config action.Values, credentials ...string) []action.Problem {
	u, err := url.Parse(config.String("url"))
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return []action.Problem{{Input: "url", Message: "is not where the system is", Hint: "write https://HOST, with the path if there is one, and nothing else"}}
	case u.Scheme == "https" || isLoopback(u.Hostname()) || config.Bool("plaintext"):
		return nil
	}
	for _, name := range credentials {
		if config.Has(name) {
			return []action.Problem{{Input: "url", Message: "would have " + name + " travel unencrypted", Hint: "use https://, or permit it with plaintext: true"}}
		}
	}
	return nil
}

func isLoopback(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}
