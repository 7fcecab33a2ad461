//go:build unix

package real

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRefusals has the directory, or irctl, refuse. Each time people read why
// and what to do, no password is shown, and nobody's entry has changed.
func TestRefusals(t *testing.T) {
	all := []string{"rotate", "disable", "enable"}
	for _, c := range []struct {
		name     string
		target   []string
		password string
		account  string
		actions  []string
		want     []string
	}{
		{
			name: "no such account", account: "nobody",
			want: []string{"there is no account nobody below " + People, "check the spelling"},
		},
		{
			name: "the account is a filter", account: "*)(uid=alice",
			want: []string{"there is no account *)(uid=alice below"},
		},
		{
			name: "two accounts match", target: []string{`user_filter: "(employeeNumber={account})"`}, account: "7",
			want: []string{"more than one entry below " + People + " matches the account 7, so none was touched", "make user_filter"},
		},
		{
			name: "nothing is at base_dn", target: []string{"base_dn: ou=nowhere," + Suffix},
			want: []string{"could not look for the account alice", "check base_dn"},
		},
		{
			name: "the administrator's password is wrong", password: "canary-wrong-password",
			want: []string{"could not sign in to the directory at 127.0.0.1:", "as " + Irctl, "check bind_dn and the secret behind bind_password"},
		},
		{
			name: "who signs in may not replace passwords", target: []string{"bind_dn: " + Viewer}, password: ViewerPassword,
			actions: []string{"rotate"},
			want:    []string{"could not replace the password of " + Person("alice"), "give bind_dn of the environment's target the right to do this"},
		},
		{
			name: "who signs in may not disable", target: []string{"bind_dn: " + Viewer}, password: ViewerPassword,
			actions: []string{"disable"},
			want:    []string{"could not change pwdAccountLockedTime of " + Person("alice"), "give bind_dn of the environment's target the right to do this"},
		},
		{
			name: "who signs in may not enable", target: []string{"bind_dn: " + Viewer}, password: ViewerPassword, account: "carol",
			actions: []string{"enable"},
			want:    []string{"could not change pwdAccountLockedTime of " + Person("carol"), "give bind_dn of the environment's target the right to do this"},
		},
		{
			// It could not disable the account again, which a new password enables.
			name: "who signs in may replace passwords but not disable", target: []string{"bind_dn: " + Helpdesk}, password: HelpdeskPassword, account: "carol",
			actions: []string{"rotate"},
			want:    []string{"could not change pwdAccountLockedTime of " + Person("carol"), "give bind_dn of the environment's target the right to do this"},
		},
		{
			name: "the certificate is not trusted", target: []string{"url: SECURE"},
			want: []string{"cannot be reached, so nothing was changed", "name the authority that signed the directory's certificate with ca_file"},
		},
		{
			name: "the certificate is not trusted after StartTLS", target: []string{"start_tls: true"},
			want: []string{"was reached, but not encrypted with StartTLS, so nothing was changed", "ca_file names the authority"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDirectory(t, c.target...)
			password := IrctlPassword
			if c.password != "" {
				password = c.password
			}
			d.write("password", password)
			account, actions := c.account, c.actions
			if account == "" {
				account = "alice"
			}
			if actions == nil {
				actions = all
			}
			runbooks := map[string]string{"rotate": d.rotate(), "disable": d.disable(), "enable": d.enable()}
			before := d.slapd.Content(t)
			for _, name := range actions {
				e := d.irctl("run", runbooks[name], "--input", "account="+account)
				require.Equal(t, 4, e.code, "a person decides what comes next\n%s", e.text())
				for _, want := range c.want {
					require.Contains(t, e.text(), want)
				}
				require.NotContains(t, e.text(), password)
				require.Equal(t, before, d.slapd.Content(t))
				d.irctl("cancel", d.status().Run) // or it would claim the directory
			}
		})
	}
}

func TestADirectoryThatIsDown(t *testing.T) {
	d := newDirectory(t)
	d.slapd.Stop()
	e := d.irctl("run", d.disable(), "--input", "account=alice")
	require.Equal(t, 4, e.code, "a person decides what comes next\n%s", e.text())
	require.Contains(t, e.text(), "cannot be reached, so nothing was changed")
	require.Contains(t, e.text(), "check the address and the network, then retry")
}
