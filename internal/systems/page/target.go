package page

import "github.com/irctl/irctl/pkg/action"

// Target describes the target type maintenance-page. One target can serve
// website.* (flag) and payments.* (url).
func Target() action.TargetType {
	return action.TargetType{
		Name:    "maintenance-page",
		Summary: "a page and a flag file that a web server tests for",
		Fields: []action.Field{
			{Name: "page", Type: action.String, Path: true, Required: true, Description: "The HTML file that is written.", Example: "/srv/www/maintenance.html"},
			{Name: "flag", Type: action.String, Path: true, Description: "The file whose existence makes the web server answer 503 with the page; website.suspend and website.restore need it.", Example: "/srv/www/maintenance.flag"},
			{Name: "check_url", Type: action.String, Description: "Where website.suspend and website.restore look from the outside at what customers see.", Example: "https://www.example.com/"},
			{Name: "url", Type: action.String, Description: "Where customers see the page; payments.publish and payments.withdraw need it and look there.", Example: "https://www.example.com/pay"},
		},
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
	}
}

// Need returns the text of a field of a target that the action cannot do
// without.
func Need(t action.Target, field, why string) (string, error) {
	if v := t.Config.String(field); v != "" {
		return v, nil
	}
	return "", &action.Error{
		Message:   "target " + t.Name + " has no " + field + ", and " + why,
		Hint:      "add " + field + " to the target's config in the environment file",
		Permanent: true,
	}
}
