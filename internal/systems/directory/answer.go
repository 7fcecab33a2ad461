package directory

import (
	"context"
	"errors"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/pkg/action"

	"github.com/irctl/irctl/internal/pattern"
)

// Answer is what a directory says to a password. The zero value is invalid.
type Answer int

// The answers. Only an Active Directory gives the last two.
const (
	Refused  Answer = iota + 1 // the password is wrong, or the directory does not say why
	Accepted                   // the password is right, and who has it can sign in
	Barred                     // the password is right, but the account cannot sign in: it is disabled, for example
	Silent                     // nobody can tell: wrong passwords have locked the account for a while
)

// Try asks the directory whether it accepts a password for an entry. A refusal
// counts as a wrong password, of which some directories permit few.
func (c *Conn) Try(ctx context.Context, dn string, password action.Secret) (Answer, error) {
	other, err := c.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer other.Close()
	err = other.ldap.Bind(dn, password.Reveal())
	switch {
	case err == nil:
		return Accepted, nil
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultUnwillingToPerform):
		return c.refusal(err), nil
	}
	return 0, problem("could not ask "+c.String()+" whether it accepts the password", err, password)
}

// SaysWhy reports whether the directory says why it refuses to let somebody
// sign in, so that Try tells about accounts that are disabled too.
func (c *Conn) SaysWhy() bool { return c.active }

// data is the part of an Active Directory's refusal that says why, a system
// error code in hexadecimal ([MS-ADTS] section 5.1.1.1.1, [MS-ERREF] section
// 2.2).
var data = pattern.Late(`AcceptSecurityContext error, data ([0-9a-fA-F]+),`)

// barring are the codes that an Active Directory gives to the right password
// only.
var barring = map[string]bool{
	"530": true, // not at this time of the day
	"531": true, // not at this computer
	"532": true, // the password has expired
	"533": true, // disabled
	"701": true, // the account has expired
	"773": true, // the password has to be changed first
}

// lockedOut is the code that it gives to any password.
const lockedOut = "775"

func (s settings) refusal(err error) Answer {
	var e *ldap.Error
	if !s.active || !errors.As(err, &e) || e.Err == nil {
		return Refused
	}
	m := data().FindStringSubmatch(e.Err.Error())
	switch {
	case m == nil:
		return Refused
	case barring[m[1]]:
		return Barred
	case m[1] == lockedOut:
		return Silent
	}
	return Refused
}
