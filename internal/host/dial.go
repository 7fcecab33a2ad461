package host

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

func (h *Host) dialHere(ctx context.Context, network, address string) (net.Conn, error) {
	if network == "unix" {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return httpclient.Dialer(h.allow).DialContext(ctx, network, address)
}

// dialThere has ssh forward its input and output to an address (ssh -W).
func (h *Host) dialThere(ctx context.Context, network, address string) (net.Conn, error) {
	if err := h.allowedThere(address); err != nil {
		return nil, err
	}
	if err := h.connect(ctx); err != nil {
		return nil, err
	}
	h.shared.dialled.Store(true)
	// Ssh says at this level of detail that the connection stands.
	c := h.client([]string{"-T", "-o", "LogLevel=DEBUG2", "-W", address})
	c.Name = "ssh to " + h.String()
	open, err := c.Open(ctx)
	if err != nil {
		return nil, h.noSSH(err, process.Result{})
	}
	stands := make(chan bool, 1)
	said := make(chan string, 1)
	go listen(open.Stderr, stands, said)
	select {
	case <-ctx.Done():
		open.Kill()
		<-said
		_ = open.Wait()
		return nil, &action.Error{Message: fmt.Sprintf("%s got no answer from %s", h, action.CleanLine(address, 80)), Hint: "check on " + h.String() + " that the service answers there", Cause: ctx.Err()}
	case ok := <-stands:
		if !ok {
			words := <-said
			_ = open.Wait()
			return nil, h.unreachableThere(address, words)
		}
	}
	ours, theirs := net.Pipe()
	conn := &conn{Conn: ours, to: addr{network, address}, ended: make(chan struct{}), open: open}
	go conn.send(theirs)
	go conn.receive(theirs, said)
	return conn, nil
}

// allowedThere holds an address against the network policy. The other host's
// loopback is not this machine's, so it is allowed.
func (h *Host) allowedThere(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return &action.Error{Message: fmt.Sprintf("%q is not host:port", action.CleanLine(address, 80)), Permanent: true}
	}
	if a, err := netip.ParseAddr(host); err == nil && !a.IsLoopback() && !a.IsUnspecified() {
		return httpclient.Check(h.allow, a)
	}
	return nil
}

// listen reads what ssh says until it says no more. It tells once whether the
// connection stands: by itself ssh says so when the far end confirmed the
// channel, and over a shared connection when it was given a session. What it
// says beyond details is kept.
func listen(r io.Reader, stands chan<- bool, said chan<- string) {
	var told sync.Once
	var words strings.Builder
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		switch {
		case strings.HasPrefix(line, "debug") && (strings.Contains(line, ": open confirm ") || strings.Contains(line, "master session id: ")):
			told.Do(func() { stands <- true })
		case !strings.HasPrefix(line, "debug") && !strings.HasPrefix(line, "OpenSSH_") && words.Len() < 4<<10:
			words.WriteString(line)
		}
		if err != nil {
			told.Do(func() { stands <- false })
			said <- words.String()
			return
		}
	}
}

// conn is a connection that a process carries.
type conn struct {
	net.Conn
	to    addr
	ended chan struct{} // closed when the process is gone
	open  *process.Open
	once  sync.Once
}

func (c *conn) send(theirs net.Conn) {
	_, _ = io.Copy(c.open.Stdin, theirs)
	_ = c.open.Stdin.Close()
}

func (c *conn) receive(theirs net.Conn, said <-chan string) {
	_, _ = io.Copy(theirs, c.open.Stdout)
	_ = theirs.Close()
	<-said
	_ = c.open.Wait()
	close(c.ended)
}

// Close implements net.Conn. What was written is still sent: ssh gets a moment
// to end by itself.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		go func() {
			late := time.AfterFunc(lingerTime, c.open.Kill)
			<-c.ended
			late.Stop()
		}()
	})
	return err
}

// lingerTime is how long a connection that was closed may take to send the
// rest.
const lingerTime = 2 * time.Second

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return c.to }

type addr struct{ network, address string }

func (a addr) Network() string { return a.network }
func (a addr) String() string  { return a.address }

// dialSocket connects to a unix socket there through one here, which the
// shared connection forwards (ssh -O forward).
func (h *Host) dialSocket(ctx context.Context, path string) (net.Conn, error) {
	if !shares() {
		return nil, &action.Error{Message: "ssh on this system cannot forward the socket " + action.CleanLine(path, 80), Hint: "use a TCP address of the service", Permanent: true}
	}
	if err := h.connect(ctx); err != nil {
		return nil, err
	}
	h.shared.dialled.Store(true)
	here := filepath.Join(h.socketDir(), strconv.FormatInt(h.shared.sockets.Add(1), 36))
	rule := here + ":" + path
	c := h.client([]string{"-O", "forward", "-L", rule})
	c.Name = "ssh to " + h.String()
	if res, err := c.Run(ctx, nil); err != nil {
		return nil, h.refused(res.Stderr)
	}
	// The rule serves this one connection.
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		_, _ = h.client([]string{"-O", "cancel", "-L", rule}).Run(ctx, nil)
	}()
	return (&net.Dialer{}).DialContext(ctx, "unix", here)
}
