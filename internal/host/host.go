package host

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// Host is a machine to act on or from. Its methods may be called from several
// goroutines, except Close.
type Host struct {
	ssh    string // as ssh names the machine; "" is this one
	sudo   bool
	flags  []string // what the target says about how to sign in
	allow  action.Allow
	shared shared
}

// New is Open for a target's config that no struct holds.
func New(config action.Values, allow action.Allow) (*Host, error) { return Open(viaOf(config), allow) }

// Open is the host that via leads to. It does no I/O. The error is for a
// mistake that via.Check would have found.
func Open(via Via, allow action.Allow) (*Host, error) {
	if problems := via.Check(); len(problems) > 0 {
		p := problems[0]
		return nil, &action.Error{Message: p.Input + " " + p.Message, Hint: p.Hint, Permanent: true}
	}
	h := &Host{ssh: via.SSH, sudo: via.Sudo, allow: allow, flags: flags(via)}
	h.shared.init()
	return h, nil
}

// Local reports whether the host is this machine.
func (h *Host) Local() bool { return h.ssh == "" }

// String names the machine for people.
func (h *Host) String() string {
	if h.Local() {
		return "this machine"
	}
	return action.CleanLine(h.ssh, 80)
}

// Run runs a command there and waits for its end, with the guarantees of
// process.Command. Unless c.Env says otherwise, LC_ALL is C, so that what a
// program prints can be read. On another host c.Dir is a folder there, and
// nothing of this machine's environment is passed on. An error after which
// nobody knows what the command did is doubtful.
func (h *Host) Run(ctx context.Context, c process.Command, out action.Sink) (process.Result, error) {
	sent.Say(ctx, h.String()+": "+asSent(c))
	if m, ok := machineOf(ctx); ok {
		res, err := m.Run(ctx, c)
		if err == nil && !c.Good(res.ExitCode) {
			err = c.Ended(res)
		}
		if out != nil {
			_, _ = io.WriteString(out.Output("stdout"), res.Stdout)
		}
		return res, h.explain(c, res, err)
	}
	if err := h.clearAway(ctx); err != nil {
		return process.Result{ExitCode: -1}, err
	}
	if !h.Local() {
		return h.runThere(ctx, c, out)
	}
	c.Env = withLocale(c.Env)
	if h.sudo {
		id, _ := process.Marked(ctx)
		argv, stdin, err := wrapped(c, true, id)
		if err != nil {
			return process.Result{ExitCode: -1}, err
		}
		ended := make(chan struct{})
		keep := context.AfterFunc(ctx, func() { // this user may not end what runs as root
			defer close(ended)
			_ = h.sweep(process.Cut(ctx, 0))
		})
		defer func() {
			if !keep() {
				<-ended
			}
		}()
		c.Name, c.Argv, c.Stdin, c.Env, c.Dir = programName(c), argv, stdin, nil, ""
	}
	res, err := c.Run(ctx, out)
	return res, h.explain(c, res, err)
}

// Output runs a command that only looks, and returns what it printed, without
// the last newline.
func (h *Host) Output(ctx context.Context, argv ...string) (string, error) {
	res, err := h.Run(ctx, process.Command{Argv: argv, Max: maxFile}, nil)
	if err != nil {
		return "", Certain(err)
	}
	if res.Cut {
		return "", &action.Error{Message: fmt.Sprintf("%s on %s printed more than %d MiB", programName(process.Command{Argv: argv}), h, maxFile>>20), Permanent: true}
	}
	return strings.TrimSuffix(res.Stdout, "\n"), nil
}

// Check says what keeps an action from working there: the host cannot be
// reached, root's rights are refused, or programs are missing. Each problem is
// an error of its own. It changes nothing.
func (h *Host) Check(ctx context.Context, programs ...string) []error {
	reach := h.connect // it may be that nothing else is asked of it
	if h.sudo || len(programs) > 0 {
		reach = h.signIn
	}
	if !h.Local() {
		if err := reach(ctx); err != nil {
			return []error{err}
		}
	}
	var out []error
	if h.sudo {
		if _, err := h.Run(ctx, process.Command{Argv: []string{"true"}}, nil); err != nil {
			return []error{err}
		}
	}
	for _, p := range programs {
		found, err := h.Has(ctx, p)
		switch {
		case err != nil:
			return append(out, err)
		case !found:
			out = append(out, &action.Error{
				Message: fmt.Sprintf("the program %s is not on %s", action.CleanLine(p, 60), h),
				Hint:    fmt.Sprintf("install %s on %s, or have the one who acts find it in PATH", action.CleanLine(p, 60), h),
			})
		}
	}
	return out
}

// Has reports whether a program is there, for the user who acts.
func (h *Host) Has(ctx context.Context, program string) (bool, error) {
	if _, ok := machineOf(ctx); !ok && h.Local() && !h.sudo {
		_, err := lookPath(program)
		return err == nil, nil
	}
	res, err := h.Run(ctx, process.Command{Argv: []string{"sh", "-c", hasScript, "sh", program}, Success: []int{0, 1, notFound}}, nil)
	return err == nil && res.ExitCode == 0, err
}

// notFound is how a shell ends that finds no program (POSIX, Shell Command
// Language, section 2.8.2).
const notFound = 127

const hasScript = `command -v -- "$1" >/dev/null 2>&1`

// Close gives up the shared connection and ends everything that was dialled over
// it. A Host may be used again afterwards.
func (h *Host) Close() {
	if h.Local() {
		return
	}
	h.disconnect()
}

// DialContext opens a connection from there: an address such as
// 127.0.0.1:5432 is the host's own. Networks are those of net.Dial for
// streams: tcp, tcp4, tcp6, and unix with a path there. When it returns, the
// connection stands, except that a unix socket over ssh may prove refused only
// when it is used.
func (h *Host) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if h.Local() {
		return h.dialHere(ctx, network, address)
	}
	if network == "unix" {
		return h.dialSocket(ctx, address)
	}
	return h.dialThere(ctx, network, address)
}

// Dialer is DialContext for httpclient.Options: nil for this machine, which needs
// none.
func (h *Host) Dialer() func(ctx context.Context, network, address string) (net.Conn, error) {
	if h.Local() {
		return nil
	}
	return h.DialContext
}

// stopTime bounds what is done after the caller's context has ended.
const stopTime = 10 * time.Second
