package website

import (
	"context"
	"strings"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// apache closes a site by a flag that mod_rewrite tests for and a page that is
// its ErrorDocument. The server reads both at each request: nothing is
// reloaded.
type apache struct{}

func (apache) target() action.TargetType {
	return action.TargetType{
		Name:    "apache",
		Summary: "Apache's httpd, by a flag file that mod_rewrite tests for",
		Fields: append([]action.Field{
			{Name: "flag", Type: action.String, Path: true, Required: true, Description: "The file whose existence closes the site; it holds the seconds for Retry-After. A flag that is there already stays as it is.", Example: "/srv/www/closed/portal.flag"},
			{Name: "page", Type: action.String, Path: true, Required: true, Description: "The HTML file that visitors see; httpd must be able to read it.", Example: "/srv/www/closed/portal.html"},
			{Name: "command", Type: action.List, Items: action.String, Default: []any{"apachectl"}, Description: "How httpd is asked about its configuration before an incident; irctl adds -t.", Example: "[apache2ctl]"},
		}, visitorFields()...),
		Example: `portal:
  type: apache
  owner: web@example.com
  fallback: Call the web team and have them take the site down.
  config:
    # In the site's VirtualHost:
    #   RewriteEngine on
    #   RewriteCond /srv/www/closed/portal.flag -f
    #   RewriteCond %{ENV:REDIRECT_STATUS} ^$
    #   RewriteCond %{REQUEST_URI} !^/pay/
    #   RewriteRule ^ - [R=503,L]
    #   Alias /closed.html /srv/www/closed/portal.html
    #   ErrorDocument 503 /closed.html
    #   Header always set Retry-After "expr=%{file:/srv/www/closed/portal.flag}" "expr=%{REQUEST_STATUS} == 503 && -f '/srv/www/closed/portal.flag'"
    flag: /srv/www/closed/portal.flag
    page: /srv/www/closed/portal.html
    check_url: https://www.example.com/
    keep_open: [/pay/]
`,
		Undo: true,
		Check: func(config action.Values) []action.Problem {
			return append(checkVisitor(config), checkCommand(config, "[apache2ctl]")...)
		},
	}
}

func (apache) look(ctx context.Context, c *call) (setting, error) {
	return lookAtFiles(ctx, c, c.retryAfter())
}

func (apache) revert(ctx context.Context, c *call, record action.Values, _ bool) (changed bool, err error) {
	return revertFiles(ctx, c, record)
}

func (apache) preflight(ctx context.Context, c *call) []error {
	argv := c.config().Strings("command")
	if problems := c.host.Check(ctx, argv[0]); len(problems) > 0 {
		return problems
	}
	problems := filesWritable(ctx, c, "flag", "page")
	res, err := c.host.Run(ctx, process.Command{Argv: append(argv, "-t", "-D", "DUMP_MODULES"), Name: "httpd"}, nil)
	switch {
	case err != nil:
		problems = append(problems, &action.Error{Message: "httpd refuses its configuration as it is: " + action.CleanLine(res.Stderr, 200), Hint: "put it right; " + strings.Join(argv, " ") + " -t says where", Cause: err})
	case !strings.Contains(res.Stdout, "rewrite_module"):
		problems = append(problems, &action.Error{Message: "httpd has not loaded mod_rewrite, so no flag can close the site", Hint: "load it (a2enmod rewrite) and have the VirtualHost test for the flag; `irctl action show website.suspend` has the lines"})
	}
	return problems
}
