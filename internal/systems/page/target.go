package page

import (
	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type maintenance-page. One target can serve
// website.* (flag) and payments.* (url); need names the field that the action
// cannot do without.
func Target(need string) action.TargetType {
	t := config.Describe[Config](action.TargetType{
		Name:    "maintenance-page",
		Summary: "a page and a flag file that a web server tests for",
		Example: `portal:
  type: maintenance-page
  owner: web@example.com
  fallback: Call the web team and have them put the page up.
  config:
    page: /srv/www/maintenance.html
    flag: /srv/www/maintenance.flag
    check_url: https://www.example.com/
`,
		Undo: true,
	})
	if need == "url" {
		t.Example = `payments-page:
  type: maintenance-page
  owner: web@example.com
  fallback: Call the web team and read them the list.
  config:
    page: /srv/www/pay.html
    url: https://www.example.com/pay
`
	}
	for i := range t.Fields {
		if t.Fields[i].Name == need {
			t.Fields[i].Required = true
		}
	}
	return t
}

// Config is a target's config.
type Config struct {
	Page, Flag    string
	CheckURL, URL string
	CheckAlso     []string
	Via           host.Via
}

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.Page, action.Field{Name: "page", Path: true, Required: true, Description: "The HTML file that is written.", Example: "/srv/www/maintenance.html"}),
		config.Into(&c.Flag, action.Field{Name: "flag", Path: true, Description: "The file whose existence makes the web server answer 503 with the page; website.suspend and website.restore need it.", Example: "/srv/www/maintenance.flag"}),
		config.Into(&c.CheckURL, action.Field{Name: "check_url", Description: "Where website.suspend and website.restore look from the outside at what customers see.", Example: "https://www.example.com/"}),
		config.Into(&c.CheckAlso, action.Field{Name: "check_also", Items: action.String, Default: []any{}, Description: "Further addresses at which customers may get the website. One that still answers well while it is out of service is named by website.suspend, which does not count as verified then.", Example: "[http://192.0.2.10:8080/]"}),
		config.Into(&c.URL, action.Field{Name: "url", Description: "Where customers see the page; payments.publish and payments.withdraw need it and look there.", Example: "https://www.example.com/pay"}),
		c.Via.Field(),
	}
}
