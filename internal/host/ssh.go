package host

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// persist is how long a shared connection that nobody uses outlives irctl
// after a crash.
const persist = 20 * time.Second

// shared is a connection that every command and every dial to a host goes
// over, so that it signs in once.
type shared struct {
	turn    chan struct{} // holds one token while nobody signs in
	dir     string        // of the socket; "" while there is none
	up      bool
	cleared bool         // what earlier attempts left was ended
	sockets atomic.Int64 // how many were forwarded
}

func (s *shared) init() {
	s.turn = make(chan struct{}, 1)
	s.turn <- struct{}{}
}

// flags are the arguments that a target's `via` stands for. For ssh the first
// value of an option counts.
func flags(via Via) []string {
	var out []string
	option := func(name, value string) { out = append(out, "-o", name+"="+value) }
	option("BatchMode", "yes")
	option("RequestTTY", "no")
	option("SendEnv", "LC_ALL")
	if f := via.Config; f != "" {
		out = append(out, "-F", f)
	}
	if u := via.User; u != "" {
		out = append(out, "-l", u)
	}
	if p := via.Port; p != nil {
		out = append(out, "-p", fmt.Sprint(*p))
	}
	if f := via.Identity; f != "" {
		out = append(out, "-i", f)
		option("IdentitiesOnly", "yes")
	}
	if f := via.KnownHosts; f != "" {
		option("UserKnownHostsFile", `"`+f+`"`)
		option("GlobalKnownHostsFile", "none")
	}
	for _, name := range slices.Sorted(maps.Keys(via.Options)) {
		option(name, via.Options[name])
	}
	option("ConnectTimeout", "15")
	option("ServerAliveInterval", "5")
	option("ServerAliveCountMax", "3")
	return out
}

// client is ssh over the shared connection, if there is one. More arguments
// come before the host, and after it what is to run there.
func (h *Host) client(more []string, command ...string) process.Command {
	control := []string{"-S", "none"}
	if h.shared.dir != "" {
		control = []string{"-o", "ControlMaster=no", "-S", h.socket()}
	}
	return h.program(append(control, more...), command...)
}

func (h *Host) program(more []string, command ...string) process.Command {
	return process.Command{
		Argv: slices.Concat([]string{"ssh"}, more, h.flags, []string{"--", h.ssh}, command),
		Env:  map[string]any{"LC_ALL": "C"},
	}
}

func (h *Host) socket() string { return filepath.Join(h.shared.dir, "s") }

// shares reports whether ssh can share a connection. On Windows it cannot.
func shares() bool { return runtime.GOOS != "windows" }

// connect signs in once and leaves the connection to those who come after. On
// a system where connections cannot be shared it only looks whether signing in
// works.
func (h *Host) connect(ctx context.Context) error {
	select {
	case <-h.shared.turn:
	case <-ctx.Done():
		return &action.Error{Message: h.String() + " was not asked", Cause: ctx.Err()}
	}
	defer func() { h.shared.turn <- struct{}{} }()
	if h.shared.up {
		return nil
	}
	if err := h.allowed(ctx); err != nil {
		return err
	}
	c := h.client([]string{"-T"}, "exit")
	if shares() {
		dir, err := os.MkdirTemp(socketFolder(), "irctl-ssh-")
		if err != nil {
			return &action.Error{Message: "no folder can be made for the connection to " + h.String(), Hint: "make room in " + os.TempDir(), Cause: err}
		}
		h.shared.dir = dir
		c = h.program([]string{"-f", "-N", "-M", "-S", h.socket(), "-o", fmt.Sprintf("ControlPersist=%d", int(persist.Seconds()))})
	}
	c.Name, c.Grace = "ssh to "+h.String(), time.Second
	res, err := c.Run(process.Unmarked(ctx), nil) // it outlives what it is made for
	if err != nil {
		_ = os.RemoveAll(h.shared.dir)
		h.shared.dir = ""
		if ctx.Err() != nil || res.ExitCode != sshFailed {
			return h.noSSH(err, res)
		}
		return h.refused(res.Stderr)
	}
	h.shared.up = true
	return nil
}

// disconnect ends the shared connection.
func (h *Host) disconnect() {
	<-h.shared.turn
	defer func() { h.shared.turn <- struct{}{} }()
	if h.shared.dir == "" {
		h.shared.up = false
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	c := h.client([]string{"-O", "exit"})
	c.Grace = time.Second
	_, _ = c.Run(ctx, nil) // it may have ended by itself
	_ = os.RemoveAll(h.shared.dir)
	h.shared.dir, h.shared.up = "", false
}

// socketFolder is where the folder of a socket is made: the path of a socket
// is limited to about 100 bytes, and ssh adds some.
func socketFolder() string {
	if len(os.TempDir()) < 50 {
		return "" // the usual one
	}
	return "/tmp"
}
