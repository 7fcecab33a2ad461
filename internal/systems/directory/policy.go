package directory

import (
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/pkg/action"
)

// Unlocked says why an entry signs in although it is disabled; "" is that it
// does not. The attribute of a password policy (draft-behera-ldap-password-policy
// section 5.3.3) counts only where the policy of the entry locks accounts. An
// empty dn is any entry without a policy of its own.
func (c *Conn) Unlocked(dn string) (string, error) {
	if c.active || !strings.EqualFold(c.LockAttr, "pwdAccountLockedTime") {
		return "", nil
	}
	policy, err := c.policyOf(dn)
	switch {
	case err != nil:
		return "", err
	case policy == unseen:
		return "the password, as far as irctl can see: nobody may look which password policy counts (name it: default_policy)", nil
	case policy == "":
		return "the password: no password policy counts for it, so its lock has no effect (give the overlay ppolicy a ppolicy_default)", nil
	}
	locks, there, err := c.attribute(policy, "pwdLockout")
	switch {
	case err != nil:
		return "", err
	case !there:
		return "the password, as far as irctl can see: it may not read the password policy " + policy, nil
	case !strings.EqualFold(locks, "TRUE"):
		return "the password: its password policy " + policy + " locks nobody (set pwdLockout to TRUE)", nil
	}
	return "", nil
}

// unseen is a policy that irctl may not find out, as is no name of an entry.
const unseen = "?"

// policyOf is the name of the policy of an entry, "" for none.
func (c *Conn) policyOf(dn string) (string, error) {
	if dn != "" {
		own, _, err := c.attribute(dn, "pwdPolicySubentry")
		if err != nil || own != "" {
			return own, err
		}
	}
	if c.Policy != "" {
		return c.Policy, nil
	}
	// slapo-ppolicy(5) as slapd-config(5) has it: an entry below its database.
	res, err := c.ldap.Search(ldap.NewSearchRequest("cn=config", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false,
		"(objectClass=olcPPolicyConfig)", []string{"olcPPolicyDefault"}, nil))
	if err != nil && lost(err) {
		return "", problem("could not look for the directory's password policy", err, c.Password)
	}
	if err != nil || len(res.Entries) == 0 {
		return unseen, nil
	}
	for _, overlay := range res.Entries {
		_, database, _ := strings.Cut(overlay.DN, ",")
		suffix, there, err := c.attribute(database, "olcSuffix")
		if err != nil {
			return "", err
		}
		if there && within(c.BaseDN, suffix) {
			return overlay.GetEqualFoldAttributeValue("olcPPolicyDefault"), nil
		}
	}
	return unseen, nil
}

// within reports whether an entry is a suffix or below it.
func within(dn, suffix string) bool {
	entry, err := ldap.ParseDN(dn)
	above, err2 := ldap.ParseDN(suffix)
	return err == nil && err2 == nil && (above.EqualFold(entry) || above.AncestorOfFold(entry))
}

// attribute reads a value of an entry that irctl may read.
func (c *Conn) attribute(dn, name string) (value string, there bool, err error) {
	res, err := c.ldap.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false, "(objectClass=*)", []string{name}, nil))
	switch {
	case err != nil && lost(err):
		return "", false, problem("could not read "+dn, err, c.Password)
	case err != nil || len(res.Entries) != 1:
		return "", false, nil
	}
	return res.Entries[0].GetEqualFoldAttributeValue(name), true, nil
}

// CheckMayLock says whether irctl may disable an entry, CheckMayReplace whether
// it may replace its password; "" is some account's. A directory is asked to take
// away a value that nobody has: who may do that is told so, and nothing changes.
func (c *Conn) CheckMayLock(dn string) error {
	value := c.LockValue
	if strings.EqualFold(c.LockAttr, "pwdAccountLockedTime") {
		value = "19700101000001Z"
	}
	return c.checkMayWrite(dn, c.LockAttr, value)
}

// CheckMayReplace is CheckMayLock for passwords.
func (c *Conn) CheckMayReplace(dn string) error {
	return c.checkMayWrite(dn, "userPassword", "irctl asks whether it may write this")
}

func (c *Conn) checkMayWrite(dn, attribute, value string) error {
	if dn == "" {
		dn = c.sample()
	}
	if c.active || dn == "" {
		return nil
	}
	if now, _, err := c.attribute(dn, attribute); err != nil || now == value {
		return err
	}
	r := ldap.NewModifyRequest(dn, nil)
	r.Delete(attribute, []string{value})
	if err := c.ldap.Modify(r); !ldap.IsErrorWithCode(err, ldap.LDAPResultInsufficientAccessRights) {
		return nil
	}
	return &action.Error{
		Message: "who signs in may not write " + attribute + " of " + dn, Permanent: true,
		Hint: "give bind_dn of the environment's target the right to write it",
	}
}

// sample is an account for a preflight that is told of none; "" is none.
func (c *Conn) sample() string {
	filter := strings.ReplaceAll(c.Filter, "{account}", "*")
	if !strings.HasPrefix(filter, "(") {
		filter = "(" + filter + ")"
	}
	res, _ := c.ldap.Search(ldap.NewSearchRequest(c.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 1, 0, false, filter, []string{"1.1"}, nil))
	if res == nil || len(res.Entries) == 0 {
		return ""
	}
	return res.Entries[0].DN
}
