package contract

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"github.com/irctl/irctl/internal/actiontest"
)

// answer carries out a request. keep is false when the connection is to end.
func (s *directoryServer) answer(who *string, p *ber.Packet) (replies []*ber.Packet, keep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	op := p.Children[1]
	s.saw(operation(op))
	answers, changing := map[ber.Tag]ber.Tag{
		ldap.ApplicationModifyRequest:   ldap.ApplicationModifyResponse,
		ldap.ApplicationExtendedRequest: ldap.ApplicationExtendedResponse,
	}[op.Tag]
	switch s.faults.Next(changing) {
	case actiontest.Lost:
		return nil, false
	case actiontest.Refused:
		return one(answers, ldap.LDAPResultInsufficientAccessRights, ""), true
	case actiontest.Unanswered:
		defer func() { keep = false }()
	}
	switch op.Tag {
	case ldap.ApplicationBindRequest:
		dn, password := text(op.Children[1]), op.Children[2].Data.String()
		if dn == directoryAdmin && password == directoryPassword {
			*who = dn
			return one(ldap.ApplicationBindResponse, 0, ""), true
		}
		e := s.entry(dn)
		right := e != nil && e.Password == password
		disabled := right && (e.Attributes["pwdaccountlockedtime"] != nil || slices.Equal(e.Attributes["useraccountcontrol"], []string{"514"}))
		if right && !disabled {
			*who = dn
			return one(ldap.ApplicationBindResponse, 0, ""), true
		}
		why := ""
		if s.active { // [MS-ADTS] section 5.1.1.1.1
			why = "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data " + map[bool]string{true: "533", false: "52e"}[disabled] + ", v1db1"
		}
		return one(ldap.ApplicationBindResponse, ldap.LDAPResultInvalidCredentials, why), true
	case ldap.ApplicationSearchRequest:
		return s.search(op), true
	case ldap.ApplicationModifyRequest:
		return s.modify(*who, p), true
	case ldap.ApplicationExtendedRequest:
		return s.extended(*who, op)
	}
	return nil, false
}

func (s *directoryServer) search(op *ber.Packet) []*ber.Packet {
	done := one(ldap.ApplicationSearchResultDone, 0, "")
	if text(op.Children[0]) == "" {
		e := &directoryEntry{Attributes: map[string][]string{"supportedExtension": {"1.3.6.1.4.1.4203.1.11.1"}}}
		if s.NoPasswordModify {
			e.Attributes = nil
		}
		if s.active {
			e.Attributes = map[string][]string{
				"supportedCapabilities": {"1.2.840.113556.1.4.800"}, "defaultNamingContext": {"dc=example,dc=com"},
				"ldapServiceName": {"example.com:dc1$@EXAMPLE.COM"},
			}
		}
		return append([]*ber.Packet{found(e)}, done...)
	}
	if _, err := ldap.DecompileFilter(op.Children[6]); err != nil {
		return one(ldap.ApplicationSearchResultDone, ldap.LDAPResultProtocolError, "")
	}
	var out []*ber.Packet
	for _, e := range s.entries {
		if (e.DN == text(op.Children[0]) || strings.HasSuffix(e.DN, ","+text(op.Children[0]))) && e.matches(op.Children[6]) {
			if limit, _ := op.Children[3].Value.(int64); limit > 0 && len(out) == int(limit) {
				return append(out, one(ldap.ApplicationSearchResultDone, ldap.LDAPResultSizeLimitExceeded, "")...)
			}
			out = append(out, found(e))
		}
	}
	return append(out, done...)
}

// matches knows and, or, presence and equality.
func (e *directoryEntry) matches(f *ber.Packet) bool {
	switch f.Tag {
	case ldap.FilterAnd:
		return !slices.ContainsFunc(f.Children, func(c *ber.Packet) bool { return !e.matches(c) })
	case ldap.FilterOr:
		return slices.ContainsFunc(f.Children, e.matches)
	case ldap.FilterPresent:
		return len(e.Attributes[strings.ToLower(f.Data.String())]) > 0
	case ldap.FilterEqualityMatch:
		return slices.Contains(e.Attributes[strings.ToLower(text(f.Children[0]))], text(f.Children[1]))
	}
	return false
}

func (s *directoryServer) modify(who string, p *ber.Packet) []*ber.Packet {
	op := p.Children[1]
	relaxed := len(p.Children) > 2 && strings.Contains(p.Children[2].Children[0].Children[0].Data.String(), "1.3.6.1.4.1.4203.666.5.12")
	e := s.entry(text(op.Children[0]))
	switch {
	case who != directoryAdmin:
		return one(ldap.ApplicationModifyResponse, ldap.LDAPResultInsufficientAccessRights, "")
	case e == nil:
		return one(ldap.ApplicationModifyResponse, ldap.LDAPResultNoSuchObject, "")
	case s.Operational && !relaxed:
		return one(ldap.ApplicationModifyResponse, ldap.LDAPResultConstraintViolation, "no user modification allowed")
	}
	for _, c := range op.Children[1].Children {
		name := strings.ToLower(text(c.Children[1].Children[0]))
		var values []string
		for _, v := range c.Children[1].Children[1].Children {
			values = append(values, text(v))
		}
		was := e.Attributes[name]
		switch operation, _ := c.Children[0].Value.(int64); {
		case name == "unicodepwd":
			e.setQuoted(values[0])
		case operation == ldap.DeleteAttribute && !slices.Equal(was, values):
			return one(ldap.ApplicationModifyResponse, ldap.LDAPResultNoSuchAttribute, "")
		case operation == ldap.DeleteAttribute || len(values) == 0:
			delete(e.Attributes, name)
		default:
			e.Attributes[name] = values
		}
	}
	s.changes++
	return one(ldap.ApplicationModifyResponse, 0, "")
}

// setQuoted reads a password as an Active Directory takes it ([MS-ADTS] section
// 3.1.1.3.1.5). There the keys get a version more.
func (e *directoryEntry) setQuoted(text string) {
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16([]byte(text[2*i:]))
	}
	e.Password = strings.Trim(string(utf16.Decode(units)), `"`)
	if v := e.Attributes["msds-keyversionnumber"]; v != nil {
		n, _ := strconv.Atoi(v[0])
		e.Attributes["msds-keyversionnumber"] = []string{strconv.Itoa(n + 1)}
	}
}

func (s *directoryServer) extended(who string, op *ber.Packet) (replies []*ber.Packet, keep bool) {
	if op.Children[0].Data.String() != "1.3.6.1.4.1.4203.1.11.1" || len(op.Children) < 2 {
		return one(ldap.ApplicationExtendedResponse, ldap.LDAPResultProtocolError, ""), true
	}
	value, err := ber.DecodePacketErr(op.Children[1].Data.Bytes())
	if err != nil {
		value = op.Children[1].Children[0]
	}
	var dn, password string
	for _, c := range value.Children {
		switch c.Tag {
		case 0:
			dn = c.Data.String()
		case 2:
			password = c.Data.String()
		}
	}
	e := s.entry(dn)
	switch {
	case who != directoryAdmin:
		return one(ldap.ApplicationExtendedResponse, ldap.LDAPResultInsufficientAccessRights, ""), true
	case e == nil:
		return one(ldap.ApplicationExtendedResponse, ldap.LDAPResultNoSuchObject, ""), true
	case s.RefusePassword:
		return one(ldap.ApplicationExtendedResponse, ldap.LDAPResultConstraintViolation, "\x1b[31mtoo weak: "+password), true
	}
	if e.Password == password {
		return one(ldap.ApplicationExtendedResponse, ldap.LDAPResultConstraintViolation, "Password is not being changed from existing value"), true
	}
	e.Password = password
	delete(e.Attributes, "pwdaccountlockedtime") // as OpenLDAP's password policy does
	s.changes++
	return one(ldap.ApplicationExtendedResponse, 0, ""), !s.LoseAnswer
}

func (s *directoryServer) entry(dn string) *directoryEntry {
	for _, e := range s.entries {
		if e.DN == dn {
			return e
		}
	}
	return nil
}

func one(tag ber.Tag, code int64, message string) []*ber.Packet {
	r := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	r.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	r.AppendChild(octets(""))
	r.AppendChild(octets(message))
	return []*ber.Packet{r}
}

func found(e *directoryEntry) *ber.Packet {
	r := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
	r.AppendChild(octets(e.DN))
	list := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	for name, values := range e.Attributes {
		a := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		a.AppendChild(octets(name))
		set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, v := range values {
			set.AppendChild(octets(v))
		}
		a.AppendChild(set)
		list.AppendChild(a)
	}
	r.AppendChild(list)
	return r
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func text(p *ber.Packet) string { return p.Data.String() }
