//go:build unix

package real

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Postgres is PostgreSQL's server. Each role in its cluster has the password
// that Password says: alice and bob may sign in, carol may not. IrctlRole may
// change roles and end sessions, but is no superuser.
type Postgres struct{ *realtest.Process }

// Who signs in to a Postgres besides people.
const (
	IrctlRole  = "irctl"
	ViewerRole = "viewer" // may not change anything
	superRole  = "admin"
)

// StartPostgres starts a server with a new cluster, where everybody needs a
// password.
func StartPostgres(t testing.TB) *Postgres {
	t.Helper()
	server, initdb := realtest.Need(t, "postgres"), realtest.Need(t, "initdb")
	realtest.Need(t, "psql")
	return &Postgres{postgresDaemon(server, initdb).Start(t)}
}

func postgresDaemon(server, initdb string) realtest.Daemon {
	return realtest.Daemon{
		Ports: 1,
		User:  "postgres",
		Configure: func(at realtest.Place) error {
			if err := at.Write("first", Password(superRole)); err != nil {
				return err
			}
			if err := at.Own(); err != nil {
				return err
			}
			cmd := at.Command(initdb, "-D", at.File("data"), "-U", superRole, "--pwfile", at.File("first"), "-A", "scram-sha-256", "--no-sync", "--locale=C", "-E", "UTF8")
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("initdb: %w: %s", err, out)
			}
			return at.Write("data/postgresql.auto.conf", fmt.Sprintf(`listen_addresses = '%s'
port = %d
unix_socket_directories = '%s'
fsync = off
shared_buffers = 16MB
max_connections = 40
log_statement = all
`, at.Host(), at.Ports[0], at.Dir))
		},
		Command: func(at realtest.Place) *exec.Cmd { return at.Command(server, "-D", at.File("data")) },
		Ready: func(at realtest.Place) error {
			// The file in its folder holds this server's port once it is its own.
			pid, err := os.ReadFile(at.File("data/postmaster.pid"))
			if err != nil || !strings.Contains(string(pid), "ready") {
				return fmt.Errorf("it does not say that it is ready: %q, %v", pid, err)
			}
			return (&Postgres{&realtest.Process{Place: at}}).people()
		},
	}
}

// people makes the roles that are not there yet.
func (p *Postgres) people() error {
	sql := ""
	for name, options := range map[string]string{
		"alice": "LOGIN CONNECTION LIMIT 7", "bob": "LOGIN", "carol": "NOLOGIN", IrctlRole: "LOGIN CREATEROLE", ViewerRole: "LOGIN",
	} {
		sql += fmt.Sprintf("SELECT 'CREATE ROLE %s %s PASSWORD ''%s''' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%s') \\gexec\n", name, options, Password(name), name)
	}
	_, err := p.psql(superRole, Password(superRole), sql+"GRANT pg_signal_backend TO "+IrctlRole+";")
	return err
}

// psql has PostgreSQL's own client carry out what comes in, as a role.
func (p *Postgres) psql(role, password, sql string) (string, error) {
	cmd, err := p.client(role, password, "-qAt", "-v", "ON_ERROR_STOP=1")
	if err != nil {
		return "", err
	}
	cmd.Stdin = strings.NewReader(sql)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("psql: %w: %s", err, out)
	}
	return string(out), nil
}

func (p *Postgres) client(role, password string, args ...string) (*exec.Cmd, error) {
	path, err := realtest.Find("psql")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, append([]string{"-X", "-w", "-h", p.Host(), "-p", fmt.Sprint(p.Ports[0]), "-U", role, "-d", "postgres"}, args...)...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+password, "PGPASSFILE=/dev/null")
	return cmd, nil
}

// Ask returns what the server answers a superuser.
func (p *Postgres) Ask(t testing.TB, sql string) string {
	t.Helper()
	out, err := p.psql(superRole, Password(superRole), sql)
	require.NoError(t, err)
	return strings.TrimSpace(out)
}

// Accepts reports whether a role can sign in with a password.
func (p *Postgres) Accepts(t testing.TB, role, password string) bool {
	t.Helper()
	out, err := p.psql(role, password, "SELECT 'in'")
	if err != nil {
		require.True(t, strings.Contains(out, "password authentication failed") || strings.Contains(out, "not permitted to log in"), out)
	}
	return err == nil
}

// Roles is all that the server knows of the people's roles, with their
// passwords as it keeps them.
func (p *Postgres) Roles(t testing.TB) string {
	t.Helper()
	return p.Ask(t, "SELECT rolname, rolcanlogin, rolconnlimit, rolvaliduntil, rolpassword FROM pg_authid WHERE rolname !~ '^pg_' ORDER BY rolname")
}

// Session is something that somebody has open.
type Session struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// Open signs in and stays.
func (p *Postgres) Open(t testing.TB, role, password string) *Session {
	t.Helper()
	cmd, err := p.client(role, password, "-qAt")
	require.NoError(t, err)
	s := open(t, cmd)
	require.True(t, s.Says("SELECT 'here';", "here"))
	return s
}

// open starts a client that answers lines, until the test ends.
func open(t testing.TB, cmd *exec.Cmd) *Session {
	t.Helper()
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return &Session{in, bufio.NewReader(out)}
}

// Says reports whether a line is answered as expected: a session that has
// ended answers nothing.
func (s *Session) Says(line, want string) bool {
	if _, err := io.WriteString(s.in, line+"\n"); err != nil {
		return false
	}
	got, err := s.out.ReadString('\n')
	return err == nil && strings.TrimSpace(got) == want
}
