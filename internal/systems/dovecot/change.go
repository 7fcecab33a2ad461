package dovecot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// Change replaces the deny file by what edit makes of it; edit may be called
// again, see [host.Host.Edit]. Dovecot looks at the file once a second; Denied and
// Admitted wait for that.
func (s *System) Change(ctx context.Context, edit func(Deny) Deny) error {
	return s.host.Edit(ctx, s.denyFile, 0o644, func(now []byte) ([]byte, error) { return []byte(edit(Deny(now))), nil })
}

// asked is who of users may sign in, once Dovecot has forgotten what it
// remembered of sign-ins. As a rule it remembers nothing.
func (s *System) asked(ctx context.Context, users []string) ([]string, error) {
	if strings.Contains(s.conf, "\nauth_cache_size") {
		if _, err := s.doveadm(ctx, nil, "auth", "cache", "flush"); err != nil {
			return nil, err
		}
	}
	return s.MaySignIn(ctx, users)
}

// follows is for how long Dovecot may take to see a file or to end sessions, and
// how often it is asked: each time is a process.
var follows = patience.Limit{For: 10 * time.Second, Every: 250 * time.Millisecond}

// Denied looks until none of the users may sign in. It looks twice: who signed
// in before Dovecot saw the file may be remembered again.
func (s *System) Denied(ctx context.Context, users []string) error {
	return patience.Limit{For: follows.For, Every: follows.Every, Steady: 2}.Until(ctx, func() error {
		open, err := s.asked(ctx, users)
		if err != nil {
			return patience.Stop(action.Doubtful(err))
		}
		if len(open) == 0 {
			return nil
		}
		return &action.Error{
			Message: fmt.Sprintf("%s names %s, but Dovecot lets %[2]s sign in", s.denyFile, action.CleanLine(open[0], 60)),
			Hint:    "write names as doveadm user lists them, see Dovecot's log, then retry",
		}
	})
}

// Admitted looks until Dovecot lets somebody sign in of those users whom the
// deny file does not name any more; the others may be disabled elsewhere.
func (s *System) Admitted(ctx context.Context, users []string) error {
	d, err := s.read(ctx)
	if err != nil {
		return err
	}
	users = Without(users, d.All())
	if len(users) == 0 {
		return nil
	}
	none := &action.Error{
		Message: fmt.Sprintf("%s names %s no more, but Dovecot does not let %[2]s sign in", s.denyFile, action.CleanLine(users[0], 60)),
		Hint:    "see Dovecot's log: the account may be disabled elsewhere, or be gone",
	}
	err = follows.Until(ctx, func() error {
		open, err := s.asked(ctx, users)
		if err == nil && len(open) == 0 {
			return none
		}
		return patience.Stop(action.Doubtful(err))
	})
	if err != error(none) {
		return err
	}
	// Some password databases, such as PAM, tell of nobody.
	all, err := s.users(ctx)
	if err != nil {
		return action.Doubtful(err)
	}
	if open, err := s.MaySignIn(ctx, all); err != nil || len(open) == 0 {
		return action.Doubtful(err)
	}
	return none
}

// KickAll ends every session; see EndSessions.
func (s *System) KickAll(ctx context.Context) (int, error) { return s.kick(ctx, everybody) }

// EndSessions ends a user's sessions and looks until there are none. It returns
// how many there were. A sign-in that was under way gets its session a moment
// later, so it looks twice.
func (s *System) EndSessions(ctx context.Context, user string) (int, error) {
	if err := s.Exists(ctx, user); err != nil {
		return 0, host.Certain(err)
	}
	return s.kick(ctx, user)
}

func (s *System) kick(ctx context.Context, mask string) (ended int, err error) {
	told := false
	err = patience.Limit{For: follows.For, Every: follows.Every, Steady: 2}.Until(ctx, func() error {
		n, err := s.sessions(ctx, mask)
		switch {
		case err != nil && !told:
			return patience.Stop(host.Certain(err))
		case err != nil || n == 0:
			return patience.Stop(action.Doubtful(err))
		}
		ended, told = max(ended, n), true
		if _, err := s.doveadm(ctx, []int{noSession}, "kick", "-f", mask); err != nil {
			return patience.Stop(err)
		}
		return &action.Error{Message: fmt.Sprintf("%d sessions are still open", n), Hint: "see whose: doveadm who; then retry"}
	})
	return ended, err
}
