// Package haproxy speaks to HAProxy at its runtime socket (HAProxy's management
// guide, section 9.3): [Socket] asks and tells, and knows no action.
package haproxy

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// Field ties the place of a target's socket to its description.
func Field(into *string) config.Field {
	return config.Into(into, action.Field{Name: "socket", Required: true, Pattern: `/.+|.+:[0-9]+`, Description: "The stats socket with level admin: its path, or host:port.", Example: "/run/haproxy/admin.sock"})
}

// Socket is a runtime socket, as seen from a host.
type Socket struct {
	Host *host.Host
	At   string // a path, or host:port
}

// talkTime bounds one talk with the socket.
const talkTime = 10 * time.Second

// Ask sends commands and returns all answers.
func (s Socket) Ask(ctx context.Context, commands ...string) (string, error) {
	network := "tcp"
	if strings.HasPrefix(s.At, "/") {
		network = "unix"
	}
	ctx, cancel := context.WithTimeout(ctx, talkTime)
	defer cancel()
	silent := func(err error) error {
		return &action.Error{
			Message: "HAProxy's socket " + action.CleanLine(s.At, 100) + " does not answer",
			Hint:    "check that HAProxy runs, and that irctl may use the socket: its mode and group, or the user in the target's via",
			Cause:   err,
		}
	}
	conn, err := s.Host.DialContext(ctx, network, s.At)
	if err != nil {
		return "", silent(err)
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return "", silent(err)
	}
	sent.Say(ctx, s.Host.String()+": "+strings.Join(commands, "; "))
	if _, err := io.WriteString(conn, strings.Join(commands, ";")+"\n"); err != nil {
		return "", silent(err)
	}
	b, err := io.ReadAll(io.LimitReader(conn, 8<<20))
	if err == nil && len(b) == 0 { // every answer ends with an empty line
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", silent(err)
	}
	return string(b), nil
}

// atOnce is how many changes one line of commands makes: HAProxy reads at most
// one buffer of 16 KiB.
const atOnce = 40

// Tell has HAProxy change things, each by commands that answer nothing if they
// are obeyed. Look is what to type to see how things are.
func (s Socket) Tell(ctx context.Context, look string, changes ...[]string) error {
	for some := range slices.Chunk(changes, atOnce) {
		text, err := s.Ask(ctx, slices.Concat(some...)...)
		if err != nil {
			return action.Doubtful(err)
		}
		if said := action.CleanLine(text, 160); said != "" {
			e := &action.Error{Message: "HAProxy did not do all that it was told: " + said, Hint: "look with `" + look + "` at the socket, then retry"}
			if strings.Contains(said, "Permission denied") {
				e.Hint = "give the stats socket `level admin` in haproxy.cfg"
			}
			return e
		}
	}
	return nil
}

// MayTell is an error unless the socket lets irctl change things.
func (s Socket) MayTell(ctx context.Context) error {
	level, err := s.Ask(ctx, "show cli level")
	if err != nil {
		return err
	}
	if level = strings.TrimSpace(level); level != "admin" {
		return &action.Error{Message: fmt.Sprintf("HAProxy's socket has the level %q, which may change nothing", action.CleanLine(level, 60)), Hint: "give it `level admin` in haproxy.cfg"}
	}
	return nil
}
