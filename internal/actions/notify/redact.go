package notify

import (
	"errors"
	"net/url"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

func asError(err error, e **action.Error) bool { return errors.As(err, e) }

// redact replaces the target's address, whole or without its query, by the
// address of its host.
func redact(text string, req action.Request) string {
	address := destination(req)
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return strings.ReplaceAll(text, address, req.Target.Name)
	}
	host := u.Scheme + "://" + u.Host
	for _, form := range []string{address, strings.SplitN(address, "?", 2)[0], u.String(), host + u.EscapedPath()} {
		if form != host {
			text = strings.ReplaceAll(text, form, host+"/…")
		}
	}
	return text
}
