package realtest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Network is a switch with machines around it, each a network namespace of this
// machine (ip-netns(8)), and this machine too. Nothing of it touches a real
// network.
type Network struct {
	// Here is this machine's own address in it.
	Here     string
	Machines []*Machine
}

// Machine is a network namespace. A process in it has its own addresses,
// routes, firewall and loopback, and all else in common with this machine.
type Machine struct {
	Name      string // as the test calls it
	Namespace string // as ip-netns(8) calls it
	Address   string // within the network
	next      int    // the next port that is free
}

// How many networks there can be at once, and how long their addresses' prefix
// is. The addresses are those for documentation (RFC 5737).
const (
	networks = 48
	prefix   = 28
)

var documentation = []string{"198.51.100", "203.0.113", "192.0.2"}

// StartNetwork makes a network with machines of these names, at most 13, that
// all reach one another and this machine. It is gone when the test ends. It
// needs root on Linux.
func StartNetwork(t testing.TB, names ...string) *Network {
	t.Helper()
	program := Need(t, "ip")
	NeedRoot(t, "a network of its own (ip netns)")
	require.LessOrEqual(t, len(names), 13)
	index, release, err := claim()
	require.NoError(t, err)
	t.Cleanup(release)
	n := &Network{}
	b := builder{t, program, index}
	b.sweep() // what a test left behind that was killed
	t.Cleanup(b.sweep)
	address := func(i int) string {
		return fmt.Sprintf("%s.%d", documentation[index/16], (index%16)*16+i)
	}
	b.ip("netns", "add", b.name("switch"))
	b.in("switch", "link", "add", "switch", "type", "bridge")
	b.in("switch", "link", "set", "switch", "up")
	n.Here = address(1)
	b.plug(b.link(), "", n.Here)
	for i, name := range names {
		m := &Machine{Name: name, Namespace: b.name(name), Address: address(i + 2), next: 20000}
		b.ip("netns", "add", m.Namespace)
		b.in(name, "link", "set", "lo", "up")
		b.plug("eth0", name, m.Address)
		n.Machines = append(n.Machines, m)
	}
	return n
}

// Machine returns the machine of a name.
func (n *Network) Machine(name string) *Machine {
	for _, m := range n.Machines {
		if m.Name == name {
			return m
		}
	}
	panic("realtest: the network has no machine " + name)
}

// Command is a program that runs on the machine.
func (m *Machine) Command(program string, args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", m.Namespace, program}, args...)...)
}

// Run runs a program on the machine and returns what it printed.
func (m *Machine) Run(t testing.TB, program string, args ...string) string {
	t.Helper()
	out, err := m.Command(program, args...).CombinedOutput()
	require.NoError(t, err, "%s %s: %s", program, strings.Join(args, " "), out)
	return string(out)
}

// ports are free: nobody but the test has processes there.
func (m *Machine) ports(n int) []int {
	var out []int
	for range n {
		out = append(out, m.next)
		m.next++
	}
	return out
}

// builder makes one network.
type builder struct {
	t       testing.TB
	program string
	index   int
}

func (b builder) name(machine string) string {
	return fmt.Sprintf("irctl-real-%d-%s", b.index, machine)
}

// link is the name of the interface by which this machine takes part; such
// names have at most 15 letters.
func (b builder) link() string { return fmt.Sprintf("irctl-real%d", b.index) }

func (b builder) ip(args ...string) {
	b.t.Helper()
	out, err := exec.Command(b.program, args...).CombinedOutput()
	require.NoError(b.t, err, "ip %s: %s", strings.Join(args, " "), out)
}

func (b builder) in(machine string, args ...string) {
	b.t.Helper()
	b.ip(append([]string{"-n", b.name(machine)}, args...)...)
}

// plug runs a cable from the switch to an interface of a machine, "" is this
// one, and gives it an address.
func (b builder) plug(device, machine, address string) {
	b.t.Helper()
	port := "to-" + machine
	if machine == "" {
		port = "to-here"
	}
	if len(port) > 15 {
		port = port[:15]
	}
	cable := []string{"link", "add", port, "type", "veth", "peer", "name", device, "netns"}
	with := func(args ...string) []string { return args }
	if machine == "" {
		b.in("switch", append(cable, fmt.Sprint(os.Getpid()))...)
	} else {
		b.in("switch", append(cable, b.name(machine))...)
		with = func(args ...string) []string { return append([]string{"-n", b.name(machine)}, args...) }
	}
	b.in("switch", "link", "set", port, "master", "switch", "up")
	b.ip(with("address", "add", fmt.Sprintf("%s/%d", address, prefix), "dev", device)...)
	b.ip(with("link", "set", device, "up")...)
}

// sweep removes the namespaces of this network, and the cables with them.
func (b builder) sweep() {
	out, err := exec.Command(b.program, "netns", "list").Output()
	if err != nil {
		b.t.Errorf("ip netns list: %v", err)
		return
	}
	for line := range strings.Lines(string(out)) {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); strings.HasPrefix(name, b.name("")) {
			if out, err := exec.Command(b.program, "netns", "delete", name).CombinedOutput(); err != nil {
				b.t.Errorf("ip netns delete %s: %v: %s", name, err, out)
			}
		}
	}
	// The kernel takes the cable away a moment after the namespace.
	_ = exec.Command(b.program, "link", "delete", b.link()).Run()
}
