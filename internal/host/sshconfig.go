package host

import (
	"bufio"
	"context"
	"maps"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/irctl/irctl/internal/host/process"
)

// asked is what ssh said that it would do, for machines of which its files say
// the same.
type asked struct {
	mu    sync.Mutex
	name  string            // of the machine that it was asked of
	said  map[string]string // by the options' names in lower case; nil before
	apart bool              // what it said is about that machine alone
}

// settings is what ssh would do for a machine. It is asked once for all machines
// for which its files make no difference, since asking takes as long as a command.
func (h *Host) settings(ctx context.Context, cs *Connections, name string) (map[string]string, error) {
	set, same := h.set(name)
	cs.mu.Lock()
	if cs.configs == nil {
		cs.configs = map[string]*asked{}
	}
	c := cs.configs[set]
	if c == nil {
		c = &asked{}
		cs.configs[set] = c
	}
	cs.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	host := bare(name)
	if c.said != nil && (c.name == name || same && !c.apart) {
		said := maps.Clone(c.said)
		if c.name != name {
			said["hostname"] = host
		}
		return said, nil
	}
	said, err := h.ask(ctx, name)
	if err != nil || c.said != nil {
		return said, err
	}
	c.name, c.said = name, said
	c.apart = said["hostname"] != host || slices.Contains([]string{"yes", "always", "true"}, said["canonicalizehostname"]) ||
		strings.Contains(said["proxyjump"], "%") || strings.Contains(said["proxyjump"], host)
	return said, nil
}

// bare is the name of a machine without a user.
func bare(name string) string {
	if _, host, ok := strings.Cut(name, "@"); ok {
		return host
	}
	return name
}

// set names the machines for which ssh's files say the same as for this one. It
// is not sure where they have a Match, or cannot be read.
func (h *Host) set(name string) (set string, same bool) {
	flags := h.flags
	if name != h.ssh {
		flags = nil
	}
	files := []string{"/etc/ssh/ssh_config"}
	if me, err := user.Current(); err == nil {
		files = append(files, filepath.Join(me.HomeDir, ".ssh", "config"))
	}
	if i := slices.Index(h.flags, "-F"); i >= 0 {
		files = []string{h.flags[i+1]}
	}
	who, _, _ := strings.Cut(name, "@")
	if who == name {
		who = ""
	}
	parts := append(slices.Clone(flags), "", who)
	for _, f := range files {
		for _, patterns := range hostLines(f, 0) {
			if patterns == nil {
				return name + "\x00" + strings.Join(parts, "\x00"), false
			}
			if fits(bare(name), patterns) {
				parts = append(parts, strings.Join(patterns, " "))
			}
		}
	}
	return strings.Join(parts, "\x00"), true
}

// hostLines are the patterns of the Host lines of an ssh_config(5), in order. A
// line that depends on something else is nil.
func hostLines(file string, depth int) (out [][]string) {
	f, err := os.Open(file)
	if err != nil {
		return nil // ssh reads nothing either, or refuses
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		words := strings.FieldsFunc(lines.Text(), func(r rune) bool { return strings.ContainsRune(" \t=\"", r) })
		if len(words) == 0 {
			continue
		}
		switch strings.ToLower(words[0]) {
		case "host":
			out = append(out, words[1:])
		case "match":
			out = append(out, nil)
		case "include":
			for _, pattern := range words[1:] {
				if depth > 8 || strings.HasPrefix(pattern, "~") || strings.ContainsAny(pattern, "$%") {
					return append(out, nil)
				}
				if !filepath.IsAbs(pattern) {
					pattern = filepath.Join(filepath.Dir(file), pattern)
				}
				found, _ := filepath.Glob(pattern)
				for _, name := range found {
					out = append(out, hostLines(name, depth+1)...)
				}
			}
		}
	}
	if lines.Err() != nil {
		out = append(out, nil)
	}
	return out
}

// fits reports whether a name is one of those that the patterns of a Host line
// mean (ssh_config(5), PATTERNS).
func fits(name string, patterns []string) bool {
	found := false
	for _, p := range patterns {
		pattern, not := strings.CutPrefix(p, "!")
		if !like(name, pattern) {
			continue
		}
		if not {
			return false
		}
		found = true
	}
	return found
}

// like matches a pattern in which * stands for any letters and ? for one.
func like(name, pattern string) bool {
	before, after, star := strings.Cut(pattern, "*")
	if len(name) < len(before) || !star && len(name) > len(before) {
		return false
	}
	for i := range len(before) {
		if before[i] != '?' && before[i] != name[i] {
			return false
		}
	}
	if !star {
		return true
	}
	for rest := name[len(before):]; ; rest = rest[1:] {
		if like(rest, after) {
			return true
		}
		if rest == "" {
			return false
		}
	}
}

// ask is what ssh would do for a machine, by the options' names in lower case.
func (h *Host) ask(ctx context.Context, name string) (map[string]string, error) {
	args := []string{"ssh", "-G"}
	if name == h.ssh {
		args = append(args, h.flags...)
	} else if i := slices.Index(h.flags, "-F"); i >= 0 {
		args = append(args, "-F", h.flags[i+1])
	}
	user, host, ok := strings.Cut(name, "@")
	if !ok {
		host = user
	}
	if name != h.ssh { // a jump may be written user@host:port
		if bare, _, err := net.SplitHostPort(host); err == nil {
			host = bare
		}
	} else {
		host = name
	}
	c := process.Command{Argv: append(args, "--", host), Env: map[string]any{"LC_ALL": "C"}, Name: "ssh"}
	res, err := c.Run(ctx, nil)
	if err != nil {
		return nil, h.noSSH(err, res)
	}
	out := map[string]string{}
	for line := range strings.Lines(res.Stdout) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if out[key] == "" {
			out[key] = value
		}
	}
	return out, nil
}
