//go:build unix

package real

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Redis is a Redis server. Each of its users has the password that Password
// says: alice and bob are on, carol is off. IrctlRole may do what irctl needs,
// ViewerRole may look only.
type Redis struct{ *realtest.Process }

// StartRedis starts a server that keeps its users in an aclfile, and lets
// nobody in without a password.
func StartRedis(t testing.TB) *Redis {
	t.Helper()
	program := realtest.Need(t, "redis-server")
	realtest.Need(t, "redis-cli")
	return &Redis{redisDaemon(program, true).Start(t)}
}

// StartRedisWithoutFile starts one whose users stand in its redis.conf.
func StartRedisWithoutFile(t testing.TB) *Redis {
	t.Helper()
	return &Redis{redisDaemon(realtest.Need(t, "redis-server"), false).Start(t)}
}

func redisDaemon(program string, aclfile bool) realtest.Daemon {
	return realtest.Daemon{
		Ports: 1,
		Configure: func(at realtest.Place) error {
			user := func(name, rules string) string {
				return fmt.Sprintf("user %s %s #%x\n", name, rules, sha256.Sum256([]byte(Password(name))))
			}
			acl := "user default off\n" + user(superRole, "on ~* &* +@all") + user(IrctlRole, "on +@all") + user(ViewerRole, "on +ping +acl|getuser +acl|dryrun +client|list +info") +
				user("alice", "on ~portal:* resetchannels -@all +@read +ping") + user("bob", "on ~* +@all -@dangerous") + user("carol", "off ~* +@all")
			for _, name := range []string{"erin", "frank", "grace", "heidi"} {
				acl += user(name, "on ~"+name+":* +@all")
			}
			conf := fmt.Sprintf("bind %s\nport %d\ndir %s\nsave \"\"\n", at.Host(), at.Ports[0], at.Dir)
			if !aclfile {
				return at.Write("redis.conf", conf+acl)
			}
			if err := at.Write("users.acl", acl); err != nil {
				return err
			}
			return at.Write("redis.conf", conf+"aclfile "+at.File("users.acl")+"\n")
		},
		Command: func(at realtest.Place) *exec.Cmd { return at.Command(program, at.File("redis.conf")) },
		Ready: func(at realtest.Place) error {
			r := Redis{&realtest.Process{Place: at}}
			out, err := r.cli(superRole, Password(superRole), "CONFIG GET dir\n")
			if err == nil && !strings.Contains(out, at.Dir) {
				err = fmt.Errorf("another server answers: %s", out)
			}
			return err
		},
	}
}

// cli has Redis's own client send the lines that come in, as a user.
func (r *Redis) cli(user, password, lines string) (string, error) {
	cmd, err := r.client(user, password)
	if err != nil {
		return "", err
	}
	cmd.Stdin = strings.NewReader(lines)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("redis-cli: %w: %s", err, out)
	}
	return string(out), nil
}

func (r *Redis) client(user, password string) (*exec.Cmd, error) {
	path, err := realtest.Find("redis-cli")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, "-h", r.Host(), "-p", fmt.Sprint(r.Ports[0]), "--user", user, "--no-auth-warning")
	cmd.Env = append(os.Environ(), "REDISCLI_AUTH="+password)
	return cmd, nil
}

// Ask returns what the server answers somebody who may do everything.
func (r *Redis) Ask(t testing.TB, line string) string {
	t.Helper()
	out, err := r.cli(superRole, Password(superRole), line+"\n")
	require.NoError(t, err)
	return strings.TrimSpace(out)
}

// Accepts reports whether a user can sign in with a password.
func (r *Redis) Accepts(t testing.TB, user, password string) bool {
	t.Helper()
	out, err := r.cli(user, password, "PING\n")
	require.NoError(t, err)
	if strings.Contains(out, "PONG") {
		return true
	}
	require.Regexp(t, "WRONGPASS|NOAUTH", out)
	return false
}

// Users is all that the server knows of its users, as it keeps them in memory
// and in its file.
func (r *Redis) Users(t testing.TB) []string {
	t.Helper()
	file, err := os.ReadFile(r.File("users.acl"))
	require.NoError(t, err)
	return append(strings.Split(r.Ask(t, "ACL LIST"), "\n"), strings.Split(string(file), "\n")...)
}

// Open signs in and stays. It is no redis-cli, which would sign in again.
func (r *Redis) Open(t testing.TB, user, password string) *Session {
	t.Helper()
	conn, err := net.Dial("tcp", r.Address(0))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	s := &Session{conn, bufio.NewReader(conn)}
	require.True(t, s.Says(fmt.Sprintf("AUTH %s %q", user, password), "+OK"))
	return s
}
