package login

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// proc is one process of a machine.
type proc struct {
	pid, parent int
	uid         int // the real one
	args        string
}

// listing prints the process id of ps itself before what it lists.
const listing = `echo $$; exec ps -eo pid=,ppid=,ruid=,stat=,args=`

// procs lists what runs on a machine, without what has ended already and only
// waits for its parent; ours are the processes that irctl itself acts through.
func procs(ctx context.Context, h *host.Host) (all []proc, ours map[int]bool, err error) {
	res, err := h.Run(ctx, process.Command{Argv: []string{"sh", "-c", listing}, Name: "ps", Max: 8 << 20}, nil)
	if err != nil {
		return nil, nil, host.Certain(err)
	}
	all, ours, ok := parseProcs(res.Stdout)
	if !ok || res.Cut {
		return nil, nil, &action.Error{Message: "what ps on " + h.String() + " prints cannot be read", Hint: "check that ps is that of procps"}
	}
	return all, ours, nil
}

func parseProcs(text string) (all []proc, ours map[int]bool, ok bool) {
	first, rest, _ := strings.Cut(text, "\n")
	self, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return nil, nil, false
	}
	parents := map[int]int{}
	for line := range strings.Lines(rest) {
		words := strings.Fields(line)
		if len(words) < 4 {
			return nil, nil, false
		}
		var p proc
		for i, into := range []*int{&p.pid, &p.parent, &p.uid} {
			if *into, err = strconv.Atoi(words[i]); err != nil {
				return nil, nil, false
			}
		}
		p.args = strings.Join(words[4:], " ")
		parents[p.pid] = p.parent
		if !strings.HasPrefix(words[3], "Z") {
			all = append(all, p)
		}
	}
	ours = map[int]bool{}
	for pid := self; pid > 1 && !ours[pid]; pid = parents[pid] {
		ours[pid] = true
	}
	return all, ours, len(all) > 0 && parents[self] != 0
}

// session matches what the server calls the processes of a session of an
// account; their parts are "[priv]", "[net]" before the sign-in, "@pts/1".
func session(account string) *regexp.Regexp {
	return regexp.MustCompile(`^sshd(-session)?: ` + regexp.QuoteMeta(account) + `(@| \[)`)
}

// sshSessions are the processes that each session of an account consists of,
// with what was started in it. Irctl's own is not among them.
func sshSessions(all []proc, ours map[int]bool, account string) [][]int {
	titled := session(account)
	byPID := map[int]proc{}
	children := map[int][]int{}
	for _, p := range all {
		byPID[p.pid] = p
		children[p.parent] = append(children[p.parent], p.pid)
	}
	var sessions [][]int
	for _, p := range all {
		if !titled.MatchString(p.args) || titled.MatchString(byPID[p.parent].args) {
			continue
		}
		tree := []int{p.pid}
		for i := 0; i < len(tree); i++ {
			tree = append(tree, children[tree[i]]...)
		}
		isOurs := func(pid int) bool { return ours[pid] }
		unproved := func(pid int) bool { return strings.HasSuffix(byPID[pid].args, " [net]") }
		if !slices.ContainsFunc(tree, isOurs) && !slices.ContainsFunc(tree, unproved) {
			sessions = append(sessions, tree)
		}
	}
	return sessions
}
