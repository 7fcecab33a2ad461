//go:build unix

package real

import (
	"bufio"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Inbox is where mail ends: an SMTP server (RFC 5321) that keeps the subjects
// of the messages that it has accepted. Its methods may be called from several
// goroutines.
type Inbox struct {
	Port int

	mu       sync.Mutex
	busy     bool
	subjects []string
	ids      []string
}

// StartInbox starts one on loopback. It is gone when the test ends.
func StartInbox(t testing.TB) *Inbox {
	t.Helper()
	l, err := net.Listen("tcp", realtest.Loopback+":0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	i := &Inbox{Port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the test has ended
			}
			go i.serve(conn)
		}
	}()
	return i
}

// Busy has the inbox tell senders to come back later, or no longer.
func (i *Inbox) Busy(busy bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.busy = busy
}

// Subjects are those of the messages so far, sorted; a message that came twice
// is there twice.
func (i *Inbox) Subjects() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Sorted(slices.Values(i.subjects))
}

// Has reports whether the message with a Message-ID, without its angle
// brackets, has arrived.
func (i *Inbox) Has(id string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Contains(i.ids, id)
}

func (i *Inbox) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	text := textproto.NewReader(bufio.NewReader(conn))
	say := func(line string) { _, _ = fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 inbox.example.net")
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch verb {
		case "EHLO", "HELO", "RSET", "NOOP", "RCPT":
			say("250 ok")
		case "MAIL":
			say(i.welcome())
		case "DATA":
			say("354 go on")
			message, err := text.ReadDotLines()
			if err != nil {
				return
			}
			i.take(message)
			say("250 ok")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("502 unknown")
		}
	}
}

func (i *Inbox) welcome() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.busy {
		return "451 busy"
	}
	return "250 ok"
}

func (i *Inbox) take(message []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	subject, id := "", ""
	for _, line := range message {
		if line == "" {
			break // the text begins
		}
		name, value, _ := strings.Cut(line, ": ")
		switch strings.ToLower(name) {
		case "subject":
			subject = value
		case "message-id":
			id = strings.Trim(value, "<>")
		}
	}
	i.subjects, i.ids = append(i.subjects, subject), append(i.ids, id)
}
