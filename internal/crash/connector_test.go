//go:build unix

package crash

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// people is a system that irctl does not know: a directory with an API of its own.
type people struct {
	*httptest.Server
	mu     sync.Mutex
	status map[string]string
	words  map[string]string // passwords
	puts   []string
	struck func() // is called when the first change was made, before its answer
}

func newPeople(t *testing.T) *people {
	p := &people{status: map[string]string{}, words: map[string]string{}}
	for _, name := range []string{"alice", "bob", "carol"} {
		p.status[name], p.words[name] = "active", "old"
	}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *people) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer people-token" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var in map[string]string
	_ = json.NewDecoder(r.Body).Decode(&in)
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	w.Header().Set("Content-Type", "application/json")
	out := map[string]string{}
	switch {
	case parts[0] == "me":
		out["name"] = "irctl"
	case parts[0] == "login" && p.words[in["user"]] != in["password"]:
		w.WriteHeader(http.StatusNotFound)
	case parts[0] == "login":
		out["id"] = in["user"]
	case len(parts) < 2 || p.status[parts[1]] == "":
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodPut:
		name := parts[1]
		p.puts = append(p.puts, name+" "+parts[2])
		if parts[2] == "password" {
			p.words[name] = in["password"]
		} else {
			p.status[name] = in["status"]
		}
		if p.struck != nil {
			p.struck()
			p.struck = nil
			panic(http.ErrAbortHandler)
		}
	default:
		out["id"], out["status"] = parts[1], p.status[parts[1]]
	}
	_ = json.NewEncoder(w).Encode(out)
}

// with has the company's directory be a target of a connector.
func (p *people) with(c *company) {
	c.t.Helper()
	source, err := os.ReadFile(filepath.Join("testdata", "people.yaml"))
	require.NoError(c.t, err)
	require.Less(c.t, bytes.Count(source, []byte("\n")), 60)
	require.NoError(c.t, os.MkdirAll(filepath.Join(c.dir, "connectors"), 0o700))
	for _, name := range []string{"people.yaml", "people.test.yaml", "people.openapi.yaml"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(c.t, err)
		require.NoError(c.t, os.WriteFile(filepath.Join(c.dir, "connectors", name), text, 0o600))
	}
	env, err := os.ReadFile(c.env)
	require.NoError(c.t, err)
	directory := regexp.MustCompile(`(?s)  directory:\n.*?\n\n`)
	require.True(c.t, directory.Match(env))
	env = directory.ReplaceAllLiteral(env, []byte("  directory:\n    type: people\n    config: {url: '"+p.URL+"', token: {secret: DIRECTORY_PASSWORD}}\n\n"))
	require.NoError(c.t, os.WriteFile(c.env, env, 0o600))
	require.NoError(c.t, os.WriteFile(filepath.Join(c.dir, "secrets", "directory-password"), []byte("people-token\n"), 0o600))
}

// The runbook is as it is shipped; the directory is a system that is described in a
// file. irctl dies between a request that was carried out and its answer: the next
// process finds out by a look, and nobody gets a second password.
func TestContainmentOverAConnectorKilledBetweenRequestAndAnswer(t *testing.T) {
	c, p := newCompany(t), newPeople(t)
	p.with(c)
	for _, command := range [][]string{
		{"validate", "connectors/people.yaml"}, {"connector", "test", "people"}, {"environment", "check"}, {"target", "check", "directory"}, {"plan", "containment", "-i", "incident=INC-1"},
	} {
		shown := c.look(command...)
		require.Zero(t, shown.code, "%v: %s%s", command, shown.stdout, shown.stderr)
	}
	require.Empty(t, p.puts, "nothing was changed by looking")

	kills := 0
	driver := make(chan func(), 1)
	p.struck = func() { (<-driver)() }
	for range 12 {
		args := c.next()
		if args == nil {
			break
		}
		cmd := child.Command(t, c.home, []string{"IRCTL_ENV=" + c.env}, args...)
		cmd.Dir = c.dir
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		require.NoError(t, cmd.Start())
		select {
		case <-driver:
		default:
		}
		driver <- func() { require.NoError(t, cmd.Process.Kill()) }
		_, killed, err := child.Ended(cmd.Wait())
		require.NoError(t, err)
		if killed { // what lies in the folder from now on is not what the run began with
			kills++
			require.NoError(t, os.Remove(filepath.Join(c.dir, "connectors", "people.yaml")))
		}
	}
	require.Equal(t, 1, kills)
	s, _ := c.status()
	require.Equal(t, "succeeded", s.Status, "%v", s)
	counted := map[string]int{}
	for _, put := range p.puts {
		counted[put]++
	}
	require.NotEmpty(t, counted)
	for put, n := range counted {
		require.Equal(t, 1, n, put)
	}
	for name, word := range p.words {
		if counted[name+" password"] == 1 {
			require.NotEqual(t, "old", word)
			require.GreaterOrEqual(t, len(word), 16)
		}
	}
	c.verifies(c.run)
	logs := c.look("logs", c.run)
	require.Contains(t, logs.stdout, "PUT "+p.URL+"/v1/users/")
	for _, word := range append([]string{"people-token"}, p.words["alice"], p.words["bob"]) {
		if word != "old" {
			require.NotContains(t, logs.stdout, word)
		}
	}
}
