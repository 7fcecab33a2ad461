package contract

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// standIns says what stands in for a target type: Start is given the action.
var standIns = map[string]standIn{
	"postgres":         {start: startPostgres, verbs: accounts},
	"ldap":             {start: startLDAP, verbs: accounts},
	"active-directory": {start: startActive, verbs: map[string]verb{"account.disable": {}, "account.enable": {}, "credentials.rotate": {anew: true}}},
	"redis":            {start: startRedis, verbs: accounts},
	"linux-user":       {start: startUsers, verbs: accounts},
	"ssh-keys":         {start: startKeys, verbs: accounts},
	"htpasswd":         {start: startHtpasswd, verbs: accounts},
	"dovecot":          {start: startDovecot, verbs: map[string]verb{"account.disable": {}, "account.enable": {}, "email.suspend": {}, "email.restore": {}, "sessions.revoke": {}}},
	"postfix":          {start: startPostfix, verbs: map[string]verb{"email.suspend": {}, "email.restore": {}, "block.add": {}, "block.remove": {}}},
	"rfc2136":          {start: startNameServer, verbs: map[string]verb{"dns.switch": {}, "dns.restore": {}, "block.add": {}, "block.remove": {}}},
	"nftables":         {start: startFilter, verbs: map[string]verb{"host.isolate": {}, "host.release": {}, "block.add": {}, "block.remove": {}}},
	"nginx":            {start: onWeb("nginx", map[string]any{"include": siteInclude, "page": sitePage}), verbs: site},
	"haproxy":          {start: startHAProxy, verbs: siteOfServers},
	"caddy":            {start: startCaddy, verbs: site},
	"apache":           {start: onWeb("apache", map[string]any{"flag": siteFlag, "page": sitePage}), verbs: site},
	"blocklist":        {start: startBlocklist, verbs: blocking},
	"http":             {start: startDescribed("http"), verbs: everyDescribed},
	"command":          {start: startDescribed("command"), verbs: everyDescribed},
	"request-tracker":  {start: startTracker, verbs: map[string]verb{"investigation.open": {stays: true}, "investigation.update": {stays: true}, "investigation.close": {}}},
	"restic":           {start: startRestic, verbs: map[string]verb{"evidence.collect": {stays: true, anew: true}}},
	"webhook":          {start: startWebhook, verbs: map[string]verb{"notify.webhook": {}}},
	"alertmanager":     {start: startAlertmanager, verbs: map[string]verb{"notify.silence": {}, "notify.unsilence": {}}},
	"maintenance-page": {start: onWeb("maintenance-page", map[string]any{"flag": siteFlag, "page": sitePage}), verbs: sitePages},
}

var everyDescribed = map[string]verb{
	"account.disable": {}, "account.enable": {}, "block.add": {}, "block.remove": {}, "credentials.rotate": {anew: true}, "email.suspend": {}, "email.restore": {},
	"host.isolate": {}, "host.release": {}, "investigation.open": {}, "investigation.update": {}, "investigation.close": {}, "notify.email": {},
	"payments.publish": {}, "payments.withdraw": {}, "sessions.revoke": {}, "website.suspend": {}, "website.restore": {},
}

var sitePages = map[string]verb{"website.suspend": {}, "website.restore": {}, "payments.publish": {}, "payments.withdraw": {}}

// accounts are the verbs on systems that know accounts.
var accounts = map[string]verb{
	"account.disable": {}, "account.enable": {}, "credentials.rotate": {anew: true}, "sessions.revoke": {},
}

var site = map[string]verb{"website.suspend": {}, "website.restore": {}}

// siteOfServers are the verbs on what stands before the servers of a site.
var siteOfServers = map[string]verb{"website.suspend": {}, "website.restore": {}, "website.drain": {}, "website.undrain": {}, "block.add": {}, "block.remove": {}}

// standIn makes a system in which an action has something to do.
type standIn struct {
	start func(t *testing.T, a action.Action) actiontest.StandIn
	verbs map[string]verb
}

type verb struct {
	anew, stays bool // actiontest.Contract's
}

func TestContract(t *testing.T) {
	builtin := registry.Builtin()
	for _, name := range builtin.Names() {
		a, _ := builtin.Lookup(name)
		spec := a.Spec()
		for _, form := range spec.Targets {
			s, ok := standIns[form.Name]
			if !ok {
				continue
			}
			v, ok := s.verbs[spec.Name]
			if !ok {
				continue
			}
			t.Run(spec.Name+" on "+form.Name, func(t *testing.T) {
				t.Parallel()
				actiontest.Contract{
					Action:  a,
					Start:   func(t actiontest.T) actiontest.StandIn { return s.start(t.(actiontest.Under).T, a) },
					Context: hurry,
					Anew:    v.anew,
					Stays:   v.stays,
				}.Test(actiontest.Under{T: t})
			})
		}
	}
}

// without says why nothing stands in for a target type, or for one verb on it.
var without = map[string]string{
	"case-folder": "it is a folder of this machine, which the tests of its actions use as it is",

	"sessions.revoke on active-directory": "nobody can see afterwards whether sign-ins from before are honoured",

	"smtp":     once,
	"syslog":   once,
	"http-api": once,
	"ssh":      once,
}

const once = "what it does is done once, and is no state that a look could find"

// TestEveryKindIsTried tells whoever adds a kind of system what is missing.
func TestEveryKindIsTried(t *testing.T) {
	builtin := registry.Builtin()
	for _, name := range builtin.Names() {
		spec, _ := builtin.Spec(name)
		for _, form := range spec.Targets {
			_, tried := standIns[form.Name].verbs[name]
			excused := without[form.Name] != "" || without[name+" on "+form.Name] != ""
			if spec.Effect == action.Read {
				continue
			}
			require.True(t, tried || excused, "%s on %s has no stand-in: write one beside postgres_test.go, and add it to standIns", name, form.Name)
			require.False(t, tried && excused, "%s on %s has a stand-in: take it out of without", name, form.Name)
		}
	}
}

// hurry returns a context in which waiting costs no time, and in which a
// stand-in that is a machine is this machine.
func hurry(ctx context.Context, s actiontest.StandIn) context.Context {
	ctx = patience.WithClock(ctx, &hurried{now: time.Now()})
	if m, ok := s.(host.Machine); ok {
		ctx = host.WithMachine(ctx, m)
	}
	return ctx
}

// hurried is a clock that passes when somebody waits for it.
type hurried struct{ now time.Time }

func (h *hurried) Now() time.Time { return h.now }

func (h *hurried) Sleep(ctx context.Context, d time.Duration) error {
	h.now = h.now.Add(d)
	return ctx.Err()
}

// request is a first attempt of a step on a target.
func request(t *testing.T, a action.Action, targetType string, with action.Values, given map[string]any) action.Request {
	t.Helper()
	form, ok := a.Spec().TargetType(targetType)
	require.True(t, ok)
	config, problems := coerce.Fields(form.Fields, given)
	require.Empty(t, problems)
	if form.Check != nil {
		require.Empty(t, form.Check(config))
	}
	inputs := action.Values{}
	for name, value := range with {
		if _, ok := a.Spec().Input(name); ok {
			inputs[name] = value
		}
	}
	return action.Request{
		Run: "01JD", Runbook: "trial", Path: "step", Attempt: 1, Key: "01JD/step",
		With:   actiontest.Fill(a.Spec().Inputs, inputs),
		Target: action.Target{Name: "target", Type: targetType, Config: config},
		Allow:  action.Allow{Loopback: true}, Secrets: &actiontest.Secrets{}, Dir: t.TempDir(),
	}
}
