package directory

import (
	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/pkg/action"
)

// PasswordModify is the extended operation that SetPassword uses (RFC 3062).
const PasswordModify = "1.3.6.1.4.1.4203.1.11.1"

// SetPassword replaces the password of an entry.
func (c *Conn) SetPassword(dn string, password action.Secret) error {
	_, err := c.ldap.PasswordModify(ldap.NewPasswordModifyRequest(dn, "", password.Reveal()))
	if err != nil {
		return changing("could not replace the password of "+dn, err, c.password, password)
	}
	return nil
}
