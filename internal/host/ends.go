package host

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/host/process"
)

// Ends are the two ends of an SSH connection, as its server names them in the
// variable SSH_CONNECTION (ssh(1), ENVIRONMENT). Addresses have no zone, and one
// of IPv4 is never written as IPv6.
type Ends struct{ From, To netip.AddrPort }

func endsOf(text string) (Ends, bool) {
	words := strings.Fields(text) // client, its port, server, its port
	if len(words) != 4 {
		return Ends{}, false
	}
	end := func(address, port string) (netip.AddrPort, error) {
		addr, err := netip.ParseAddr(address)
		if err != nil {
			return netip.AddrPort{}, err
		}
		p, err := netip.ParseAddrPort("[::]:" + port)
		return netip.AddrPortFrom(addr.WithZone("").Unmap(), p.Port()), err
	}
	from, err := end(words[0], words[1])
	to, err2 := end(words[2], words[3])
	return Ends{from, to}, err == nil && err2 == nil
}

// Ends is how irctl comes to another host. It is false if the SSH server there
// does not say.
func (h *Host) Ends(ctx context.Context) (Ends, bool, error) {
	// Sudo leaves the variable out, so it is asked without.
	res, err := h.RunLine(ctx, "echo $SSH_CONNECTION", process.Command{Name: "echo"}, nil)
	if err != nil {
		return Ends{}, false, err
	}
	e, ok := endsOf(res.Stdout)
	return e, ok, nil
}

// Operator is how whoever started irctl came to this machine, if by SSH. Sudo
// leaves the variable out: then the processes above are looked at, where the
// system shows them.
func Operator() (Ends, bool) {
	if e, ok := endsOf(os.Getenv("SSH_CONNECTION")); ok {
		return e, true
	}
	for pid, n := os.Getppid(), 0; pid > 1 && n < 64; n++ {
		dir := "/proc/" + strconv.Itoa(pid)
		variables, _ := os.ReadFile(dir + "/environ")
		for variable := range strings.SplitSeq(string(variables), "\x00") {
			if text, is := strings.CutPrefix(variable, "SSH_CONNECTION="); is {
				return endsOf(text)
			}
		}
		stat, _ := os.ReadFile(dir + "/stat") // proc_pid_stat(5): the name may hold anything
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) < 2 {
			break
		}
		pid, _ = strconv.Atoi(fields[1])
	}
	return Ends{}, false
}
