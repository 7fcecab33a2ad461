package directory

import (
	"context"
	"encoding/binary"
	"unicode/utf16"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/pkg/action"
)

// passwordModify is the extended operation that SetCredential uses (RFC 3062),
// except for an Active Directory.
const passwordModify = "1.3.6.1.4.1.4203.1.11.1"

// SetCredential replaces the password of an account. A new password enables the
// account in directories such as OpenLDAP: one that is disabled is disabled
// again, and who may not write the lock learns it before.
func (c *Conn) SetCredential(ctx context.Context, account string, password action.Secret) error {
	a, err := c.Find(account)
	if err != nil {
		return err
	}
	if a.Locked {
		if err := c.SetLock(a.DN, a.Lock); err != nil {
			return err
		}
	}
	changed := c.setPassword(a.DN, password)
	if changed != nil && !action.IsDoubtful(changed) {
		return changed
	}
	if changed != nil {
		again, err := Connect(ctx, c.req)
		if err != nil {
			return changed
		}
		c.Close()
		*c = *again
	}
	if a.Locked {
		if err := c.Relock(account, a.Lock); err != nil {
			if changed != nil {
				err = action.Doubtful(err)
			}
			return err
		}
	}
	if changed == nil || a.Locked {
		return changed // whether a disabled account got its password, nobody can see
	}
	if answer, err := c.Try(ctx, a.DN, password); err != nil || answer != Accepted && answer != Barred {
		return changed
	}
	return nil // the answer was lost, but the new password works
}

// Relock disables an account if the directory took its lock away with the old
// password.
func (c *Conn) Relock(account string, lock []string) error {
	a, err := c.Find(account)
	if err == nil && !a.Locked {
		err = c.SetLock(a.DN, lock)
	}
	if err != nil {
		return &action.Error{
			Message: action.CleanLine(account, 80) + " has its new password, but the directory may have enabled the account with that, and it could not be disabled again",
			Hint:    "disable it by hand at once, or retry",
			Cause:   err, Doubt: action.IsDoubtful(err),
		}
	}
	return nil
}

// setPassword replaces the password of an entry.
func (c *Conn) setPassword(dn string, password action.Secret) error {
	if c.active {
		return c.setTwice(dn, password)
	}
	_, err := c.ldap.PasswordModify(ldap.NewPasswordModifyRequest(dn, "", password.Reveal()))
	if err != nil {
		return changing("could not replace the password of "+dn, err, c.Password, password)
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
	between, err := c.New.Make(int64(len(password.Reveal())))
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
	failed := problem("could not replace the password of "+dn, err, c.Password, password)
	switch {
	case lost(err):
		return changing("could not replace the password of "+dn, err, c.Password, password)
	case ldap.IsErrorWithCode(err, ldap.LDAPResultConstraintViolation):
		failed.Hint = "the domain's password policy refuses it: make `password` of the environment's target longer, or of more groups"
	}
	return failed
}
