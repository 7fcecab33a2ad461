//go:build unix

package real

import (
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// wayIn is a way into a system for somebody whom an action keeps out, tried from
// outside before and after the step. What becomes of it is one of three:
//
//   - It is shut, and the step is verified.
//   - It stays open to that account: the step names it and is not verified.
//   - It stays open to somebody else, by a credential of theirs, such as a master
//     user: the line that says verified names it. Or no step would be verified
//     where there are administrators, and people would learn to wave it through.
type wayIn struct {
	way    string
	action string
	then   fate
	named  string // how the step names it
	// ready brings about the way, and returns how somebody tries it and where the
	// step is run, for which account.
	ready func(t *testing.T) (in func() bool, o *office, account string)
}

type fate int

const (
	shut fate = iota
	stays
	noted // it needs another credential, or was opened before
)

// waysInto are those of every kind of target that keeps somebody out. A kind's
// system is started once for all of its ways.
var waysInto = map[string]func(t *testing.T) []wayIn{
	"ldap": waysIntoLDAP, "active-directory": waysIntoADomain, "dovecot": waysIntoDovecot, "postfix": waysIntoPostfix,
	"postgres": waysIntoPostgres, "redis": waysIntoRedis, "ssh-keys": waysIntoSSH, "linux-user": waysIntoAMachine, "htpasswd": waysIntoAPasswordFile,
	"nginx": waysIntoNginx, "apache": waysIntoApache, "haproxy": waysIntoHAProxy, "caddy": waysIntoCaddy, "maintenance-page": waysIntoAFlaggedSite,
	"nftables": waysIntoAnIsolatedMachine, "http": waysIntoWhatRequestsDescribe, "command": waysIntoWhatCommandsDescribe,
}

// TestEveryWayInIsShutOrNamed tries every way of the table, and takes from the
// registry what has to be in it: every kind of every action that keeps people out.
func TestEveryWayInIsShutOrNamed(t *testing.T) {
	needed := map[string][]string{} // actions, by kind
	builtin := registry.Builtin()
	for _, name := range builtin.Names() {
		a, _ := builtin.Lookup(name)
		spec := a.Spec()
		if !slices.ContainsFunc(spec.Traits, func(trait action.Trait) bool {
			return slices.Contains([]action.Trait{action.LocksOut, action.EndsSessions, action.TakesOffline}, trait)
		}) {
			continue
		}
		for _, kind := range spec.Targets {
			needed[kind.Name] = append(needed[kind.Name], name)
		}
	}
	for kind, actions := range needed {
		t.Run(kind, func(t *testing.T) {
			require.Contains(t, waysInto, kind, "say by what ways people get into it")
			ways := waysInto[kind](t)
			for _, name := range actions {
				require.True(t, slices.ContainsFunc(ways, func(w wayIn) bool { return w.action == name }), "say which ways %s is to shut", name)
			}
			for _, w := range ways {
				t.Run(w.action+"/"+w.way, w.try)
			}
		})
	}
}

func (w wayIn) try(t *testing.T) {
	in, o, account := w.ready(t)
	require.True(t, in(), "it is a way in")
	e := o.irctl(append([]string{"run"}, o.keepsOut(w.action, account)...)...)
	said := strings.Join(strings.Fields(e.text()), " ")
	if w.then == stays {
		require.Equal(t, 4, e.code, said)
		require.Contains(t, said, "STILL OPEN: ")
		require.Contains(t, said, w.named)
		require.NotContains(t, said, "verified")
		require.NotEqual(t, "succeeded", o.status().Status)
		require.True(t, in(), "the step was right: that way is open")
		return
	}
	require.Zero(t, e.code, said)
	require.NotContains(t, said, "STILL OPEN")
	line := ""
	for l := range strings.Lines(e.text()) {
		if strings.Contains(l, "verified") {
			line += l
		}
	}
	require.NotEmpty(t, line, said)
	require.Equal(t, w.then == noted, in(), "whether that way is open afterwards")
	if w.then != noted {
		return
	}
	require.Contains(t, line, w.named)
	// Whoever finds it so reads it too.
	again := o.must(append([]string{"run"}, o.keepsOut(w.action, account)...)...).text()
	require.Contains(t, strings.Join(strings.Fields(again), " "), w.named)
}

// keepsOut writes a runbook with one of the actions that keep people out, and
// returns it with what it is given.
func (o *office) keepsOut(name, account string) []string {
	o.t.Helper()
	id, _, _ := strings.Cut(name, ".")
	switch name {
	case "account.disable":
		return []string{o.acts(id, name, false), "--input", "account=" + account}
	case "credentials.rotate", "sessions.revoke":
		return []string{o.acts(id, name, true), "--input", "account=" + account}
	case "website.suspend":
		return []string{o.step(id, "    uses: "+name+"\n    verify: true\n    with: {message: Closed}\n")}
	}
	return []string{o.step(id, "    uses: "+name+"\n    verify: true\n")}
}

// asIs is a way that is there already, into a system that all ways share.
func asIs(in func() bool, o *office, account string) func(*testing.T) (func() bool, *office, string) {
	return func(*testing.T) (func() bool, *office, string) { return in, o, account }
}

// rewrite changes a file.
func rewrite(t *testing.T, file string, edit func(string) string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(edit(string(text))), info.Mode().Perm()))
}

// freeAddress is one of this machine at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return l.Addr().String()
}
