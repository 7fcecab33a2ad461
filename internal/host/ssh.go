package host

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// persist is how long a shared connection that nobody uses outlives irctl
// after a crash.
const persist = 20 * time.Second

// shared is the connection that every command and every dial to a host goes
// over, so that it signs in once: one with a shell, or one that ssh keeps beside.
type shared struct {
	turn    chan struct{} // holds one token while nobody signs in
	held    atomic.Pointer[connection]
	from    *Connections // where held came from
	own     *Connections // where no context has others
	dir     string       // of the socket without a shell; "" while there is none
	up      bool         // without a shell
	noShell bool         // nobody finds one there
	dialled atomic.Bool  // somebody else uses held by its socket
	cleared bool         // what earlier attempts left was ended
	sockets atomic.Int64 // how many were forwarded
}

func (s *shared) init() {
	s.turn = make(chan struct{}, 1)
	s.turn <- struct{}{}
	s.own = &Connections{alone: true}
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
	if dir := h.socketDir(); dir != "" {
		control = []string{"-o", "ControlMaster=no", "-S", socketIn(dir)}
	}
	return h.program(append(control, more...), command...)
}

func (h *Host) program(more []string, command ...string) process.Command {
	return process.Command{
		Argv: slices.Concat([]string{"ssh"}, more, h.flags, []string{"--", h.ssh}, command),
		Env:  map[string]any{"LC_ALL": "C"},
	}
}

// socketDir is where the socket of the shared connection lies, "" if it has none.
func (h *Host) socketDir() string {
	if c := h.shared.held.Load(); c != nil {
		return c.dir
	}
	return h.shared.dir
}

func socketIn(dir string) string { return filepath.Join(dir, "s") }

// shares reports whether ssh can share a connection. On Windows it cannot.
func shares() bool { return runtime.GOOS != "windows" }

// connect signs in once and leaves the connection to those who come after.
func (h *Host) connect(ctx context.Context) error { return h.link(ctx, false) }

// signIn is connect for who has commands to run: they share one shell there.
func (h *Host) signIn(ctx context.Context) error { return h.link(ctx, true) }

func (h *Host) link(ctx context.Context, commands bool) error {
	select {
	case <-h.shared.turn:
	case <-ctx.Done():
		return &action.Error{Message: h.String() + " was not asked", Cause: ctx.Err()}
	}
	defer func() { h.shared.turn <- struct{}{} }()
	if c := h.shared.held.Load(); c != nil && c.over() {
		h.shared.held.Store(nil)
		c.close()
	}
	if h.shared.up || h.shared.held.Load() != nil {
		return nil
	}
	cs := h.connections(ctx)
	if commands && !h.shared.noShell {
		if c := cs.take(ctx, h.way()); c != nil {
			h.shared.from = cs
			h.shared.held.Store(c)
			return nil
		}
	}
	server, err := h.allowed(ctx, cs)
	if err != nil {
		return err
	}
	return patience.Limit{For: crowdTime, Every: crowdTime / 10}.Until(ctx, func() error {
		said, err := h.open(ctx, cs, server, commands)
		if !crowded(said) {
			err = patience.Stop(err)
		}
		return err
	})
}

// crowdTime is for how long a server is asked again that lets nobody more in at
// the moment.
const crowdTime = 5 * time.Second

// open signs in, and says what ssh said.
func (h *Host) open(ctx context.Context, cs *Connections, server string, commands bool) (said string, err error) {
	done, err := cs.pace(ctx, server)
	if err != nil {
		return "", &action.Error{Message: h.String() + " was not asked", Cause: err}
	}
	defer done()
	if commands && !h.shared.noShell {
		c, said, err := h.hold(ctx)
		if err == nil {
			h.shared.from = cs
			h.shared.held.Store(c)
			return "", nil
		}
		if !errors.Is(err, errNoShell) {
			return said, err
		}
		h.shared.noShell = true
	}
	return h.stand(ctx)
}

// stand signs in without a command. On a system where connections cannot be
// shared it only looks whether that works.
func (h *Host) stand(ctx context.Context) (said string, err error) {
	c := h.client([]string{"-T"}, "exit")
	if shares() {
		if h.shared.dir, err = socketDir(h); err != nil {
			return "", err
		}
		c = h.program([]string{"-f", "-N", "-M", "-S", socketIn(h.shared.dir), "-o", fmt.Sprintf("ControlPersist=%d", int(persist.Seconds()))})
	}
	c.Name, c.Grace = "ssh to "+h.String(), time.Second
	res, err := c.Run(process.Unmarked(ctx), nil) // it outlives what it is made for
	if err != nil {
		_ = os.RemoveAll(h.shared.dir)
		h.shared.dir = ""
		if ctx.Err() != nil || res.ExitCode != sshFailed {
			return "", h.noSSH(err, res)
		}
		return res.Stderr, h.refused(res.Stderr)
	}
	h.shared.up = true
	return "", nil
}

// disconnect gives the shared connection back, or ends it.
func (h *Host) disconnect() {
	<-h.shared.turn
	defer func() { h.shared.turn <- struct{}{} }()
	if c := h.shared.held.Swap(nil); c != nil {
		if h.shared.dialled.Swap(false) {
			c.close()
		} else {
			h.shared.from.put(c)
		}
	}
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

// socketDir makes a folder for the socket of a connection.
func socketDir(h *Host) (string, error) {
	dir, err := os.MkdirTemp(socketFolder(), "irctl-ssh-")
	if err != nil {
		return "", &action.Error{Message: "no folder can be made for the connection to " + h.String(), Hint: "make room in " + os.TempDir(), Cause: err}
	}
	return dir, nil
}

// socketFolder is where the folder of a socket is made: the path of a socket
// is limited to about 100 bytes, and ssh adds some.
func socketFolder() string {
	if len(os.TempDir()) < 50 {
		return "" // the usual one
	}
	return "/tmp"
}
