package login

import (
	"cmp"
	"context"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// KeysTarget describes the target type ssh-keys. Undo is a word of each
// action.
func KeysTarget(undo bool) action.TargetType {
	return config.Describe[KeysConfig](action.TargetType{
		Name:    "ssh-keys",
		Summary: "people who sign in to a machine with SSH keys",
		Example: `jump-host-keys:
  type: ssh-keys
  owner: platform@example.com
  fallback: Call the platform team and have them take the key out of authorized_keys.
  config:
    via: {ssh: jump.example.com, sudo: true}
`,
		Tools: []string{"ps", "getent"},
		Undo:  undo,
	})
}

// KeysConfig is a target's config.
type KeysConfig struct {
	Config, SSHD, Address string
	Via                   host.Via
}

// Fields implements config.Config.
func (c *KeysConfig) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.Config, action.Field{Name: "config", Default: "/etc/ssh/sshd_config", Description: "The sshd_config(5) of the server, on the machine that via names. It must name a file as RevokedKeys.", Example: "/etc/ssh/sshd_config"}),
		config.Into(&c.SSHD, action.Field{Name: "sshd", Default: "/usr/sbin/sshd", Description: "The server's program, which is asked what it reads (sshd -T)."}),
		config.Into(&c.Address, action.Field{Name: "address", Description: "Where a sign-in is tried, host:port; without it, where the server says that it listens.", Example: "127.0.0.1:22"}),
		c.Via.Field(),
	}
}

// Keys is a machine whose OpenSSH server lets people in with keys. It is for
// one goroutine.
type Keys struct {
	h      *host.Host
	config KeysConfig
	old    []key // what SetCredential has taken away
}

// OpenKeys does no I/O.
func OpenKeys(_ context.Context, req action.Request) (*Keys, error) {
	conf, h, err := host.Reach(req, func(c KeysConfig) host.Via { return c.Via })
	if err != nil {
		return nil, err
	}
	return &Keys{h: h, config: conf}, nil
}

// Close ends the way to the machine.
func (k *Keys) Close() { k.h.Close() }

// Sessions counts the SSH sessions of an account, without irctl's own.
func (k *Keys) Sessions(ctx context.Context, account string) (int, error) {
	if _, err := k.server(ctx, account); err != nil {
		return 0, err
	}
	s, err := k.sessions(ctx, account)
	return len(s), err
}

func (k *Keys) sessions(ctx context.Context, account string) ([][]int, error) {
	all, ours, err := procs(ctx, k.h)
	if err != nil {
		return nil, err
	}
	return sshSessions(all, ours, account), nil
}

// EndSessions ends the SSH sessions of an account, with what was started in
// them. A process that left its session, as daemons do, goes on.
func (k *Keys) EndSessions(ctx context.Context, account string) (int, error) {
	if _, err := k.server(ctx, account); err != nil {
		return 0, err
	}
	return ending(ctx, k.h, account, func(ctx context.Context) ([][]int, error) { return k.sessions(ctx, account) })
}

// Preflight says what keeps irctl from acting, on an account if that is not "".
// It changes nothing.
func (k *Keys) Preflight(ctx context.Context, account string) []error {
	s, err := k.server(ctx, cmp.Or(account, "root")) // whom every machine has
	if err != nil {
		return []error{err}
	}
	if _, err := k.revoked(ctx, s); err != nil {
		return []error{err}
	}
	if err := k.h.Replaceable(ctx, s.revoked); err != nil {
		return []error{err}
	}
	problems := k.gaps(ctx, s, account)
	if c, err := k.h.DialContext(ctx, "tcp", s.address); err != nil {
		problems = append(problems, &action.Error{
			Message: "no SSH server answers at " + action.CleanLine(s.address, 80) + " on " + k.h.String() + ", so nobody could see whether a sign-in is refused",
			Hint:    "start it, or correct address in the environment's target", Cause: err,
		})
	} else {
		_ = c.Close()
	}
	return problems
}
