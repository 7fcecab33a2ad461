package lab

import (
	"bufio"
	"errors"
	"net"
	"sync"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// ldapServer speaks the part of LDAP (RFC 4511) that a directory of staff
// accounts needs: bind, search, modify, and the extended operations "password
// modify" (RFC 3062) and "who am I" (RFC 4532).
type ldapServer struct {
	directory *directory
	listener  net.Listener
	mu        sync.Mutex
	conns     map[net.Conn]bool
	closed    bool
	wg        sync.WaitGroup
}

const (
	oidPasswordModify = "1.3.6.1.4.1.4203.1.11.1"
	oidWhoAmI         = "1.3.6.1.4.1.4203.1.11.3"
)

// result is the end of an operation.
type result struct {
	code  uint16
	text  string // for people
	value []byte // of an extended response; nil is none
}

var answerTags = map[ber.Tag]ber.Tag{
	ldap.ApplicationBindRequest:     ldap.ApplicationBindResponse,
	ldap.ApplicationSearchRequest:   ldap.ApplicationSearchResultDone,
	ldap.ApplicationModifyRequest:   ldap.ApplicationModifyResponse,
	ldap.ApplicationAddRequest:      ldap.ApplicationAddResponse,
	ldap.ApplicationDelRequest:      ldap.ApplicationDelResponse,
	ldap.ApplicationModifyDNRequest: ldap.ApplicationModifyDNResponse,
	ldap.ApplicationCompareRequest:  ldap.ApplicationCompareResponse,
	ldap.ApplicationExtendedRequest: ldap.ApplicationExtendedResponse,
}

// serve accepts connections until close.
func (s *ldapServer) serve() error {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		if !s.begin(c) {
			_ = c.Close()
			return nil
		}
		go func() {
			defer s.end(c)
			s.talk(c)
		}()
	}
}

func (s *ldapServer) begin(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[c] = true
	s.wg.Add(1)
	return true
}

func (s *ldapServer) end(c net.Conn) {
	_ = c.Close()
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.wg.Done()
}

// close ends every connection and waits until what they had begun is done.
func (s *ldapServer) close() error {
	s.mu.Lock()
	s.closed = true
	err := s.listener.Close()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
	return err
}

// talk serves one connection, one operation at a time. What is not LDAP ends it.
func (s *ldapServer) talk(c net.Conn) {
	r := bufio.NewReader(c)
	var bound string // the DN the client has proved to be; "" is nobody
	for {
		p, err := ber.ReadPacket(r)
		if err != nil || len(p.Children) < 2 || p.Children[1].ClassType != ber.ClassApplication {
			return
		}
		id, ok := p.Children[0].Value.(int64)
		op := p.Children[1]
		if !ok || op.Tag == ldap.ApplicationUnbindRequest {
			return
		}
		if op.Tag == ldap.ApplicationAbandonRequest {
			continue // it asks for silence, and the operation is over anyway
		}
		answer, known := answerTags[op.Tag]
		if !known {
			return
		}
		entries, res := s.operate(&bound, op)
		for _, e := range entries {
			if _, err := c.Write(message(id, encodeEntry(e)).Bytes()); err != nil {
				return
			}
		}
		if _, err := c.Write(message(id, encodeResult(answer, res)).Bytes()); err != nil {
			return
		}
	}
}

func (s *ldapServer) operate(bound *string, op *ber.Packet) ([]entry, result) {
	switch op.Tag {
	case ldap.ApplicationBindRequest:
		return nil, s.bind(bound, op)
	case ldap.ApplicationSearchRequest:
		q, ok := decodeSearch(op)
		if !ok {
			return nil, malformed()
		}
		return s.directory.search(*bound, q)
	case ldap.ApplicationModifyRequest:
		dn, changes, ok := decodeModify(op)
		if !ok {
			return nil, malformed()
		}
		return nil, s.directory.modify(*bound, dn, changes)
	case ldap.ApplicationExtendedRequest:
		return nil, s.extended(*bound, op)
	}
	return nil, result{code: ldap.LDAPResultUnwillingToPerform, text: "the lab's directory cannot do this"}
}

func (s *ldapServer) bind(bound *string, op *ber.Packet) result {
	*bound = "" // a failed bind leaves the connection anonymous (RFC 4511 section 4.2.1)
	if len(op.Children) < 3 {
		return malformed()
	}
	name, auth := octets(op.Children[1]), op.Children[2]
	if auth.Tag != 0 {
		return result{code: ldap.LDAPResultAuthMethodNotSupported, text: "only simple binds"}
	}
	dn, res := s.directory.bind(name, octets(auth))
	*bound = dn
	return res
}

func (s *ldapServer) extended(bound string, op *ber.Packet) result {
	var oid string
	var value []byte
	for _, c := range op.Children {
		switch c.Tag {
		case 0:
			oid = octets(c)
		case 1:
			value = c.Data.Bytes()
		}
	}
	switch oid {
	case oidWhoAmI:
		if bound == "" {
			return result{value: []byte{}}
		}
		return result{value: []byte("dn:" + bound)}
	case oidPasswordModify:
		user, old, fresh, ok := decodePasswordModify(value)
		if !ok {
			return malformed()
		}
		return s.directory.passwordModify(bound, user, old, fresh)
	}
	return result{code: ldap.LDAPResultProtocolError, text: "this extended operation is not known here"}
}

func malformed() result {
	return result{code: ldap.LDAPResultProtocolError, text: "the request is malformed"}
}

// octets returns an OCTET STRING, whatever it is tagged with.
func octets(p *ber.Packet) string { return p.Data.String() }

// change is one part of a modify request.
type change struct {
	operation int64 // ldap.AddAttribute, ldap.DeleteAttribute, ldap.ReplaceAttribute
	attribute string
	values    []string
}

func decodeModify(op *ber.Packet) (dn string, changes []change, ok bool) {
	if len(op.Children) != 2 {
		return "", nil, false
	}
	for _, c := range op.Children[1].Children {
		if len(c.Children) != 2 || len(c.Children[1].Children) != 2 {
			return "", nil, false
		}
		operation, isInt := c.Children[0].Value.(int64)
		if !isInt {
			return "", nil, false
		}
		part := c.Children[1]
		one := change{operation: operation, attribute: octets(part.Children[0])}
		for _, v := range part.Children[1].Children {
			one.values = append(one.values, octets(v))
		}
		changes = append(changes, one)
	}
	return octets(op.Children[0]), changes, true
}

// query is a search request.
type query struct {
	base       string
	scope      int64
	filter     *ber.Packet
	attributes []string
	typesOnly  bool
}

func decodeSearch(op *ber.Packet) (query, bool) {
	if len(op.Children) != 8 {
		return query{}, false
	}
	scope, ok := op.Children[1].Value.(int64)
	typesOnly, ok2 := op.Children[5].Value.(bool)
	if !ok || !ok2 {
		return query{}, false
	}
	q := query{base: octets(op.Children[0]), scope: scope, typesOnly: typesOnly, filter: op.Children[6]}
	for _, a := range op.Children[7].Children {
		q.attributes = append(q.attributes, octets(a))
	}
	return q, true
}

// decodePasswordModify decodes PasswdModifyRequestValue (RFC 3062 section 2).
func decodePasswordModify(value []byte) (user, old, fresh string, ok bool) {
	if len(value) == 0 {
		return "", "", "", true
	}
	p, err := ber.DecodePacketErr(value)
	if err != nil {
		return "", "", "", false
	}
	for _, c := range p.Children {
		switch c.Tag {
		case 0:
			user = octets(c)
		case 1:
			old = octets(c)
		case 2:
			fresh = octets(c)
		}
	}
	return user, old, fresh, true
}

func message(id int64, op *ber.Packet) *ber.Packet {
	p := ber.NewSequence("")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	p.AppendChild(op)
	return p
}

func encodeResult(tag ber.Tag, r result) *ber.Packet {
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(r.code), ""))
	p.AppendChild(octetString(""))
	p.AppendChild(octetString(r.text))
	if r.value != nil {
		v := ber.Encode(ber.ClassContext, ber.TypePrimitive, 11, nil, "") // responseValue
		_, _ = v.Data.Write(r.value)
		p.AppendChild(v)
	}
	return p
}

func encodeEntry(e entry) *ber.Packet {
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
	p.AppendChild(octetString(e.dn))
	list := ber.NewSequence("")
	for _, a := range e.attributes {
		set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, v := range a.values {
			set.AppendChild(octetString(v))
		}
		one := ber.NewSequence("")
		one.AppendChild(octetString(a.name))
		one.AppendChild(set)
		list.AppendChild(one)
	}
	p.AppendChild(list)
	return p
}

func octetString(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

// encodeGenerated encodes PasswdModifyResponseValue (RFC 3062 section 2).
func encodeGenerated(password string) []byte {
	p := ber.NewSequence("")
	p.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, password, ""))
	return p.Bytes()
}
