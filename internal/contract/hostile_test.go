package contract

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/account"
	"github.com/irctl/irctl/internal/actions/notify"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// hostile are texts that mean more than themselves somewhere.
var hostile = []string{
	"-alice", "--all", "-oProxyCommand=id", "--", "*", "al?ce", "al ice", "alice bob", "ali\nce", "ali\r\nbob", "alice\x00", "ali\tce",
	`al"ice`, "al'ice", `alice"; DROP ROLE bob; --`, "alice' OR '1'='1", `alice\`, "alice;id", "alice|id", "$(id)", "`id`", "${HOME}", "$mynetworks",
	"alice)(uid=*", "*)(|(uid=*", "alice,ou=people,dc=example,dc=com", "uid=alice+cn=x", "alice:x", "alice:$6$x$y", "#alice", "{alice}", "}", "{account}",
	"alice,bob", "user=bob,host=x", "../alice", "..", ".", "/etc/passwd", "alice/../bob", "alice%0abob", "alice?x=y&z", "alice]", `alice"] [x@1 y="z`,
	"<b>alice</b>", "</p><script>", "nopass", "on", ">secret", "+@all", "alice@example.com", "\u202ealice", "@", "www IN A 192.0.2.1", "alice.", `al\.ice`,
	`"evil@attacker.test> NOTIFY=NEVER"@example.com`, `"a b"@example.com`, `x@[127.0.0.1]`, "x@example.com> NOTIFY=NEVER", "x@exam ple.com", `"\"> NOTIFY=NEVER"@example.com`,
	"554 no", "450 4.3.2 a} static:{554", "alice\n.\nMAIL FROM:<x@example.com>", `a" b="c`,
}

// hosts are further systems whose messages a hostile text could change.
var hosts = map[string]func(t *testing.T, a action.Action) actiontest.StandIn{
	"notify.email on smtp":       startMailServer,
	"notify.log on syslog":       startReceiver,
	"account.disable on http":    namingAccounts(described.HTTP),
	"account.disable on command": namingAccounts(described.Command),
}

// heldElsewhere are the actions to which nothing here stands for a system, with the
// tests that give them hostile texts.
var heldElsewhere = map[string][]string{
	"assert":                          {"internal/proof TestForeignTextIsHarmless"},
	"exec":                            {"internal/actions/exec TestArgumentsReachTheProgramAsTheyAre", "internal/actions/exec TestShellTakesValuesFromTheEnvironment", "internal/proof TestNoOutputIsEverATemplate"},
	"file.write":                      {"internal/actions/file TestLinksAndFoldersAreRefused", "internal/actions/file TestAPathIsOneFile"},
	"http":                            {"internal/httpclient TestRefusedRequests", "internal/httpclient TestNumbersThatAreNoAddressesAreRefused"},
	"cacao.bash":                      {"internal/actions/cacao TestAValueIsAlwaysData"},
	"cacao.ssh on ssh":                {"internal/actions/cacao TestAValueIsDataOnEveryMachine"},
	"cacao.powershell on ssh":         {"internal/actions/cacao TestAReferenceInPowerShell", "internal/actions/cacao TestWhatPowerShellCouldTakeForAProgramIsRefused"},
	"cacao.http on http-api":          {"internal/actions/cacao TestNothingIsSentThatTheValuesCouldBend"},
	"cacao.openc on http-api":         {"internal/actions/cacao TestNothingIsSentThatTheValuesCouldBend"},
	"cacao.unbound":                   {"internal/actions/cacao TestWhatIrctlHasNoAdapterForNeverSucceeds"},
	"notify.customers on smtp":        {"internal/mailing TestMistakesInAListAreToldWithTheirLines", "internal/mailing TestValuesAreNotRead", "internal/actions/notify TestNoValueBendsTheHeaders"},
	"notify.draft":                    {"internal/mailing TestMistakesInATextAreTold"},
	"email.probe on mail-exchanger":   {"internal/actions/email TestProbe"}, // it takes one word of two
	"evidence.collect on case-folder": {"internal/actions/evidence TestLinksLeadNowhere", "internal/actions/investigation TestCaseIDsCannotLeaveTheFolder"},
	// It finds the account by the filter of account.disable.
	"sessions.revoke on active-directory": {"internal/contract TestNoInputChangesTheFormOfWhatIsSent"},
	"investigation.open on case-folder":   {"internal/actions/investigation TestTextCanForgeNeitherAKeyNorMarkupNorTheStatus"},
	"investigation.update on case-folder": {"internal/actions/investigation TestTextCanForgeNeitherAKeyNorMarkupNorTheStatus"},
	"investigation.close on case-folder":  {"internal/actions/investigation TestTextCanForgeNeitherAKeyNorMarkupNorTheStatus"},
}

// TestEveryActionIsGivenHostileTexts: whoever adds an action or a kind is told that
// nobody has tried it.
func TestEveryActionIsGivenHostileTexts(t *testing.T) {
	builtin := registry.Builtin()
	left := maps.Clone(heldElsewhere)
	held := func(what string) {
		require.NotEmpty(t, heldElsewhere[what], "%s: give it a stand-in, or name the test that gives it hostile texts", what)
		delete(left, what)
		for _, test := range heldElsewhere[what] {
			folder, name, _ := strings.Cut(test, " ")
			files, err := filepath.Glob(filepath.Join("..", "..", folder, "*_test.go"))
			require.NoError(t, err)
			require.True(t, slices.ContainsFunc(files, func(file string) bool {
				text, err := os.ReadFile(file)
				return err == nil && strings.Contains(string(text), "func "+name+"(")
			}), "%s: there is no %s", what, test)
		}
	}
	for _, name := range builtin.Names() {
		spec, _ := builtin.Spec(name)
		if len(spec.Targets) == 0 {
			held(name)
		}
		for _, form := range spec.Targets {
			if what := name + " on " + form.Name; starter(what, name, form.Name) == nil {
				held(what)
			}
		}
	}
	require.Empty(t, left, "these are tried here")
}

// starter starts what an action is given hostile texts on; nil if nothing does.
func starter(what, name, form string) func(*testing.T, action.Action) actiontest.StandIn {
	if other := hosts[what]; other != nil {
		return other
	}
	if _, ok := standIns[form].verbs[name]; ok {
		return standIns[form].start
	}
	return nil
}

// TestNoInputChangesTheFormOfWhatIsSent gives every action each hostile text in
// the place of each of its texts. A text is refused, or it is in what is sent
// what the usual one was: one argument, one name, one value.
func TestNoInputChangesTheFormOfWhatIsSent(t *testing.T) {
	builtin := registry.Builtin()
	for _, name := range builtin.Names() {
		a, _ := builtin.Lookup(name)
		for _, form := range a.Spec().Targets {
			start := starter(name+" on "+form.Name, name, form.Name)
			if start == nil {
				continue
			}
			t.Run(name+" on "+form.Name, func(t *testing.T) {
				t.Parallel()
				usual, _ := told(t, a, start, func(action.Values) {})
				for _, in := range a.Spec().Inputs {
					if in.Type == action.List { // a hostile text is given alone
						one, _ := told(t, a, start, func(with action.Values) {
							if list := with.List(in.Name); len(list) > 1 {
								with[in.Name] = list[:1]
							}
						})
						usual = append(usual, one...)
					}
					for _, text := range hostile {
						given, ok := asGiven(in, text)
						if !ok {
							continue
						}
						forms, err := told(t, a, start, func(with action.Values) { with[in.Name] = given })
						for _, f := range forms {
							require.Contains(t, usual, f, "%s: %q (%v)", in.Name, text, err)
						}
					}
				}
			})
		}
	}
}

// asGiven is a text as the value of an input, if it can be one.
func asGiven(in action.Field, text string) (any, bool) {
	switch {
	case in.Type == action.String && in.Name != "matchers":
		values, problems := coerce.Fields([]action.Field{in}, map[string]any{in.Name: text})
		return values[in.Name], len(problems) == 0
	case in.Type == action.List && in.Items == action.String && in.Name != "files" && in.Name != "urls":
		return []any{text}, true
	case in.Type == action.Map && in.Name == "fields":
		return map[string]any{text: text}, true
	}
	return nil, false
}

// told are the forms of what a stand-in is told during a look, an attempt and
// an undo.
func told(t *testing.T, a action.Action, start func(*testing.T, action.Action) actiontest.StandIn, edit func(action.Values)) ([]string, error) {
	s := start(t, a)
	req, out := s.Request(), &actiontest.Sink{}
	req.With = action.Values(req.With)
	edit(req.With)
	ctx := hurry(t.Context(), s)
	if v, ok := a.(action.Validator); ok && len(v.Validate(req.With, req.Target.Type)) > 0 {
		return nil, nil
	}
	if i, ok := a.(action.Inspector); ok {
		_, _ = i.Inspect(ctx, req)
	}
	_, err := a.Run(ctx, req, out)
	if u, ok := a.(action.Undoer); ok {
		req.Record, req.Undoes = out.Recorded(), req.Key
		_, _ = u.Undo(ctx, req, out)
	}
	return s.(interface{ said() []string }).said(), err
}

// mailServer takes every message, and keeps the form of each line.
type mailServer struct {
	tap
	faults actiontest.Faults
	req    action.Request
}

func startMailServer(t *testing.T, a action.Action) actiontest.StandIn {
	s := &mailServer{}
	s.req = request(t, a, "smtp", action.Values{"to": []any{"dana@example.com"}, "reply_to": "sam@example.com", "subject": "Closed", "body": "We are closed."},
		map[string]any{"address": listen(t, s.serve), "from": "incident@example.org", "username": "incident", "password": action.NewSecret("secret of the mail server")})
	return s
}

func (s *mailServer) Request() action.Request    { return s.req }
func (s *mailServer) Faults() *actiontest.Faults { return &s.faults }
func (s *mailServer) State() string              { return "" }

func (s *mailServer) serve(c net.Conn) {
	_, _ = io.WriteString(c, "220 mail.example.org ESMTP\r\n")
	text, headers := false, false
	for in := bufio.NewScanner(c); in.Scan(); {
		line := in.Text()
		switch {
		case text && line == ".":
			text = false
		case text:
			if name, _, ok := strings.Cut(line, ":"); headers && ok && !strings.HasPrefix(line, " ") {
				s.saw("header " + name)
			}
			headers = headers && line != ""
			continue
		default:
			verb, rest, _ := strings.Cut(line, " ")
			_, after, ok := strings.Cut(rest, "<")
			if at := strings.Index(after, ">"); ok {
				s.saw(verb, fmt.Sprintf("<%d>", strings.Count(after[:at], "@")), after[at+1:])
			} else {
				s.saw(verb)
			}
			text = verb == "DATA"
			headers = text
		}
		answer := "250 ok"
		switch verb, _, _ := strings.Cut(line, " "); {
		case text:
			answer = "354 go on"
		case verb == "EHLO":
			answer = "250-mail.example.org\r\n250 AUTH PLAIN"
		case verb == "AUTH":
			answer = "235 welcome"
		}
		_, _ = io.WriteString(c, answer+"\r\n")
	}
}

// receiver takes log messages.
type receiver struct {
	tap
	faults actiontest.Faults
	req    action.Request
}

func startReceiver(t *testing.T, _ action.Action) actiontest.StandIn {
	s := &receiver{}
	s.req = request(t, notify.Log(), "syslog", action.Values{"text": "Closed", "fields": map[string]any{"account": "alice"}},
		map[string]any{"address": listen(t, s.serve), "deduplicates": true})
	return s
}

func (s *receiver) Request() action.Request    { return s.req }
func (s *receiver) Faults() *actiontest.Faults { return &s.faults }
func (s *receiver) State() string              { return "" }

// serve reads frames (RFC 6587 section 3.4.1), and of each the data that RFC
// 5424 section 6.3 has in brackets.
func (s *receiver) serve(c net.Conn) {
	for in := bufio.NewReader(c); ; {
		var n int
		if _, err := fmt.Fscanf(in, "%d ", &n); err != nil {
			return
		}
		message := make([]byte, n)
		if _, err := io.ReadFull(in, message); err != nil {
			s.saw("half a frame")
			return
		}
		_, data, _ := strings.Cut(string(message), "[")
		inside, values := false, 0
		for i := 0; i < len(data); i++ {
			switch {
			case inside && data[i] == '\\':
				i++
			case data[i] == '"':
				inside, values = !inside, values+1
			case !inside && data[i] == ']':
				s.saw("frame", fmt.Sprint(values/2), skeleton(data[i+1:i+2]), fmt.Sprint(strings.Count(data[i:], "\n")))
				i = len(data)
			}
		}
	}
}

// namingAccounts is a system by requests or commands that name the account
// wherever a value can be.
func namingAccounts(targetType string) func(*testing.T, action.Action) actiontest.StandIn {
	return func(t *testing.T, a action.Action) actiontest.StandIn {
		s, ok := startDescribed(targetType)(t, account.Disable()).(*describedSystem)
		require.True(t, ok)
		disable := s.req.Target.Config.Map("disable")
		if targetType == described.HTTP {
			disable["path"] = "/disable/{account}?account={account}"
			disable["headers"] = map[string]any{"X-Account": "{account}"}
			disable["body"] = map[string]any{"account": "{account}", "why": "for {account}"}
		} else {
			disable["argv"] = []any{"ctl", "disable", "{account}", "--reason={account}"}
			disable["stdin"] = map[string]any{"account": "{account}"}
			disable["env"] = map[string]any{"ACCOUNT": "{account}"}
		}
		return s
	}
}
