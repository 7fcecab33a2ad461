//go:build unix

package real

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// URL is where the directory answers unencrypted, or after StartTLS.
func (s *Slapd) URL() string { return "ldap://" + s.Address(0) }

// SecureURL is where it answers encrypted from the first byte on.
func (s *Slapd) SecureURL() string { return "ldaps://" + s.Address(1) }

// Authority is the file with the certificate that signed the directory's own.
func (s *Slapd) Authority() string { return s.File("cert.pem") }

// invalidCredentials is how the directory says that it does not accept a
// password (RFC 4511 section 4.1.9).
const invalidCredentials = 49

// Accepts reports whether a person can sign in with a password.
func (s *Slapd) Accepts(t testing.TB, dn, password string) bool {
	t.Helper()
	_, err := s.client("ldapwhoami", dn, password)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == invalidCredentials {
		return false
	}
	require.NoError(t, err)
	return true
}

// LockOut tries wrong passwords until the directory's own policy locks the
// account for a while, and returns the value that says since when.
func (s *Slapd) LockOut(t testing.TB, dn string) string {
	t.Helper()
	for range Failures {
		require.False(t, s.Accepts(t, dn, "a wrong password"))
	}
	since := s.Lock(t, dn)
	require.Len(t, since, 1)
	require.NotEqual(t, Disabled, since[0])
	return since[0]
}

// Lock returns the values that keep an account from signing in; none if it
// can.
func (s *Slapd) Lock(t testing.TB, dn string) []string {
	t.Helper()
	var values []string
	for _, line := range s.search(t, dn, "base", "pwdAccountLockedTime") {
		if value, ok := strings.CutPrefix(line, "pwdAccountLockedTime: "); ok {
			values = append(values, value)
		}
	}
	return values
}

// Content is everything that the directory knows of people, a line for each
// value, to see whether anything has changed. With it comes when each entry was
// last changed.
func (s *Slapd) Content(t testing.TB) []string {
	t.Helper()
	return s.search(t, People, "sub", "*", "+")
}

func (s *Slapd) search(t testing.TB, base, scope string, attributes ...string) []string {
	t.Helper()
	out, err := s.client("ldapsearch", root, rootPassword,
		slices.Concat([]string{"-LLL", "-o", "ldif-wrap=no", "-b", base, "-s", scope, "(objectClass=*)"}, attributes)...)
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(out), "\n")
}

// client runs one of OpenLDAP's clients, which share no code with irctl.
func (s *Slapd) client(program, dn, password string, args ...string) (string, error) {
	path, err := realtest.Find(program)
	if err != nil {
		return "", err
	}
	out, err := exec.Command(path, append([]string{"-x", "-H", s.URL(), "-D", dn, "-w", password}, args...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return string(out), nil
}
