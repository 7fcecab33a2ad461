//go:build unix

package real

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// closedMessage is what visitors of a suspended site read. Each sign in it
// means something to some configuration or template.
const closedMessage = `Closed & "safe": {env.HOME} $uri %{TIME} <b>call</b> \{1}`

// website is an office whose target is a web server.
type website struct {
	*office
	url string
}

// newWebsite has a target of a type with these lines of config.
func newWebsite(t *testing.T, kind, address string, config ...string) website {
	t.Helper()
	url := "http://" + address
	lines := append([]string{"check_url: " + url + "/"}, config...)
	return website{newOffice(t, "    type: "+kind+"\n    config:\n      "+strings.Join(lines, "\n      ")+"\n"), url}
}

// suspend and restore are runbooks.
func (w website) suspend() string {
	w.t.Helper()
	return w.step("suspend", `    uses: website.suspend
    with:
      message: '`+closedMessage+`'
      retry_after: 90m
      alternatives: [{name: By phone, contact: +1 555 0100}]
`)
}

func (w website) restore() string {
	w.t.Helper()
	return w.step("restore", "    uses: website.restore\n")
}

// closed requires that visitors of a path see the message, however they ask.
func (w website) closed(path string) {
	w.t.Helper()
	for _, more := range [][]string{nil, {"--data", "amount=1"}, {"--header", "If-Modified-Since: Sun, 01 Jan 2090 00:00:00 GMT"}} {
		a := Visit(w.t, w.url+path, more...)
		require.Equal(w.t, 503, a.Status, "%s %v: %s", path, more, a.Body)
		require.Equal(w.t, "5400", a.RetryAfter)
		require.Contains(w.t, a.Body, `<p>Closed &amp; &#34;safe&#34;: {env.HOME} $uri %{TIME} &lt;b&gt;call&lt;/b&gt; \{1}</p>`)
		require.Contains(w.t, a.Body, "<dd>&#43;1 555 0100</dd>")
	}
}

// open requires that visitors of a path see what is there.
func (w website) open(path, body string) {
	w.t.Helper()
	require.Equal(w.t, Answer{Status: 200, Body: body}, Visit(w.t, w.url+path))
}

// thereAndBack suspends and rolls back a website that gate leads to; closed and
// open look.
func (w website) thereAndBack(gate *realtest.SSHD, closed, open func()) {
	w.t.Helper()
	w.must("target", "check")
	before := strings.Count(gate.Log(), "Accepted publickey")
	open()
	w.must("run", w.suspend())
	closed()
	w.must("rollback", w.status().Run)
	open()
	require.Greater(w.t, strings.Count(gate.Log(), "Accepted publickey"), before)
}

// tree is what a folder's files that match a pattern hold, with their modes;
// exact adds when each was last written.
func tree(t *testing.T, pattern string, exact bool) map[string]string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	out := map[string]string{}
	for _, f := range files {
		info, err := os.Stat(f)
		require.NoError(t, err)
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		text := fmt.Sprintf("%v %s", info.Mode(), data)
		if exact {
			text = info.ModTime().String() + " " + text
		}
		out[f] = text
	}
	return out
}
