package contract

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/website"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// proxy is an HAProxy with the backend portal, whose server web2 its
// configuration disables.
type proxy struct {
	tap
	faults actiontest.Faults
	req    action.Request

	mu    sync.Mutex
	admin map[string]int // of each server, srv_admin_state
}

// The bits of srv_admin_state (HAProxy's management guide, section 9.3).
const (
	inMaintenance  = 1
	disabledInFile = 4
	drained        = 8
)

func startHAProxy(t *testing.T, a action.Action) actiontest.StandIn {
	if strings.HasPrefix(a.Spec().Name, "block.") {
		return startACL(t, a)
	}
	s := &proxy{admin: map[string]int{"web1": 0, "web2": inMaintenance | disabledInFile, "web3": drained, "web4": 0}}
	socket := answerCommands(t, func(c net.Conn) { talk(c, &s.tap, &s.faults, s.obey) })
	web := httptest.NewServer(s.tapped(faulty(&s.faults, s)))
	t.Cleanup(web.Close)
	given := map[string]any{"socket": socket, "servers": []any{"portal"}, "notice": "Our website is closed", "check_url": web.URL}
	with := action.Values{"message": "We are closed.", "servers": []any{"portal/web1", "portal/web3"}}
	s.req = request(t, a, "haproxy", with, given)
	if a.Spec().Name == "website.restore" {
		_, err := website.Suspend().Run(hurry(t.Context(), s), request(t, website.Suspend(), "haproxy", with, given), &actiontest.Sink{})
		require.NoError(t, err)
	}
	return s
}

func (s *proxy) Request() action.Request    { return s.req }
func (s *proxy) Faults() *actiontest.Faults { return &s.faults }

func (s *proxy) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.admin)
}

// answerCommands is where a runtime socket answers each connection.
func answerCommands(t *testing.T, talk func(c net.Conn)) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { talk(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	return l.Addr().String()
}

// talk answers one line of commands at a runtime socket.
func talk(c net.Conn, heard *tap, faults *actiontest.Faults, obey func(words []string) string) {
	defer func() { _ = c.Close() }()
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return
	}
	heard.saw(line)
	fault := faults.Next(!strings.HasPrefix(line, "show "))
	if fault == actiontest.Lost {
		return
	}
	var answer strings.Builder
	for command := range strings.SplitSeq(strings.TrimSpace(line), ";") {
		if fault == actiontest.Refused {
			answer.WriteString("Permission denied\n")
		} else {
			answer.WriteString(obey(strings.Fields(command)))
		}
		answer.WriteString("\n")
	}
	if fault != actiontest.Unanswered {
		_, _ = c.Write([]byte(answer.String()))
	}
}

// obey carries out one command.
func (s *proxy) obey(words []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case words[0] == "show" && words[1] == "cli":
		return "admin\n"
	case words[0] == "show" && words[1] == "stat":
		answer := "# pxname,svname,scur,\nportal,FRONTEND,7,\n"
		for _, name := range sortedKeys(s.admin) {
			answer += "portal," + name + ",0,\n"
		}
		return answer
	case words[0] == "show":
		answer := "1\n# be_name srv_name srv_admin_state\n"
		for _, name := range sortedKeys(s.admin) {
			answer += fmt.Sprintf("portal %s %d\n", name, s.admin[name])
		}
		return answer
	case words[0] == "set":
		name := strings.TrimPrefix(words[2], "portal/")
		bits := map[string]int{"ready": 0, "maint": inMaintenance, "drain": drained}[words[4]]
		s.admin[name] = s.admin[name]&disabledInFile | bits
	}
	return ""
}

// ServeHTTP answers visitors: with the page for 503 if no server is left.
func (s *proxy) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, bits := range s.admin {
		if bits&inMaintenance == 0 {
			_, _ = w.Write([]byte("the portal"))
			return
		}
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte("Our website is closed"))
}
