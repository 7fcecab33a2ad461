package realtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Daemon describes a program that serves on loopback, or in a network of its
// own.
type Daemon struct {
	// Ports is how many free ports it needs.
	Ports int
	// User is who it runs as when root runs the test, for a program that
	// refuses to be root; "" is whoever runs the test. The folder is the
	// user's then.
	User string
	// On is where it stands; nil is this machine's loopback.
	On *Machine
	// Configure writes what the daemon reads into its folder. It is called
	// again, with another place, when somebody was faster to take a port.
	Configure func(at Place) error
	// Command runs it in the foreground, made with at.Command: it must stay a
	// child of the test.
	Command func(at Place) *exec.Cmd
	// Ready returns nil once the daemon answers as itself; that something
	// accepts connections on its port is not enough.
	Ready func(at Place) error
}

// The times that a daemon may take; a slow machine must not fail a test.
const (
	StartTime = 60 * time.Second
	stopTime  = 20 * time.Second
	LookEvery = 20 * time.Millisecond
)

// tries is how often a daemon that ends before it is ready is started, each
// time on other ports.
const tries = 3

// Start starts a daemon and returns once it is ready. It is stopped when the
// test ends.
func (d Daemon) Start(t testing.TB) *Process {
	t.Helper()
	var failures []error
	for range tries {
		// Paths of sockets are limited to about 100 bytes, so not t.TempDir.
		dir, err := os.MkdirTemp("", "irctl-real-")
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
		ports, err := d.freePorts()
		require.NoError(t, err)
		p, err := d.start(Place{Dir: dir, Ports: ports, user: d.User, on: d.On})
		if err == nil {
			t.Cleanup(func() { p.finish(t) })
			return p
		}
		failures = append(failures, err)
	}
	t.Fatal(errors.Join(failures...))
	return nil
}

func (d Daemon) start(at Place) (*Process, error) {
	if err := at.Own(); err != nil {
		return nil, err
	}
	if err := d.Configure(at); err != nil {
		return nil, err
	}
	if err := at.Own(); err != nil {
		return nil, err
	}
	return d.run(at)
}

func (d Daemon) run(at Place) (*Process, error) {
	log, err := os.OpenFile(at.File("daemon.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the daemon has its own
	cmd := d.Command(at)
	cmd.Stdout, cmd.Stderr = log, log
	p := &Process{Place: at, daemon: d, cmd: cmd, ended: make(chan struct{})}
	if err := p.begin(); err != nil {
		return nil, err
	}
	if err := p.await(d.Ready); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// Process is a daemon that runs.
type Process struct {
	Place
	daemon Daemon
	cmd    *exec.Cmd
	ended  chan struct{}
	once   sync.Once
}

// PID is the daemon's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Restart stops the daemon if it runs and starts it again where it was, with
// what is in its folder by now.
func (p *Process) Restart(t testing.TB) {
	t.Helper()
	p.Stop()
	again, err := p.daemon.run(p.Place)
	require.NoError(t, err)
	p.cmd, p.ended, p.once = again.cmd, again.ended, sync.Once{}
}

// finish stops the daemon when its test ends, and shows what it wrote if the
// test failed.
func (p *Process) finish(t testing.TB) {
	p.Stop()
	if t.Failed() {
		t.Logf("%s wrote:\n%s", p.cmd.Path, p.Log())
	}
}

// Log is what the daemon has written to its standard streams.
func (p *Process) Log() string {
	text, err := os.ReadFile(p.File("daemon.log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Stop ends the daemon, by its own process id, and returns when it is gone.
// Calling it again does nothing.
func (p *Process) Stop() {
	p.once.Do(func() {
		if p.cmd.Process.Signal(syscall.SIGTERM) != nil { // gone already, or Windows
			_ = p.cmd.Process.Kill()
		}
		select {
		case <-p.ended:
		case <-time.After(stopTime):
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
	})
}

// begin starts the process on a thread that lives as long as the process, as
// dieWithTest asks.
func (p *Process) begin() error {
	started := make(chan error, 1)
	go func() {
		defer close(p.ended)
		release := dieWithTest(p.cmd)
		defer release()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // the log says why it ended
		}
	}()
	return <-started
}

// await returns when the daemon is ready, or has ended, or takes too long.
func (p *Process) await(ready func(Place) error) error {
	deadline := time.After(StartTime)
	for {
		err := ready(p.Place)
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended before it was ready:\n%s", p.cmd.Path, p.Log())
		case <-deadline:
			return fmt.Errorf("%s is not ready after %v: %w\n%s", p.cmd.Path, StartTime, err, p.Log())
		case <-time.After(LookEvery):
		}
	}
}

// freePorts returns ports that nobody listens on. On loopback somebody may be
// faster than the daemon, so Start tries again; another machine has nobody else.
func (d Daemon) freePorts() ([]int, error) {
	if d.On != nil {
		return d.On.ports(d.Ports), nil
	}
	var ports []int
	for range d.Ports {
		l, err := net.Listen("tcp", Loopback+":0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }() // after the last, so that all differ
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
