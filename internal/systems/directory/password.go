package directory

import (
	"encoding/binary"
	"unicode/utf16"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// PasswordModify is the extended operation that SetPassword uses (RFC 3062),
// except for an Active Directory.
const PasswordModify = "1.3.6.1.4.1.4203.1.11.1"

// SetPassword replaces the password of an entry.
func (c *Conn) SetPassword(dn string, password action.Secret) error {
	if c.active {
		return c.setTwice(dn, password)
	}
	_, err := c.ldap.PasswordModify(ldap.NewPasswordModifyRequest(dn, "", password.Reveal()))
	if err != nil {
		return changing("could not replace the password of "+dn, err, c.password, password)
	}
	return nil
}

// setTwice sets a password that nobody gets to know, and then the new one. An
// Active Directory accepts the password before the current one for another hour
// (its OldPasswordAllowedPeriod, and Samba's `old password allowed period`), so
// after one change alone a stolen password would still do. Of the one in
// between nobody knows anything.
//
// Both are made alike: a policy that refuses one refuses the first, when
// nothing has changed yet.
func (c *Conn) setTwice(dn string, password action.Secret) error {
	between, err := newsecret.Generate(c.config, int64(len(password.Reveal())))
	if err != nil {
		return err
	}
	if err := c.writePassword(dn, between); err != nil {
		return err
	}
	if err := c.writePassword(dn, password); err != nil {
		return &action.Error{
			Message: dn + " has a password that nobody knows: the first of two changes was made and the second failed",
			Hint:    "retry: then the account gets the password that is stored",
			Cause:   err, Doubt: action.IsDoubtful(err),
		}
	}
	return nil
}

// writePassword writes the attribute that holds an Active Directory's
// passwords: in quotation marks, as UTF-16 ([MS-ADTS] section 3.1.1.3.1.5).
func (c *Conn) writePassword(dn string, password action.Secret) error {
	var quoted []byte
	for _, unit := range utf16.Encode([]rune(`"` + password.Reveal() + `"`)) {
		quoted = binary.LittleEndian.AppendUint16(quoted, unit)
	}
	r := ldap.NewModifyRequest(dn, nil)
	r.Replace("unicodePwd", []string{string(quoted)})
	err := c.ldap.Modify(r)
	if err == nil {
		return nil
	}
	failed := problem("could not replace the password of "+dn, err, c.password, password)
	switch {
	case lost(err):
		return changing("could not replace the password of "+dn, err, c.password, password)
	case ldap.IsErrorWithCode(err, ldap.LDAPResultConstraintViolation):
		failed.Hint = "the domain's password policy refuses it: make `password` of the environment's target longer, or of more groups"
	}
	return failed
}
