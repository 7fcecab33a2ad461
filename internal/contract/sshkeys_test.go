package contract

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/pkg/action"
)

// The files of an OpenSSH server.
const (
	authorizedFile = "/home/alice/.ssh/authorized_keys"
	revokedFile    = "/etc/ssh/revoked_keys"
	hostKeyFile    = "/etc/ssh/host_key"
)

// sshServer lets alice in with the keys that its files name.
type sshServer struct {
	machine
	key      ssh.Signer // the server's own
	address  string
	old      string // alice's key until now
	others   string // a key of somebody else
	sessions int    // of alice
}

func startKeys(t *testing.T, a action.Action) actiontest.StandIn {
	s := &sshServer{key: newKey(t), old: line(newKey(t).PublicKey()), others: line(newKey(t).PublicKey()), sessions: 2}
	s.files = map[string]string{
		authorizedFile: "# laptop\nno-pty " + s.old + " alice\n", revokedFile: s.others + " lost\n",
		hostKeyFile + ".pub": line(s.key.PublicKey()),
	}
	if a.Spec().Name == "account.enable" {
		s.files[revokedFile] = s.old + " stolen\n" + s.files[revokedFile]
	}
	s.program, s.script, s.changes = s.run, s.shell, kills
	s.address = listen(t, s.serve)
	s.req = request(t, a, "ssh-keys", action.Values{"account": "alice"}, nil)
	return s
}

func newKey(t *testing.T) ssh.Signer {
	private, err := new(login.Keys).Make(0)
	require.NoError(t, err)
	s, err := ssh.ParsePrivateKey([]byte(private.Reveal()))
	require.NoError(t, err)
	return s
}

func line(key ssh.PublicKey) string { return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) }

var publicKey = regexp.MustCompile(`ssh-ed25519 [A-Za-z0-9+/=]+`)

// State has a word for each key, because all are made anew; a new one has none.
func (s *sshServer) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := fmt.Sprintf("%d sessions\n", s.sessions)
	for _, path := range []string{authorizedFile, revokedFile} {
		for l := range strings.Lines(s.files[path]) {
			text += publicKey.ReplaceAllStringFunc(l, func(key string) string {
				return map[string]string{s.old: "the old key", s.others: "another key"}[key]
			})
		}
	}
	return text
}

func (s *sshServer) shell(argv []string) string {
	if kills(argv) {
		s.sessions = 0
	}
	text := "77\n1 0 0 Ss init\n77 1 0 R ps\n"
	for i := range s.sessions {
		text += fmt.Sprintf("%d 1 1000 S sshd: alice@pts/%d\n", 100+i, i)
	}
	return text
}

func (s *sshServer) run(argv []string, _ string) (string, string, int) {
	switch {
	case argv[0] == "getent":
		return "alice:x:1000:1000::/home/alice:/bin/sh\n", "", 0
	case slices.Contains(argv, "-T"):
		return "listenaddress " + s.address + "\nauthorizedkeysfile .ssh/authorized_keys\nrevokedkeys " + revokedFile + "\nhostkey " + hostKeyFile + "\n", "", 0
	}
	return "", argv[0] + ": unknown arguments", 1
}

// serve signs people in.
func (s *sshServer) serve(c net.Conn) {
	if s.faults.Next(false) != actiontest.None {
		return
	}
	conf := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if strings.Contains(s.files[revokedFile], line(key)) || !strings.Contains(s.files[authorizedFile], line(key)) {
			return nil, errors.New("refused")
		}
		return nil, nil
	}}
	conf.AddHostKey(s.key)
	conn, channels, requests, err := ssh.NewServerConn(c, conf)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for ch := range channels {
		_ = ch.Reject(ssh.Prohibited, "")
	}
	_ = conn.Close()
}
