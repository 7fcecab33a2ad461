package environment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Notify is how people are told that a run waits for them.
type Notify struct {
	Ways   []Way
	Roles  []string      // who is told of what nobody in particular is asked; none is all people
	Remind time.Duration // between two reminders; 0 is never
	After  time.Duration // until To are told, too
	To     []string      // roles
}

// Way is a target through which people are told.
type Way struct {
	Target string
	By     string // "email", "phone": each person at that address; "room": all at once

	at runbook.Span
}

// Address is where a way reaches a person, "" if it does not.
func (w Way) Address(p Person) string {
	switch w.By {
	case byEmail:
		return p.Email
	case byPhone:
		return p.Phone
	}
	return ""
}

// Room reports whether one message is for all.
func (w Way) Room() bool { return w.By == byRoom }

// The keys of notify that name targets.
const (
	byEmail = "email"
	byPhone = "phone"
	byRoom  = "room"
)

// ways are the actions that tell people through a target, by the key of notify.
var ways = map[string][]string{
	byEmail: {"notify.email"},
	byPhone: {"notify.email"}, // by a command, for which an address is any text
	byRoom:  {"notify.webhook", "notify.log"},
}

// Action is the action that tells people by a way, "" if none can. A phone is no
// address of mail.
func (e *Environment) Action(w Way, specs func(name string) (action.Spec, bool)) string {
	t, _ := e.Target(w.Target)
	for _, name := range ways[w.By] {
		spec, ok := specs(name)
		if !ok {
			continue
		}
		if _, suits := spec.TargetType(t.Type); suits && (w.By != byPhone || t.Type == "command") {
			return name
		}
	}
	return ""
}

var CannotTell = codes.Error("IR0435", "target through which nobody can be told",
	"`notify` names targets of the same file: below `email` those that take mail (smtp, command), below `phone` commands, below `room` what many read (webhook, syslog).")

var NoAddress = codes.Warning("IR0436", "person whom no message reaches",
	"Whoever holds a role is told that a run waits, at the `email` or `phone` of their entry. Without one the run says that they could not be told.")

var UnclearNotify = codes.Error("IR0437", "who is told when is not clear",
	"A role below `notify` is held by somebody below `people`. Reminders and escalations come after at least a minute, so that people can answer one message before the next.")

// notify reads how people are told that a run waits.
func (p *parser) notify(m *language.Mapping) {
	given := m.Fields("notify", "`notify`", notifyTable)
	if given == nil {
		return
	}
	n := &p.env.Notify
	for _, by := range []string{byEmail, byPhone, byRoom} {
		for _, t := range given.Texts(by) {
			if _, ok := p.env.Target(t.Value); !ok {
				p.Report(CannotTell, t.Span, cmp.Or(suggest.DidYouMean(t.Value, p.env.TargetNames()), "add it below `targets:`"), "no target is called `%s`", action.CleanLine(t.Value, 40))
				continue
			}
			n.Ways = append(n.Ways, Way{t.Value, by, t.Span})
		}
	}
	if !given.Has(byEmail) && !given.Has(byPhone) && !given.Has(byRoom) {
		p.Report(CannotTell, m.Key("notify").Span, "add `email:`, `phone:` or `room:` with the targets", "nothing says through what people are told")
	}
	n.Roles = p.held(given.Texts("roles"))
	n.Remind = p.minutes(given, "remind")
	if e := given.Fields("escalate", "`escalate`", notifyEscalateTable); e != nil {
		n.After, n.To = p.minutes(e, "after"), p.held(e.Texts("to"))
	}
	var unreached []string
	for _, person := range p.env.People {
		reached := func(w Way) bool { return w.Room() || w.Address(person) != "" }
		if len(person.Roles) > 0 && !slices.ContainsFunc(n.Ways, reached) {
			unreached = append(unreached, person.Name)
		}
	}
	if len(n.Ways) > 0 && len(unreached) > 0 {
		p.Report(NoAddress, n.Ways[0].at, "give them an `"+n.Ways[0].By+":` below `people:`", "no message reaches %s", strings.Join(unreached, ", "))
	}
}

// held are roles, each of which somebody holds.
func (p *parser) held(roles []runbook.Text) []string {
	for _, r := range roles {
		if len(p.env.PeopleWith(r.Value)) == 0 {
			p.Report(UnclearNotify, r.Span, "give the role to somebody below `people:`", "nobody is `%s`", action.CleanLine(r.Value, 40))
		}
	}
	return words(roles)
}

// minutes reads a duration of a minute at least.
func (p *parser) minutes(m *language.Mapping, key string) time.Duration {
	v := m.Duration(key)
	if v == nil {
		return 0
	}
	d, err := time.ParseDuration(v.Text)
	if err != nil || d < time.Minute {
		p.Report(UnclearNotify, v.Span, "write for example 5m", "`%s` must be a minute at least", key)
	}
	return d
}

// checkNotify holds the ways of telling people against the actions that do it.
func (e *Environment) checkNotify(d *language.Decoder, specs []action.Spec) {
	for _, w := range e.Notify.Ways {
		t, _ := e.Target(w.Target)
		name := e.Action(w, func(name string) (action.Spec, bool) {
			i := slices.IndexFunc(specs, func(s action.Spec) bool { return s.Name == name })
			if i < 0 {
				return action.Spec{}, false
			}
			return specs[i], true
		})
		if name == "" {
			d.Report(CannotTell, w.at, "irctl help notify shows which types of targets go there", "nobody can be told through `%s`, of type %s, by %s", w.Target, action.CleanLine(t.Type, 40), w.By)
		}
	}
}

// String says who is told how, for people.
func (n Notify) String() string {
	out := each.Of(n.Ways, func(w Way) string { return w.By + " through " + w.Target })
	if n.Remind > 0 {
		out = append(out, fmt.Sprintf("again every %s", minutesOf(n.Remind)))
	}
	if len(n.To) > 0 {
		out = append(out, fmt.Sprintf("%s too after %s", strings.Join(n.To, " or "), minutesOf(n.After)))
	}
	return strings.Join(out, ", ")
}

// minutesOf is a duration as people write it: 5m, not 5m0s.
func minutesOf(d time.Duration) string {
	if s := d.String(); strings.HasSuffix(s, "m0s") {
		return strings.TrimSuffix(s, "0s")
	}
	return d.String()
}
