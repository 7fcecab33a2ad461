package contract

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// The server's one administrator.
const (
	directoryAdmin    = "cn=irctl,dc=example,dc=com"
	directoryPassword = "canary-admin-password"
	directoryBase     = "ou=people,dc=example,dc=com"
)

// directoryEntry is an entry of the directory. Names of attributes are in lower case.
type directoryEntry struct {
	DN         string
	Password   string
	Attributes map[string][]string
}

// directoryServer is a small directory. It knows binding, searching below a base,
// modifying and the password modify extended operation, and it checks who asks.
// It shares no code with the client but the BER encoding. Set its fields before
// it is used.
type directoryServer struct {
	tap
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

	caFile string
	active bool // an Active Directory

	faults  actiontest.Faults
	req     action.Request
	mu      sync.Mutex
	entries []*directoryEntry
	changes int
}

// startServer starts a server that ends with the test.
func startServer(t *testing.T, entries ...*directoryEntry) *directoryServer {
	policy := &directoryEntry{DN: policyEntry, Attributes: map[string][]string{"objectclass": {"pwdPolicy"}, "pwdlockout": {"TRUE"}}}
	s := &directoryServer{entries: append(entries, policy)}
	s.URL = "ldap://" + listen(t, s.serve)
	return s
}

const (
	alice = "uid=alice," + directoryBase
	// policyEntry is the password policy of all.
	policyEntry = "cn=policy,dc=example,dc=com"
	// disabledForGood is what OpenLDAP's password policy has for it.
	disabledForGood = "000001010000Z"
)

func startLDAP(t *testing.T, a action.Action) actiontest.StandIn {
	p := person("alice", "old")
	if a.Spec().Name == "account.enable" {
		p.Attributes["pwdaccountlockedtime"] = []string{disabledForGood}
	}
	s := startServer(t, p)
	s.req = s.request(t, a, "ldap", "alice")
	return s
}

func (s *directoryServer) request(t *testing.T, a action.Action, targetType, account string) action.Request {
	given := map[string]any{"url": s.URL, "bind_dn": directoryAdmin, "bind_password": action.NewSecret(directoryPassword), "base_dn": directoryBase}
	if !s.active {
		given["default_policy"] = policyEntry
	}
	if s.caFile != "" {
		given["ca_file"], given["krbtgt"] = s.caFile, true
	}
	return request(t, a, targetType, action.Values{"account": account}, given)
}

func startActive(t *testing.T, a action.Action) actiontest.StandIn {
	return newActive(t, a, "alice")
}

// newActive is an Active Directory with one account.
func newActive(t *testing.T, a action.Action, account string) *directoryServer {
	p := person(account, "old")
	for name, value := range map[string]string{
		"objectcategory": "person", "objectclass": "user", "samaccountname": account, "useraccountcontrol": "512",
		"allowedattributeseffective": "userAccountControl", "msds-keyversionnumber": "1",
	} {
		p.Attributes[name] = []string{value}
	}
	if a.Spec().Name == "account.enable" {
		p.Attributes["useraccountcontrol"] = []string{"514"}
	}
	s := &directoryServer{active: true, entries: []*directoryEntry{p}, caFile: filepath.Join(t.TempDir(), "ca.pem")}
	web := httptest.NewTLSServer(nil) // for its certificate
	web.Close()
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	require.NoError(t, os.WriteFile(s.caFile, block, 0o600))
	conf := &tls.Config{Certificates: web.TLS.Certificates}
	s.URL = "ldaps://" + listen(t, func(c net.Conn) { s.serve(tls.Server(c, conf)) })
	s.req = s.request(t, a, "active-directory", account)
	return s
}

func (s *directoryServer) Request() action.Request    { return s.req }
func (s *directoryServer) Faults() *actiontest.Faults { return &s.faults }

func (s *directoryServer) State() string {
	e := s.get(alice)
	return fmt.Sprintf("locked %q, control %q, new password %t", e.Attributes["pwdaccountlockedtime"], e.Attributes["useraccountcontrol"], e.Password != "old")
}

// person is an entry below directoryBase.
func person(uid, password string) *directoryEntry {
	return &directoryEntry{DN: "uid=" + uid + "," + directoryBase, Password: password, Attributes: map[string][]string{"uid": {uid}, "objectclass": {"person"}}}
}

// get returns a copy of the entry with this DN.
func (s *directoryServer) get(dn string) directoryEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if e.DN == dn {
			c := directoryEntry{DN: e.DN, Password: e.Password, Attributes: map[string][]string{}}
			for k, v := range e.Attributes {
				c.Attributes[k] = append([]string(nil), v...)
			}
			return c
		}
	}
	return directoryEntry{}
}

// modified returns how many requests have changed something.
func (s *directoryServer) modified() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

func (s *directoryServer) serve(conn net.Conn) {
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
