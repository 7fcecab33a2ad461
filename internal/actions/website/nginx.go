package website

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// byNginx closes a site by a block of directives in a file that its server block
// includes. Whatever else is in the file stays there and in force.
func byNginx(suspend bool, limit patience.Limit) kind.Kind {
	// Old workers and new ones answer by turns until the old ones are told to end,
	// which nginx does 100 ms after it has started the others.
	limit.Steady, limit.Every = 4, 50*time.Millisecond
	return served(action.TargetType{
		Name:    "nginx",
		Summary: "nginx, by a file that the site's server block includes",
		Example: `portal:
  type: nginx
  owner: web@example.com
  fallback: Call the web team and have them take the site down.
  config:
    # In the site's server block: include /etc/nginx/irctl/portal*.conf;
    include: /etc/nginx/irctl/portal.conf
    page: /srv/www/closed/portal.html
    check_url: https://www.example.com/
    keep_open: [/pay/]
    via: {ssh: web1.example.com, sudo: true}
`,
	}, suspend, limit, func(c *call, conf nginxConfig) gate {
		c.shows = shows{page: true, retryAfter: true}
		return &nginx{call: c, path: conf.Include, pagePath: conf.Page, command: conf.Command}
	})
}

type nginxConfig struct {
	Include, Page string
	Command       []string
	visitor
}

// Fields implements config.Config.
func (c *nginxConfig) Fields() config.Fields {
	return append(config.Fields{
		config.Into(&c.Include, action.Field{Name: "include", Path: true, Required: true, Description: "The file that the site's server block includes. irctl writes a block of its own into it and leaves the rest alone; the file may be missing if the include is a pattern that matches it.", Example: "/etc/nginx/irctl/portal.conf"}),
		config.Into(&c.Page, action.Field{Name: "page", Path: true, Required: true, Description: "The HTML file that visitors see; nginx's workers must be able to read it.", Example: "/srv/www/closed/portal.html"}),
		config.Into(&c.Command, action.Field{Name: "command", Default: []any{"nginx"}, Description: "How nginx is called, with the arguments that it was started with. irctl adds -t, -T or -s reload; a reload also takes in what others have changed in the configuration.", Example: "[nginx, -c, /etc/nginx/portal.conf]"}),
	}, c.fields()...)
}

// Check implements config.Checker.
func (c *nginxConfig) Check() []action.Problem {
	problems := c.visitor.Check()
	if strings.ContainsAny(c.Page, "\"\\$\n\r") {
		problems = append(problems, action.Problem{Input: "page", Message: "holds a character that nginx's configuration cannot name", Hint: `do without ", \ and $`})
	}
	return append(problems, checkCommand(c.Command, "[nginx, -c, /etc/nginx/portal.conf]")...)
}

// The first and last line of the block. The word made says that the file was
// not there before, so that it goes with the block.
const (
	blockBegins = "# irctl begins: out of service. website.restore or a rollback takes this block out."
	blockMade   = " The file is irctl's too."
	blockEnds   = "# irctl ends\n"
)

// included is what an include file holds: text around irctl's block, which is
// "" if there is none.
type included struct{ before, block, after string }

func parseIncluded(text string) included {
	from := strings.Index(text, blockBegins)
	if from < 0 {
		return included{before: text}
	}
	end := strings.Index(text[from:], blockEnds)
	if end < 0 {
		return included{before: text}
	}
	end += from + len(blockEnds)
	return included{text[:from], text[from:end], text[end:]}
}

func (i included) rest() string { return i.before + i.after }

// text is the whole file with another block in the place of its own.
func (i included) text(block string) string {
	if i.block == "" {
		return block + i.before
	}
	return i.before + block + i.after
}

// made reports whether the file is there for irctl's block alone.
func (i included) made() bool {
	line, _, _ := strings.Cut(i.block, "\n")
	return strings.HasSuffix(line, blockMade)
}

// nginx is a site of one nginx, and what the two files are now.
type nginx struct {
	*call
	path, pagePath string
	command        []string
	file, page     page.Snapshot
	included       included
	want           string // the whole include file, as the action wants it
	wantFile       bool   // and whether it is to be there
}

func (g *nginx) look(ctx context.Context) (desired bool, current string, err error) {
	if g.file, err = page.Look(ctx, g.host, g.path); err == nil {
		g.page, err = page.Look(ctx, g.host, g.pagePath)
	}
	g.included = parseIncluded(string(g.file.Data()))
	if g.suspend {
		g.want, g.wantFile = g.included.text(g.block(g.pagePath, !g.file.Exists || g.included.made())), true
	} else {
		g.want = g.included.text("")
		g.wantFile = g.file.Exists && (g.want != "" || !g.included.made())
	}
	desired = g.file.Exists == g.wantFile && string(g.file.Data()) == g.want && (!g.suspend || g.page.Holds(g.notice))
	return desired, g.standing(g.included.block != "", desired), err
}

// block is what closes the site. It decides by the path as nginx understands it
// ($uri) or as it was sent: nginx decides anew after redirects of its own, when
// $uri is another. A path as it was sent counts only if nothing in it can lead
// elsewhere.
func (c *call) block(pagePath string, made bool) string {
	var b strings.Builder
	b.WriteString(blockBegins)
	if made {
		b.WriteString(blockMade)
	}
	b.WriteString("\nset $irctl_closed 1;\nif ($uri = /.irctl-notice) { set $irctl_closed 0; }\n")
	for _, p := range c.open() {
		quoted := regexp.QuoteMeta(p)
		if strings.HasSuffix(p, "/") {
			b.WriteString(`if ($uri ~ "^` + quoted + `") { set $irctl_closed 0; }` + "\n")
			b.WriteString(`if ($request_uri ~ "^` + quoted + `(?![^?]*(?:\.\.|%2[eEfF]))") { set $irctl_closed 0; }` + "\n")
		} else {
			b.WriteString(`if ($uri = ` + p + `) { set $irctl_closed 0; }` + "\n")
			b.WriteString(`if ($request_uri ~ "^` + quoted + `(\?|$)") { set $irctl_closed 0; }` + "\n")
		}
	}
	b.WriteString(`if ($irctl_closed) { rewrite ^ /.irctl-closed last; }
location = /.irctl-closed {
    internal;
    error_page 503 /.irctl-notice;
    return 503;
}
location = /.irctl-notice {
    internal;
    satisfy any;
    allow all;
    alias "` + pagePath + `";
    types { }
    default_type "text/html; charset=utf-8";
    add_header Retry-After "` + c.retryAfter() + `" always;
    add_header Cache-Control "no-store" always;
}
`)
	b.WriteString(blockEnds)
	return b.String()
}

func (g *nginx) keep(dir string) (map[string]any, error) {
	return g.keepBoth(dir, "include", g.file, g.page)
}

func (g *nginx) change(ctx context.Context, out action.Sink) error {
	if g.suspend {
		if err := g.putUp(ctx, g.page, g.pagePath, out); err != nil {
			return err
		}
	}
	out.Progress("telling nginx")
	return g.apply(ctx, g.file, g.want, g.wantFile)
}

// apply makes the include file hold text, or not be there, has nginx test its
// configuration, and reloads it. If nginx refuses, the file becomes again what
// it was.
func (g *nginx) apply(ctx context.Context, was page.Snapshot, text string, there bool) error {
	path := g.path
	var err error
	switch {
	case there == was.Exists && text == string(was.Data()):
	case there:
		err = was.Put(ctx, g.host, path, []byte(text))
	default:
		err = page.Delete(ctx, g.host, path)
	}
	if err != nil {
		return err
	}
	if refused := g.test(ctx); refused != nil {
		if _, err := was.Restore(ctx, g.host, path); err != nil {
			return &action.Error{
				Message: "nginx refuses the configuration, and the include file could not be put back",
				Hint:    "nginx goes on as before as long as nobody restarts it. Put " + path + " right by hand: nginx -t",
				Cause:   errors.Join(refused, err),
			}
		}
		if already := g.test(ctx); already != nil {
			return &action.Error{Message: "nginx refuses its configuration, with or without what irctl writes, so nothing was changed", Hint: "put the configuration right (nginx -t says where), then retry", Cause: already, Permanent: true}
		}
		return &action.Error{Message: "nginx refused what irctl wrote, so the include file is as it was and nothing was reloaded", Hint: "check that the server block itself includes " + path + ", not a location or the http block", Cause: refused, Permanent: true}
	}
	refused := g.tell(ctx, "-s", "reload")
	if refused != nil && !action.IsDoubtful(refused) {
		// It would take effect when nginx is started next.
		if _, err := was.Restore(ctx, g.host, path); err != nil {
			return errors.Join(refused, err)
		}
	}
	return refused
}

// tell runs nginx's program.
func (g *nginx) tell(ctx context.Context, args ...string) error {
	argv := slices.Concat(g.command, args)
	res, err := g.host.Run(ctx, process.Command{Argv: argv, Name: "nginx"}, nil)
	if err == nil {
		return nil
	}
	for line := range strings.Lines(res.Stderr) {
		if strings.Contains(line, "invalid PID number") || strings.Contains(line, "nginx.pid\" failed") {
			return &action.Error{
				Message: "no nginx runs that was started like this, so nobody was told",
				Hint:    "start nginx; if it runs, give command the arguments that it was started with, such as -c FILE",
			}
		}
		// nginx says the reason in its first line of this level or above.
		if strings.Contains(line, "[emerg]") || strings.Contains(line, "[alert]") || strings.Contains(line, "[error]") {
			err = &action.Error{Message: action.CleanLine(line, 240), Cause: err, Doubt: action.IsDoubtful(err)}
			break
		}
	}
	return host.Advise(err, "act as root with `sudo: true` in the target's via if nginx may not be told otherwise; then retry")
}

func (g *nginx) test(ctx context.Context) error { return g.tell(ctx, "-t", "-q") }

// revert exchanges the block for the one of before, and keeps what others have
// edited around it since.
func (g *nginx) revert(ctx context.Context, record action.Values, seen bool) (changed bool, err error) {
	before, err := page.Recalled(g.req.Dir, record.Map("include"))
	if err != nil {
		return false, err
	}
	now, err := page.Look(ctx, g.host, g.path)
	if err != nil {
		return false, err
	}
	old, at := parseIncluded(string(before.Data())), parseIncluded(string(now.Data()))
	text, there := at.text(old.block), true
	if !now.Exists || at.rest() == old.rest() {
		text, there = string(before.Data()), before.Exists
	}
	changed = !seen || there != now.Exists || text != string(now.Data())
	// Also when nothing has to change: whoever wrote the file may have died
	// before nginx was told.
	if err := g.apply(ctx, now, text, there); err != nil {
		return false, err
	}
	did, err := g.revertPage(ctx, record, g.pagePath)
	return changed || did, err
}

func (g *nginx) preflight(ctx context.Context) []error {
	if problems := g.host.Check(ctx, g.command[0]); len(problems) > 0 {
		return problems
	}
	problems := g.writable(ctx, g.path, g.pagePath)
	if err := g.test(ctx); err != nil {
		return append(problems, &action.Error{Message: "nginx refuses its configuration as it is", Hint: "put it right (nginx -t says where); act as root with `sudo: true` in the target's via if nginx may not read its files", Cause: err})
	}
	whole, err := g.whole(ctx)
	if err != nil {
		return append(problems, err)
	}
	problems = append(problems, misplaced(whole, g.path, g.URL)...)
	for _, way := range uncovered(whole, g.path, g.URL) {
		problems = append(problems, &action.Error{Message: "nginx would still serve the site by " + way, Hint: "write the include into that server block too, or have it return a redirect", Permanent: true})
	}
	return problems
}

// whole is the configuration with all that it includes.
func (g *nginx) whole(ctx context.Context) (string, error) {
	return g.host.Output(ctx, append(g.command, "-T")...)
}

// open implements leaky.
func (g *nginx) open(ctx context.Context) ([]string, error) {
	whole, err := g.whole(ctx)
	return uncovered(whole, g.path, g.URL), err
}
