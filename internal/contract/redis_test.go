package contract

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// redisServer knows two users: irctl, whom it trusts, and alice.
type redisServer struct {
	tap
	faults actiontest.Faults
	req    action.Request

	mu       sync.Mutex
	on       bool
	hash     string // of alice's password
	saved    string // what the aclfile says
	sessions int    // of alice
	lacks    bool   // irctl may do nothing
}

func startRedis(t *testing.T, a action.Action) actiontest.StandIn {
	s := &redisServer{on: a.Spec().Name != "account.enable", hash: hashed("old"), sessions: 2}
	s.saved = s.alice()
	s.req = request(t, a, "redis", action.Values{"account": "alice"}, map[string]any{
		"address": listen(t, s.serve), "admin": "irctl", "old_password": action.NewSecret("old"),
	})
	return s
}

// listen serves connections on loopback until the test ends, and returns where.
func listen(t *testing.T, serve func(net.Conn)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer func() { _ = c.Close() }()
				serve(c)
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	return l.Addr().String()
}

func hashed(password string) string { return fmt.Sprintf("#%x", sha256.Sum256([]byte(password))) }

func (s *redisServer) Request() action.Request    { return s.req }
func (s *redisServer) Faults() *actiontest.Faults { return &s.faults }

func (s *redisServer) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("on %t, new password %t, saved %t, %d sessions", s.on, s.hash != hashed("old"), s.saved == s.alice(), s.sessions)
}

func (s *redisServer) alice() string { return fmt.Sprint(s.on, s.hash) }

// serve speaks version 2 of Redis's protocol.
func (s *redisServer) serve(c net.Conn) {
	for in := bufio.NewReader(c); ; {
		words, err := command(in)
		if err != nil {
			return
		}
		does := strings.ToUpper(strings.Join(words[:min(2, len(words))], " "))
		if strings.HasPrefix(does, "AUTH ") {
			s.saw("AUTH", fmt.Sprint(len(words)))
		} else {
			s.saw(does, fmt.Sprint(len(words)))
		}
		fault := s.faults.Next(does == "ACL SETUSER" || does == "ACL SAVE" || does == "CLIENT KILL")
		answer := "-NOPERM this user has no permissions to run the command\r\n"
		switch fault {
		case actiontest.Lost:
			return
		case actiontest.None, actiontest.Unanswered:
			s.mu.Lock()
			answer = s.answer(does, words)
			s.mu.Unlock()
		}
		if fault == actiontest.Unanswered {
			return
		}
		if _, err := io.WriteString(c, answer); err != nil {
			return
		}
	}
}

// command reads an array of bulk strings.
func command(in *bufio.Reader) ([]string, error) {
	number := func() (int, error) {
		line, err := in.ReadString('\n')
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(strings.TrimSpace(line[1:]))
	}
	n, err := number()
	words := make([]string, max(n, 0))
	for i := 0; i < n && err == nil; i++ {
		var size int
		if size, err = number(); err == nil {
			text := make([]byte, size+2)
			_, err = io.ReadFull(in, text)
			words[i] = string(text[:size])
		}
	}
	return words, err
}

func bulk(text string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(text), text) }

func (s *redisServer) answer(does string, words []string) string {
	const ok = "+OK\r\n"
	switch {
	case strings.HasPrefix(does, "AUTH "):
		if words[1] == "alice" && (!s.on || hashed(words[2]) != s.hash) {
			return "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
		}
		return ok
	case does == "PING":
		return "+PONG\r\n"
	case does == "ACL DRYRUN" && s.lacks:
		return bulk("User irctl has no permissions to run the command")
	case does == "ACL DRYRUN":
		return ok
	case does == "ACL GETUSER":
		flag := map[bool]string{true: "on", false: "off"}[s.on && words[2] != "default"]
		return "*2\r\n" + bulk("flags") + "*1\r\n" + bulk(flag)
	case does == "ACL SETUSER":
		for _, rule := range words[3:] {
			switch {
			case rule == "on" || rule == "off":
				s.on = rule == "on"
			case rule[0] == '#':
				s.hash = rule
			}
		}
		return ok
	case does == "ACL SAVE":
		s.saved = s.alice()
		return ok
	case does == "CONFIG GET":
		return "*2\r\n" + bulk("aclfile") + bulk("/etc/redis/users.acl")
	case does == "CLIENT LIST":
		return bulk("id=1 user=irctl\n" + strings.Repeat("id=2 user=alice\n", s.sessions))
	case does == "CLIENT KILL":
		n := s.sessions
		s.sessions = 0
		return fmt.Sprintf(":%d\r\n", n)
	}
	return "-ERR unknown command\r\n"
}
