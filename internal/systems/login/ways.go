package login

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/action"
)

// way is a way into an OpenSSH server that a revoked key leaves open.
type way struct {
	keyword  string // of sshd_config(5), as sshd -T prints it
	words    string
	hint     string
	password bool // it asks for a password of the machine, as a rule
	keys     bool // it asks for nothing, or for a key as the account's own are
}

// unrevoked stands for connections that do not go by the file of revoked keys.
const unrevoked = "revokedkeys"

var ways = []way{
	{"passwordauthentication", "a password (PasswordAuthentication)", "switch PasswordAuthentication off, or lock the password by a target of type linux-user", true, false},
	{"kbdinteractiveauthentication", "a password or code (KbdInteractiveAuthentication)", "switch KbdInteractiveAuthentication off, or lock the password by a target of type linux-user", true, false},
	{"authorizedkeyscommand", "keys that a command names (AuthorizedKeysCommand)", "revoke those where the command finds them", false, true},
	{"trustedusercakeys", "certificates (TrustedUserCAKeys)", "revoke those by the authority's own list", false, false},
	{"gssapiauthentication", "Kerberos (GSSAPIAuthentication)", "disable the account in the domain too", false, false},
	{unrevoked, "its keys (another RevokedKeys, or none)", "name the same RevokedKeys for all connections", false, true},
	{"hostbasedauthentication", "trust in other machines (HostbasedAuthentication)", "switch HostbasedAuthentication off", false, true},
}

func wayIn(keyword string) *way {
	if i := slices.IndexFunc(ways, func(w way) bool { return w.keyword == keyword }); i >= 0 {
		return &ways[i]
	}
	return nil
}

// String is what people call the way.
func (w way) String() string { return w.words }

// open are the ways in that an account has besides its keys. Nothing lets in
// who is denied by name or has expired; who has no password gets in by none. The
// password of who is not of this machine's own is a directory's, and unknown.
func (k *Keys) open(ctx context.Context, s server, account string) ([]way, error) {
	if s.denied || len(s.ways) == 0 {
		return nil, nil
	}
	l, here, err := shadowed(ctx, k.h, account)
	if err != nil {
		return nil, err
	}
	if l.Expired() {
		admitted := false
		if s.pam {
			services, err := careless(ctx, k.h)
			if err != nil {
				return nil, err
			}
			admitted = slices.Contains(services, "sshd")
		}
		if !admitted {
			return nil, nil
		}
	}
	return slices.DeleteFunc(s.has(), func(w way) bool { return w.password && here && (!l.hash || l.Locked) }), nil
}

// left is open for an account, or for anybody if that is "".
func (k *Keys) left(ctx context.Context, s server, account string) ([]way, error) {
	if account == "" {
		return s.has(), nil
	}
	return k.open(ctx, s, account)
}

// has are the ways in that a server has for anybody.
func (s server) has() []way {
	var out []way
	for _, w := range ways {
		if s.elsewhere[w.keyword] {
			w.words += ", by some connections, as a Match line says"
		}
		if s.ways[w.keyword] != "" {
			out = append(out, w)
		}
	}
	return out
}

// Open names the ways in that a new key leaves to an account, or to anybody if that
// is "": free are those that ask for
// nothing or for another key, note those that ask for something else.
func (k *Keys) Open(ctx context.Context, account string) (free []string, note string, err error) {
	s, err := k.server(ctx, cmp.Or(account, "root")) // whom every machine has
	if err != nil {
		return nil, "", err
	}
	open, err := k.left(ctx, s, account)
	var others []string
	for _, w := range open {
		if w.keys {
			free = append(free, w.words)
		} else {
			others = append(others, w.words)
		}
	}
	return free, besides(others), err
}

// besides is the note on what an account may sign in by besides a new credential.
func besides(others []string) string {
	if len(others) == 0 {
		return ""
	}
	return "; it may also sign in by " + strings.Join(others, ", ")
}

// gaps are the ways in that revoking a key leaves open, for a preflight: of an
// account, or of anybody if that is "".
func (k *Keys) gaps(ctx context.Context, s server, account string) []error {
	open, err := k.left(ctx, s, account)
	if err != nil {
		return []error{err}
	}
	out := each.Of(open, func(w way) error {
		return &action.Error{Message: "the server on " + k.h.String() + " also lets people in by " + w.words + ", which revoking keys leaves open", Hint: w.hint, Permanent: true}
	})
	if len(s.hostKeys) == 0 {
		out = append(out, &action.Error{
			Message: "none of the server's host keys can be read (the .pub files beside them), so no sign-in can be tried",
			Hint:    "act as root (`via: {sudo: true}`), or make the .pub files with ssh-keygen -y", Permanent: true,
		})
	}
	return out
}

// twins are the other names under which the machine knows an account: who has
// the same number is the same to it.
func twins(passwd, account string, uid string) []string {
	var out []string
	for line := range strings.Lines(passwd) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) == 7 && f[2] == uid && f[0] != account {
			out = append(out, "the account "+action.CleanLine(f[0], 60)+", which has the same number "+uid)
		}
	}
	return out
}
