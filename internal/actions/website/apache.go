package website

import (
	"context"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// byApache closes a site by a flag that mod_rewrite tests for and a page that is
// its ErrorDocument. The server reads both at each request: nothing is
// reloaded.
func byApache(suspend bool, limit patience.Limit) kind.Kind {
	return served(action.TargetType{
		Name:    "apache",
		Summary: "Apache's httpd, by a flag file that mod_rewrite tests for",
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
	}, suspend, limit, func(c *call, conf apacheConfig) gate {
		c.shows = shows{page: true, mayLack: true}
		return &apache{flagged{call: c, flagText: c.retryAfter(), pagePath: conf.Page, flagPath: conf.Flag}, conf.Command}
	})
}

type apacheConfig struct {
	Flag, Page string
	Command    []string
	visitor
}

// Fields implements config.Config.
func (c *apacheConfig) Fields() config.Fields {
	return append(config.Fields{
		config.Into(&c.Flag, action.Field{Name: "flag", Path: true, Required: true, Description: "The file whose existence closes the site; it holds the seconds for Retry-After. A flag that is there already stays as it is.", Example: "/srv/www/closed/portal.flag"}),
		config.Into(&c.Page, action.Field{Name: "page", Path: true, Required: true, Description: "The HTML file that visitors see; httpd must be able to read it.", Example: "/srv/www/closed/portal.html"}),
		config.Into(&c.Command, action.Field{Name: "command", Default: []any{"apachectl"}, Description: "How httpd is asked about its configuration before an incident; irctl adds -t.", Example: "[apache2ctl]"}),
	}, c.fields()...)
}

// Check implements config.Checker.
func (c *apacheConfig) Check() []action.Problem {
	return append(c.visitor.Check(), checkCommand(c.Command, "[apache2ctl]")...)
}

type apache struct {
	flagged
	command []string
}

func (a *apache) preflight(ctx context.Context) []error {
	if problems := a.host.Check(ctx, a.command[0]); len(problems) > 0 {
		return problems
	}
	problems := a.flagged.preflight(ctx)
	res, err := a.host.Run(ctx, process.Command{Argv: append(a.command, "-t", "-D", "DUMP_MODULES"), Name: "httpd"}, nil)
	switch {
	case err != nil:
		problems = append(problems, &action.Error{Message: "httpd refuses its configuration as it is: " + action.CleanLine(res.Stderr, 200), Hint: "put it right; " + strings.Join(a.command, " ") + " -t says where", Cause: err})
	case !strings.Contains(res.Stdout, "rewrite_module"):
		problems = append(problems, &action.Error{Message: "httpd has not loaded mod_rewrite, so no flag can close the site", Hint: "load it (a2enmod rewrite) and have the VirtualHost test for the flag; `irctl action show website.suspend` has the lines"})
	}
	return problems
}
