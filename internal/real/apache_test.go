//go:build unix

package real

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// retryAfterLine has httpd say what the flag holds.
func retryAfterLine(flag string) string {
	return `Header always set Retry-After "expr=%{file:` + flag + `}" "expr=%{REQUEST_STATUS} == 503 && -f '` + flag + `'"`
}

func apacheWebsite(t *testing.T, a *Apache, more ...string) website {
	t.Helper()
	return newWebsite(t, "apache", a.Address(0), append([]string{
		"flag: " + a.File("portal.flag"), "page: " + a.File("closed.html"),
		"command: [" + strings.Join(a.Argv(), ", ") + "]", "keep_open: [/pay/]",
	}, more...)...)
}

func TestApache(t *testing.T) {
	t.Parallel()
	a := StartApache(t, retryAfterLine("FOLDER/portal.flag"))
	require.NoError(t, os.WriteFile(a.File("closed.html"), []byte("<p>planned work</p>\n"), 0o600))
	require.NoError(t, os.Chmod(a.File("closed.html"), 0o664)) // whatever the umask
	var w website
	trial{
		office: func(t *testing.T) (*office, string) {
			w = apacheWebsite(t, a)
			return w.office, w.suspend()
		},
		state:   func(t *testing.T) any { return tree(t, a.File("[cp]*.[fh]*"), false) },
		exactly: func(t *testing.T) any { return tree(t, a.File("[cp]*.[fh]*"), true) },
		changed: func(*testing.T) {
			for _, path := range []string{"/", "/paying", "/pay/../admin", "/pay/%2e%2e/admin", "/x?/pay/", "/closed.html"} {
				w.closed(path)
			}
			w.open("/pay/card?x=1", "the portal")
		},
		unchanged: func(*testing.T) { w.open("/", "the portal") },
		now:       "in service",
		already:   "the website is out of service and shows the message already",
	}.run(t)
}

// A flag that somebody put up before stays, through a run and its rollback.
func TestApacheClosedBefore(t *testing.T) {
	t.Parallel()
	a := StartApache(t)
	w := apacheWebsite(t, a)
	require.NoError(t, os.WriteFile(a.File("closed.html"), []byte("<p>planned work</p>\n"), 0o644))
	require.NoError(t, os.WriteFile(a.File("portal.flag"), []byte("since noon"), 0o644))
	before := tree(t, a.File("[cp]*.[fh]*"), false)

	require.Contains(t, w.must("plan", w.suspend()).stdout, "out of service, showing another page")
	require.Contains(t, w.must("run", w.suspend()).text(), "without the header Retry-After")
	require.Contains(t, Visit(t, w.url).Body, "Closed &amp;")
	w.must("rollback", w.status().Run)
	require.Equal(t, before, tree(t, a.File("[cp]*.[fh]*"), false))
	require.Equal(t, Answer{Status: 503, Body: "<p>planned work</p>\n"}, Visit(t, w.url))

	w.must("run", w.restore())
	w.open("/", "the portal")
	w.must("rollback", w.status().Run)
	require.Equal(t, before, tree(t, a.File("[cp]*.[fh]*"), false))
}

func TestApacheBehindSSH(t *testing.T) {
	t.Parallel()
	gate := realtest.StartSSHD(t)
	a := StartApache(t, retryAfterLine("FOLDER/portal.flag"))
	w := apacheWebsite(t, a, "via: "+gate.Via())
	w.thereAndBack(gate, func() { w.closed("/") }, func() { w.open("/", "the portal") })

	conf, err := os.ReadFile(a.File("httpd.conf"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(a.File("httpd.conf"), append(conf, "Lisen 80\n"...), 0o644))
	e := w.irctl("target", "check")
	require.Equal(t, 1, e.code)
	require.Contains(t, e.text(), "httpd refuses its configuration as it is")
}
