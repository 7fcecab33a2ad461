package directory

import (
	"fmt"
	"strconv"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/pkg/action"
)

// controlAttr holds what an account is and may do, as bits ([MS-ADTS] section
// 2.2.16). One of them is disables.
const (
	controlAttr = "userAccountControl"
	disables    = 0x2
)

// disabledWord is what an account has among Account.Lock when the bit is set.
const disabledWord = "disabled"

// disabledBy says by the bit whether an entry is disabled.
func disabledBy(e *ldap.Entry) ([]string, error) {
	control, err := controlOf(e)
	if err != nil || control&disables == 0 {
		return nil, err
	}
	return []string{disabledWord}, nil
}

func controlOf(e *ldap.Entry) (int64, error) {
	text := e.GetEqualFoldAttributeValue(controlAttr)
	control, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, &action.Error{
			Message: fmt.Sprintf("%s of %s is %q, which is not a number, so nobody can tell whether the account is disabled", controlAttr, e.DN, action.CleanLine(text, 40)),
			Hint:    "give bind_dn of the environment's target the right to read it, and check that the target is an Active Directory",
		}
	}
	return control, nil
}

// setDisabled sets or clears the one bit. The other bits stay as they are, also
// if somebody changes them meanwhile: then the directory refuses, because the
// value that is taken away is not there any more.
func (c *Conn) setDisabled(dn string, disabled bool) error {
	failed := "could not change " + controlAttr + " of " + dn
	res, err := c.ldap.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false,
		"(objectClass=*)", []string{controlAttr}, nil))
	if err != nil || len(res.Entries) != 1 {
		if err == nil {
			err = ldap.NewError(ldap.LDAPResultNoSuchObject, fmt.Errorf("the entry is gone"))
		}
		return problem(failed, err, c.Password)
	}
	before, err := controlOf(res.Entries[0])
	if err != nil {
		return err
	}
	after := before &^ disables
	if disabled {
		after = before | disables
	}
	if after == before {
		return nil
	}
	r := ldap.NewModifyRequest(dn, nil)
	r.Delete(controlAttr, []string{strconv.FormatInt(before, 10)})
	r.Add(controlAttr, []string{strconv.FormatInt(after, 10)})
	if err := c.ldap.Modify(r); err != nil {
		return changing(failed, err, c.Password)
	}
	return nil
}
