package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/email"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

const denyFile = "/etc/dovecot/denied"

// dovecotServer has the users alice, bob and carol, who is denied by hand.
type dovecotServer struct {
	machine
	sessions map[string]int
	counts   bool // sessions are what the action is about
	unlisted bool // the user database does not list
	runs     int  // of its programs
}

func startDovecot(t *testing.T, a action.Action) actiontest.StandIn {
	s := &dovecotServer{sessions: map[string]int{"alice": 2, "bob": 1}, counts: a.Spec().Name == "sessions.revoke"}
	s.files = map[string]string{denyFile: "# by hand\ncarol\n"}
	if a.Spec().Name == "account.enable" {
		s.files[denyFile] = "# by hand\nalice\ncarol\n"
	}
	s.program, s.changes = s.run, func(argv []string) bool { return slices.Contains(argv, "kick") }
	given := map[string]any{"deny_file": denyFile}
	s.req = request(t, a, "dovecot", action.Values{"account": "alice"}, given)
	if a.Spec().Name == "email.restore" {
		_, err := email.Suspend().Run(hurry(t.Context(), s), request(t, email.Suspend(), "dovecot", nil, given), &actiontest.Sink{})
		require.NoError(t, err)
	}
	return s
}

func (s *dovecotServer) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts {
		return fmt.Sprint(s.sessions)
	}
	return s.content()
}

func (s *dovecotServer) run(argv []string, _ string) (string, string, int) {
	s.runs++
	if argv[0] == "doveconf" {
		return "passdb {\n  driver = passwd-file\n  deny = yes\n  args = " + denyFile + "\n}\n", "", 0
	}
	out := ""
	switch what := argv[3:]; strings.Join(what[:2], " ") { // without -c and the file
	case "user *":
		if s.unlisted {
			return "", "Error: user listing failed", 75
		}
		return "alice\nbob\ncarol\n", "", 0
	case "user alice", "auth cache":
	case "auth lookup":
		code := 0
		for _, user := range what[2:] {
			if strings.Contains(user, "@") || slices.Contains(strings.Split(s.files[denyFile], "\n"), user) {
				code = 67 // nobody has a domain here
			} else {
				out += "passdb: " + user + "\n"
			}
		}
		return out, "", code
	case "-f tab":
		for _, user := range sortedKeys(s.sessions) {
			if mask := what[3]; mask == "*" || mask == user {
				out += fmt.Sprintf("\n%s\t%d\timap", user, s.sessions[user])
			}
		}
		return "username\t#\tproto" + out + "\n", "", 0
	case "kick -f":
		if what[2] == "*" {
			clear(s.sessions)
		}
		delete(s.sessions, what[2])
	default:
		return "", "doveadm: unknown arguments", 64
	}
	return "", "", 0
}
