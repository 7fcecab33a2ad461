// Package website opens with [Suspend] and [Restore]: take a website out of
// service with a message that customers see, and bring it back. [Drain] and
// [Undrain] do so to some of its servers, while the others serve.
//
// Files, in reading order: website.go, server.go (what all web servers have in
// common), visitor.go (what visitors see), then one for each kind:
// maintenance_page.go, nginx.go, nginx_include.go, apache.go, haproxy.go with
// farm.go (its servers), caddy.go, and described.go for any other; then drain.go,
// for some servers of a site.
package website

import (
	"time"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// Suspend returns the action website.suspend.
func Suspend() action.Action {
	return kind.New(action.Spec{
		Name:    "website.suspend",
		Summary: "Take a website out of service and show customers a message",
		Description: "Puts up a page with the message and with what still works, then has the web server answer 503 with it, and with Retry-After, to everything but the paths that stay open. " +
			"It asks from the outside, at check_url, that visitors see this and that those paths work. " +
			"Where visitors still get the site, by another address of check_also or another server block of nginx of the same name, that is named, and the step does not count as verified. " +
			"Undo puts back what was there before, which may have been another maintenance page, and keeps what others changed since.",
		Effect:     action.Change,
		Idempotent: true,
		Traits:     []action.Trait{action.TakesOffline, action.Shared},
		Inputs: []action.Field{
			{Name: "message", Type: action.String, Required: true, Description: "What customers read; an empty line begins a new paragraph.", Example: "Our website is closed while we look into a security matter."},
			{Name: "alternatives", Type: action.List, Default: []any{}, Description: "What still works: texts, or maps with name, how and contact.", Example: "[{name: By phone, how: Call us on working days from 8 to 18, contact: +1 555 0100}]"},
			{Name: "retry_after", Type: action.Duration, Default: time.Hour, Description: "When to try again, as the page says it.", Example: "2h"},
		},
		Counterpart: "website.restore",
		Example: `- id: website
  uses: website.suspend
  target: portal
  with:
    message: Our website is closed while we look into a security matter.
    alternatives:
      - {name: By phone, how: Call us on working days from 8 to 18, contact: +1 555 0100}
`,
	}, append(servers(true), system().Kinds("suspend")...)...)
}

// Restore returns the action website.restore.
func Restore() action.Action {
	return kind.New(action.Spec{
		Name:    "website.restore",
		Summary: "Bring a website back into service",
		Description: "Tells the web server to serve the site again, and asks from the outside, at check_url, that it no longer answers with an error. " +
			"The page stays where it is for the next time. Undo takes the site out of service again.",
		Effect:      action.Change,
		Idempotent:  true,
		Counterpart: "website.suspend",
		Example: `- id: website
  uses: website.restore
  target: portal
`,
	}, append(servers(false), system().Kinds("restore")...)...)
}

// servers are the web servers that irctl knows how to suspend or restore.
func servers(suspend bool) []kind.Kind {
	return []kind.Kind{
		byMaintenancePage(suspend, following), byNginx(suspend, following), byApache(suspend, following),
		byHAProxy(suspend, following), byCaddy(suspend, following),
	}
}

// following is how long a web server has to notice a change.
var following = patience.Limit{For: 10 * time.Second, Every: 200 * time.Millisecond}
