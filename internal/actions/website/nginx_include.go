package website

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// block is a block of nginx's configuration.
type block struct {
	name  string   // "server"
	names []string // of server_name, in it directly
	at    []string // of listen
	takes bool     // it includes the file
	ends  bool     // it answers all by itself (return)
	in    *block   // nil for what is in no block of its file
}

// blocks are all blocks of a configuration, as nginx -T prints it. Those of main
// are the files themselves; of all but the first nobody knows which block takes
// them in.
func blocks(whole, file string) (out []*block, first *block) {
	main := ""
	for i, part := range strings.Split("\n"+whole, "\n# configuration file ") {
		name, text, _ := strings.Cut(part, ":\n")
		if i == 0 {
			continue
		}
		at := &block{name: "file"}
		if i == 1 {
			main, first = name, at
		}
		out = append(out, at)
		for _, words := range directives(text) {
			switch end := words[len(words)-1]; {
			case end == "}":
				if at.in != nil {
					at = at.in
				}
			case end == "{":
				at = &block{name: words[0], in: at}
				out = append(out, at)
			case words[0] == "server_name":
				at.names = append(at.names, words[1:len(words)-1]...)
			case words[0] == "listen":
				at.at = append(at.at, words[1])
			case words[0] == "return":
				at.ends = true
			case words[0] == "include" && len(words) == 3:
				pattern := words[1]
				if !path.IsAbs(pattern) {
					pattern = path.Join(path.Dir(main), pattern)
				}
				ok, err := path.Match(pattern, file)
				at.takes = at.takes || err == nil && ok
			}
		}
	}
	return out, first
}

// directives are the words of each directive, the last of which is what ends it:
// ";", "{" or "}".
func directives(text string) (out [][]string) {
	var words []string
	word, in := "", false
	end := func() {
		if in {
			words = append(words, word)
		}
		word, in = "", false
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			word, in = word+string(text[i]), true
		case (c == '"' || c == '\'') && !in:
			to := i + 1
			for to < len(text) && text[to] != c {
				if text[to] == '\\' {
					to++
				}
				to++
			}
			word, in = text[i+1:min(to, len(text))], true
			i = to
		case c == '#' && !in:
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			end()
		case c == ';' || c == '}' && !strings.Contains(word, "${") || c == '{' && !strings.HasSuffix(word, "$"):
			end()
			out, words = append(out, append(words, string(c))), nil
		default:
			word, in = word+string(c), true
		}
	}
	return out
}

// serves reports whether a block is a server's of that name (ngx_http_core_module,
// server_name), exactly or by a wildcard in front.
func (b *block) serves(hostname string) bool {
	return b.name == "server" && slices.ContainsFunc(b.names, func(name string) bool {
		suffix := strings.TrimPrefix(name, "*")
		return name == hostname || suffix == "."+hostname || strings.HasPrefix(suffix, ".") && strings.HasSuffix(hostname, suffix)
	})
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// uncovered names the server blocks that serve a site and do not include the file
// that closes it, if one of that name does. A block that only returns an answer,
// such as a redirect, serves nothing.
func uncovered(whole, file, address string) []string {
	all, _ := blocks(whole, file)
	hostname := hostOf(address)
	covered := func(b *block) bool { return b.takes && b.serves(hostname) }
	if !slices.ContainsFunc(all, covered) {
		return nil
	}
	var out []string
	for _, b := range all {
		if b.serves(hostname) && !b.takes && !b.ends {
			out = append(out, "the server block of "+hostname+" at "+action.CleanLine(cmp.Or(strings.Join(b.at, ", "), "port 80"), 80)+", which does not include "+file)
		}
	}
	return out
}

// misplaced says what is wrong with where a configuration includes a file that
// is to close the site whose visitors come to an address.
func misplaced(whole, file, address string) []error {
	all, main := blocks(whole, file)
	hostname := hostOf(address)
	included := false
	var problems []error
	wrong := func(message, hint string) {
		problems = append(problems, &action.Error{Message: message, Hint: hint, Permanent: true})
	}
	line := "include " + strings.TrimSuffix(file, path.Ext(file)) + "*" + path.Ext(file) + ";"
	served := func(b *block) bool { return b.serves(hostname) }
	for _, b := range all {
		if !b.takes {
			continue
		}
		included = true
		switch {
		case b.name == "server" && !served(b) && slices.ContainsFunc(all, served):
			wrong(fmt.Sprintf("nginx includes %s in the server block of %s, which would be closed in the place of %s", file, action.CleanLine(strings.Join(b.names, ", "), 80), hostname),
				"move it into the server block of "+hostname+": "+line)
		case b == main || b.name != "server" && b.name != "file":
			place := "its " + b.name + " block"
			if b == main {
				place = "no block"
			}
			wrong(fmt.Sprintf("nginx includes %s in %s, where it cannot close one site", file, place), "move it into the site's server block: "+line)
		}
	}
	if !included {
		wrong("nginx's configuration does not include "+file, "write into the site's server block: "+line)
	}
	return problems
}
