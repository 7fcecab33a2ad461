//go:build unix

package real

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// acts writes a runbook with the input account, and returns its path.
func (o *office) acts(name, uses string, irreversible bool) string {
	o.t.Helper()
	yaml := "    uses: " + uses + "\n    verify: true\n    with: {account: \"${{ inputs.account }}\"}\n"
	if irreversible {
		yaml += "    irreversible: Nobody wants the old password back.\n"
	}
	return o.step(name, yaml+"inputs:\n  account: {type: string, required: true}\n")
}

// stored is the credential that the newest run stored. No output of irctl may
// hold it.
func (o *office) stored() string {
	o.t.Helper()
	ref, ok := o.status().Steps[0].Outputs["stored"].(string)
	require.True(o.t, ok, "the step has no output named stored")
	password, err := os.ReadFile(strings.TrimPrefix(ref, "file:"))
	require.NoError(o.t, err)
	return strings.TrimSuffix(string(password), "\n")
}

// storedFiles are the files of all credentials that irctl has stored.
func (o *office) storedFiles() []string {
	o.t.Helper()
	files, err := filepath.Glob(o.path("new-secrets/*"))
	require.NoError(o.t, err)
	return files
}

// session is something that an account has open on a system.
type session interface {
	// Alive reports whether it is answered still. What has ended is not.
	Alive() bool
}

// rotation is what credentials.rotate has to show against a real system: a
// plan changes nothing, the new credential is accepted, the old one refused, a
// session from before is dead, nothing else of the system has changed, and a
// process that is killed at any moment of it loses nothing.
type rotation struct {
	// office makes a folder with an environment whose target system leads to
	// the system.
	office func(t *testing.T) *office
	// noun is what is replaced; "" is the password.
	noun string
	// accounts are as many as there are tests to make, each with the
	// credential old, and nobody else's.
	accounts []string
	old      func(account string) string
	// accepts tries a credential with the system's own client.
	accepts func(t *testing.T, account, credential string) bool
	// open opens a session; nil if the system has none.
	open func(t *testing.T, account, credential string) session
	// exactly is all that the system knows, to see that nothing has changed.
	exactly func(t *testing.T) any
	// but is what exactly has to be the same in after a rotation: all but the
	// credential of the account.
	but func(t *testing.T, account string) any
}

func (x rotation) run(t *testing.T) {
	t.Run("through", func(t *testing.T) { x.through(t, x.accounts[0]) })
	for i, at := range []string{beforeRecord, afterRecord, afterEffect} {
		t.Run("killed "+at, func(t *testing.T) { x.killed(t, at, x.accounts[i+1]) })
	}
}

// opened opens a session; what it returns looks whether it is dead.
func (x rotation) opened(t *testing.T, account, credential string) (dead func() bool) {
	if x.open == nil {
		return func() bool { return true }
	}
	s := x.open(t, account, credential)
	require.True(t, s.Alive())
	return func() bool { return !s.Alive() }
}

func (x rotation) through(t *testing.T, account string) {
	o := x.office(t)
	rotate := o.acts("rotate", "credentials.rotate", true)
	input := []string{"--input", "account=" + account}
	before, untouched := x.but(t, account), x.exactly(t)
	require.True(t, x.accepts(t, account, x.old(account)))

	require.Contains(t, o.must(append([]string{"plan", rotate}, input...)...).stdout, account+" has the "+cmp.Or(x.noun, "password")+" it had")
	require.Equal(t, untouched, x.exactly(t), "a plan changes nothing")
	require.NoDirExists(t, o.path("new-secrets"), "and stores nothing")

	old := x.old(account)
	for range 2 { // another run makes another credential
		dead := x.opened(t, account, old)
		shown := o.must(append([]string{"run", rotate}, input...)...).text()
		credential := o.stored()
		require.NotContains(t, shown, credential)
		require.NotEqual(t, old, credential)
		require.True(t, dead(), "a session from before has ended")
		require.True(t, x.accepts(t, account, credential))
		require.False(t, x.accepts(t, account, old))
		require.Equal(t, before, x.but(t, account), "nothing else has changed")
		o.must("audit", "verify", o.status().Run)
		old = credential
	}
	require.Len(t, o.storedFiles(), 2, "what the first run stored is kept")
}

func (x rotation) killed(t *testing.T, at, account string) {
	o := x.office(t)
	rotate := o.acts("rotate", "credentials.rotate", true)
	untouched := x.exactly(t)
	dead := x.opened(t, account, x.old(account))
	o.killed(at, "run", rotate, "--input", "account="+account)
	if at == afterEffect {
		untouched = x.exactly(t)
	} else {
		require.Equal(t, untouched, x.exactly(t), "nothing is changed before the record is durable")
		require.Equal(t, x.open == nil, dead(), "a session ends only after the change")
	}

	o.must("resume", o.status().Run)
	require.Equal(t, "succeeded", o.status().Status)
	if at == afterEffect {
		require.Equal(t, untouched, x.exactly(t), "resume only looks")
	}
	require.True(t, dead(), "a session from before has ended")
	require.Len(t, o.storedFiles(), 1)
	require.True(t, x.accepts(t, account, o.stored()))
	require.False(t, x.accepts(t, account, x.old(account)))
}

// revoked has sessions.revoke end what an account has open, and nobody else's.
func (o *office) revoked(account, other func() session, name string) {
	o.t.Helper()
	revoke := o.acts("revoke", "sessions.revoke", true)
	input := "account=" + name
	first, second, theirs := account(), account(), other()
	require.Contains(o.t, o.must("plan", revoke, "--input", input).stdout, name+" has 2 sessions open")
	require.True(o.t, first.Alive() && second.Alive(), "a plan ends nothing")
	o.must("run", revoke, "--input", input)
	require.Equal(o.t, map[string]any{"revoked": 2.0}, o.status().Steps[0].Outputs)
	require.False(o.t, first.Alive() || second.Alive())
	require.True(o.t, theirs.Alive())
	require.Contains(o.t, o.must("run", revoke, "--input", input).text(), name+" has no session open already")

	// Killed after the effect: nobody has a session, so it is done.
	third := account()
	o.killed(afterEffect, "run", revoke, "--input", input)
	require.False(o.t, third.Alive())
	o.must("resume", o.status().Run)
	require.Equal(o.t, "succeeded", o.status().Status)
}
