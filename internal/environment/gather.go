package environment

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// gatherTime is how long a program may take to list the machines of a group.
const gatherTime = 30 * time.Second

// mostListed is how many bytes a list of machines has at most.
const mostListed = 4 << 20

// Gather asks where the machines of the groups are known. With commands it runs
// the programs that the file names; without, their groups are left out. The
// error is an *action.Error and says of which group.
func (e *Environment) Gather(ctx context.Context, commands bool) (Listing, error) {
	out, total := Listing{}, 0
	for _, g := range e.groups {
		if !commands && (len(g.command) > 0 || g.ansible != "" && !strings.HasSuffix(g.ansible, ".json")) {
			continue
		}
		machines, err := e.machines(ctx, g)
		if total += len(machines); err == nil && total > maxMachines {
			err = fmt.Errorf("with it there are more than %d machines", maxMachines)
		}
		if err == nil && len(machines) == 0 {
			err = fmt.Errorf("it has no machines")
		}
		if err != nil {
			return nil, wrap(err, "the machines of the group "+g.key.Value+" are not known")
		}
		if out[g.key.Value], err = once(machines); err != nil {
			return nil, wrap(err, "the machines of the group "+g.key.Value+" are not known")
		}
	}
	return out, nil
}

// once is a list of machines by their names, each once. One that is reached in two
// ways is an error: nobody can tell which of them is meant.
func once(machines []Machine) ([]Machine, error) {
	slices.SortStableFunc(machines, func(a, b Machine) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(machines); i++ {
		if a, b := machines[i-1], machines[i]; a.Name == b.Name && a.Host != b.Host {
			return nil, &action.Error{
				Message: fmt.Sprintf("%s is named twice, as %s in %s and as %s in %s", a.Name, a.Host, a.at, b.Host, b.at), Permanent: true,
				Hint: "take one of them out, or give the other machine a name of its own",
			}
		}
	}
	return slices.CompactFunc(machines, func(a, b Machine) bool { return a.Name == b.Name }), nil
}

func (e *Environment) machines(ctx context.Context, g hosts) (out []Machine, err error) {
	switch {
	case g.file != "":
		text, err := e.read(g.file)
		if err != nil {
			return nil, err
		}
		return lines(g.file, text)
	case len(g.command) > 0:
		text, err := e.print(ctx, g.command)
		if err != nil {
			return nil, err
		}
		return lines("what "+g.command[0]+" prints", text)
	case strings.HasSuffix(g.ansible, ".json"):
		text, err := e.read(g.ansible)
		if err != nil {
			return nil, err
		}
		return inventory(text, cmp.Or(g.of, g.key.Value))
	case g.ansible != "":
		path, err := e.path(g.ansible)
		if err != nil {
			return nil, err
		}
		text, err := e.print(ctx, []string{"ansible-inventory", "-i", path, "--list"})
		if err != nil {
			return nil, &action.Error{Message: "Ansible does not say what is in " + g.ansible, Cause: err, Permanent: true,
				Hint: "install ansible-inventory; or write what it prints (ansible-inventory -i " + g.ansible + " --list) to a file that ends in .json, and name that"}
		}
		return inventory(text, cmp.Or(g.of, g.key.Value))
	}
	for _, text := range g.hosts {
		some, err := expand(text)
		if err != nil {
			return nil, err
		}
		for _, m := range some {
			m.at = text
			out = append(out, m)
		}
	}
	return out, nil
}

func (e *Environment) read(name string) ([]byte, error) {
	path, err := e.path(name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > mostListed {
		return nil, fmt.Errorf("%s is no file, or larger than 4 MiB", name)
	}
	return os.ReadFile(path)
}

// print is what a program prints.
func (e *Environment) print(ctx context.Context, argv []string) ([]byte, error) {
	dir, err := e.path(".")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(e.Passing(ctx), gatherTime)
	defer cancel()
	var attempts process.Attempts // what the program has left running ends with it when it is cut off
	defer attempts.Close()
	ctx, done := attempts.Begin(ctx, fmt.Sprintf("list %d %d", os.Getpid(), time.Now().UnixNano()), nil)
	defer done()
	res, err := process.Command{Argv: argv, Dir: dir, Max: mostListed}.Run(ctx, nil)
	switch {
	case err != nil:
		return nil, err
	case res.Cut:
		return nil, fmt.Errorf("%s printed more than 4 MiB", argv[0])
	}
	return []byte(res.Stdout), nil
}

// longestLine is how many bytes a line of a list of machines has at most.
const longestLine = 4096

// lines reads a machine from each line: its name and, if it is reached by another
// one, its address. What follows a # is a remark.
func lines(from string, text []byte) (out []Machine, err error) {
	n := 0
	for raw := range bytes.Lines(text) {
		n++
		at := fmt.Sprintf("%s, line %d", from, n)
		if len(raw) > longestLine {
			return nil, &action.Error{Message: fmt.Sprintf("%s has %d bytes, and the limit is %d", at, len(raw), longestLine), Hint: "write one machine on each line: NAME, or NAME ADDRESS", Permanent: true}
		}
		line, _, _ := strings.Cut(string(raw), "#")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
			continue
		case len(fields) > 2 || !isMachine(fields[0]) || !isMachine(fields[len(fields)-1]):
			return nil, &action.Error{Message: fmt.Sprintf("%s, `%s`, is no machine", at, action.CleanLine(line, 60)), Hint: "write NAME, or NAME ADDRESS"}
		}
		out = append(out, Machine{fields[0], fields[len(fields)-1], at})
	}
	return out, nil
}

// inventory reads what ansible-inventory --list prints: groups with hosts and
// children, and the variables of each host.
func inventory(text []byte, of string) (out []Machine, err error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("it is not what ansible-inventory --list prints: %w", err)
	}
	var meta struct {
		Vars map[string]struct {
			Host string `json:"ansible_host"`
		} `json:"hostvars"`
	}
	if raw, ok := all["_meta"]; ok {
		if err := json.Unmarshal(raw, &meta); err != nil {
			return nil, fmt.Errorf("its variables cannot be read: %w", err)
		}
	}
	if _, ok := all[of]; !ok {
		return nil, &action.Error{Message: "the inventory has no group " + action.CleanLine(of, 60), Hint: "say which one: {inventory: PATH, of: GROUP}"}
	}
	seen := map[string]bool{}
	var visit func(name string) error
	visit = func(name string) error {
		if seen[name] {
			return nil
		}
		seen[name] = true
		var g struct{ Hosts, Children []string }
		if raw, ok := all[name]; ok {
			if err := json.Unmarshal(raw, &g); err != nil {
				return fmt.Errorf("its group %s cannot be read: %w", name, err)
			}
		}
		for _, h := range g.Hosts {
			m := Machine{h, cmp.Or(meta.Vars[h].Host, h), "the inventory's group " + name}
			if !isMachine(m.Name) || !isMachine(m.Host) {
				return fmt.Errorf("`%s` of the inventory is no machine", action.CleanLine(h, 60))
			}
			out = append(out, m)
		}
		for _, child := range g.Children {
			if err := visit(child); err != nil {
				return err
			}
		}
		return nil
	}
	return out, visit(of)
}
