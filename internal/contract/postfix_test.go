package contract

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/email"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

const (
	mainCF = "/etc/postfix/main.cf"
	before = "myhostname = mail.example.com\nsmtpd_client_restrictions = permit_mynetworks\n"
)

// postfixServer has a message on hold and one deferred.
type postfixServer struct {
	machine
	loaded string          // main.cf as the daemons read it last
	own    string          // parameters of services, as postconf -P lists them
	queue  map[string]bool // whether a message is on hold
}

func startPostfix(t *testing.T, a action.Action) actiontest.StandIn {
	if strings.HasPrefix(a.Spec().Name, "block.") {
		return startAccess(t, a)
	}
	s := &postfixServer{loaded: before, queue: map[string]bool{"THEIRS": true, "WAITS": false}}
	s.files = map[string]string{mainCF: before}
	s.program, s.changes = s.run, func(argv []string) bool {
		return argv[0] == "postsuper" || argv[0] == "postfix" || argv[len(argv)-1] == "-f"
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.converse(c)
		}
	}()
	given := map[string]any{"smtp": l.Addr().String()}
	s.req = request(t, a, "postfix", action.Values{"notice": "Closed"}, given)
	if a.Spec().Name == "email.restore" {
		_, err := email.Suspend().Run(hurry(t.Context(), s), request(t, email.Suspend(), "postfix", action.Values{"notice": "Closed"}, given), &actiontest.Sink{})
		require.NoError(t, err)
	}
	return s
}

func (s *postfixServer) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.content() + fmt.Sprintf("loaded: %q\n", s.loaded)
	for _, id := range sortedKeys(s.queue) {
		text += fmt.Sprintf("%s on hold: %t\n", id, s.queue[id])
	}
	return text
}

// setting is what a main.cf says last.
func setting(main, name string) string {
	value := ""
	for line := range strings.Lines(main) {
		if left, right, ok := strings.Cut(line, "="); ok && strings.TrimSpace(left) == name {
			value = strings.TrimSpace(right)
		}
	}
	return value
}

func (s *postfixServer) run(argv []string, stdin string) (string, string, int) {
	switch strings.Join(append(argv[:1:1], argv[3:]...), " ") { // without -c and the folder
	case "postconf -dh mail_version":
		return "3.7.11\n", "", 0
	case "postconf -M":
		return "smtp inet n - y - - smtpd\nsmtp unix - - y - - smtp\nlocal unix - n n - - local\n", "", 0
	case "postconf -P":
		return s.own, "", 0
	case "postconf -n":
		return s.files[mainCF], "", 0
	case "postfix reload":
		s.loaded = s.files[mainCF]
		return "", "", 0
	case "postqueue -j":
		text := ""
		for _, id := range sortedKeys(s.queue) {
			name := "deferred"
			if s.queue[id] {
				name = "hold"
			}
			text += fmt.Sprintf("{\"queue_name\": %q, \"queue_id\": %q}\n", name, id)
		}
		return text, "", 0
	case "postqueue -f":
		return "", "", 0
	case "postsuper -h -", "postsuper -H -":
		for _, id := range strings.Fields(stdin) {
			if _, ok := s.queue[id]; ok {
				s.queue[id] = argv[3] == "-h"
			}
		}
		return "", "", 0
	}
	if argv[0] == "postconf" && argv[3] == "-h" {
		return setting(s.files[mainCF], argv[4]) + "\n", "", 0
	}
	return "", argv[0] + ": unknown arguments", 1
}

// converse speaks SMTP as far as the recipient.
func (s *postfixServer) converse(c net.Conn) {
	defer func() { _ = c.Close() }()
	if s.faults.Next(false) != actiontest.None {
		return
	}
	_, _ = fmt.Fprint(c, "220 mail.example.com ESMTP\r\n")
	for in := bufio.NewScanner(c); in.Scan(); {
		switch verb, _, _ := strings.Cut(in.Text(), " "); verb {
		case "QUIT":
			return
		case "RCPT":
			s.mu.Lock()
			restrictions := setting(s.loaded, "smtpd_client_restrictions")
			s.mu.Unlock()
			if _, after, ok := strings.Cut(restrictions, "static:{"); ok {
				_, _ = fmt.Fprintf(c, "%s\r\n", strings.TrimSuffix(after, "}"))
				continue
			}
			_, _ = fmt.Fprint(c, "250 ok\r\n")
		default:
			_, _ = fmt.Fprint(c, "250 ok\r\n")
		}
	}
}
