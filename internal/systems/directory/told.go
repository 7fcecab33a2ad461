package directory

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/irctl/irctl/internal/sent"
)

// told tells the log of the attempt what it asks the directory.
type told struct {
	*ldap.Conn
	ctx  context.Context // of the connection
	name string
}

// Bind signs in.
func (t told) Bind(dn, password string) error {
	sent.Say(t.ctx, t.name+": sign in as "+dn)
	return t.Conn.Bind(dn, password)
}

// Search looks.
func (t told) Search(r *ldap.SearchRequest) (*ldap.SearchResult, error) {
	sent.Say(t.ctx, fmt.Sprintf("%s: search %q for %s", t.name, r.BaseDN, r.Filter))
	return t.Conn.Search(r)
}

// Modify changes an entry.
func (t told) Modify(r *ldap.ModifyRequest) error {
	text := t.name + ": modify " + r.DN
	for i, c := range r.Changes {
		verb := map[uint]string{ldap.AddAttribute: "add", ldap.DeleteAttribute: "delete", ldap.ReplaceAttribute: "replace"}[c.Operation]
		values := strings.Join(c.Modification.Vals, ", ")
		if kind := strings.ToLower(c.Modification.Type); kind == "unicodepwd" || kind == "userpassword" {
			values = "(not shown)"
		}
		text += fmt.Sprintf("%s %s %s: %s", [2]string{":", ","}[min(i, 1)], verb, c.Modification.Type, values)
	}
	sent.Say(t.ctx, text)
	return t.Conn.Modify(r)
}

// PasswordModify sets a password (RFC 3062).
func (t told) PasswordModify(r *ldap.PasswordModifyRequest) (*ldap.PasswordModifyResult, error) {
	sent.Say(t.ctx, t.name+": set the password of "+r.UserIdentity)
	return t.Conn.PasswordModify(r)
}
