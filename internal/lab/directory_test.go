package lab_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/lab"
)

const (
	base  = "dc=example,dc=com"
	alice = "uid=alice,ou=people," + base
)

func dial(t *testing.T, l *lab.Lab) *ldap.Conn {
	t.Helper()
	c, err := ldap.DialURL("ldap://" + l.Addresses().Directory)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func asDirectoryAdmin(t *testing.T, l *lab.Lab) *ldap.Conn {
	t.Helper()
	password, err := os.ReadFile(filepath.Join(l.Dir(), "secrets", "directory-password"))
	require.NoError(t, err)
	c := dial(t, l)
	require.NoError(t, c.Bind("cn=admin,"+base, string(password)))
	return c
}

func bind(l *lab.Lab, uid, password string) error {
	c, err := ldap.DialURL("ldap://" + l.Addresses().Directory)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	return c.Bind("uid="+uid+",ou=people,"+base, password)
}

func setPassword(t *testing.T, l *lab.Lab, uid, password string) {
	t.Helper()
	_, err := asDirectoryAdmin(t, l).PasswordModify(ldap.NewPasswordModifyRequest("uid="+uid+",ou=people,"+base, "", password))
	require.NoError(t, err)
}

func find(t *testing.T, c *ldap.Conn, in, filter string, attributes ...string) *ldap.SearchResult {
	t.Helper()
	found, err := c.Search(ldap.NewSearchRequest(in, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil))
	require.NoError(t, err)
	return found
}

func TestPasswordModify(t *testing.T) {
	l := lab.Start(t)
	old := lab.InitialPassword("alice")
	require.NoError(t, bind(l, "alice", old))
	setPassword(t, l, "alice", "a-new-password")
	require.True(t, ldap.IsErrorWithCode(bind(l, "alice", old), ldap.LDAPResultInvalidCredentials))
	require.NoError(t, bind(l, "alice", "a-new-password"))
	setPassword(t, l, "alice", "a-new-password")

	own := dial(t, l)
	require.NoError(t, own.Bind(alice, "a-new-password"))
	_, err := own.PasswordModify(ldap.NewPasswordModifyRequest("", "wrong", "another-password"))
	require.True(t, ldap.IsErrorWithCode(err, ldap.LDAPResultUnwillingToPerform))
	_, err = own.PasswordModify(ldap.NewPasswordModifyRequest("uid=bob,ou=people,"+base, "", "another-password"))
	require.True(t, ldap.IsErrorWithCode(err, ldap.LDAPResultInsufficientAccessRights))
	made, err := own.PasswordModify(ldap.NewPasswordModifyRequest("", "a-new-password", ""))
	require.NoError(t, err)
	require.NoError(t, bind(l, "alice", made.GeneratedPassword))
	_, err = asDirectoryAdmin(t, l).PasswordModify(ldap.NewPasswordModifyRequest("uid=nobody,"+base, "", "another-password"))
	require.True(t, ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject))
	_, err = asDirectoryAdmin(t, l).PasswordModify(ldap.NewPasswordModifyRequest(alice, "", "short"))
	require.True(t, ldap.IsErrorWithCode(err, ldap.LDAPResultConstraintViolation))

	require.Equal(t, []lab.Entry{
		{System: "directory", Effect: lab.PasswordChanged, Detail: "alice"},
		{System: "directory", Effect: lab.PasswordChanged, Detail: "alice", Duplicate: true},
		{System: "directory", Effect: lab.PasswordChanged, Detail: "alice"},
	}, what(t, l))
}

func TestLockedAccountsCannotBind(t *testing.T) {
	l := lab.Start(t)
	c := asDirectoryAdmin(t, l)
	lock := ldap.NewModifyRequest(alice, nil)
	lock.Replace("pwdAccountLockedTime", []string{"000001010000Z"})
	require.NoError(t, c.Modify(lock))
	require.True(t, ldap.IsErrorWithCode(bind(l, "alice", lab.InitialPassword("alice")), ldap.LDAPResultInvalidCredentials))

	require.Empty(t, find(t, c, alice, "(objectClass=*)").Entries[0].GetAttributeValue("pwdAccountLockedTime"), "operational: only when asked for")
	require.Equal(t, "000001010000Z", find(t, c, alice, "(objectClass=*)", "pwdAccountLockedTime").Entries[0].GetAttributeValue("pwdAccountLockedTime"))
	require.Equal(t, "000001010000Z", find(t, c, alice, "(objectClass=*)", "+").Entries[0].GetAttributeValue("pwdAccountLockedTime"))

	unlock := ldap.NewModifyRequest(alice, nil)
	unlock.Delete("pwdAccountLockedTime", nil)
	require.NoError(t, c.Modify(unlock))
	require.True(t, ldap.IsErrorWithCode(c.Modify(unlock), ldap.LDAPResultNoSuchAttribute))
	require.NoError(t, bind(l, "alice", lab.InitialPassword("alice")))
	require.Equal(t, []lab.Entry{
		{System: "directory", Effect: lab.AccountLocked, Detail: "alice"},
		{System: "directory", Effect: lab.AccountUnlocked, Detail: "alice"},
	}, what(t, l))
}

func TestModifyIsAllOrNothing(t *testing.T) {
	l := lab.Start(t)
	m := ldap.NewModifyRequest(alice, nil)
	m.Replace("userPassword", []string{"a-new-password"})
	m.Replace("cn", []string{"Mallory"})
	require.True(t, ldap.IsErrorWithCode(asDirectoryAdmin(t, l).Modify(m), ldap.LDAPResultInsufficientAccessRights))
	require.NoError(t, bind(l, "alice", lab.InitialPassword("alice")))
	require.Empty(t, what(t, l))
}

func TestSearch(t *testing.T) {
	l := lab.Start(t)
	_, err := dial(t, l).Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, 0, 0, 0, false, "(uid=alice)", nil, nil))
	require.True(t, ldap.IsErrorWithCode(err, ldap.LDAPResultInsufficientAccessRights), "nobody reads without a bind")

	c := asDirectoryAdmin(t, l)
	for filter, want := range map[string][]string{
		"(uid=alice)": {"alice"},
		"(UID=ALICE)": {"alice"},
		"(&(objectClass=inetOrgPerson)(mail=b*))":  {"bob"},
		"(|(cn=*Cruz)(uid=*a*v*))":                 {"carol", "dave"},
		"(&(title=*administrator)(!(uid=alice)))":  {"bob", "carol"},
		"(memberOf=cn=admins,dc=example,dc=com)":   {"alice", "bob", "carol"},
		"(uid=nobody)":                             {},
		"(&(uid>=d)(uid<=f))":                      {"dave", "erin"},
		"(ou=borrowers)":                           {""},
		"(&(uid=*)(pwdAccountLockedTime=*))":       {},
		"(userPassword=*)":                         {},
		"(&(objectClass=inetOrgPerson)(uid=jor*))": {"jordan"},
	} {
		got := []string{}
		for _, e := range find(t, c, base, filter, "uid", "userPassword").Entries {
			require.Empty(t, e.GetAttributeValue("userPassword"))
			got = append(got, e.GetAttributeValue("uid"))
		}
		require.Equal(t, want, got, filter)
	}
	found, err := c.Search(ldap.NewSearchRequest("ou=people,"+base, ldap.ScopeSingleLevel, 0, 0, 0, false, "(objectClass=*)", []string{"uid"}, nil))
	require.NoError(t, err)
	require.Len(t, found.Entries, 5)
	_, err = c.Search(ldap.NewSearchRequest("ou=none,"+base, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", nil, nil))
	require.True(t, ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject))
}

func TestTheDirectorySaysWhatItCanDo(t *testing.T) {
	l := lab.Start(t)
	c := dial(t, l)
	found, err := c.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{"+"}, nil))
	require.NoError(t, err)
	require.Equal(t, []string{base}, found.Entries[0].GetAttributeValues("namingContexts"))
	who, err := asDirectoryAdmin(t, l).WhoAmI(nil)
	require.NoError(t, err)
	require.Equal(t, "dn:cn=admin,"+base, who.AuthzID)
	require.Error(t, c.Del(ldap.NewDelRequest(alice, nil)))
	require.True(t, ldap.IsErrorWithCode(c.Bind(alice, lab.InitialPassword("bob")), ldap.LDAPResultInvalidCredentials))
	require.True(t, ldap.IsErrorWithCode(c.UnauthenticatedBind(alice), ldap.LDAPResultUnwillingToPerform))
}
