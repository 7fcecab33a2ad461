package contract

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// postgresServer knows two roles: irctl, whom it trusts, and alice.
type postgresServer struct {
	tap
	faults actiontest.Faults
	req    action.Request

	mu       sync.Mutex
	login    bool
	verifier string // "" is the password "old"
	sessions int    // of alice
	beyond   bool   // alice is a superuser, and irctl is none
}

func startPostgres(t *testing.T, a action.Action) actiontest.StandIn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &postgresServer{login: a.Spec().Name != "account.enable", sessions: 2}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	s.req = request(t, a, "postgres", action.Values{"account": "alice"}, map[string]any{
		"address": l.Addr().String(), "admin": "irctl", "old_password": action.NewSecret("old"),
	})
	return s
}

func (s *postgresServer) Request() action.Request    { return s.req }
func (s *postgresServer) Faults() *actiontest.Faults { return &s.faults }

func (s *postgresServer) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("login %t, new password %t, %d sessions", s.login, s.verifier != "", s.sessions)
}

// serve speaks the protocol's version 3 (PostgreSQL, chapter "Frontend/Backend
// Protocol").
func (s *postgresServer) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	b := pgproto3.NewBackend(c, c)
	first, err := b.ReceiveStartupMessage()
	start, ok := first.(*pgproto3.StartupMessage)
	if err != nil || !ok || !s.admit(b, start.Parameters["user"]) {
		return
	}
	statements, sql := map[string]string{}, ""
	for {
		m, err := b.Receive()
		if err != nil {
			return
		}
		switch m := m.(type) {
		case *pgproto3.Terminate:
			return
		case *pgproto3.Query:
			if !s.execute(b, m.String) {
				return
			}
			b.Send(ready)
		case *pgproto3.Parse:
			statements[m.Name] = m.Query
			b.Send(&pgproto3.ParseComplete{})
		case *pgproto3.Describe:
			describe(b, statements[m.Name])
		case *pgproto3.Bind:
			sql = statements[m.PreparedStatement]
			b.Send(&pgproto3.BindComplete{})
		case *pgproto3.Execute:
			if !s.execute(b, sql) {
				return
			}
		case *pgproto3.Sync:
			b.Send(ready)
		}
		if b.Flush() != nil {
			return
		}
	}
}

var ready = &pgproto3.ReadyForQuery{TxStatus: 'I'}

// admit signs a role in.
func (s *postgresServer) admit(b *pgproto3.Backend, role string) bool {
	fault := s.faults.Next(false)
	if fault == actiontest.Lost || fault == actiontest.Unanswered {
		return false
	}
	if role != "irctl" {
		b.Send(&pgproto3.AuthenticationCleartextPassword{})
		if b.Flush() != nil || b.SetAuthType(pgproto3.AuthTypeCleartextPassword) != nil {
			return false
		}
		m, err := b.Receive()
		given, ok := m.(*pgproto3.PasswordMessage)
		if err != nil || !ok || !s.right(given.Password) {
			b.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: "password authentication failed"})
			_ = b.Flush()
			return false
		}
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}})
	b.Send(ready)
	return b.Flush() == nil
}

// right checks a password of alice's against the verifier (RFC 5803).
func (s *postgresServer) right(password string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.login || s.verifier == "" {
		return s.login && password == "old"
	}
	parts := strings.FieldsFunc(s.verifier, func(r rune) bool { return r == '$' || r == ':' })
	salt, _ := base64.StdEncoding.DecodeString(parts[2])
	salted, err := pbkdf2.Key(sha256.New, password, salt, 4096, sha256.Size)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, salted)
	mac.Write([]byte("Client Key"))
	stored := sha256.Sum256(mac.Sum(nil))
	return parts[3] == base64.StdEncoding.EncodeToString(stored[:])
}

// The types of columns, by their object ids.
const (
	boolean = 16
	int4    = 23
	int8    = 20
	textual = 25
)

func columns(sql string) []uint32 {
	switch {
	case strings.Contains(sql, "server_version_num"):
		return []uint32{int4, boolean, boolean, boolean, boolean}
	case strings.Contains(sql, "m.rolcanlogin"):
		return []uint32{textual}
	case strings.Contains(sql, "rolcanlogin"):
		return []uint32{boolean, boolean}
	case strings.Contains(sql, "pg_terminate_backend"):
		return []uint32{boolean}
	case strings.Contains(sql, "count(*)"):
		return []uint32{int8}
	case strings.Contains(sql, "pg_hba_file_rules"):
		return []uint32{int4, textual, textual, textual}
	}
	return nil
}

func describe(b *pgproto3.Backend, sql string) {
	var parameters []uint32
	if strings.Contains(sql, "$1") {
		parameters = []uint32{25}
	}
	b.Send(&pgproto3.ParameterDescription{ParameterOIDs: parameters})
	var fields []pgproto3.FieldDescription
	for _, oid := range columns(sql) {
		fields = append(fields, pgproto3.FieldDescription{Name: []byte("c"), DataTypeOID: oid, DataTypeSize: -1, TypeModifier: -1, Format: 1})
	}
	b.Send(&pgproto3.RowDescription{Fields: fields})
}

// execute carries a statement out and answers it; false ends the connection.
func (s *postgresServer) execute(b *pgproto3.Backend, sql string) bool {
	s.saw(statement(sql))
	changes := strings.HasPrefix(sql, "ALTER ROLE") || strings.Contains(sql, "pg_terminate_backend")
	fault := s.faults.Next(changes)
	switch fault {
	case actiontest.Lost:
		return false
	case actiontest.Refused:
		b.Send(&pgproto3.ErrorResponse{Severity: "ERROR", Code: "42501", Message: "permission denied"})
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var row [][]byte
	switch {
	case strings.Contains(sql, "server_version_num"):
		row = [][]byte{binary.BigEndian.AppendUint32(nil, 160000), {0}, {1}, {1}, {0}}
	case strings.Contains(sql, "m.rolcanlogin"): // nobody may act as alice
	case strings.Contains(sql, "rolcanlogin"):
		row = [][]byte{{0}, {0}}
		if s.beyond {
			row[1][0] = 1
		}
		if s.login {
			row[0][0] = 1
		}
	case strings.Contains(sql, "pg_terminate_backend"):
		s.sessions = 0
		row = [][]byte{{1}}
	case strings.Contains(sql, "count(*)"):
		row = [][]byte{binary.BigEndian.AppendUint64(nil, uint64(s.sessions))}
	case strings.HasSuffix(sql, " NOLOGIN"):
		s.login = false
	case strings.HasSuffix(sql, " LOGIN"):
		s.login = true
	case strings.Contains(sql, " PASSWORD '"):
		_, after, _ := strings.Cut(sql, " PASSWORD '")
		s.verifier = strings.TrimSuffix(after, "'")
	}
	if fault == actiontest.Unanswered {
		return false
	}
	if row != nil {
		b.Send(&pgproto3.DataRow{Values: row})
	}
	b.Send(&pgproto3.CommandComplete{CommandTag: []byte("OK 1")})
	return true
}
