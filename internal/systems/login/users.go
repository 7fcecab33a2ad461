package login

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// UsersTarget describes the target type linux-user. Undo is a word of each
// action.
func UsersTarget(undo bool) action.TargetType {
	return config.Describe[UsersConfig](action.TargetType{
		Name:    "linux-user",
		Summary: "the accounts of a Linux machine itself, in /etc/passwd and /etc/shadow",
		Example: `web1-accounts:
  type: linux-user
  owner: platform@example.com
  fallback: Call the platform team and have them lock the account by hand.
  config:
    via: {ssh: web1.example.com, sudo: true}
`,
		Tools: []string{"ps", "getent", "usermod", "chage", "chpasswd"},
		Undo:  undo,
	})
}

// UsersConfig is a target's config.
type UsersConfig struct {
	Checker   string
	Passwords newsecret.Passwords
	Via       host.Via
}

// Fields implements config.Config.
func (c *UsersConfig) Fields() config.Fields {
	return append(append(config.Fields{
		config.Into(&c.Checker, action.Field{Name: "unix_chkpwd", Default: "/usr/sbin/unix_chkpwd", Description: "The program of Linux-PAM that tells whether a password is right."}),
	}, c.Passwords.Fields("BACKUP_PASSWORD")...), c.Via.Field())
}

// Users is a machine with accounts of its own. It is for one goroutine.
type Users struct {
	newsecret.Passwords
	h       *host.Host
	checker string
}

// OpenUsers does no I/O.
func OpenUsers(_ context.Context, req action.Request) (*Users, error) {
	conf, h, err := host.Reach(req, func(c UsersConfig) host.Via { return c.Via })
	if err != nil {
		return nil, err
	}
	return &Users{conf.Passwords, h, conf.Checker}, nil
}

// Close ends the way to the machine.
func (u *Users) Close() { u.h.Close() }

// Lock is what keeps an account from signing in.
type Lock struct {
	Locked  bool     // the password is refused, with a ! before its hash
	Expires string   // the day since 1970-01-01 on which the account expires, "" for never (shadow(5))
	hash    bool     // there is a password, refused or not
	Open    []string // the ways in that stay: other accounts of the same number, services of PAM that do not look at it
}

// ours is the day on which irctl has accounts expire: any in the past refuses
// keys of SSH and all else that the password does not.
const ours = "1"

// Expired reports whether the account is refused whatever it signs in with.
func (l Lock) Expired() bool {
	day, err := strconv.ParseInt(l.Expires, 10, 64)
	return err == nil && day <= time.Now().Unix()/86400
}

// Disabled reports whether nothing lets the account in.
func (l Lock) Disabled() bool { return l.Locked && l.Expired() }

// Enabled reports whether nothing keeps the account out; one that never had a
// password may sign in with keys.
func (l Lock) Enabled() bool { return !l.Expired() && (!l.Locked || !l.hash) }

// parseLock reads a line of shadow(5).
func parseLock(line string) (Lock, bool) {
	f := strings.Split(strings.TrimSpace(line), ":")
	if len(f) != 9 {
		return Lock{}, false
	}
	return Lock{Locked: strings.HasPrefix(f[1], "!"), Expires: f[7], hash: strings.Contains(f[1], "$")}, true
}

// Look finds an account. The superuser is refused, and so is the account that
// irctl acts as.
func (u *Users) Look(ctx context.Context, account string) (Lock, error) {
	who, err := u.find(ctx, account)
	if err != nil {
		return Lock{}, err
	}
	l, here, err := shadowed(ctx, u.h, who.name)
	if err != nil {
		return Lock{}, err
	}
	if !here {
		return Lock{}, &action.Error{Message: "the entry of " + who.name + " in /etc/shadow on " + u.h.String() + " cannot be read", Hint: "act as root (`via: {sudo: true}`); an account of a directory is changed there", Permanent: true}
	}
	passwd, err := u.h.Output(ctx, "getent", "passwd")
	if err != nil {
		return Lock{}, err
	}
	services, err := careless(ctx, u.h)
	l.Open = append(twins(passwd, who.name, strconv.Itoa(who.uid)), each.Of(services, byService)...)
	return l, err
}

// Open names the ways in that a new password leaves to an account, none if that is
// "": free are other names of its number, the note is about its keys.
func (u *Users) Open(ctx context.Context, account string) (free []string, note string, err error) {
	if account == "" {
		return nil, "", nil
	}
	who, err := u.find(ctx, account)
	if err != nil {
		return nil, "", err
	}
	passwd, err := u.h.Output(ctx, "getent", "passwd")
	return twins(passwd, who.name, strconv.Itoa(who.uid)), "; SSH keys that it may have are other credentials", err
}

// shadowed reads what /etc/shadow says of an account; here is false if it says
// nothing.
func shadowed(ctx context.Context, h *host.Host, account string) (l Lock, here bool, err error) {
	const missing = 2 // getent(1), EXIT STATUS
	res, err := h.Run(ctx, process.Command{Argv: []string{"getent", "shadow", account}, Success: []int{0, missing}}, nil)
	l, here = parseLock(res.Stdout)
	return l, here, host.Certain(err)
}

func (u *Users) find(ctx context.Context, account string) (user, error) {
	who, err := lookUp(ctx, u.h, account)
	if err != nil {
		return user{}, err
	}
	if who.uid == 0 {
		return user{}, &action.Error{Message: who.name + " is the superuser, without whom nobody can repair the machine", Hint: "act on it by hand", Permanent: true}
	}
	all, us, err := procs(ctx, u.h)
	if err != nil {
		return user{}, err
	}
	for _, p := range all {
		if us[p.pid] && p.uid == who.uid {
			return user{}, &action.Error{Message: who.name + " is who irctl acts as on " + u.h.String() + ", so it would lock itself out", Hint: "sign in as somebody else, with `user` in the target's via", Permanent: true}
		}
	}
	return who, nil
}

func (u *Users) run(ctx context.Context, argv ...string) error {
	_, err := u.h.Run(ctx, process.Command{Argv: argv}, nil)
	return host.Advise(err, asRoot)
}

// Lock refuses the password of an account and has the account expire. Sessions
// stay open.
func (u *Users) Lock(ctx context.Context, account string) error {
	return u.run(ctx, "usermod", "-L", "-e", "1970-01-02", account)
}

// Set has an account locked and expire as l says, as far as it is not so.
func (u *Users) Set(ctx context.Context, account string, l Lock) error {
	now, err := u.Look(ctx, account)
	if err != nil {
		return err
	}
	if now.Locked != l.Locked && (l.Locked || now.hash) {
		if err := u.run(ctx, "usermod", map[bool]string{true: "-L", false: "-U"}[l.Locked], account); err != nil {
			return err
		}
	}
	if now.Expires == l.Expires {
		return nil
	}
	day := l.Expires
	day = cmp.Or(day, "-1")
	return u.run(ctx, "chage", "-E", day, account)
}

// Restore puts a lock back. A day of expiry that somebody has set since is
// left.
func (u *Users) Restore(ctx context.Context, account string, before Lock) error {
	now, err := u.Look(ctx, account)
	if err != nil {
		return err
	}
	if now.Expires != ours && now.Expires != "" {
		before.Expires = now.Expires
	}
	return u.Set(ctx, account, before)
}

// Find looks for an account, and says whether its password is refused.
func (u *Users) Find(ctx context.Context, account string) (disabled bool, err error) {
	l, err := u.Look(ctx, account)
	return l.Locked, err
}

// SetCredential replaces the password of an account, which unlocks it: see
// Settle.
func (u *Users) SetCredential(ctx context.Context, account string, password action.Secret) error {
	if _, err := u.find(ctx, account); err != nil {
		return err
	}
	_, err := u.h.Run(ctx, process.Command{Argv: []string{"chpasswd"}, Stdin: action.NewSecret(account + ":" + password.Reveal() + "\n")}, nil)
	return host.Advise(err, asRoot)
}

// Accepts asks Linux-PAM's own helper, which tells of the password and of
// nothing else.
func (u *Users) Accepts(ctx context.Context, account string, password action.Secret) (bool, error) {
	const refused = 7 // PAM_AUTH_ERR
	res, err := u.h.Run(ctx, process.Command{
		Argv: []string{u.checker, account, "nonull"}, Stdin: action.NewSecret(password.Reveal() + "\x00"), Success: []int{0, refused},
	}, nil)
	return err == nil && res.ExitCode == 0, err
}

// Settle locks an account again that was locked, which a new password undoes,
// and ends all that runs as it.
func (u *Users) Settle(ctx context.Context, account string, disabled bool) (string, error) {
	if disabled {
		if err := u.run(ctx, "usermod", "-L", account); err != nil {
			return "", err
		}
	}
	n, err := u.EndSessions(ctx, account)
	return fmt.Sprintf("processes ended: %d", n), err
}

// Sessions counts the processes that run as an account.
func (u *Users) Sessions(ctx context.Context, account string) (int, error) {
	who, err := u.find(ctx, account)
	if err != nil {
		return 0, err
	}
	p, err := u.running(ctx, who)
	return len(p), err
}

func (u *Users) running(ctx context.Context, who user) ([][]int, error) {
	all, _, err := procs(ctx, u.h)
	var out [][]int
	for _, p := range all {
		if p.uid == who.uid {
			out = append(out, []int{p.pid})
		}
	}
	return out, err
}

// EndSessions ends every process that runs as an account.
func (u *Users) EndSessions(ctx context.Context, account string) (int, error) {
	who, err := u.find(ctx, account)
	if err != nil {
		return 0, err
	}
	return ending(ctx, u.h, account, func(ctx context.Context) ([][]int, error) { return u.running(ctx, who) })
}

// Preflight says what keeps irctl from acting, on an account if that is not "".
// It changes nothing.
func (u *Users) Preflight(ctx context.Context, account string) []error {
	if err := u.run(ctx, "getent", "shadow", "root"); err != nil {
		return []error{&action.Error{Message: "/etc/shadow on " + u.h.String() + " cannot be read", Hint: "act as root, with `via: {sudo: true}`", Permanent: true}}
	}
	if account != "" {
		if _, err := u.Look(ctx, account); err != nil {
			return []error{err}
		}
	}
	services, err := careless(ctx, u.h)
	if err != nil {
		return []error{err}
	}
	return each.Of(services, func(service string) error { return stays(u.h, service) })
}
