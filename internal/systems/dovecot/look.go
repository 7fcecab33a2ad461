package dovecot

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/action"
)

// Look is how a server stands.
type Look struct {
	Deny     Deny
	Users    []string // all of them
	Open     []string // who of them can sign in, as far as Dovecot tells
	Longer   []string // see LongerNames
	Sessions int      // how many sessions there are
}

// Suspended reports whether nobody can sign in and nobody has.
func (l Look) Suspended() bool {
	return len(Without(l.Users, l.Deny.All())) == 0 && len(l.Open) == 0 && l.Sessions == 0
}

// Unlisted are the users whom the deny file denies in the block or not at all:
// those who have to be in the block for all to be denied.
func (l Look) Unlisted() []string { return Without(l.Users, l.Deny.Listed()) }

// String says it in a line.
func (l Look) String() string {
	return fmt.Sprintf("%d of %d users are denied, %d sessions are open", len(l.Users)-len(Without(l.Users, l.Deny.All())), len(l.Users), l.Sessions)
}

// Look looks at the deny file, at who can sign in and at who has. It changes
// nothing.
func (s *System) Look(ctx context.Context) (Look, error) {
	var l Look
	var err error
	if err := s.reads(ctx); err != nil {
		return Look{}, err
	}
	if l.Deny, err = s.read(ctx); err != nil {
		return Look{}, err
	}
	if l.Users, err = s.users(ctx); err != nil {
		return Look{}, err
	}
	if l.Open, err = s.MaySignIn(ctx, l.Users); err != nil {
		return Look{}, err
	}
	if l.Longer, err = s.LongerNames(ctx, l.Users); err != nil {
		return Look{}, err
	}
	l.Sessions, err = s.sessions(ctx, everybody)
	return l, err
}

// everybody is the mask that every user fits.
const everybody = "*"

func (s *System) read(ctx context.Context) (Deny, error) {
	b, err := s.host.ReadFile(ctx, s.denyFile)
	return Deny(b), err
}

// users are all whom Dovecot's user databases list.
func (s *System) users(ctx context.Context) ([]string, error) {
	res, err := s.doveadm(ctx, nil, "user", everybody)
	users := strings.Fields(res.Stdout)
	if err != nil && res.ExitCode > 0 {
		// Is it the list alone? What Dovecot itself knows needs no database.
		if _, down := s.sessions(ctx, everybody); down != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	if len(users) == 0 || err != nil {
		return nil, &action.Error{
			Message:   "Dovecot runs, but does not list its users, so irctl cannot deny them all",
			Hint:      "have its userdb list users (iterate_filter, iterate_query), until `doveadm user '*'` does",
			Cause:     err,
			Permanent: true,
		}
	}
	for _, u := range users {
		if err := CheckName(u); err != nil {
			return nil, err
		}
	}
	return users, nil
}

// Exists is an error unless Dovecot knows a user.
func (s *System) Exists(ctx context.Context, user string) error {
	if err := CheckName(user); err != nil || s.known == user {
		return err
	}
	res, err := s.doveadm(ctx, []int{noUser}, "user", user)
	if err == nil && res.ExitCode == noUser {
		err = &action.Error{
			Message:   fmt.Sprintf("Dovecot knows no user %s", action.CleanLine(user, 60)),
			Hint:      "check the spelling: doveadm user '*' lists them",
			Permanent: true,
		}
	}
	if err == nil {
		s.known = user
	}
	return err
}

// Account is the deny file, for what it says of one user whom Dovecot knows.
func (s *System) Account(ctx context.Context, user string) (Deny, error) {
	if err := s.reads(ctx); err != nil {
		return "", err
	}
	if err := s.Exists(ctx, user); err != nil {
		return "", err
	}
	return s.read(ctx)
}

// together is how many users one command asks for: a command line has an end.
const together = 200

// MaySignIn are those of users who may sign in: Dovecot itself is asked, as the
// services do that people sign in to.
func (s *System) MaySignIn(ctx context.Context, users []string) ([]string, error) {
	var open []string
	for len(users) > 0 {
		some := users[:min(together, len(users))]
		users = users[len(some):]
		res, err := s.doveadm(ctx, []int{noUser}, append([]string{"auth", "lookup"}, some...)...)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(res.Stdout) {
			if name, ok := strings.CutPrefix(line, "passdb: "); ok {
				open = append(open, strings.TrimSpace(name))
			}
		}
	}
	return open, nil
}

// LongerNames are, as a part of a sentence, the ways in that stay to users who are
// denied: where a passdb with passwords cuts a domain off, which the one that denies
// does not, they sign in with any. Dovecot is asked once.
func (s *System) LongerNames(ctx context.Context, users []string) ([]string, error) {
	if s.longer != nil || len(users) == 0 {
		return s.longer, nil
	}
	open, err := s.MaySignIn(ctx, each.Of(users, func(u string) string { return strings.SplitN(u, "@", 2)[0] + "@irctl.invalid" }))
	if err != nil {
		return nil, err
	}
	s.longer = []string{}
	if len(open) > 0 {
		s.longer = append(s.longer, "names with another domain, such as "+action.CleanLine(open[0], 80)+", which a passdb with passwords cuts off (give the one with deny = yes the same username_format)")
	}
	return s.longer, nil
}

// Sessions is how many sessions a user has.
func (s *System) Sessions(ctx context.Context, user string) (int, error) {
	if err := s.Exists(ctx, user); err != nil {
		return 0, err
	}
	return s.sessions(ctx, user)
}

// sessions is how many there are of those whom a name or a mask fits.
func (s *System) sessions(ctx context.Context, mask string) (int, error) {
	res, err := s.doveadm(ctx, nil, "-f", "tab", "who", mask)
	if err != nil {
		return 0, err
	}
	count := 0
	for i, line := range strings.Split(strings.TrimSpace(res.Stdout), "\n") {
		columns := strings.Split(line, "\t")
		if i == 0 || len(columns) < 2 {
			continue // the names of the columns
		}
		n, err := strconv.Atoi(columns[1])
		if err != nil {
			return 0, &action.Error{Message: "what doveadm says of sessions cannot be read: " + action.CleanLine(line, 80), Permanent: true}
		}
		count += n
	}
	return count, nil
}

// PreflightAll is the preflight of the actions on all accounts.
func (s *System) PreflightAll(ctx context.Context) []error {
	return s.preflight(ctx, func() error {
		l, err := s.Look(ctx)
		if err == nil && len(l.Longer) > 0 {
			err = &action.Error{Message: "who is denied may still sign in by " + l.Longer[0], Permanent: true}
		}
		return err
	})
}

// Preflight is that of the actions on one account, for which nobody has to list
// the others.
func (s *System) Preflight(ctx context.Context, account string) []error {
	return s.preflight(ctx, func() error {
		if err := s.reads(ctx); err != nil {
			return err
		}
		if _, err := s.read(ctx); err != nil {
			return err
		}
		if account != "" {
			return s.Exists(ctx, account)
		}
		_, err := s.sessions(ctx, everybody)
		return err
	})
}

func (s *System) preflight(ctx context.Context, look func() error) []error {
	if err := s.host.NeedRoot(ctx, "command Dovecot"); err != nil {
		return []error{err}
	}
	if err := look(); err != nil {
		return []error{err}
	}
	if err := s.host.Replaceable(ctx, s.denyFile); err != nil {
		return []error{err}
	}
	return nil
}

// reads is an error unless Dovecot's configuration denies those in the deny
// file before anything else. Some password databases do not tell who is denied,
// so the configuration has to.
func (s *System) reads(ctx context.Context) error {
	if s.conf == "" {
		conf, err := s.host.Output(ctx, "doveconf", "-c", s.config, "-n")
		if err != nil {
			return err
		}
		s.conf = "\n" + conf
	}
	if denies(s.conf, s.denyFile) {
		return nil
	}
	return &action.Error{
		Message:   "Dovecot does not deny those in " + s.denyFile,
		Hint:      "write before every other passdb of its configuration: passdb { driver = passwd-file, deny = yes, args = " + s.denyFile + " }, a line each; then: doveadm reload",
		Permanent: true,
	}
}

// Masters names master users, if there are any, after a look: they open any
// mailbox with a password of their own, and no deny file stands before them.
func (s *System) Masters() string {
	for _, block := range strings.Split(s.conf, "\npassdb")[1:] {
		block, _, _ = strings.Cut(block, "\n}")
		for line := range strings.Lines(block) {
			if name, value, _ := strings.Cut(line, "="); strings.TrimSpace(name) == "master" && strings.TrimSpace(value) == "yes" {
				return "; master users of Dovecot (a passdb with master = yes) still open mailboxes"
			}
		}
	}
	return ""
}

// denies reports whether a configuration has a passdb that denies those in a
// file, before every one that lets people in.
func denies(conf, file string) bool {
	for _, block := range strings.Split("\n"+conf, "\npassdb")[1:] {
		block, _, _ = strings.Cut(block, "\n}")
		deny, named, master := false, false, false
		for line := range strings.Lines(block) {
			name, value, _ := strings.Cut(line, "=")
			name, value = strings.TrimSpace(name), strings.TrimSpace(value)
			switch {
			case name == "deny":
				deny = value == "yes"
			case name == "master":
				master = value == "yes"
			case strings.HasSuffix(" "+value, " "+file):
				named = true // args, or passwd_file_path since Dovecot 2.4
			}
		}
		switch {
		case deny && named:
			return true
		case !deny && !master:
			return false
		}
	}
	return false
}
