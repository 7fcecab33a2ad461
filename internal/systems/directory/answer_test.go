package directory

import (
	"errors"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"
)

func TestAnActiveDirectorySaysWhyItRefuses(t *testing.T) {
	for code, want := range map[string]Answer{
		"52e": Refused, "525": Refused, "530": Barred, "531": Barred, "532": Barred, "533": Barred, "701": Barred, "773": Barred, "775": Silent,
	} {
		err := ldap.NewError(ldap.LDAPResultInvalidCredentials,
			errors.New("80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data "+code+", v1db1"))
		require.Equal(t, want, settings{Config: Config{active: true}}.refusal(err), code)
		require.Equal(t, Refused, settings{}.refusal(err), "another directory's text means nothing")
	}
	require.Equal(t, Refused, settings{Config: Config{active: true}}.refusal(ldap.NewError(ldap.LDAPResultInvalidCredentials, errors.New(""))))
}

func TestDisabledIsOneBit(t *testing.T) {
	entry := func(value string) *ldap.Entry {
		return ldap.NewEntry("CN=alice", map[string][]string{"userAccountControl": {value}})
	}
	for value, want := range map[string][]string{"512": nil, "514": {disabledWord}, "66048": nil, "66050": {disabledWord}, "-2147483134": {disabledWord}} {
		lock, err := disabledBy(entry(value))
		require.NoError(t, err)
		require.Equal(t, want, lock, value)
	}
	_, err := disabledBy(entry(""))
	require.ErrorContains(t, err, `userAccountControl of CN=alice is "", which is not a number`)
}
