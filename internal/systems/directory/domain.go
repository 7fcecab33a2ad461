package directory

import (
	"slices"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/pkg/action"
)

// isActive is among the capabilities that an Active Directory has ([MS-ADTS]
// section 3.1.1.3.4.3).
const isActive = "1.2.840.113556.1.4.800"

// CheckKind says what is wrong if the directory is not of the kind that the
// target type is for; nil is nothing.
func (c *Conn) CheckKind() error {
	if !c.active {
		return nil
	}
	root, err := c.root("supportedCapabilities")
	if err != nil {
		return err
	}
	if slices.Contains(root.GetEqualFoldAttributeValues("supportedCapabilities"), isActive) {
		return nil
	}
	return &action.Error{
		Message:   c.String() + " is not an Active Directory",
		Hint:      "use a target of type ldap for it",
		Permanent: true,
	}
}

// CheckReplaces says why the directory cannot replace passwords; nil is that it
// can.
func (c *Conn) CheckReplaces() error {
	if c.active {
		return c.CheckKind()
	}
	root, err := c.root("supportedExtension")
	if err != nil || slices.Contains(root.GetEqualFoldAttributeValues("supportedExtension"), passwordModify) {
		return err
	}
	return &action.Error{
		Message: "the directory does not offer to replace passwords (RFC 3062)",
		Hint:    "use a target of type command or http for this directory",
	}
}

// CheckMayDisable says by what an Active Directory computes for the account
// that has signed in whether it may disable another one; nil is that it may, or
// that the directory does not tell.
func (c *Conn) CheckMayDisable(account string) error {
	if !c.active {
		return nil
	}
	e, err := c.find(account, "allowedAttributesEffective")
	if err != nil {
		return err
	}
	if slices.Contains(e.GetEqualFoldAttributeValues("allowedAttributesEffective"), controlAttr) {
		return nil
	}
	return &action.Error{
		Message:   "who signs in may not change " + controlAttr + " of " + e.DN,
		Hint:      "give bind_dn of the environment's target the right to write it",
		Permanent: true,
	}
}

// root returns what the directory says of itself (RFC 4512 section 5.1).
func (c *Conn) root(attributes ...string) (*ldap.Entry, error) {
	res, err := c.ldap.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false,
		"(objectClass=*)", attributes, nil))
	if err != nil {
		return nil, problem("could not read what "+c.String()+" supports", err, c.Password)
	}
	if len(res.Entries) != 1 {
		return &ldap.Entry{}, nil
	}
	return res.Entries[0], nil
}
