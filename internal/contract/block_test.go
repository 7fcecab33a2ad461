package contract

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// blocking are the verbs on systems that keep lists of what they block.
var blocking = map[string]verb{"block.add": {}, "block.remove": {}}

// lists are the files of a machine to which firewalls subscribe.
type lists struct{ machine }

const (
	listedAddresses = "# what the edge blocks\n192.0.2.9 ; a scanner\n198.51.100.0/24"
	listedDomains   = "/srv/domains.txt"
)

func startBlocklist(t *testing.T, a action.Action) actiontest.StandIn {
	s := &lists{}
	s.files = map[string]string{"/srv/addresses.txt": listedAddresses}
	s.changes = func(argv []string) bool { return false }
	values := []any{"203.0.113.66", "192.0.2.9", "evil.example.net", "https://evil.example.net/a?b=c"}
	if a.Spec().Name == "block.remove" {
		s.files["/srv/addresses.txt"] = strings.Replace(listedAddresses, "192", "203.0.113.66\n192", 1)
		s.files[listedDomains] = "a.example.com\nevil.example.net C2 of INC-7\nb.example.com\n"
	}
	s.req = request(t, a, "blocklist", action.Values{"values": values}, map[string]any{
		"addresses": "/srv/addresses.txt", "domains": listedDomains, "urls": "/srv/urls.txt",
	})
	return s
}

// State implements actiontest.StandIn. A list that is empty blocks what one that
// is missing does.
func (s *lists) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.NewReplacer("/srv/urls.txt: \"\"\n", "", "/srv/domains.txt: \"\"\n", "").Replace(s.content())
}

// aclProxy is an HAProxy that reads a file of patterns when it starts. Somebody
// has added one to the file alone since.
type aclProxy struct {
	machine
	patterns []string
}

const aclFile = "/etc/haproxy/blocked"

func startACL(t *testing.T, a action.Action) actiontest.StandIn {
	s := &aclProxy{patterns: []string{"192.0.2.9"}}
	s.files = map[string]string{aclFile: "192.0.2.9\n192.0.2.10\n"}
	s.changes = func(argv []string) bool { return false }
	socket := answerCommands(t, func(c net.Conn) { talk(c, &s.tap, &s.faults, s.obey) })
	values := []any{"192.0.2.9", "192.0.2.10", "203.0.113.66", "198.51.100.0/24"}
	if a.Spec().Name == "block.remove" {
		s.patterns = append(s.patterns, "198.51.100.0/24")
	}
	s.req = request(t, a, "haproxy", action.Values{"values": values}, map[string]any{"socket": socket, "acl": aclFile})
	return s
}

// obey carries out one command.
func (s *aclProxy) obey(words []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch command := strings.Join(words, " "); {
	case command == "show cli level":
		return "admin\n"
	case command == "show acl "+aclFile:
		answer := ""
		for i, p := range s.patterns {
			answer += fmt.Sprintf("0x%x %s\n", i, p)
		}
		return answer
	case strings.HasPrefix(command, "add acl "+aclFile+" "):
		s.patterns = append(s.patterns, words[3])
		slices.Sort(s.patterns)
		return "\n"
	case strings.HasPrefix(command, "del acl "+aclFile+" "):
		if !slices.Contains(s.patterns, words[3]) {
			return "Key not found.\n"
		}
		s.patterns = slices.DeleteFunc(s.patterns, func(p string) bool { return p == words[3] })
		return "\n"
	}
	return "Unknown command\n"
}

// State implements actiontest.StandIn.
func (s *aclProxy) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.content() + fmt.Sprint(s.patterns)
}

// accessMap is a Postfix that goes by a map. Somebody has written a line into its
// file since it was made.
type accessMap struct {
	machine
	made string // of which text
}

const accessFile = "/etc/postfix/blocked"

func startAccess(t *testing.T, a action.Action) actiontest.StandIn {
	s := &accessMap{made: "old@example.net REJECT\ngood@example.net OK\n"}
	if a.Spec().Name == "block.remove" {
		s.made = "mallory@example.net 550 no\nevil.example.net REJECT # C2\n" + s.made + "203.0.113.66 REJECT\n"
	}
	s.files = map[string]string{accessFile: s.made + "late.example.net REJECT\n"}
	s.program = s.run
	s.changes = func(argv []string) bool { return argv[0] == "sh" }
	s.script = func([]string) string { s.made = s.files[accessFile]; return "" }
	values := []any{"mallory@example.net", "old@example.net", "good@example.net", "late.example.net", "evil.example.net", "203.0.113.66"}
	s.req = request(t, a, "postfix", action.Values{"values": values}, map[string]any{"map": "hash:" + accessFile})
	return s
}

func (s *accessMap) run(argv []string, stdin string) (string, string, int) {
	const table = "hash:" + accessFile
	switch strings.Join(append(argv[:1:1], argv[3:]...), " ") { // without -c and the folder
	case "postconf -x -n":
		return "smtpd_sender_restrictions = check_sender_access " + table + "\nsmtpd_client_restrictions = permit_mynetworks, check_client_access\n   " + table + "\n", "", 0
	case "postmap -q - " + table:
		out := ""
		for key := range strings.FieldsSeq(stdin) {
			for line := range strings.Lines(s.made) {
				if k, says, _ := strings.Cut(strings.TrimSpace(line), " "); k == key {
					out += key + "\t" + says + "\n"
				}
			}
		}
		if out == "" {
			return "", "", 1
		}
		return out, "", 0
	}
	return "", argv[0] + ": unknown arguments", 1
}

// State implements actiontest.StandIn. That the map was made anew of the same
// lines is not seen by anybody.
func (s *accessMap) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.content()
}
