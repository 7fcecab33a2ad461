package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

const (
	generalizedTime = "20060102150405Z" // RFC 4517 section 3.3.13
	lockedAttribute = "pwdAccountLockedTime"
	changedAt       = "pwdChangedTime"
	passwordAttr    = "userPassword"
)

// directory is the company's directory: dc=example,dc=com with staff in
// ou=people, borrowers in ou=borrowers, and the group cn=admins.
type directory struct {
	company       *company
	adminPassword string
}

// entry is an entry as a search sees it.
type entry struct {
	dn          string
	attributes  []attribute
	operational []attribute // returned only when asked for by name or with "+" (RFC 3673)
}

type attribute struct {
	name   string
	values []string
}

func (e entry) values(name string) []string {
	for _, a := range slices.Concat(e.attributes, e.operational) {
		if strings.EqualFold(a.name, name) {
			return a.values
		}
	}
	return nil
}

func (d *directory) bind(dn, password string) (bound string, r result) {
	switch {
	case dn == "" && password == "":
		return "", result{}
	case password == "":
		// RFC 4513 section 5.1.2: a name without a password proves nothing.
		return "", result{code: ldap.LDAPResultUnwillingToPerform, text: "a bind with a name needs a password"}
	case sameDN(dn, adminDN):
		if password == d.adminPassword {
			return adminDN, result{}
		}
	default:
		d.company.look(func(data *companyData) {
			if a := data.byDN(dn); a.accepts(password) {
				bound = a.dn()
			}
		})
		if bound != "" {
			return bound, result{}
		}
	}
	return "", result{code: ldap.LDAPResultInvalidCredentials}
}

func (d *directory) search(bound string, q query) (found []entry, r result) {
	if q.base == "" && q.scope == ldap.ScopeBaseObject {
		return []entry{pick(rootDSE(), q)}, result{}
	}
	if bound == "" {
		return nil, result{code: ldap.LDAPResultInsufficientAccessRights, text: "bind first"}
	}
	var all []entry
	d.company.look(func(data *companyData) { all = data.entries() })
	based := false
	for _, e := range all {
		if sameDN(e.dn, q.base) {
			based = true
		}
		if inScope(e.dn, q.base, q.scope) && matches(e, q.filter) {
			found = append(found, pick(e, q))
		}
	}
	if !based {
		return nil, result{code: ldap.LDAPResultNoSuchObject}
	}
	return found, result{}
}

// pick keeps the attributes that a search asks for. Passwords never leave.
func pick(e entry, q query) entry {
	wanted := func(name string, all string) bool {
		return slices.ContainsFunc(q.attributes, func(a string) bool { return a == all || strings.EqualFold(a, name) })
	}
	out := entry{dn: e.dn}
	for _, a := range e.attributes {
		if len(q.attributes) == 0 || wanted(a.name, "*") {
			out.attributes = append(out.attributes, a)
		}
	}
	for _, a := range e.operational {
		if wanted(a.name, "+") {
			out.attributes = append(out.attributes, a)
		}
	}
	if q.typesOnly {
		for i := range out.attributes {
			out.attributes[i].values = nil
		}
	}
	return out
}

func (d *directory) modify(bound, dn string, changes []change) (r result) {
	if bound != adminDN {
		return result{code: ldap.LDAPResultInsufficientAccessRights, text: "only the directory's administrator changes entries"}
	}
	err := d.company.change(func(data *companyData) []Entry {
		a := data.byDN(dn)
		if a == nil {
			r = result{code: ldap.LDAPResultNoSuchObject}
			return nil
		}
		changed := *a
		var entries []Entry
		for _, c := range changes {
			e, res := d.applyChange(&changed, c)
			if res.code != ldap.LDAPResultSuccess {
				r = res
				return nil // all changes or none (RFC 4511 section 4.6)
			}
			entries = append(entries, e)
		}
		*a = changed
		return entries
	})
	if err != nil {
		return result{code: ldap.LDAPResultOther, text: err.Error()}
	}
	return r
}

func (d *directory) applyChange(a *account, c change) (Entry, result) {
	remove := c.operation == ldap.DeleteAttribute || c.operation == ldap.ReplaceAttribute && len(c.values) == 0
	if !remove && len(c.values) != 1 {
		return Entry{}, result{code: ldap.LDAPResultConstraintViolation, text: c.attribute + " takes one value"}
	}
	switch {
	case strings.EqualFold(c.attribute, lockedAttribute):
		return a.lock(c, remove)
	case strings.EqualFold(c.attribute, passwordAttr) && !remove:
		return d.setPassword(a, c.values[0]), result{}
	case strings.EqualFold(c.attribute, passwordAttr):
		return Entry{}, result{code: ldap.LDAPResultNoSuchAttribute, text: "the account does not have this password"}
	}
	return Entry{}, result{code: ldap.LDAPResultInsufficientAccessRights, text: c.attribute + " cannot be changed like this"}
}

func (a *account) lock(c change, remove bool) (Entry, result) {
	was := a.Locked
	switch {
	case !remove && c.operation == ldap.AddAttribute && was != "":
		return Entry{}, result{code: ldap.LDAPResultAttributeOrValueExists, text: "the account is locked already"}
	case !remove:
		if _, err := time.Parse(generalizedTime, c.values[0]); err != nil && c.values[0] != "000001010000Z" {
			return Entry{}, result{code: ldap.LDAPResultInvalidAttributeSyntax, text: "a time like 20060102150405Z, or 000001010000Z for good"}
		}
		a.Locked = c.values[0]
		return Entry{System: "directory", Effect: AccountLocked, Detail: a.UID, Duplicate: was != ""}, result{}
	case c.operation == ldap.DeleteAttribute && was == "",
		len(c.values) == 1 && c.values[0] != was:
		return Entry{}, result{code: ldap.LDAPResultNoSuchAttribute, text: "the account is not locked"}
	}
	a.Locked = ""
	return Entry{System: "directory", Effect: AccountUnlocked, Detail: a.UID, Duplicate: was == ""}, result{}
}

func (d *directory) setPassword(a *account, password string) Entry {
	same := checkPassword(a.Password, password)
	if !same {
		a.Password = hashPassword(password)
	}
	a.Changed = d.company.now().UTC()
	return Entry{System: "directory", Effect: PasswordChanged, Detail: a.UID, Duplicate: same}
}

// passwordModify is the extended operation of RFC 3062. The administrator sets
// anybody's password, everybody else their own and only with the old one. No
// new password asks the directory to make one up.
func (d *directory) passwordModify(bound, user, old, fresh string) (r result) {
	if bound == "" {
		return result{code: ldap.LDAPResultInsufficientAccessRights, text: "bind first"}
	}
	user = cmp.Or(user, bound)
	if fresh == "" {
		fresh = newToken()
		r.value = encodeGenerated(fresh)
	}
	refuse := func(code uint16, text string) []Entry { r = result{code: code, text: text}; return nil }
	err := d.company.change(func(data *companyData) []Entry {
		a := data.byIdentity(user)
		switch {
		case a == nil:
			return refuse(ldap.LDAPResultNoSuchObject, "there is no such account")
		case bound != adminDN && !sameDN(bound, a.dn()):
			return refuse(ldap.LDAPResultInsufficientAccessRights, "only your own password")
		case (bound != adminDN || old != "") && !checkPassword(a.Password, old):
			return refuse(ldap.LDAPResultUnwillingToPerform, "the old password is not right")
		case len(fresh) < 8:
			return refuse(ldap.LDAPResultConstraintViolation, "a password has at least 8 characters")
		}
		return []Entry{d.setPassword(a, fresh)}
	})
	if err != nil {
		return result{code: ldap.LDAPResultOther, text: err.Error()}
	}
	return r
}

func (a *account) dn() string { return fmt.Sprintf("uid=%s,ou=%s,%s", a.UID, a.Unit, baseDN) }

func (d *companyData) byDN(dn string) *account {
	for _, a := range d.Accounts {
		if sameDN(a.dn(), dn) {
			return a
		}
	}
	return nil
}

// byIdentity finds an account by its DN or by an authzId (RFC 4513 section 5.2.1.8).
func (d *companyData) byIdentity(id string) *account {
	if uid, ok := strings.CutPrefix(id, "u:"); ok {
		return d.account(uid)
	}
	return d.byDN(strings.TrimPrefix(id, "dn:"))
}

func (d *companyData) entries() []entry {
	out := []entry{
		plainEntry(baseDN, "objectClass", "domain", "dc", "example", "description", Company),
		plainEntry("ou=people,"+baseDN, "objectClass", "organizationalUnit", "ou", "people"),
		plainEntry("ou=borrowers,"+baseDN, "objectClass", "organizationalUnit", "ou", "borrowers"),
		plainEntry(policyDN, "objectClass", "pwdPolicy", "cn", "policy", "pwdLockout", "TRUE"),
	}
	group := plainEntry("cn="+adminGroup+","+baseDN, "objectClass", "groupOfNames", "cn", adminGroup)
	var members []string
	for _, a := range d.Accounts {
		e := plainEntry(a.dn(), "objectClass", "inetOrgPerson", "uid", a.UID, "cn", a.Name,
			"sn", a.Name[strings.LastIndexByte(a.Name, ' ')+1:], "mail", a.Mail, "title", a.Title)
		e.operational = append(e.operational, attribute{changedAt, []string{a.Changed.UTC().Format(generalizedTime)}})
		if a.Locked != "" {
			e.operational = append(e.operational, attribute{lockedAttribute, []string{a.Locked}})
		}
		if privileged(a.UID) {
			members = append(members, a.dn())
			e.operational = append(e.operational, attribute{"memberOf", []string{group.dn}})
		}
		out = append(out, e)
	}
	group.attributes = append(group.attributes, attribute{"member", members})
	return append(out, group)
}

func plainEntry(dn string, pairs ...string) entry {
	e := entry{dn: dn}
	for i := 0; i < len(pairs); i += 2 {
		e.attributes = append(e.attributes, attribute{pairs[i], []string{pairs[i+1]}})
	}
	return e
}

func rootDSE() entry {
	e := plainEntry("", "objectClass", "top")
	e.operational = []attribute{
		{"namingContexts", []string{baseDN}},
		{"supportedLDAPVersion", []string{"3"}},
		{"supportedExtension", []string{oidPasswordModify, oidWhoAmI}},
	}
	return e
}

// sameDN compares two names as RFC 4517 does. What is no name equals nothing.
func sameDN(a, b string) bool {
	x, err := ldap.ParseDN(a)
	if err != nil {
		return false
	}
	y, err := ldap.ParseDN(b)
	return err == nil && x.EqualFold(y)
}

func inScope(dn, base string, scope int64) bool {
	d, err := ldap.ParseDN(dn)
	if err != nil {
		return false
	}
	b, err := ldap.ParseDN(base)
	if err != nil {
		return false
	}
	below := b.AncestorOfFold(d)
	switch scope {
	case ldap.ScopeBaseObject:
		return b.EqualFold(d)
	case ldap.ScopeSingleLevel:
		return below && len(d.RDNs) == len(b.RDNs)+1
	}
	return below || b.EqualFold(d)
}
