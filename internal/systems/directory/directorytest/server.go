// Package directorytest opens with [Start]: a small LDAP server on loopback
// for tests. It knows binding, searching below a base, modifying and the
// password modify extended operation, and it checks who asks. It shares no
// code with the client but the BER encoding.
//
// Files, in reading order: server.go, operations.go.
package directorytest

import (
	"net"
	"sync"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/stretchr/testify/require"
)

// The server's one administrator.
const (
	AdminDN       = "cn=irctl,dc=example,dc=com"
	AdminPassword = "canary-admin-password"
	BaseDN        = "ou=people,dc=example,dc=com"
)

// Entry is an entry of the directory. Names of attributes are in lower case.
type Entry struct {
	DN         string
	Password   string
	Attributes map[string][]string
}

// Server is a directory. Set its fields before it is used.
type Server struct {
	URL string
	// Operational refuses to change the lock attribute without the relax rules
	// control.
	Operational bool
	// LoseAnswer closes the connection after a password was replaced, before
	// the answer.
	LoseAnswer bool
	// RefusePassword answers that a new password is not good enough, and
	// repeats it, as no directory should.
	RefusePassword bool
	// NoPasswordModify leaves the operation out of what the server offers.
	NoPasswordModify bool

	mu      sync.Mutex
	entries []*Entry
	changes int
	filters []string
}

// Start starts a server that ends with the test.
func Start(t *testing.T, entries ...*Entry) *Server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &Server{URL: "ldap://" + l.Addr().String(), entries: entries}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return s
}

// Person is an entry below BaseDN.
func Person(uid, password string) *Entry {
	return &Entry{DN: "uid=" + uid + "," + BaseDN, Password: password, Attributes: map[string][]string{"uid": {uid}}}
}

// Get returns a copy of the entry with this DN.
func (s *Server) Get(dn string) Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if e.DN == dn {
			c := Entry{DN: e.DN, Password: e.Password, Attributes: map[string][]string{}}
			for k, v := range e.Attributes {
				c.Attributes[k] = append([]string(nil), v...)
			}
			return c
		}
	}
	return Entry{}
}

// Changes returns how many requests have changed something.
func (s *Server) Changes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// Filters returns the filters of all searches.
func (s *Server) Filters() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.filters...)
}

func (s *Server) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	who := ""
	for {
		p, err := ber.ReadPacket(conn)
		if err != nil || len(p.Children) < 2 {
			return
		}
		replies, keep := s.answer(&who, p)
		if !keep {
			return
		}
		for _, r := range replies {
			m := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
			m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, p.Children[0].Value, ""))
			m.AppendChild(r)
			if _, err := conn.Write(m.Bytes()); err != nil {
				return
			}
		}
	}
}
