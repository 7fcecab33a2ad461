package contract

import (
	"encoding/json"
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

// sets is a machine whose packet filter has a set to which a rule refers.
type sets struct {
	machine
	elements map[string]string // by what they cover, as JSON
}

func startSets(t *testing.T, a action.Action) actiontest.StandIn {
	s := &sets{elements: map[string]string{
		`"192.0.2.9"`: `"192.0.2.9"`, `"192.0.2.10"`: `{"elem":{"val":"192.0.2.10","timeout":3600,"expires":9}}`,
		`{"prefix":{"addr":"198.51.100.0","len":24}}`: `{"prefix":{"addr":"198.51.100.0","len":24}}`,
	}}
	values := []any{"203.0.113.66", "192.0.2.9", "192.0.2.10", "198.51.100.7", "203.0.113.128/25"}
	if a.Spec().Name == "block.remove" {
		values[3] = "198.51.100.0/24"
	}
	s.program, s.changes = s.run, func(argv []string) bool { return slices.Contains(argv, "-f") }
	s.req = request(t, a, "nftables", action.Values{"values": values}, map[string]any{"table": "filter", "set": "blocked"})
	return s
}

// State implements actiontest.StandIn.
func (s *sets) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	timed := strings.NewReplacer(`{"elem":{"val":"192.0.2.10","timeout":3600,"expires":9}}`, "192.0.2.10 for an hour", `{"elem":{"timeout":3600,"val":"192.0.2.10"}}`, "192.0.2.10 for an hour")
	return timed.Replace(fmt.Sprint(s.elements))
}

func (s *sets) run(argv []string, stdin string) (string, string, int) {
	switch command := strings.Join(argv[1:], " "); {
	case argv[0] != "nft":
		return "", "", 0
	case command == "-t list set inet filter blocked":
		return "table inet filter {\n\tset blocked {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t}\n}\n", "", 0
	case command == "-j list table inet filter":
		var elements []string
		for _, k := range sortedKeys(s.elements) {
			elements = append(elements, s.elements[k])
		}
		return `{"nftables":[{"metainfo":{}},{"set":{"name":"blocked","type":"ipv4_addr","flags":["interval"],"elem":[` + strings.Join(elements, ",") +
			`]}},{"rule":{"expr":[{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"@blocked"}},{"drop":null}]}}]}`, "", 0
	case command == "-j -f -":
		return "", s.obey(stdin), 0
	}
	return "", "nft: unknown arguments", 1
}

// obey carries out commands, all or none.
func (s *sets) obey(stdin string) string {
	var given struct {
		Nftables []map[string]struct {
			Element struct {
				Family, Table, Name string
				Elem                []json.RawMessage
			}
		}
	}
	if err := json.Unmarshal([]byte(stdin), &given); err != nil {
		return err.Error()
	}
	for _, command := range given.Nftables {
		for verb, c := range command {
			text := string(c.Element.Elem[0])
			var wrapped struct{ Elem struct{ Val json.RawMessage } }
			covers := text
			if json.Unmarshal([]byte(text), &wrapped) == nil && wrapped.Elem.Val != nil {
				covers = string(wrapped.Elem.Val)
			}
			if verb == "delete" {
				delete(s.elements, covers)
			} else {
				s.elements[covers] = text
			}
		}
	}
	return ""
}
