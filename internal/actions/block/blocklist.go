package block

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// inBlocklist writes text files that firewalls of any make fetch by URL. A file
// holds one type of value, one a line and nothing else, which is what all of
// them read: Palo Alto's external dynamic lists are of one type each, Fortinet's
// threat feeds too, and both skip or refuse a line of another type; Check Point
// reads such a file as a CSV of one column. URLs stand there without the scheme
// unless the target says otherwise: PAN-OS wants them so.
func inBlocklist(add bool) kind.Kind {
	return listed(action.TargetType{
		Name:    "blocklist",
		Summary: "text files to which firewalls of any make subscribe by URL",
		Example: `firewalls:
  type: blocklist
  owner: network@example.com
  fallback: Call the network team and have them block it at the firewalls.
  config:
    # PAN-OS: an external dynamic list of the type IP, domain or URL for each;
    # FortiGate: a threat feed of the type IP address, domain or category.
    addresses: /srv/lists/addresses.txt
    domains: /srv/lists/domains.txt
    urls: /srv/lists/urls.txt
    published_at: https://lists.example.com/
    via: {ssh: lists.example.com}
`,
	}, add, func(c blocklistConfig) []form {
		var out []form
		for _, f := range []form{address, network, domain, site, sender, hash} {
			if c.file(f) != "" {
				out = append(out, f)
			}
		}
		return out
	}, func(req action.Request, c blocklistConfig) (list, error) {
		h, err := host.Open(c.Via, req.Allow)
		return &blocklist{c, machine{h}, req.Allow}, err
	})
}

type blocklistConfig struct {
	Addresses, Domains, URLs, Senders, Hashes string
	Scheme                                    bool
	Published, CAFile                         string
	Via                                       host.Via
}

// Fields implements config.Config.
func (c *blocklistConfig) Fields() config.Fields {
	file := func(into *string, name, what string) config.Field {
		return config.Into(into, action.Field{Name: name, Pattern: `/.*[^/]`, Description: "The file of " + what + ", one a line. It is made if it is not there.", Example: "/srv/lists/" + name + ".txt"})
	}
	return config.Fields{
		file(&c.Addresses, "addresses", "addresses and networks"), file(&c.Domains, "domains", "domains"), file(&c.URLs, "urls", "URLs"),
		file(&c.Senders, "senders", "senders of mail"), file(&c.Hashes, "hashes", "hashes of files"),
		config.Into(&c.Scheme, action.Field{Name: "scheme", Default: false, Description: "Whether URLs stand with their scheme. PAN-OS and Check Point want them without; with it, http and https are two."}),
		config.Into(&c.Published, action.Field{Name: "published_at", Pattern: `https?://.+/`, Description: "The URL of the folder where firewalls fetch the files. irctl looks there, from this machine, that the values are published.", Example: "https://lists.example.com/"}),
		config.Into(&c.CAFile, action.Field{Name: "ca_file", Path: true, Description: "PEM file of certificate authorities to trust there beside the machine's own.", Example: "ca.pem"}),
		c.Via.Field(),
	}
}

// Check implements config.Checker.
func (c *blocklistConfig) Check() (problems []action.Problem) {
	files := slices.DeleteFunc([]string{c.Addresses, c.Domains, c.URLs, c.Senders, c.Hashes}, func(f string) bool { return f == "" })
	slices.Sort(files)
	switch {
	case len(files) == 0:
		problems = append(problems, action.Problem{Input: "addresses", Message: "is missing, and so is every other file", Hint: "name at least one of addresses, domains, urls, senders, hashes"})
	case len(slices.Compact(slices.Clone(files))) < len(files):
		problems = append(problems, action.Problem{Input: "addresses", Message: "or another file is named twice", Hint: "give each type of value a file of its own: firewalls skip lines of another type"})
	}
	return problems
}

// file is where values of a form stand, "" if nowhere.
func (c *blocklistConfig) file(f form) string {
	return map[form]string{address: c.Addresses, network: c.Addresses, domain: c.Domains, site: c.URLs, sender: c.Senders, hash: c.Hashes}[f]
}

type blocklist struct {
	blocklistConfig
	machine
	allow action.Allow
}

func (b *blocklist) lined(path string) lined {
	return lined{host: b.host, path: path, mode: 0o644, key: firstWord, text: func(v value) (string, string) { return b.line(v), b.line(v) }}
}

// firstWord is a line without the comment that most firewalls allow after the
// value; of a line that is a comment it is none.
func firstWord(line string) string {
	if words := strings.Fields(line); len(words) > 0 && !strings.ContainsAny(words[0][:1], "#;") {
		return words[0]
	}
	return ""
}

func (b *blocklist) line(v value) string {
	if v.form == site && !b.Scheme {
		_, rest, _ := strings.Cut(v.text, "://")
		return rest
	}
	return v.text
}

// files are the values of each file.
func (b *blocklist) files(values []value) map[string][]value {
	out := map[string][]value{}
	for _, v := range values {
		out[b.file(v.form)] = append(out[b.file(v.form)], v)
	}
	return out
}

func (b *blocklist) look(ctx context.Context, values []value) (map[value]standing, error) {
	out := map[value]standing{}
	for path, here := range b.files(values) {
		lines, err := b.lined(path).lines(ctx, here)
		if err != nil {
			return nil, err
		}
		for _, v := range here {
			out[v] = standing{entryOf(lines[v]), len(lines[v]) > 0}
		}
	}
	return out, nil
}

func (b *blocklist) set(ctx context.Context, to map[value]entry) error {
	files := b.files(slices.Collect(maps.Keys(to)))
	for i, path := range slices.Sorted(maps.Keys(files)) {
		here := map[value]entry{}
		for _, v := range files[path] {
			here[v] = to[v]
		}
		if err := b.lined(path).edit(ctx, here); err != nil {
			if i > 0 && !action.IsDoubtful(err) {
				err = fmt.Errorf("an earlier file was changed: %w", err)
			}
			return err
		}
	}
	return nil
}

// seen implements seer.
func (b *blocklist) seen(ctx context.Context, values []value) (wrong, err error) {
	if b.Published == "" {
		return nil, nil
	}
	for file, here := range b.files(values) {
		at := b.Published + path.Base(file)
		published, err := b.fetch(ctx, at)
		if err != nil {
			return nil, err
		}
		for _, v := range here {
			if !slices.ContainsFunc(strings.Split(published, "\n"), func(line string) bool { return firstWord(line) == b.line(v) }) {
				return &action.Error{
					Message: fmt.Sprintf("%s stands in %s, but firewalls that fetch %s do not get it", action.CleanLine(v.text, 80), file, action.CleanLine(at, 120)),
					Hint:    "check that the web server publishes that very file and that nothing in between keeps an older one, then retry",
				}, nil
			}
		}
	}
	return nil, nil
}

func (b *blocklist) fetch(ctx context.Context, at string) (string, error) {
	client, err := httpclient.New(b.allow, httpclient.Options{CAFile: b.CAFile})
	if err != nil {
		return "", err
	}
	answer, err := client.Do(ctx, httpclient.Request{Method: http.MethodGet, URL: at})
	if err == nil && !answer.Success() {
		err = answer.Unexpected()
	}
	return string(answer.Body), err
}

func (b *blocklist) check(ctx context.Context) []error {
	if problems := b.host.Check(ctx); len(problems) > 0 {
		return problems
	}
	var problems []error
	for _, file := range []string{b.Addresses, b.Domains, b.URLs, b.Senders, b.Hashes} {
		if file == "" {
			continue
		}
		problems = append(problems, b.lined(file).writable(ctx)...)
		if f, err := b.host.Stat(ctx, file); b.Published != "" && err == nil && f != (host.File{}) {
			if _, err := b.fetch(ctx, b.Published+path.Base(file)); err != nil {
				problems = append(problems, &action.Error{
					Message: "firewalls cannot fetch " + action.CleanLine(b.Published+path.Base(file), 120),
					Hint:    "check published_at in the target, and the web server", Cause: err,
				})
			}
		}
	}
	return problems
}
