package block

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// lined is a file that holds a value a line, among lines of other people.
type lined struct {
	host *host.Host
	path string
	mode fs.FileMode // of a file that is not there yet
	// key is what a line is about, as text gives it for a value; "" is nothing.
	key func(line string) string
	// text is the line that irctl writes for a value, and what key makes of it.
	text func(v value) (line, key string)
}

// recordLines is the part of an entry that says which lines there are: each as
// its number, from 0, and its text.
const recordLines = "lines"

// lines are those of the file, each value's by itself; a file that is missing has
// none.
func (f lined) lines(ctx context.Context, values []value) (map[value][]string, error) {
	data, err := f.host.ReadFile(ctx, f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	by := map[string][]string{}
	for i, line := range strings.Split(string(data), "\n") {
		if k := f.key(line); k != "" {
			by[k] = append(by[k], fmt.Sprintf("%d %s", i, line))
		}
	}
	out := map[value][]string{}
	for _, v := range values {
		_, k := f.text(v)
		out[v] = by[k]
	}
	return out, nil
}

// edit has the lines of values be as their entries say: none, irctl's own, or
// those from before at the places where they were.
func (f lined) edit(ctx context.Context, to map[value]entry) error {
	change := func(old []byte) ([]byte, error) { return []byte(f.edited(string(old), to)), nil }
	err := f.host.Edit(ctx, f.path, f.mode, change)
	if errors.Is(err, fs.ErrNotExist) {
		if text := f.edited("", to); text != "" {
			return f.host.Replace(ctx, f.path, nil, []byte(text), f.mode)
		}
		return nil
	}
	return err
}

func (f lined) edited(text string, to map[value]entry) string {
	about := map[string]bool{}
	var fresh, back []string
	for v, e := range to {
		line, k := f.text(v)
		about[k] = true
		if e == nil {
			continue
		}
		if was := action.Values(e).Strings(recordLines); len(was) > 0 {
			back = append(back, was...)
		} else if len(e) == 0 {
			fresh = append(fresh, line)
		}
	}
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return about[f.key(line)] })
	place := func(s string) (int, string) {
		at, line, _ := strings.Cut(s, " ")
		n, _ := strconv.Atoi(at)
		return n, line
	}
	slices.SortFunc(back, func(a, b string) int { x, _ := place(a); y, _ := place(b); return x - y })
	for _, s := range back {
		at, line := place(s)
		lines = slices.Insert(lines, min(at, len(lines)), line)
	}
	slices.Sort(fresh)
	end := len(lines)
	if lines[end-1] == "" { // the file ends with a line end, and shall again
		end--
	}
	return strings.Join(slices.Insert(lines, end, slices.Compact(fresh)...), "\n")
}

// entryOf is how lines stand in an entry, nil if there are none.
func entryOf(lines []string) entry {
	if len(lines) == 0 {
		return nil
	}
	list := []any{}
	for _, l := range lines {
		list = append(list, l)
	}
	return entry{recordLines: list}
}

// writable says for a preflight what would keep the file from being replaced.
func (f lined) writable(ctx context.Context) []error {
	if _, err := f.lines(ctx, nil); err != nil {
		return []error{err}
	}
	if err := f.host.Replaceable(ctx, f.path); err != nil {
		return []error{err}
	}
	return nil
}
