//go:build unix

package real

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// teams is what a web team has in the file that irctl shares.
const teams = "# the web team's\nlocation = /team { return 200 \"the team\"; }\n"

func nginxWebsite(t *testing.T, n *Nginx, more ...string) website {
	t.Helper()
	return newWebsite(t, "nginx", n.Address(0), append([]string{
		"include: " + n.File("site.conf"), "page: " + n.File("closed.html"),
		"command: [" + strings.Join(n.Argv(), ", ") + "]", "keep_open: [/pay/, /docs/, /status]",
	}, more...)...)
}

func TestNginx(t *testing.T) {
	t.Parallel()
	n := StartNginx(t, teams)
	require.NoError(t, n.Write("closed.html", "<p>planned work</p>\n"))
	var w website
	trial{
		office: func(t *testing.T) (*office, string) {
			w = nginxWebsite(t, n)
			return w.office, w.suspend()
		},
		state:   func(t *testing.T) any { return tree(t, n.File("[cs]*.[ch]*"), false) },
		exactly: func(t *testing.T) any { return tree(t, n.File("[cs]*.[ch]*"), true) },
		changed: func(*testing.T) {
			for _, path := range []string{"/", "/team", "/pay", "/paying", "/pay/../admin", "/pay/%2e%2e/admin", "/status/x", "/own-name?/pay/", "/.irctl-closed/"} {
				w.closed(path)
			}
			w.open("/pay/card?x=1", "the portal at /pay/card?x=1\n")
			w.open("/docs/missing", "the portal at /docs/missing\n")
			w.open("/status", "the portal at /status\n")
		},
		unchanged: func(*testing.T) {
			w.open("/", "the portal at /\n")
			w.open("/team", "the team")
		},
		now:     "in service",
		already: "the website is out of service and shows the message already",
	}.run(t)
}

func TestNginxWithoutAnInclude(t *testing.T) {
	t.Parallel()
	n := StartNginx(t, "")
	w := nginxWebsite(t, n)
	t.Run("rollback", func(t *testing.T) {
		w.must("run", w.suspend())
		w.closed("/")
		w.must("rollback", w.status().Run)
		w.open("/", "the portal at /\n")
		require.NoFileExists(t, n.File("site.conf"))
		require.NoFileExists(t, n.File("closed.html"))
	})
	t.Run("restore, and rollback of it", func(t *testing.T) {
		w.must("run", w.suspend())
		w.must("run", w.restore())
		w.open("/", "the portal at /\n")
		require.NoFileExists(t, n.File("site.conf"))
		require.Contains(t, w.must("run", w.restore()).text(), "in service already")
		w.must("run", w.suspend())
		w.must("run", w.restore())
		w.must("rollback", w.status().Run)
		w.closed("/")
		w.must("run", w.restore())
	})
}

// What people did to the file since stays; so does an earlier notice.
func TestNginxEditedSince(t *testing.T) {
	t.Parallel()
	n := StartNginx(t, teams)
	w := nginxWebsite(t, n)
	w.must("run", w.suspend())
	first, err := os.ReadFile(n.File("closed.html"))
	require.NoError(t, err)

	other := w.step("other", "    uses: website.suspend\n    with: {message: Another message}\n")
	w.must("run", other)
	require.Contains(t, Visit(t, w.url).Body, "Another message")
	site, err := os.ReadFile(n.File("site.conf"))
	require.NoError(t, err)
	const added = "location = /added { return 200 \"added\"; }\n"
	require.NoError(t, n.Write("site.conf", string(site)+added))

	w.must("rollback", w.status().Run)
	w.closed("/")
	page, err := os.ReadFile(n.File("closed.html"))
	require.NoError(t, err)
	require.Equal(t, string(first), string(page))

	w.must("run", w.restore())
	site, err = os.ReadFile(n.File("site.conf"))
	require.NoError(t, err)
	require.Equal(t, teams+added, string(site))
	w.open("/added", "added")

	w.must("run", other)
	require.NoError(t, n.Write("closed.html", "<p>written by hand</p>\n"))
	e := w.irctl("rollback", w.status().Run)
	require.NotZero(t, e.code)
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "was edited since the step wrote it, so it was left as it is")
	require.Eventually(t, func() bool { return Visit(t, w.url).Body == "the portal at /\n" }, 10*time.Second, 50*time.Millisecond)
	page, err = os.ReadFile(n.File("closed.html"))
	require.NoError(t, err)
	require.Equal(t, "<p>written by hand</p>\n", string(page))
}

func TestNginxRefuses(t *testing.T) {
	t.Parallel()
	n := StartNginx(t, teams)
	t.Run("a configuration broken by others", func(t *testing.T) {
		w := nginxWebsite(t, n)
		require.NoError(t, n.Write("site.conf", teams+"listne 80;\n"))
		e := w.irctl("run", w.suspend())
		require.NotZero(t, e.code)
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), `nginx refuses its configuration, with or without what irctl writes, so nothing was changed`)
		require.Contains(t, e.text(), `unknown directive "listne"`)
		w.open("/", "the portal at /\n")
		e = w.irctl("target", "check")
		require.Equal(t, 1, e.code)
		require.Contains(t, e.text(), "nginx refuses its configuration as it is")
		site, err := os.ReadFile(n.File("site.conf"))
		require.NoError(t, err)
		require.Equal(t, teams+"listne 80;\n", string(site))
		require.NoError(t, n.Write("site.conf", teams))
	})
	t.Run("what irctl writes", func(t *testing.T) {
		w := nginxWebsite(t, n)
		const clash = "location = /.irctl-notice { return 200; }\n"
		require.NoError(t, n.Write("site.conf", teams+clash))
		e := w.irctl("run", w.suspend())
		require.NotZero(t, e.code)
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "nginx refused what irctl wrote, so the include file is as it was and nothing was reloaded")
		site, err := os.ReadFile(n.File("site.conf"))
		require.NoError(t, err)
		require.Equal(t, teams+clash, string(site))
		w.open("/", "the portal at /\n")
		require.NoError(t, n.Write("site.conf", teams))
	})
	t.Run("a file that nobody includes", func(t *testing.T) {
		w := nginxWebsite(t, n, "check_address: "+n.Address(0))
		w.must("target", "check")
		o := newOffice(t, strings.Replace(w.target, "site.conf", "other.conf", 1))
		e := o.irctl("target", "check")
		require.Equal(t, 1, e.code)
		require.Contains(t, e.text(), "nginx's configuration does not include")
	})
}

// Whoever wrote the files may have died before nginx was told, on the way there
// as on the way back.
func TestNginxThatWasNotTold(t *testing.T) {
	t.Parallel()
	n := StartNginx(t, teams)
	w := nginxWebsite(t, n)
	read := func(name string) string {
		b, err := os.ReadFile(n.File(name))
		require.NoError(t, err)
		return string(b)
	}
	w.must("run", w.suspend())
	site, page := read("site.conf"), read("closed.html")
	w.must("rollback", w.status().Run)

	w.killed(afterRecord, "run", w.suspend())
	require.NoError(t, n.Write("closed.html", page))
	require.NoError(t, n.Write("site.conf", site))
	w.must("resume", w.status().Run)
	w.closed("/")

	require.NoError(t, os.Remove(n.File("closed.html")))
	require.NoError(t, n.Write("site.conf", teams))
	w.must("rollback", w.status().Run)
	w.open("/", "the portal at /\n")
	require.Equal(t, teams, read("site.conf"))
}

func TestNginxBehindSSH(t *testing.T) {
	t.Parallel()
	gate := realtest.StartSSHD(t)
	n := StartNginx(t, teams)
	w := nginxWebsite(t, n, "via: "+gate.Via())
	w.thereAndBack(gate, func() { w.closed("/") }, func() { w.open("/", "the portal at /\n") })
	require.Equal(t, teams, strings.SplitN(tree(t, n.File("site.conf"), false)[n.File("site.conf")], " ", 2)[1])
}

// twoShops are two sites of one nginx, of which the file is included where
// INCLUDE of the one or the other is.
func twoShops(t *testing.T, text, http, other, shop string) (n *Nginx, visits func(name string) Answer) {
	t.Helper()
	n = startNginx(t, http+`
    server {
        listen ADDRESS default_server;
        server_name other.example.com;
        `+other+`
        location = /own-name { return 200 "DIR"; }
        location / { return 200 "the other shop"; }
    }
    server {
        listen ADDRESS;
        server_name shop.example.com;
        `+shop+`
        location / { return 200 "the shop"; }
    }
`, text)
	return n, func(name string) Answer {
		return Visit(t, "http://"+n.Address(0)+"/", "--header", "Host: "+name)
	}
}

func shopWebsite(t *testing.T, n *Nginx, seenAt string) website {
	t.Helper()
	w := newWebsite(t, "nginx", seenAt, "include: "+n.File("site.conf"), "page: "+n.File("closed.html"), "command: ["+strings.Join(n.Argv(), ", ")+"]", "check_address: "+seenAt)
	text, err := os.ReadFile(w.path("environment.yaml"))
	require.NoError(t, err)
	w.write("environment.yaml", strings.Replace(string(text), "check_url: http://"+seenAt, "check_url: http://shop.example.com", 1))
	return w
}

const include = "include site*.conf;"

func TestAnIncludeInAnotherPlaceIsFoundBefore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ http, other, shop, want string }{
		"the right place":             {shop: include},
		"another site's server block": {other: include, want: "in the server block of other.example.com, which would be closed in the place of shop.example.com"},
		"both sites' server blocks":   {other: include, shop: include, want: "in the server block of other.example.com, which would be closed in the place of shop.example.com"},
		"the http block":              {http: include, want: "in its http block, where it cannot close one site"},
		"a location":                  {shop: "location /team/ { " + include + " }", want: "in its location block, where it cannot close one site"},
	} {
		t.Run(name, func(t *testing.T) {
			n, visits := twoShops(t, "# nothing yet\n", c.http, c.other, c.shop)
			w := shopWebsite(t, n, n.Address(0))
			e := w.irctl("target", "check")
			if c.want == "" {
				require.Zero(t, e.code, e.text())
				w.must("run", w.suspend())
				require.Equal(t, 503, visits("shop.example.com").Status)
				require.Equal(t, "the other shop", visits("other.example.com").Body)
				return
			}
			require.Equal(t, 1, e.code)
			require.Contains(t, strings.Join(strings.Fields(e.text()), " "), c.want)
		})
	}
}

// Visitors come to another machine than the target says: the site that is
// closed is somebody else's, and opens again by itself.
func TestAWebsiteThatNobodySeesClosedIsOpenedAtOnce(t *testing.T) {
	t.Parallel()
	n, visits := twoShops(t, teams, "", "", include)
	elsewhere := StartNginx(t, "")
	w := shopWebsite(t, n, elsewhere.Address(0))
	e := w.irctl("run", w.suspend())
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "visitors did not see the website closed, so what was changed was put back at once")
	require.Eventually(t, func() bool { return visits("shop.example.com").Body == "the shop" }, 10*time.Second, 50*time.Millisecond)
	require.NoFileExists(t, n.File("closed.html"))
	site, err := os.ReadFile(n.File("site.conf"))
	require.NoError(t, err)
	require.Equal(t, teams, string(site))
	w.must("rollback", w.status().Run)
}

func TestAnNginxThatDoesNotRunIsNamed(t *testing.T) {
	t.Parallel()
	n := StartNginx(t, teams)
	w := nginxWebsite(t, n)
	n.Stop()
	e := w.irctl("run", w.suspend())
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "no nginx runs that was started like this, so nobody was told")
	require.NotContains(t, e.text(), "invalid PID number")
	site, err := os.ReadFile(n.File("site.conf"))
	require.NoError(t, err)
	require.Equal(t, teams, string(site))
}
