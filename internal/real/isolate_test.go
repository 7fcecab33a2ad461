//go:build unix

package real

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// site is a network with a victim, a bystander and this machine, which is the
// responder's. Each machine runs an SSH server, which is known by its host key:
// what answers in its place is not taken for it.
type site struct {
	network           *realtest.Network
	victim, bystander *realtest.SSHD
}

// usualFilter is what the victim filters at first.
const usualFilter = `table ip usual {
	set trusted {
		type ipv4_addr
		elements = { 198.51.100.0, 203.0.113.0 }
	}
	chain input {
		type filter hook input priority 0; policy accept;
		ip saddr @trusted tcp dport 25 drop
	}
}
`

// The victim and the bystander have IPv6 addresses as well (RFC 3849).
const (
	victim6    = "2001:db8::7"
	bystander6 = "2001:db8::8"
)

func newSite(t *testing.T) *site {
	t.Helper()
	realtest.Need(t, "nft")
	n := realtest.StartNetwork(t, "victim", "bystander")
	for name, address := range map[string]string{"victim": victim6, "bystander": bystander6} {
		n.Machine(name).Run(t, "ip", "address", "add", address+"/64", "dev", "eth0", "nodad")
	}
	s := &site{n, realtest.StartSSHDOn(t, n.Machine("victim"), "ListenAddress ::", "Port 2222"), realtest.StartSSHDOn(t, n.Machine("bystander"), "ListenAddress ::")}
	s.load(t, usualFilter)
	return s
}

// load has the victim's nft read a file.
func (s *site) load(t *testing.T, text string) {
	t.Helper()
	cmd := s.network.Machine("victim").Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

// ruleset is all that the victim filters, with every handle.
func (s *site) ruleset(t *testing.T) any {
	t.Helper()
	return s.network.Machine("victim").Run(t, "nft", "-j", "list", "ruleset")
}

// answers reports whether a server is reached as itself, from a machine or, with
// "", from here.
func (s *site) answers(from, key, address string, port int) bool {
	args := []string{"-T", "1", "-t", "ed25519", "-p", fmt.Sprint(port), address}
	cmd := exec.Command("ssh-keyscan", args...)
	if from != "" {
		cmd = s.network.Machine(from).Command("ssh-keyscan", args...)
	}
	out, _ := cmd.Output() // it fails when nobody answers
	return strings.Contains(string(out), key)
}

// ways says who reaches whom.
func (s *site) ways(t *testing.T) map[string]bool {
	t.Helper()
	v, b := s.victim, s.bystander
	vKey, bKey := v.HostKey(t), b.HostKey(t)
	looks := map[string]func() bool{
		"bystander to victim":         func() bool { return s.answers("bystander", vKey, v.Host(), v.Port()) },
		"bystander to victim, IPv6":   func() bool { return s.answers("bystander", vKey, victim6, v.Port()) },
		"victim to bystander":         func() bool { return s.answers("victim", bKey, b.Host(), b.Port()) },
		"victim to bystander, IPv6":   func() bool { return s.answers("victim", bKey, bystander6, b.Port()) },
		"victim to itself":            func() bool { return s.answers("victim", vKey, v.Host(), v.Port()) },
		"responder to victim":         func() bool { return s.answers("", vKey, v.Host(), v.Port()) },
		"responder to the other port": func() bool { return s.answers("", vKey, v.Host(), 2222) },
		"responder to bystander":      func() bool { return s.answers("", bKey, b.Host(), b.Port()) },
	}
	out := map[string]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for way, look := range looks {
		all.Go(func() {
			open := look()
			mu.Lock()
			defer mu.Unlock()
			out[way] = open
		})
	}
	all.Wait()
	return out
}

// connected holds if everybody reaches everybody.
func (s *site) connected(t *testing.T) {
	t.Helper()
	for way, open := range s.ways(t) {
		require.True(t, open, way)
	}
}

// cut holds if only the responder reaches the victim, at one port of it, and the
// victim reaches nobody.
func (s *site) cut(t *testing.T) {
	t.Helper()
	require.Equal(t, map[string]bool{
		"bystander to victim": false, "bystander to victim, IPv6": false, "victim to bystander": false, "victim to bystander, IPv6": false,
		"victim to itself": true, "responder to victim": true, "responder to the other port": false, "responder to bystander": true,
	}, s.ways(t))
}

// office is one whose target is the victim. More is lines of the config.
func (s *site) office(t *testing.T, more ...string) *office {
	t.Helper()
	return newOffice(t, "    type: nftables\n    config:\n"+lines(more))
}

func TestIsolateOverSSH(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	trial{
		office: func(t *testing.T) (*office, string) {
			o := s.office(t, "via: "+s.victim.Via(), fmt.Sprintf(`probe: ["%s:2222"]`, s.victim.Host()))
			return o, o.step("isolate", "    uses: host.isolate\n")
		},
		state:     s.ruleset,
		changed:   func(t *testing.T) { s.cut(t); require.Equal(t, "here\n", s.victim.Run(t, "echo here")) },
		unchanged: s.connected,
		now:       s.victim.Host() + " is connected",
		already:   s.victim.Host() + " is isolated already, and left to it is only " + s.network.Here + " (TCP port 20000)",
	}.run(t)
}

func TestIsolateANamespace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	trial{
		office: func(t *testing.T) (*office, string) {
			o := s.office(t, "netns: "+s.network.Machine("victim").Namespace, fmt.Sprintf(`keep: ["%s:%d", "2001:db8:1::/64"]`, s.network.Here, s.victim.Port()))
			return o, o.step("isolate", "    uses: host.isolate\n")
		},
		state:     s.ruleset,
		changed:   s.cut,
		unchanged: s.connected,
		now:       "is connected",
		already:   "is isolated already, and left to it is only " + s.network.Here + " (TCP port 20000), 2001:db8:1::/64",
	}.run(t)
}

// TestIsolateEndsConnections: what others have open is silent while the machine
// is isolated.
func TestIsolateEndsConnections(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	realtest.Need(t, "sudo")
	o := s.office(t, "via: "+strings.Replace(s.victim.Via(), "{", "{sudo: true, ", 1)) // sudo hides where irctl comes from
	v := s.victim
	open := s.network.Machine("bystander").Command("ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile="+v.KnownHosts(),
		"-i", v.Identity(), "-l", v.User, "-p", fmt.Sprint(v.Port()), "--", v.Host(), "cat")
	in, err := open.StdinPipe()
	require.NoError(t, err)
	out, err := open.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, open.Start())
	heard := make(chan string, 2)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			heard <- lines.Text()
		}
	}()
	say := func(line string) {
		_, err := io.WriteString(in, line+"\n")
		require.NoError(t, err)
	}
	say("before")
	require.Equal(t, "before", <-heard)

	o.must("run", o.step("isolate", "    uses: host.isolate\n"))
	say("during")
	s.cut(t) // which takes a second
	require.Empty(t, heard, "nothing comes through")

	// Another runbook releases it, and what was held up arrives.
	o.must("run", o.step("release", "    uses: host.release\n"))
	require.Equal(t, "during", <-heard)
	s.connected(t)
	require.NoError(t, in.Close())
	require.NoError(t, open.Wait())

	// Undoing the release isolates it again as it was.
	o.must("rollback", o.status().Run)
	s.cut(t)
	require.Contains(t, o.must("run", o.path("isolate.yaml")).text(), "is isolated already")
	o.must("run", o.path("release.yaml"))
	require.Contains(t, o.must("run", o.path("release.yaml")).text(), "is connected already")
}

// TestIsolateThatCutsIrctlOff: the victim's SSH server names another address than
// packets come from, as behind a tunnel. The machine connects itself again,
// whether or not irctl heard that nft began before it was cut off.
func TestIsolateThatCutsIrctlOff(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]string{
		"heard":   `sh -c "$SSH_ORIGINAL_COMMAND"`,
		"unheard": `case $SSH_ORIGINAL_COMMAND in *"nft --file"*) exec 2>/dev/null;; esac; sh -c "$SSH_ORIGINAL_COMMAND"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			before := s.ruleset(t)
			tunnel := s.tunnel(t, run)
			o := s.office(t, "way_back: 1h", "via: "+strings.Replace(tunnel.Via(), "{", `{options: {ConnectTimeout: "5"}, `, 1))
			isolate := o.step("isolate", "    uses: host.isolate\n")
			ended := make(chan end)
			go func() { ended <- o.irctl("run", isolate) }()
			require.Eventually(t, func() bool { return strings.Contains(fmt.Sprint(s.ruleset(t)), "isolated by irctl") }, time.Minute, 50*time.Millisecond)
			here, err := os.FindProcess(onlyOne(t, processes(t, "-M", "UserKnownHostsFile=\""+tunnel.KnownHosts()+"\"")))
			require.NoError(t, err)
			require.NoError(t, here.Kill()) // ssh would wait for its ServerAliveInterval
			e := <-ended
			require.NotZero(t, e.code)
			said := strings.Join(strings.Fields(e.text()), " ")
			require.Contains(t, said, "irctl was cut off from "+s.victim.Host()+" while it isolated it")
			require.Contains(t, said, "within 1h0m0s the machine connects itself again")
			require.NotContains(t, said, "nothing was done")

			s.timeIsUp(t)
			require.Eventually(t, func() bool { return s.ways(t)["bystander to victim"] }, time.Minute, 100*time.Millisecond)
			require.Equal(t, before, s.ruleset(t))
		})
	}
}

// TestNothingIsIsolatedAfterTheWayBack: the machine waits no more when nft is to
// load the isolation, so nobody would take it away.
func TestNothingIsIsolatedAfterTheWayBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before := s.ruleset(t)
	slow := s.tunnel(t, `case $SSH_ORIGINAL_COMMAND in *"nft --file"*) while ls /run/irctl-way-back.$(readlink /proc/self/ns/net | tr -dc 0-9).*; do sleep 0.1; done >/dev/null 2>&1;; esac; sh -c "$SSH_ORIGINAL_COMMAND"`)
	o := s.office(t, "way_back: 1s", "via: "+slow.Via())
	e := o.irctl("run", o.step("isolate", "    uses: host.isolate\n"))
	require.NotZero(t, e.code)
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), s.victim.Host()+" has put back what was there before: irctl took longer than way_back")
	require.Equal(t, before, s.ruleset(t))
}

// tunnel is an SSH server of the victim that names another address than packets
// come from, and runs what is asked for by a shell's line.
func (s *site) tunnel(t *testing.T, run string) *realtest.SSHD {
	t.Helper()
	return realtest.StartSSHDOn(t, s.network.Machine("victim"), "ListenAddress ::", "Port 2223",
		`ForceCommand export SSH_CONNECTION="192.0.2.200 40000 192.0.2.201 22"; `+run)
}

// timeIsUp ends the time for which the victim waits to connect itself again.
func (s *site) timeIsUp(t *testing.T) {
	t.Helper()
	there := strings.Fields(s.network.Machine("victim").Run(t, "ip", "netns", "pids", s.network.Machine("victim").Namespace))
	p, err := os.FindProcess(onlyOne(t, slices.DeleteFunc(processes(t, "sleep", "3600"), func(pid int) bool { return !slices.Contains(there, fmt.Sprint(pid)) })))
	require.NoError(t, err)
	require.NoError(t, p.Kill())
}

// processes are those of this machine with all of these arguments.
func processes(t *testing.T, args ...string) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	var out []int
	for _, f := range files {
		text, err := os.ReadFile(f)
		words := strings.Split(string(text), "\x00")
		if err != nil || slices.ContainsFunc(args, func(a string) bool { return !slices.Contains(words, a) }) {
			continue // another, or it has just ended
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		require.NoError(t, err)
		out = append(out, pid)
	}
	return out
}

func onlyOne(t *testing.T, pids []int) int {
	t.Helper()
	require.Len(t, pids, 1)
	return pids[0]
}

// TestIsolateEndedWhileTheMachineWaits: what waits to connect the machine again
// is called off by the next attempt, also if the filter is as it should be.
func TestIsolateEndedWhileTheMachineWaits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	o := s.office(t, "via: "+s.victim.Via())
	isolate := o.step("isolate", "    uses: host.isolate\n")
	o.must("run", isolate)
	file := strings.TrimSpace(s.victim.Run(t, "mktemp /run/irctl-way-back.$(readlink /proc/self/ns/net | tr -dc 0-9).XXXXXX"))
	t.Cleanup(func() { _ = os.Remove(file) })
	require.Contains(t, strings.Join(strings.Fields(o.must("plan", isolate).stdout), " "), "is isolated, but about to connect itself again, because irctl was ended in between")
	require.FileExists(t, file)
	require.Contains(t, o.must("run", isolate).text(), "is isolated already")
	require.NoFileExists(t, file)
	s.cut(t)
}

// formerTable is a table of the name that irctl uses, but not irctl's.
const formerTable = `table inet irctl {
	counter mails {
		packets 17 bytes 4711
	}
	chain theirs {
		type filter hook input priority 10; policy accept;
		tcp dport 2525 counter name "mails" drop
	}
}
`

func TestIsolateGivesAFormerTableBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.load(t, formerTable)
	victim := s.network.Machine("victim")
	before := victim.Run(t, "nft", "list", "ruleset")
	require.Contains(t, before, "packets 17 bytes 4711")
	o := s.office(t, "netns: "+victim.Namespace)
	isolate := o.step("isolate", "    uses: host.isolate\n")
	require.Contains(t, strings.Join(strings.Fields(o.must("plan", isolate).stdout), " "), "is connected, and has a table inet irctl that is no isolation")
	o.must("run", isolate)
	require.NotContains(t, victim.Run(t, "nft", "list", "ruleset"), "mails")
	require.False(t, s.ways(t)["responder to victim"], "nobody is kept")
	o.must("rollback", o.status().Run)
	require.Equal(t, before, victim.Run(t, "nft", "list", "ruleset"))
	require.Contains(t, o.must("run", o.step("release", "    uses: host.release\n")).text(), "is connected already")
	require.Equal(t, before, victim.Run(t, "nft", "list", "ruleset"))
}

func TestUndoLeavesAFilterThatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	victim := s.network.Machine("victim")
	o := s.office(t, "netns: "+victim.Namespace)
	o.must("run", o.step("isolate", "    uses: host.isolate\n"))
	run := o.status().Run
	s.load(t, "add rule inet irctl input ip saddr 192.0.2.1 accept\n")
	theirs := s.ruleset(t)
	e := o.irctl("rollback", run)
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "somebody, or another run of irctl, has changed the table inet irctl of the network namespace "+victim.Namespace+" since the step, so it was left as it is")
	require.Equal(t, theirs, s.ruleset(t))
	o.must("run", o.step("release", "    uses: host.release\n"), "--share", "system", "--reason", "the rollback waits")
	s.connected(t)
}

func TestIsolateRefusals(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before := s.ruleset(t)
	victim := s.network.Machine("victim")
	t.Run("a probe that still answers", func(t *testing.T) {
		o := s.office(t, "netns: "+victim.Namespace, "keep: ["+s.network.Here+"]", fmt.Sprintf(`probe: ["%s:2222"]`, s.victim.Host()))
		isolate := o.step("isolate", "    uses: host.isolate\n")
		for range 2 {
			e := o.irctl("run", isolate, "--share", "system", "--reason", "once more")
			require.NotZero(t, e.code)
			require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "is in place, but this machine still gets an answer from "+s.victim.Host()+":2222")
		}
		o.must("rollback", o.olderRun())
		require.Equal(t, before, s.ruleset(t))
	})
	t.Run("no such namespace", func(t *testing.T) {
		o := s.office(t, "netns: nowhere")
		e := o.irctl("target", "check")
		require.Equal(t, 1, e.code)
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "there is no network namespace nowhere on this machine")
	})
	t.Run("this machine without a way back", func(t *testing.T) {
		o := s.office(t, "keep: []")
		require.Contains(t, strings.Join(strings.Fields(o.irctl("environment", "check").text()), " "), "isolating this machine would leave no way to it")
	})
	t.Run("all is well", func(t *testing.T) {
		require.Contains(t, s.office(t, "via: "+s.victim.Via()).must("target", "check").text(), "reachable and permitted")
		require.Equal(t, before, s.ruleset(t))
	})
}
