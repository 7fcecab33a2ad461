package postfix

import (
	"context"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// The settings that suspend mail (postconf(5)).
const (
	clientSetting = "smtpd_client_restrictions"
	deferSetting  = "defer_transports"
)

// Settings are the lines of main.cf that define the two settings, with their
// line ends and with comments that stand within; "" where main.cf says
// nothing.
type Settings struct {
	Client string `json:"smtpd_client_restrictions"`
	Defer  string `json:"defer_transports"`
}

// settingsOf finds the settings in a main.cf.
func settingsOf(main string) Settings {
	from, to := definition(main, clientSetting)
	s := Settings{Client: main[from:to]}
	from, to = definition(main, deferSetting)
	s.Defer = main[from:to]
	return s
}

// putInto is main with these settings in the place of its own.
func (s Settings) putInto(main string) string {
	return put(put(main, clientSetting, s.Client), deferSetting, s.Defer)
}

// ownForm begins what irctl sets.
const ownForm = "check_client_access static:{450 4.3.2 "

// suspending are the settings of a system that puts all mail off. Words is
// what senders read; transports is every transport that delivers.
func suspending(words string, transports []string) Settings {
	return Settings{
		Client: clientSetting + " = " + ownForm + strings.ReplaceAll(words, "$", "$$") + "}\n",
		Defer:  deferSetting + " = " + strings.Join(transports, " ") + "\n",
	}
}

// put is a main.cf with the definition of a setting replaced: where it stood,
// or else at the end. No definition takes it out.
func put(main, name, lines string) string {
	from, to := definition(main, name)
	if from == to && lines != "" && main != "" && !strings.HasSuffix(main, "\n") {
		main += "\n"
		from, to = len(main), len(main)
	}
	return main[:from] + lines + main[to:]
}

// definition is where a main.cf defines a setting for the last time, which is
// the one that counts; the end of main, twice, if it does not. A line that
// begins with white space continues the one before; lines that are empty or
// comments may stand between (postconf(5)).
func definition(main, name string) (from, to int) {
	from, to = len(main), len(main)
	at, within := 0, false
	for line := range strings.Lines(main) {
		next := at + len(line)
		bare := strings.TrimSpace(line)
		switch {
		case bare == "" || bare[0] == '#':
		case line[0] == ' ' || line[0] == '\t':
			if within {
				to = next
			}
		default:
			left, _, ok := strings.Cut(bare, "=")
			within = ok && strings.TrimSpace(left) == name
			if within {
				from, to = at, next
			}
		}
		at = next
	}
	return from, to
}

// value is what Postfix takes a setting for.
func (s *System) value(ctx context.Context, name string) (string, error) {
	text, err := s.query(ctx, "postconf", "-h", name)
	return strings.TrimSpace(text), err
}

// putsOff reports whether restrictions defer every client, whoever it is and
// whoever wrote them.
func putsOff(restrictions string) bool {
	first := strings.TrimLeft(restrictions, ", \t")
	if rest, ok := strings.CutPrefix(first, "check_client_access"); ok {
		return strings.HasPrefix(strings.TrimLeft(rest, " \t"), "static:{4")
	}
	word, _, _ := strings.Cut(strings.ReplaceAll(first, ",", " "), " ")
	return word == "defer"
}

// covers reports whether the value of defer_transports names all transports.
func covers(value string, transports []string) bool {
	named := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
	return !slices.ContainsFunc(transports, func(t string) bool { return !slices.Contains(named, t) })
}

// apart are the services of a master.cf that take mail, as SERVICE (TYPE), and
// whose own parameters say whom they take it from, as postconf -P lists these.
func apart(master, own string) []string {
	var out []string
	for line := range strings.Lines(own) {
		left, value, _ := strings.Cut(line, "=")
		name, setting, ok := strings.Cut(strings.TrimSpace(left), "/"+clientSetting)
		service, kind, _ := strings.Cut(name, "/")
		first := strings.Trim(value, ", \t\n")
		if !ok || setting != "" || putsOff(first) || strings.HasPrefix(first, "$"+clientSetting) {
			continue
		}
		for line := range strings.Lines(master) {
			words := strings.Fields(line)
			if len(words) >= 8 && words[0] == service && words[1] == kind && words[7] == "smtpd" {
				out = append(out, service+" ("+kind+")")
			}
		}
	}
	slices.Sort(out)
	return out
}

// delivers are the programs that take mail to where it goes (master(5)).
// error(8) is not among them: it is what defers.
var delivers = []string{"smtp", "lmtp", "local", "virtual", "pipe", "discard"}

// transports are the services of master.cf that deliver, sorted.
func transports(master string) []string {
	var out []string
	for line := range strings.Lines(master) {
		words := strings.Fields(line)
		if len(words) >= 8 && words[1] == "unix" && slices.Contains(delivers, words[7]) && !slices.Contains(out, words[0]) {
			out = append(out, words[0])
		}
	}
	slices.Sort(out)
	return out
}

// Words is a notice as an SMTP reply can hold it (RFC 5321 section 4.2) and as
// main.cf can: one line of printable ASCII without braces.
func Words(notice string) string {
	line := strings.Map(func(r rune) rune {
		switch {
		case r == '{':
			return '('
		case r == '}':
			return ')'
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, action.CleanLine(notice, 200))
	if line == "" {
		return "Mail is suspended; try again later"
	}
	return line
}
