package postfix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// Impose suspends mail as p says, from however far an earlier attempt came.
// Kept is called with the whole suspension before the first message is put on
// hold; what it returns ends the work.
func (s *System) Impose(ctx context.Context, p Suspension, kept func(Suspension) error) error {
	if err := s.writeNote(ctx, p); err != nil {
		return err
	}
	if err := s.set(ctx, p.Before, p.While); err != nil {
		return err
	}
	if err := s.reload(ctx); err != nil {
		return err
	}
	err := s.until(ctx, func(r Reply) error {
		if r.saying(p.Words) {
			return nil
		}
		return s.without("tell senders to come back later (450 "+p.Words+")", r)
	})
	if err != nil {
		return action.Doubtful(err)
	}
	if !p.Done {
		q, err := s.settled(ctx)
		if err != nil {
			return action.Doubtful(err)
		}
		// What still moves is on its way out: it arrives, or it is deferred like
		// all the rest.
		p.Held, p.Done = append(p.Held, q.Waiting...), true
		if err := kept(p); err != nil {
			return err
		}
		if err := s.writeNote(ctx, p); err != nil {
			return err
		}
	}
	return s.holdAll(ctx, p.Held)
}

// settled is the queue once deliveries that had begun have ended, or patience
// has.
func (s *System) settled(ctx context.Context) (q Queue, err error) {
	_ = following.Until(ctx, func() error {
		if q, err = s.queue(ctx); err == nil && len(q.Moving) > 0 {
			return errMoving
		}
		return nil
	})
	return q, err
}

var errMoving = errors.New("deliveries have begun and not ended")

// holdAll puts messages on hold and looks that they are.
func (s *System) holdAll(ctx context.Context, ids []string) error {
	loose := ids
	return following.Until(ctx, func() error {
		if err := s.super(ctx, hold, loose); err != nil || len(loose) == 0 {
			return patience.Stop(err)
		}
		q, err := s.queue(ctx)
		if err != nil {
			return patience.Stop(action.Doubtful(err))
		}
		if loose = q.loose(ids); len(loose) == 0 {
			return nil
		}
		return &action.Error{
			Message: fmt.Sprintf("%s of the queue could not be put on hold, among them %s", messages(len(loose)), loose[0]),
			Hint:    "nothing is delivered all the same; see Postfix's log, then retry",
		}
	})
}

// Lift puts back what was there before p, in a system as it was just looked at,
// and has Postfix try all mail at once.
// It reports whether that changed anything. A setting that somebody has changed
// since stays, and is an error when all else is back.
func (s *System) Lift(ctx context.Context, l Look, p Suspension) (changed bool, err error) {
	theirs := l.Settings.neither(p.Before, p.While)
	from, to := p.While.but(l.Settings, theirs), p.Before.but(l.Settings, theirs)
	ours := l.Queue.held(p.Held)
	changed = len(ours) > 0 || l.Settings != to || l.Note != nil && len(theirs) == 0
	// They stay in the queue as long as nothing is delivered.
	if err := s.super(ctx, release, ours); err != nil {
		return changed, err
	}
	if err := s.set(ctx, from, to); err != nil {
		return changed, err
	}
	if l.Settings != to || l.Reply.saying(p.Words) {
		if err := s.reload(ctx); err != nil {
			return changed, err
		}
	}
	err = s.until(ctx, func(r Reply) error {
		if r.saying(p.Words) && !slices.Contains(theirs, clientSetting) {
			return s.without("no longer put senders off", r)
		}
		return nil
	})
	if err != nil {
		return changed, action.Doubtful(err)
	}
	if _, err := s.run(ctx, "postqueue", "", "-f"); err != nil {
		return changed, err
	}
	if len(theirs) > 0 {
		now, err := s.Look(ctx)
		if err != nil {
			return changed, action.Doubtful(err)
		}
		return changed, s.stays(theirs, now)
	}
	return changed, s.host.Remove(ctx, s.file(noteName))
}

// set has main.cf go from one pair of settings to another. A setting that is
// neither was changed by somebody, and then nothing is.
func (s *System) set(ctx context.Context, from, to Settings) error {
	var main, changed []byte
	err := s.host.Edit(ctx, s.file("main.cf"), 0o644, func(text []byte) ([]byte, error) {
		now := settingsOf(string(text))
		main, changed = text, text
		if names := now.neither(from, to); len(names) > 0 {
			return nil, s.edited(names, now)
		}
		if now != to {
			changed = []byte(to.putInto(string(text)))
		}
		return changed, nil
	})
	if err != nil || bytes.Equal(main, changed) {
		return err
	}
	// Until a file is two seconds old, every program of Postfix reads it again and
	// again: somebody might still be writing. This one is whole.
	_, _ = s.host.Output(ctx, "touch", "-d", "3 seconds ago", s.file("main.cf"))
	// Postfix must read it as it was meant before its daemons do.
	if _, err := s.query(ctx, "postconf", "-n"); err != nil {
		if back := s.host.Replace(ctx, s.file("main.cf"), changed, main, 0o644); back != nil {
			return action.Doubtful(back)
		}
		return err
	}
	return nil
}

// but has the settings with these names as they are in another pair.
func (s Settings) but(o Settings, names []string) Settings {
	if slices.Contains(names, clientSetting) {
		s.Client = o.Client
	}
	if slices.Contains(names, deferSetting) {
		s.Defer = o.Defer
	}
	return s
}

// neither names the settings that are as in none of two pairs.
func (s Settings) neither(a, b Settings) []string {
	var out []string
	if s.Client != a.Client && s.Client != b.Client {
		out = append(out, clientSetting)
	}
	if s.Defer != a.Defer && s.Defer != b.Defer {
		out = append(out, deferSetting)
	}
	return out
}

// reload has every daemon read main.cf. Conversations that are under way end
// under the old settings.
func (s *System) reload(ctx context.Context) error {
	_, err := s.run(ctx, "postfix", "", "reload")
	return err
}

// Preflight says what would keep irctl from suspending mail, or from
// restoring it. It changes nothing.
func (s *System) Preflight(ctx context.Context, suspend bool) []error {
	if err := s.host.NeedRoot(ctx, "change Postfix's settings and its queue"); err != nil {
		return []error{err}
	}
	version, err := s.query(ctx, "postconf", "-dh", "mail_version")
	if err != nil {
		return []error{err}
	}
	if version = strings.TrimSpace(version); !atLeast(version, 3, 1) {
		return []error{&action.Error{
			Message:   "irctl needs Postfix 3.1 or later, and this is " + action.CleanLine(version, 40),
			Hint:      "use the target type command with scripts of your own",
			Permanent: true,
		}}
	}
	l, err := s.Look(ctx)
	if err != nil {
		return []error{err}
	}
	var problems []error
	for _, service := range l.Apart {
		if suspend {
			problems = append(problems, &action.Error{
				Message: "mail would still be taken at the service " + action.CleanLine(service, 80) + ": master.cf gives it restrictions of its own (-o " + clientSetting + ")",
				Hint:    "move these to smtpd_recipient_restrictions, or stop the service by hand in an incident", Permanent: true,
			})
		}
	}
	if err := s.host.Replaceable(ctx, s.file("main.cf")); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// atLeast reports whether a version such as 3.7.11 is new enough.
func atLeast(version string, want ...int) bool {
	have := strings.Split(version, ".")
	for i, w := range want {
		if i >= len(have) {
			return false
		}
		n, err := strconv.Atoi(have[i])
		if err != nil || n < w {
			return false
		}
		if n > w {
			return true
		}
	}
	return true
}
