// Package website opens with [Suspend] and [Restore]: take a website out of
// service with a message that customers see, and bring it back.
//
// Files, in reading order: website.go, maintenance_page.go, described.go.
package website

import (
	"time"

	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/action/kind"
)

// Suspend returns the action website.suspend.
func Suspend() action.Action {
	return kind.New(action.Spec{
		Name:    "website.suspend",
		Summary: "Take a website out of service and show customers a message",
		Description: "Puts up a page with the message and with what still works, then tells the web server to answer 503. " +
			"With check_url it asks from the outside that the site answers 503 and shows the message. " +
			"Undo puts back exactly what was there before, which may have been another maintenance page.",
		Effect:     action.Change,
		Idempotent: true,
		Traits:     []action.Trait{action.TakesOffline},
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
	}, append([]kind.Kind{maintenancePage{suspend: true, patience: patience}}, kind.Described(system(), "suspend")...)...)
}

// Restore returns the action website.restore.
func Restore() action.Action {
	return kind.New(action.Spec{
		Name:    "website.restore",
		Summary: "Bring a website back into service",
		Description: "Tells the web server to serve the site again. With check_url it asks from the outside that the site no longer answers with an error. " +
			"The page stays where it is for the next time. Undo takes the site out of service again.",
		Effect:      action.Change,
		Idempotent:  true,
		Counterpart: "website.suspend",
		Example: `- id: website
  uses: website.restore
  target: portal
`,
	}, append([]kind.Kind{maintenancePage{patience: patience}}, kind.Described(system(), "restore")...)...)
}

// patience is how long a web server has to notice a flag.
const patience = 10 * time.Second
