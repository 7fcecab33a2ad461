package login

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"path"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// server is what an OpenSSH server says that it reads when an account signs in.
type server struct {
	authorized []string // files, whole paths
	revoked    string   // a file
	address    string   // host:port
	hostKeys   []ssh.PublicKey
	ways       map[string]string // what else lets people in: sshd_config's keyword and its value
	elsewhere  map[string]bool   // which of them some connections alone have, by Match lines
	denied     bool              // the account is among DenyUsers
	pam        bool              // PAM judges whether an account has expired, not the server
}

// server asks sshd itself, so that Match and Include count, for each kind of
// connection that Match lines tell apart.
func (k *Keys) server(ctx context.Context, account string) (server, error) {
	home, err := k.home(ctx, account)
	if err != nil {
		return server{}, err
	}
	connections, err := k.connections(ctx)
	if err != nil {
		return server{}, err
	}
	var s server
	var hostKeys []string
	for i, c := range connections {
		res, err := k.h.Run(ctx, process.Command{Argv: []string{
			k.config.SSHD, "-T", "-f", k.config.Config,
			"-C", "user=" + account + ",host=" + c.host + ",addr=" + c.addr + ",laddr=" + c.laddr + ",lport=" + c.lport,
		}, Name: "sshd -T"}, nil)
		if err != nil {
			return server{}, &action.Error{Message: "the server's configuration on " + k.h.String() + " could not be read, so nothing was changed", Hint: "act as root (`via: {sudo: true}`), and check config and sshd of the environment's target", Cause: err}
		}
		one, keys := readServer(res.Stdout, account, home)
		if i == 0 {
			s, hostKeys = one, keys
		} else {
			s.add(one)
		}
	}
	if s.revoked == "" {
		return server{}, &action.Error{
			Message: "the server on " + k.h.String() + " reads no file of revoked keys, so nothing was changed",
			Hint:    "make an empty file that only root may write, name it in sshd_config (RevokedKeys /etc/ssh/revoked_keys), and reload the server", Permanent: true,
		}
	}
	for _, file := range hostKeys {
		pub, err := k.h.ReadFile(ctx, file+".pub")
		if errors.Is(err, fs.ErrNotExist) {
			continue // without it the server's other keys have to do
		}
		if err != nil {
			return server{}, err
		}
		if key, _, _, _, err := ssh.ParseAuthorizedKey(pub); err == nil {
			s.hostKeys = append(s.hostKeys, key)
		}
	}
	if a := k.config.Address; a != "" {
		s.address = a
	}
	return s, nil
}

// add is what holds for other connections, too.
func (s *server) add(o server) {
	if s.elsewhere == nil {
		s.elsewhere = map[string]bool{}
	}
	for keyword, value := range o.ways {
		if s.ways[keyword] == "" {
			s.ways[keyword], s.elsewhere[keyword] = value, true
		}
	}
	if o.revoked != s.revoked {
		s.ways[unrevoked], s.elsewhere[unrevoked] = "yes", true
	}
	for _, file := range o.authorized {
		if !slices.Contains(s.authorized, file) {
			s.authorized = append(s.authorized, file)
		}
	}
	s.denied, s.pam = s.denied && o.denied, s.pam || o.pam
}

// readServer reads what sshd -T prints: a keyword in lower case and its value
// on each line.
func readServer(text, account, home string) (s server, hostKeys []string) {
	s.ways = map[string]string{}
	for line := range strings.Lines(text) {
		keyword, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if value == "none" || value == "" {
			continue
		}
		switch keyword {
		case "authorizedkeysfile":
			for _, file := range strings.Fields(value) {
				// sshd_config(5), TOKENS; without a leading / it is below the home.
				file = strings.NewReplacer("%%", "%", "%h", home, "%u", account).Replace(file)
				if !path.IsAbs(file) {
					file = path.Join(home, file)
				}
				s.authorized = append(s.authorized, file)
			}
		case "revokedkeys":
			s.revoked = value
		case "listenaddress":
			if s.address == "" || strings.HasPrefix(s.address, "[") { // IPv6 may be switched off
				s.address = reachable(value)
			}
		case "hostkey":
			hostKeys = append(hostKeys, value)
		case "usepam":
			s.pam = value == "yes"
		case "denyusers":
			s.denied = s.denied || slices.Contains(strings.Fields(value), account)
		default:
			if wayIn(keyword) != nil && value != "no" {
				s.ways[keyword] = value
			}
		}
	}
	return s, hostKeys
}

// reachable is an address of the machine itself for one that it listens at.
func reachable(listens string) string {
	h, port, err := net.SplitHostPort(listens)
	ip := net.ParseIP(h)
	switch {
	case err != nil || ip == nil || !ip.IsUnspecified():
		return listens
	case ip.To4() != nil:
		return net.JoinHostPort("127.0.0.1", port)
	}
	return net.JoinHostPort("::1", port)
}

// home is the home folder of an account of the machine.
func (k *Keys) home(ctx context.Context, account string) (string, error) {
	u, err := lookUp(ctx, k.h, account)
	return u.home, err
}
