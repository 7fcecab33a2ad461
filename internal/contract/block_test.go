package contract

import (
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
