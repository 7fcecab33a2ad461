package directory

import (
	"slices"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/pkg/action"
)

// Account is the entry of an account.
type Account struct {
	DN string
	// Lock holds the values of the attribute that disables an account.
	Lock []string
	// Locked says that the account is disabled for good: Lock has the value
	// that the target names.
	Locked bool
}

// Find returns the one entry of an account. None, or more than one, is an
// error: a wrong guess would disable somebody else.
func (c *Conn) Find(account string) (Account, error) {
	e, err := c.find(account, c.LockAttr)
	if err != nil {
		return Account{}, err
	}
	lock := e.GetEqualFoldAttributeValues(c.LockAttr)
	if c.active {
		if lock, err = disabledBy(e); err != nil {
			return Account{}, err
		}
	}
	return Account{DN: e.DN, Lock: lock, Locked: slices.Contains(lock, c.LockValue)}, nil
}

// find returns the one entry of an account with some of its attributes.
func (c *Conn) find(account string, attributes ...string) (*ldap.Entry, error) {
	res, err := c.ldap.Search(ldap.NewSearchRequest(c.BaseDN, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 2, 0, false,
		c.filterFor(account), attributes, nil))
	name := action.CleanLine(account, 80)
	tooMany := ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded)
	switch {
	case err != nil && !tooMany:
		return nil, problem("could not look for the account "+name, err, c.Password)
	case tooMany || len(res.Entries) > 1:
		return nil, &action.Error{
			Message:   "more than one entry below " + c.BaseDN + " matches the account " + name + ", so none was touched",
			Hint:      "make user_filter of the environment's target more exact",
			Permanent: true,
		}
	case len(res.Entries) == 0:
		return nil, &action.Error{
			Message:   "there is no account " + name + " below " + c.BaseDN,
			Hint:      "check the spelling, and base_dn and user_filter of the environment's target",
			Permanent: true,
		}
	}
	return res.Entries[0], nil
}

// Lasting is the value that disables an account for good.
func (c *Conn) Lasting() []string { return []string{c.LockValue} }

// SetLock gives the attribute that disables an account these values; none
// enables the account.
func (c *Conn) SetLock(dn string, values []string) error {
	if c.active {
		return c.setDisabled(dn, slices.Contains(values, disabledWord))
	}
	err := c.ldap.Modify(c.lockRequest(dn, values))
	if ldap.IsErrorAnyOf(err, ldap.LDAPResultConstraintViolation, ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultObjectClassViolation) {
		// The attribute is operational. The relax rules control asks the
		// directory to let an administrator write it all the same
		// (draft-zeilenga-ldap-relax, as in OpenLDAP).
		err = c.ldap.Modify(c.lockRequest(dn, values, ldap.NewControlString(relaxRules, true, "")))
	}
	if err != nil {
		return changing("could not change "+c.LockAttr+" of "+dn, err, c.Password)
	}
	return nil
}

const relaxRules = "1.3.6.1.4.1.4203.666.5.12"

func (c *Conn) lockRequest(dn string, values []string, controls ...ldap.Control) *ldap.ModifyRequest {
	r := ldap.NewModifyRequest(dn, controls)
	r.Replace(c.LockAttr, values)
	return r
}
