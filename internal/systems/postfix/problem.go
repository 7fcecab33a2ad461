package postfix

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

func (s *System) unanswered(cause error) error {
	var known *action.Error
	if errors.As(cause, &known) && known.Permanent {
		return known
	}
	return &action.Error{
		Message: fmt.Sprintf("no mail system answers at %s as seen from %s", action.CleanLine(s.smtp, 80), s.host),
		Hint:    "start Postfix if it is down (postfix start); else correct smtp in the environment's target",
		Cause:   cause,
	}
}

func tooMuch(program string) error {
	return &action.Error{
		Message:   fmt.Sprintf("%s printed more than %d MiB: the queue is longer than irctl can list", program, maxOutput>>20),
		Hint:      "have the mail team put the queue on hold (postsuper -h ALL), after they listed what is on hold already",
		Permanent: true,
	}
}

// changer is who gave settings with these names the values that they have now.
func changer(names []string, now Settings) string {
	if slices.Contains(names, clientSetting) && strings.Contains(now.Client, ownForm) {
		return "another run of irctl"
	}
	return "somebody"
}

// edited says who changed the settings since, so that nothing was touched.
func (s *System) edited(names []string, now Settings) error {
	return &action.Error{
		Message:   fmt.Sprintf("%s has changed %s in %s since, so irctl changed nothing", changer(names, now), strings.Join(names, " and "), s.file("main.cf")),
		Hint:      fmt.Sprintf("put the lines from before back, which %s shows, then retry; or, if theirs are to stay, skip the step and release what is on hold (postsuper -H ID)", s.file(noteName)),
		Permanent: true,
	}
}

func (s *System) without(want string, r Reply) error {
	return &action.Error{
		Message: fmt.Sprintf("Postfix was reloaded, but %s should %s, and answers %d %s", action.CleanLine(s.smtp, 80), want, r.Code, r.Text),
		Hint:    "see Postfix's log, and whether master.cf gives this service restrictions of its own (-o " + clientSetting + "); then retry",
	}
}

// NotOurs says that nobody left a note of what was set before.
func (s *System) NotOurs() error {
	return &action.Error{
		Message:   "mail is suspended, but not by irctl: there is no " + s.file(noteName) + ", so nobody knows what was set before",
		Hint:      fmt.Sprintf("correct %s and %s in %s, then: postfix reload", clientSetting, deferSetting, s.file("main.cf")),
		Permanent: true,
	}
}

// stays says which settings an undo has left, when all else is put back.
func (s *System) stays(names []string, now Look) error {
	return &action.Error{
		Message:   fmt.Sprintf("%s has changed %s in %s since, so that stays; all else is as it was before. Now: %s", changer(names, now.Settings), strings.Join(names, " and "), s.file("main.cf"), now),
		Hint:      fmt.Sprintf("if theirs is to stay, skip the step; else put the lines back that %s shows under before, then retry", s.file(noteName)),
		Permanent: true,
	}
}
