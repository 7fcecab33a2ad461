package directory

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/pkg/action"
)

// KeysAccount is the account of an Active Directory whose keys protect every
// ticket of the domain (RFC 4120 section 3.1.2, "krbtgt").
const KeysAccount = "krbtgt"

// Kerberos is what a client of the domain's Kerberos has to know.
type Kerberos struct {
	Realm   string // "AD.EXAMPLE.COM"
	Service string // a service that always exists: the domain controller's own account
	Client  string // who irctl signs in as, as a principal without the realm
	KDC     string // the host that gives tickets
}

// Kerberos reads it off the directory.
func (c *Conn) Kerberos() (Kerberos, error) {
	root, err := c.root("ldapServiceName", "defaultNamingContext")
	if err != nil {
		return Kerberos{}, err
	}
	// It looks like ad.example.com:dc1$@AD.EXAMPLE.COM ([MS-ADTS] section
	// 3.1.1.3.2.13).
	_, service, _ := strings.Cut(root.GetEqualFoldAttributeValue("ldapServiceName"), ":")
	account, realm, ok := strings.Cut(service, "@")
	if !ok || account == "" || realm == "" || strings.ContainsAny(realm, " \t\n{}") {
		return Kerberos{}, &action.Error{
			Message: c.String() + " does not say which Kerberos realm it serves",
			Hint:    "check that url of the environment's target names a domain controller, not a global catalogue or a proxy",
		}
	}
	client, err := c.signedInAs(root.GetEqualFoldAttributeValue("defaultNamingContext"))
	if err != nil {
		return Kerberos{}, err
	}
	return Kerberos{Realm: realm, Service: service, Client: client, KDC: c.url.Hostname()}, nil
}

// signedInAs is the account name behind bind_dn, which may be the name of an
// entry, a user principal name, or DOMAIN\name.
func (c *Conn) signedInAs(base string) (string, error) {
	short := c.BindDN
	if _, after, ok := strings.Cut(short, `\`); ok {
		short = after
	} else {
		short, _, _ = strings.Cut(short, "@")
	}
	who, short := ldap.EscapeFilter(c.BindDN), ldap.EscapeFilter(short)
	res, err := c.ldap.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 2, 0, false,
		fmt.Sprintf("(|(userPrincipalName=%s)(distinguishedName=%s)(sAMAccountName=%s))", who, who, short), []string{"sAMAccountName"}, nil))
	if err != nil {
		return "", problem("could not look up who irctl signs in as", err, c.Password)
	}
	if len(res.Entries) != 1 || res.Entries[0].GetEqualFoldAttributeValue("sAMAccountName") == "" {
		return "", &action.Error{
			Message: fmt.Sprintf("%d accounts match bind_dn, and tickets are got for exactly one", len(res.Entries)),
			Hint:    "write bind_dn of the environment's target as the name of an entry",
		}
	}
	return res.Entries[0].GetEqualFoldAttributeValue("sAMAccountName"), nil
}

// Keys are the keys of an account.
type Keys struct {
	DN      string
	Version int64 // one more with every password ([MS-ADTS] section 3.1.1.4.5.16)
}

// Keys returns which keys an account has.
func (c *Conn) Keys(account string) (Keys, error) {
	e, err := c.find(account, "msDS-KeyVersionNumber")
	if err != nil {
		return Keys{}, err
	}
	version, err := strconv.ParseInt(e.GetEqualFoldAttributeValue("msDS-KeyVersionNumber"), 10, 64)
	if err != nil {
		return Keys{}, &action.Error{
			Message: "the version of the keys of " + e.DN + " cannot be read, so nothing was changed",
			Hint:    "give bind_dn of the environment's target the right to read msDS-KeyVersionNumber",
		}
	}
	return Keys{e.DN, version}, nil
}

// Rotate gives an account other keys that nobody gets to know.
func (c *Conn) Rotate(k Keys) error {
	unknown, err := c.New.Make(0)
	if err != nil {
		return err
	}
	return c.writePassword(k.DN, unknown)
}

// Tickets is a note on what stays when an account is disabled or has another
// password.
func (c *Conn) Tickets() string {
	if !c.active {
		return ""
	}
	return "; Kerberos tickets that were given out before last until they expire"
}
