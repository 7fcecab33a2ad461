package dovecot

import (
	"context"
	"fmt"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// Change replaces the deny file by what edit makes of it. Dovecot looks at the
// file once a second; Denied and Admitted wait for that.
func (s *System) Change(ctx context.Context, edit func(Deny) Deny) error {
	now, err := s.read(ctx)
	if err != nil {
		return err
	}
	changed := edit(now)
	if changed == now {
		return nil
	}
	return s.host.WriteFile(ctx, s.denyFile, []byte(changed), 0o644)
}

// asked is who of users may sign in, once Dovecot has forgotten what it
// remembered of sign-ins (auth_cache_size).
func (s *System) asked(ctx context.Context, users []string) ([]string, error) {
	if _, err := s.doveadm(ctx, nil, "auth", "cache", "flush"); err != nil {
		return nil, err
	}
	return s.MaySignIn(ctx, users)
}

// Denied looks until none of the users may sign in.
func (s *System) Denied(ctx context.Context, users []string) error {
	late := time.Now().Add(patience)
	for {
		open, err := s.asked(ctx, users)
		if err == nil && len(open) == 0 {
			// Who signed in before Dovecot saw the file may be remembered again.
			open, err = s.asked(ctx, users)
		}
		if err != nil {
			return action.Doubtful(err)
		}
		if len(open) == 0 {
			return nil
		}
		if !wait(ctx, late) {
			return &action.Error{
				Message: fmt.Sprintf("%s names %s, but Dovecot lets %[2]s sign in", s.denyFile, action.CleanLine(open[0], 60)),
				Hint:    "write names as doveadm user lists them, see Dovecot's log, then retry",
			}
		}
	}
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
	for late := time.Now().Add(patience); ; {
		open, err := s.asked(ctx, users)
		if err != nil || len(open) > 0 {
			return action.Doubtful(err)
		}
		if !wait(ctx, late) {
			break
		}
	}
	// Some password databases, such as PAM, tell of nobody.
	all, err := s.users(ctx)
	if err != nil {
		return err
	}
	if open, err := s.MaySignIn(ctx, all); err != nil || len(open) == 0 {
		return action.Doubtful(err)
	}
	return &action.Error{
		Message: fmt.Sprintf("%s names %s no more, but Dovecot does not let %[2]s sign in", s.denyFile, action.CleanLine(users[0], 60)),
		Hint:    "see Dovecot's log: the account may be disabled elsewhere, or be gone",
	}
}

// patience is for how long Dovecot may take to see a file or to end sessions,
// and pause is how long irctl waits between two looks.
const (
	patience = 10 * time.Second
	pause    = 100 * time.Millisecond
)

// wait returns after a pause; false means that there is no time left.
func wait(ctx context.Context, late time.Time) bool {
	if time.Now().Add(pause).After(late) {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// KickAll ends every session; see EndSessions.
func (s *System) KickAll(ctx context.Context) (int, error) { return s.kick(ctx, everybody) }

// EndSessions ends a user's sessions and looks until there are none. It returns
// how many there were. A sign-in that was under way gets its session a moment
// later, so it looks twice.
func (s *System) EndSessions(ctx context.Context, user string) (int, error) {
	if err := s.Exists(ctx, user); err != nil {
		return 0, err
	}
	return s.kick(ctx, user)
}

func (s *System) kick(ctx context.Context, mask string) (int, error) {
	late := time.Now().Add(patience)
	ended, quiet := 0, 0
	for {
		n, err := s.sessions(ctx, mask)
		if err != nil {
			return ended, err
		}
		ended = max(ended, n)
		if n > 0 {
			quiet = 0
			if _, err := s.doveadm(ctx, []int{noSession}, "kick", "-f", mask); err != nil {
				return ended, action.Doubtful(err)
			}
		} else if quiet++; quiet == 2 {
			return ended, nil
		}
		if !wait(ctx, late) {
			return ended, &action.Error{Message: fmt.Sprintf("%d sessions are still open", n), Hint: "see whose: doveadm who; then retry"}
		}
	}
}
