package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// linuxMachine has an account alice, as whom processes run.
type linuxMachine struct {
	machine
	password, expires string // expires is a day since 1970, "" for never
	locked            bool
	processes         int
}

func startUsers(t *testing.T, a action.Action) actiontest.StandIn {
	s := &linuxMachine{password: "old", expires: "30000", processes: 2}
	if a.Spec().Name == "account.enable" {
		s.locked, s.expires = true, "7"
	}
	s.program, s.script = s.run, s.shell
	s.changes = func(argv []string) bool {
		return slices.Contains([]string{"usermod", "chage", "chpasswd"}, argv[0]) || kills(argv)
	}
	s.req = request(t, a, "linux-user", action.Values{"account": "alice"}, map[string]any{"old_password": action.NewSecret("old")})
	return s
}

// kills tells the script that ends processes from the one that lists them.
func kills(argv []string) bool { return argv[0] == "sh" && strings.HasPrefix(argv[2], "kill ") }

func (s *linuxMachine) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("locked %t, expires %q, new password %t, %d processes", s.locked, s.expires, s.password != "old", s.processes)
}

func (s *linuxMachine) shell(argv []string) string {
	if kills(argv) {
		s.processes = 0
	}
	return "77\n1 0 0 Ss init\n77 1 0 R ps\n" + strings.Repeat("100 1 1000 S sleep\n", s.processes)
}

func (s *linuxMachine) run(argv []string, stdin string) (string, string, int) {
	switch strings.Join(argv[:min(2, len(argv))], " ") {
	case "getent passwd":
		return "alice:x:1000:1000::/home/alice:/bin/sh\n", "", 0
	case "getent shadow":
		mark := map[bool]string{true: "!"}[s.locked]
		return "alice:" + mark + "$6$salt$hash:20000:0:99999:7::" + s.expires + ":\n", "", 0
	case "grep -RsE":
		return "/etc/pam.d/sshd:account required pam_unix.so\n", "", 0
	case "usermod -L":
		s.locked = true
		if argv[2] == "-e" {
			s.expires = "1"
		}
	case "usermod -U":
		s.locked = false
	case "chage -E":
		s.expires = strings.TrimPrefix(argv[2], "-1")
	case "chpasswd":
		_, s.password, _ = strings.Cut(strings.TrimSuffix(stdin, "\n"), ":")
		s.locked = false
	case "/usr/sbin/unix_chkpwd alice":
		if stdin != s.password+"\x00" {
			return "", "", 7
		}
	default:
		return "", argv[0] + ": unknown arguments", 1
	}
	return "", "", 0
}
