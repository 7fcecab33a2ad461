//go:build unix

package real

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// hostile is the name of the host: a value that would be a program in a shell,
// another path in a URL and more members in JSON, if it were not data.
const hostile = `web1'; rm -rf "$HOME"; echo ../x?a=b", "z`

// TestAPlaybookFromEndToEnd runs a playbook with every type of step, and every
// type of command that irctl executes, as it is: against a server of HTTP, an
// SSH server, and a PowerShell that is a script, because there is none here.
func TestAPlaybookFromEndToEnd(t *testing.T) {
	f := newFirewall(t)
	o, ledger := playbookOffice(t, f)
	contain := o.path("contain.json")
	inputs := []string{"--input", "host=" + hostile, "--input", "ledger=" + ledger}

	valid := o.must("validate", contain, o.path("note.json"), o.path("contain.bindings.yaml"), "--env", o.path("environment.yaml")).text()
	require.NotContains(t, valid, "[IR07", "the playbooks and what they ask of the environment")
	planned := o.must(append([]string{"plan", contain}, inputs...)...)
	require.Contains(t, planned.stdout, "block-at-the-firewall-do  cacao.http on Firewall  cannot know")
	require.Contains(t, strings.Join(strings.Fields(planned.stdout), " "), "verdict = null")
	require.Empty(t, f.asked(), "a plan touches nothing")
	require.NoFileExists(t, ledger)

	e := o.irctl(append([]string{"run", contain}, inputs...)...)
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, e.stdout, "is it malicious? Rule r-7, seen 1, sid S-1-5-21, passes 2.")
	require.Equal(t, []string{
		`POST /rules/web1%27%3B%20rm%20-rf%20%22%24HOME%22%3B%20echo%20..%2Fx%3Fa%3Db%22%2C%20%22z {"address": ` + quoted(t, hostile) + `}`,
	}, f.asked())
	run := o.status().Run
	o.must("done", run, "say-what-it-is/say-what-it-is-do", "--set", "verdict=malicious")
	require.Contains(t, o.must("resume", run).stdout, "run  ended succeeded")

	require.Equal(t, `POST /openc2 {"action":"deny","target":{"ipv4_net":`+quoted(t, hostile)+`}}`, f.asked()[1])
	written, err := os.ReadFile(ledger)
	require.NoError(t, err)
	require.Equal(t, "seen "+hostile+"\nblocked r-7\nnote none\n", string(written))
	require.Contains(t, o.must("status", run).stdout, "succeeded")
	require.Contains(t, o.must("audit", "verify", run).stdout, "intact")
	script, err := os.ReadFile(o.path("powershell"))
	require.NoError(t, err)
	require.NotContains(t, string(script), "rm -rf", "the value is base64 in what PowerShell gets")
}

// playbookOffice has the playbooks, and an environment that binds their
// targets to a firewall and an SSH server. It returns the file that the
// commands write, too.
func playbookOffice(t *testing.T, f *firewall) (*office, string) {
	t.Helper()
	o := newOffice(t, "    type: http-api\n    config: {url: "+f.URL+"}\n")
	bin := filepath.Join(o.dir, "bin")
	require.NoError(t, os.Mkdir(bin, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "pwsh"), []byte("#!/bin/sh\nbase64 -d > "+o.path("powershell")+"\necho S-1-5-21\n"), 0o700))
	sshd := realtest.StartSSHD(t, "SetEnv PATH="+bin+":/usr/bin:/bin")
	env, err := os.ReadFile(o.path("environment.yaml"))
	require.NoError(t, err)
	o.write("environment.yaml", string(env)+"  box:\n    type: ssh\n    config: "+strings.Replace(sshd.Via(), "{ssh:", "{host:", 1)+`
playbooks:
  bind: {Firewall: system, Jump host: box}
`)
	names, err := filepath.Glob("testdata/playbooks/*")
	require.NoError(t, err)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		o.write(filepath.Base(name), string(text))
	}
	return o, o.path("ledger")
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	out, err := json.Marshal(text)
	require.NoError(t, err)
	return string(out)
}

// firewall is a server that keeps what it was asked to do.
type firewall struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func newFirewall(t *testing.T) *firewall {
	f := &firewall{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.seen = append(f.seen, r.Method+" "+r.URL.EscapedPath()+" "+string(body))
		f.mu.Unlock()
		w.Header().Set("X-Case", "C-1")
		_, _ = io.WriteString(w, `{"rule": "r-7"}`)
	}))
	t.Cleanup(f.Close)
	return f
}

// asked is what changed something.
func (f *firewall) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.seen), func(s string) bool { return strings.HasPrefix(s, "HEAD ") })
}
