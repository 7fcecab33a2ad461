//go:build unix

package real

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// dovecot is a server whose deny file names carol.
type dovecot struct{ *Dovecot }

func (d dovecot) office(t *testing.T, more string) *office {
	t.Helper()
	return newOffice(t, fmt.Sprintf("    type: dovecot\n    config: {config: %s, deny_file: %s%s}\n", d.File("dovecot.conf"), d.File("deny"), more))
}

func (d dovecot) state(t *testing.T) any { return d.Deny(t) }

// accepts looks who can sign in, of whom the server has mailboxes.
func (d dovecot) accepts(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, u := range []string{"alice", "bob", "carol"} {
		if d.Accepts(t, u) {
			got = append(got, u)
		}
	}
	require.Equal(t, want, got)
}

func TestSuspendDovecot(t *testing.T) {
	t.Parallel()
	d := dovecot{StartDovecot(t)}
	trial{
		office: func(t *testing.T) (*office, string) {
			o := d.office(t, "")
			return o, o.step("suspend", "    uses: email.suspend\n    verify: true\n")
		},
		state:     d.state,
		changed:   func(t *testing.T) { d.accepts(t) },
		unchanged: func(t *testing.T) { d.accepts(t, "alice", "bob") },
		now:       "1 of 4 users are denied",
		already:   "already so: every user is denied, no session is open",
	}.run(t)
	require.Equal(t, Denied, d.Deny(t))
}

func TestRestoreDovecot(t *testing.T) {
	t.Parallel()
	d := dovecot{StartDovecot(t)}
	by := d.office(t, "")
	by.must("run", by.step("suspend", "    uses: email.suspend\n    verify: true\n"))
	trial{
		office: func(t *testing.T) (*office, string) {
			o := d.office(t, "")
			return o, o.step("restore", "    uses: email.restore\n    verify: true\n")
		},
		state: d.state,
		changed: func(t *testing.T) {
			d.accepts(t, "alice", "bob")
			require.Equal(t, Denied, d.Deny(t))
		},
		unchanged: func(t *testing.T) { d.accepts(t) },
		now:       "4 of 4 users are denied, 0 sessions are open",
		already:   "already so: nobody is denied by email.suspend",
	}.run(t)
}

// Who has mail open loses it; what others write to the deny file meanwhile
// stays; and it is the same over ssh.
func TestDovecotSessionsEnd(t *testing.T) {
	t.Parallel()
	d := dovecot{StartDovecot(t)}
	gate := realtest.StartSSHD(t)
	o := d.office(t, ", via: "+gate.Via())
	o.must("target", "check")
	alice, again, bob := d.SignIn(t, "alice"), d.SignIn(t, "alice"), d.SignIn(t, "bob")
	require.True(t, bob.Alive())
	o.must("run", o.step("suspend", "    uses: email.suspend\n    verify: true\n"))
	for _, s := range []Mailbox{alice, again, bob} {
		require.False(t, s.Alive())
	}
	d.accepts(t)
	require.NoError(t, d.Write("deny", d.Deny(t)+"bob\n"))
	o.must("rollback", o.status().Run)
	d.accepts(t, "alice")
	require.Equal(t, Denied+"bob\n", d.Deny(t))
}

// A deny file that Dovecot does not read must not pass for a suspended server.
func TestDovecotWithoutADenyFile(t *testing.T) {
	t.Parallel()
	d := dovecot{StartDovecot(t)}
	require.NoError(t, d.Write("other", "alice\nbob\ncarol\n"+d.Probe()+"\n"))
	o := newOffice(t, fmt.Sprintf("    type: dovecot\n    config: {config: %s, deny_file: %s}\n", d.File("dovecot.conf"), d.File("other")))
	e := o.irctl("run", o.step("suspend", "    uses: email.suspend\n    verify: true\n"))
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, e.text(), "Dovecot does not deny those in "+d.File("other"))
	require.Contains(t, e.text(), "before every other passdb")
	require.Equal(t, 1, o.irctl("target", "check").code)
	d.accepts(t, "alice", "bob")
}

func TestDisableInDovecot(t *testing.T) {
	t.Parallel()
	d := dovecot{StartDovecot(t)}
	trial{
		office: func(t *testing.T) (*office, string) {
			o := d.office(t, "")
			return o, o.step("disable", "    uses: account.disable\n    with: {account: alice}\n")
		},
		state:     d.state,
		changed:   func(t *testing.T) { d.accepts(t, "bob") },
		unchanged: func(t *testing.T) { d.accepts(t, "alice", "bob") },
		now:       "alice is enabled",
		already:   "alice is disabled already",
	}.run(t)
	// While all mailboxes are suspended too: what one restores the other keeps.
	o := d.office(t, "")
	o.must("run", o.step("suspend", "    uses: email.suspend\n    verify: true\n"))
	o.must("run", o.step("disable", "    uses: account.disable\n    with: {account: alice}\n"))
	o.must("run", o.step("restore", "    uses: email.restore\n    verify: true\n"))
	d.accepts(t, "bob")
}

func TestEnableInDovecot(t *testing.T) {
	t.Parallel()
	d := dovecot{StartDovecot(t)}
	trial{
		office: func(t *testing.T) (*office, string) {
			o := d.office(t, "")
			return o, o.step("enable", "    uses: account.enable\n    with: {account: carol}\n")
		},
		state:     d.state,
		changed:   func(t *testing.T) { d.accepts(t, "alice", "bob", "carol") },
		unchanged: func(t *testing.T) { d.accepts(t, "alice", "bob") },
		now:       "carol is disabled",
		already:   "carol is enabled already",
	}.run(t)
}

func TestRevokeInDovecot(t *testing.T) {
	t.Parallel()
	d := dovecot{StartDovecot(t)}
	o := d.office(t, "")
	alice, again, bob := d.SignIn(t, "alice"), d.SignIn(t, "alice"), d.SignIn(t, "bob")
	revoke := o.step("revoke", "    uses: sessions.revoke\n    with: {account: alice}\n    irreversible: Alice signs in again.\n")
	require.Contains(t, o.must("plan", revoke).stdout, "alice has 2 sessions open")
	require.True(t, alice.Alive())
	o.must("run", revoke)
	require.EqualValues(t, 2, o.status().Steps[0].Outputs["revoked"])
	require.False(t, alice.Alive())
	require.False(t, again.Alive())
	require.True(t, bob.Alive())
	require.Contains(t, o.must("run", revoke).text(), "alice has no session open already")
	e := o.irctl("run", o.step("all", "    uses: sessions.revoke\n    with: {account: \"*\"}\n    irreversible: No.\n"))
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, e.text(), "cannot be the name of one user")
	require.True(t, bob.Alive())
}
