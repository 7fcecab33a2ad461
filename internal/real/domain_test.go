//go:build unix

package real

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// domain is an office whose target is an Active Directory.
type domain struct {
	*office
	samba *Samba
}

// newDomain has irctl sign in to a domain controller as an administrator of the
// domain. More is lines of the target's config, which win over the usual ones.
func newDomain(t *testing.T, s *Samba, more ...string) domain {
	t.Helper()
	d := domain{newOffice(t, target(t, "active-directory", map[string]string{
		"url": s.URL(), "bind_dn": DomainIrctl, "bind_password": "{secret: PASSWORD}", "base_dn": DomainSuffix, "ca_file": s.Authority(),
	}, more)), s}
	d.write("password", DomainIrctlPassword)
	return d
}

// TestActiveDirectory starts one domain controller for all: it takes seconds.
// Every test has its own account, or leaves it as it was.
func TestActiveDirectory(t *testing.T) {
	s := StartSamba(t)
	t.Run("disable", func(t *testing.T) { disableInDomain(t, s) })
	t.Run("enable", func(t *testing.T) { enableInDomain(t, s) })
	t.Run("undo keeps what others changed", func(t *testing.T) { undoBesideOthers(t, s) })
	t.Run("refusals", func(t *testing.T) { domainRefuses(t, s) })
	t.Run("rotate", func(t *testing.T) { rotateInDomain(t, s) })
	t.Run("revoke", func(t *testing.T) { revokeInDomain(t, s) })
	t.Run("rotate killed", func(t *testing.T) { rotateInDomainKilled(t, s) })
}

func disableInDomain(t *testing.T, s *Samba) {
	ticket, err := s.SignIn("alice", DomainPassword("alice"))
	require.NoError(t, err)
	signsIn := func() bool {
		_, err := s.SignIn("alice", DomainPassword("alice"))
		return err == nil
	}
	trial{
		office: func(t *testing.T) (*office, string) {
			d := newDomain(t, s)
			return d.office, d.acts("disable", "account.disable", false)
		},
		args:    []string{"--input", "account=alice"},
		state:   func(t *testing.T) any { return s.Value(t, "alice", "userAccountControl") },
		exactly: func(t *testing.T) any { return s.Entry(t, "alice") },
		changed: func(t *testing.T) {
			require.Equal(t, []string{"66050"}, s.Value(t, "alice", "userAccountControl"))
			require.False(t, s.Accepts(t, "alice", DomainPassword("alice")))
			require.False(t, signsIn())
			require.False(t, s.Honours(t, ticket), "a ticket from before gets no other")
			require.True(t, s.Accepts(t, "bob", DomainPassword("bob")))
		},
		unchanged: func(t *testing.T) {
			require.True(t, s.Accepts(t, "alice", DomainPassword("alice")))
			require.True(t, signsIn())
		},
		now:     "alice is enabled",
		already: "alice is disabled already",
	}.run(t)
}

func enableInDomain(t *testing.T, s *Samba) {
	d := newDomain(t, s)
	run := []string{"run", d.acts("enable", "account.enable", false), "--input", "account=carol"}
	d.must(run...)
	first := d.status().Run
	require.Equal(t, []string{"66048"}, s.Value(t, "carol", "userAccountControl"))
	require.True(t, s.Accepts(t, "carol", DomainPassword("carol")))
	require.Contains(t, d.must(run...).text(), "carol is enabled already")
	d.must("rollback", first)
	require.Equal(t, []string{"66050"}, s.Value(t, "carol", "userAccountControl"))
	require.False(t, s.Accepts(t, "carol", DomainPassword("carol")))
}

// Undo puts back the one bit: what somebody else has changed since stays.
func undoBesideOthers(t *testing.T, s *Samba) {
	d := newDomain(t, s, "start_tls: true", "url: "+s.PlainURL())
	d.must("run", d.acts("disable", "account.disable", false), "--input", "account=alice")
	s.SetControl(t, "alice", "514") // somebody has the password expire
	d.must("rollback", d.status().Run)
	require.Equal(t, []string{"512"}, s.Value(t, "alice", "userAccountControl"))
	s.SetControl(t, "alice", "66048")
}

func domainRefuses(t *testing.T, s *Samba) {
	before := s.Entry(t, "alice")
	for _, c := range []struct {
		name     string
		target   []string
		password string
		action   string
		want     []string
	}{
		{
			name: "the password of irctl is wrong", password: "canary-wrong-password", action: "account.disable",
			want: []string{"could not sign in to the directory at", "check bind_dn and the secret behind bind_password"},
		},
		{
			name: "who signs in may not disable", target: []string{"bind_dn: bob@ad.example.com"}, password: DomainPassword("bob"), action: "account.disable",
			want: []string{"could not change userAccountControl of " + DomainPerson("alice"), "give bind_dn of the environment's target the right to do this"},
		},
		{
			name: "who signs in may not replace passwords", target: []string{"bind_dn: bob@ad.example.com"}, password: DomainPassword("bob"), action: "credentials.rotate",
			want: []string{"could not replace the password of " + DomainPerson("alice"), "give bind_dn of the environment's target the right to do this"},
		},
		{
			name: "the policy asks for more", target: []string{"password: {alphabet: abcdefghijklmnopqrstuvwxyz}"}, action: "credentials.rotate",
			want: []string{"could not replace the password of " + DomainPerson("alice"), "the domain's password policy refuses it"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDomain(t, s, c.target...)
			password := DomainIrctlPassword
			if c.password != "" {
				password = c.password
			}
			d.write("password", password)
			e := d.irctl("run", d.acts("act", c.action, c.action == "credentials.rotate"), "--input", "account=alice")
			require.Equal(t, 4, e.code, "a person decides what comes next\n%s", e.text())
			for _, want := range c.want {
				require.Contains(t, e.text(), want)
			}
			require.NotContains(t, e.text(), password)
			require.Equal(t, before, s.Entry(t, "alice"))
		})
	}
}

func rotateInDomain(t *testing.T, s *Samba) {
	d := newDomain(t, s)
	old := DomainPassword("bob")
	before := s.Entry(t, "bob")
	at := s.Open(t, "bob", old)
	run := []string{"run", d.acts("rotate", "credentials.rotate", true), "--input", "account=bob"}

	require.Contains(t, d.must("plan", run[1], "--input", "account=bob").stdout, "bob has the password it had")
	require.Equal(t, before, s.Entry(t, "bob"), "a plan changes nothing")
	require.NoDirExists(t, d.path("new-secrets"), "and stores nothing")

	shown := d.must(run...).text()
	first := d.stored()
	require.NotContains(t, shown, first)
	require.True(t, s.Accepts(t, "bob", first))
	require.False(t, s.Accepts(t, "bob", old), "not even for the hour in which Samba accepts the password before")
	_, err := s.SignIn("bob", old)
	require.Error(t, err)
	_, err = s.SignIn("bob", first)
	require.NoError(t, err)
	require.True(t, at.Works(t), "who is at a file share stays there")

	d.must(run...)
	require.False(t, s.Accepts(t, "bob", first))
	require.True(t, s.Accepts(t, "bob", d.stored()))
	d.must("audit", "verify", d.status().Run)

	// An account that is disabled gets its password and stays disabled.
	require.Contains(t, d.must(run[0], run[1], "--input", "account=carol").text(), "the account cannot sign in, as before")
	require.Equal(t, []string{"66050"}, s.Value(t, "carol", "userAccountControl"))
	carols := d.stored()
	require.False(t, s.Accepts(t, "carol", carols))
	s.SetControl(t, "carol", "66048")
	require.True(t, s.Accepts(t, "carol", carols))
	s.SetControl(t, "carol", "66050")

	// Guesses at the old password keep nobody from getting a new one.
	s.LockOut(t, "bob")
	require.Contains(t, d.must(run...).text(), "wrong passwords have locked the account for a while")
	s.Unlock(t, "bob")
	require.True(t, s.Accepts(t, "bob", d.stored()))
}

func rotateInDomainKilled(t *testing.T, s *Samba) {
	for _, account := range []string{"bob", "carol"} {
		for _, at := range []string{beforeRecord, afterRecord, afterEffect} {
			t.Run(account+" "+at, func(t *testing.T) {
				d := newDomain(t, s)
				before := s.Entry(t, account)
				d.killed(at, "run", d.acts("rotate", "credentials.rotate", true), "--input", "account="+account)
				after := s.Entry(t, account)
				if at != afterEffect {
					require.Equal(t, before, after, "only then is it changed")
				}
				d.must("resume", d.status().Run)
				require.Equal(t, "succeeded", d.status().Status)
				if at == afterEffect {
					require.Equal(t, after, s.Entry(t, account), "resume only looks")
				}
				require.Len(t, d.storedFiles(), 1)
				if account == "carol" {
					require.Equal(t, []string{"66050"}, s.Value(t, "carol", "userAccountControl"))
				} else {
					require.True(t, s.Accepts(t, account, d.stored()))
				}
			})
		}
	}
}

// What rotating the keys of krbtgt ends, and what it does not.
func revokeInDomain(t *testing.T, s *Samba) {
	alice := DomainPassword("alice")
	before, err := s.SignIn("alice", alice)
	require.NoError(t, err)
	for range 2 { // a copied ticket survives what people take for enough
		require.True(t, s.Honours(t, before))
		s.RotateKeys(t)
	}
	require.True(t, s.Honours(t, before))

	before, err = s.SignIn("alice", alice)
	require.NoError(t, err)
	require.True(t, s.Opens(before), "now it holds a ticket for the share as well")
	at := s.Open(t, "alice", alice)

	d := newDomain(t, s, "krbtgt: true")
	run := []string{"run", d.acts("revoke", "sessions.revoke", true), "--input", "account=krbtgt"}
	keys := s.Entry(t, "krbtgt")
	require.Contains(t, d.must("plan", run[1], "--input", "account=krbtgt").stdout, "and sign-ins are honoured")
	require.Equal(t, keys, s.Entry(t, "krbtgt"), "a plan changes nothing")
	require.True(t, s.Honours(t, before))

	require.Contains(t, d.must(run...).text(), "sign-ins from before are refused after 3 rotations of krbtgt's keys")
	require.False(t, s.Honours(t, before), "the sign-in is over")
	require.True(t, s.Opens(before), "the ticket for the share lasts")
	require.True(t, at.Works(t), "who is there stays there")
	after, err := s.SignIn("alice", alice)
	require.NoError(t, err)
	require.True(t, s.Honours(t, after), "people sign in again")

	for _, moment := range []string{afterRecord, afterEffect} {
		d.killed(moment, run...)
		d.must("resume", d.status().Run)
		require.False(t, s.Honours(t, after))
		after, err = s.SignIn("alice", alice)
		require.NoError(t, err)
		require.True(t, s.Honours(t, after))
	}

	e := d.irctl(run[0], run[1], "--input", "account=alice")
	require.Contains(t, e.text(), "cannot end the sessions of alice alone")
	e = newDomain(t, s).irctl(run...)
	require.Contains(t, e.text(), "does not permit the keys of krbtgt to be rotated")
}
