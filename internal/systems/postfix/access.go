package postfix

import (
	"context"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// Access is an access(5) map of one Postfix instance, indexed by postmap(1). Close
// it when the call of the action ends.
type Access struct {
	*System
	table string // type:path
}

// OpenAccess is the map with this name of the instance whose main.cf is in a
// folder. It does no I/O.
func OpenAccess(folder, table string, via host.Via, allow action.Allow) (*Access, error) {
	h, err := host.Open(via, allow)
	return &Access{&System{host: h, config: strings.TrimRight(folder, "/")}, table}, err
}

// FolderField ties the folder of main.cf to its description.
func FolderField(into *string) config.Field {
	return config.Into(into, action.Field{Name: "config_directory", Default: "/etc/postfix", Pattern: `/.*`, Description: "The folder of main.cf, on the machine that via names.", Example: "/etc/postfix"})
}

// Host is where the map lies.
func (a *Access) Host() *host.Host { return a.host }

// File is the text that the map is made of.
func (a *Access) File() string {
	_, path, _ := strings.Cut(a.table, ":")
	return path
}

// Find is what the map, as Postfix reads it, says of keys; of one that it does not
// have it says nothing.
func (a *Access) Find(ctx context.Context, keys []string) (map[string]string, error) {
	out := map[string]string{}
	if len(keys) == 0 {
		return out, nil
	}
	c := process.Command{
		Argv: []string{"postmap", "-c", a.config, "-q", "-", a.table}, Success: []int{0, 1}, Max: maxOutput,
		Stdin: action.NewSecret(strings.Join(keys, "\n") + "\n"),
	}
	res, err := a.host.Run(ctx, c, nil)
	if err == nil && res.ExitCode == 1 && strings.TrimSpace(res.Stderr) != "" { // else it found nothing
		err = &action.Error{Message: "the map " + a.table + " cannot be read: " + action.CleanLine(res.Stderr, 160), Hint: "make the file if it is not there (it may be empty), run `postmap " + a.table + "` once, and see that irctl acts there as root (`via: {sudo: true}`)"}
	}
	if err != nil {
		return nil, host.Certain(err)
	}
	for line := range strings.Lines(res.Stdout) {
		key, says, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		out[key] = says
	}
	return out, nil
}

// Index has Postfix read the map as its file is now.
//
// Of a file that is written in place a daemon notices a change by the time in
// whole seconds, and so misses the second of two in one; of a file that is
// replaced it notices every one (Postfix's dict_changed_name), and none reads a
// half. Somebody who changes the text meanwhile may have been faster to index it,
// so it is compared once more.
func (a *Access) Index(ctx context.Context) error {
	kind, path, _ := strings.Cut(a.table, ":")
	if kind != "hash" && kind != "btree" { // those replace it themselves, or lock it
		_, err := a.run(ctx, "postmap", "", a.table)
		return err
	}
	c := process.Command{Argv: []string{"sh", "-c", indexScript, "sh", a.config, kind, path}, Name: "postmap"}
	_, err := a.host.Run(ctx, c, nil)
	return host.Advise(err, "check that irctl acts there as root (`via: {sudo: true}`), and what postmap says of the map; then retry")
}

const indexScript = `set -e
trap 'rm -rf "$new"' EXIT
while new=$(mktemp -d "$3.XXXXXX"); do
	cp -p -- "$3" "$new/map"
	postmap -c "$1" "$2:$new/map"
	mv -f -- "$new/map.db" "$3.db"
	if [ "$(cksum <"$new/map")" = "$(cksum <"$3")" ]; then exit 0; fi
	rm -rf "$new"
done
exit 1`

// Consults reports whether a restriction of main.cf such as check_sender_access
// asks the map.
func (a *Access) Consults(ctx context.Context, check string) (bool, error) {
	text, err := a.query(ctx, "postconf", "-x", "-n")
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
	for i, w := range words[:max(len(words)-1, 0)] {
		if w == check && slices.Contains([]string{a.table, "proxy:" + a.table}, words[i+1]) {
			return true, err
		}
	}
	return false, err
}
