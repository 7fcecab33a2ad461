//go:build unix

package real

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// visits is a visit as a way in: whoever gets the site's own page is in.
func visits(t *testing.T, url string, more ...string) func() bool {
	return func() bool { return Visit(t, url, more...).Status == 200 }
}

// also is the line of a website's config that names another address of it.
func also(url string) string { return "check_also: [\"" + url + "\"]" }

func waysIntoNginx(t *testing.T) []wayIn {
	n := StartNginx(t, teams)
	// An administrator's second listener of the same name, which lacks the include.
	listeners := func(t *testing.T, more string) (second string, o *office) {
		second = freeAddress(t)
		n := startNginx(t, `
    server {
        listen ADDRESS;
        server_name 127.0.0.1;
        `+include+`
        location = /own-name { return 200 "DIR"; }
        location / { return 200 "the shop"; }
    }
    server {
        listen `+second+`;
        server_name 127.0.0.1;
        `+more+`
    }
`, "# nothing yet\n")
		return second, nginxWebsite(t, n).office
	}
	return []wayIn{
		{"the site", "website.suspend", shut, "", asIs(visits(t, "http://"+n.Address(0)+"/team"), nginxWebsite(t, n).office, "")},
		{"another listener of the same name", "website.suspend", stays, ", which does not include", func(t *testing.T) (func() bool, *office, string) {
			second, o := listeners(t, `location / { return 200 "the shop"; }`)
			e := o.irctl("target", "check")
			require.Equal(t, 1, e.code, e.text())
			require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "nginx would still serve the site by the server block of 127.0.0.1 at "+second)
			return visits(t, "http://"+second+"/"), o, ""
		}},
		{"the site, beside a listener that only leads to it", "website.suspend", shut, "", func(t *testing.T) (func() bool, *office, string) {
			_, o := listeners(t, "return 301 https://$host$request_uri;")
			text, err := os.ReadFile(o.path("environment.yaml"))
			require.NoError(t, err)
			_, url, _ := strings.Cut(string(text), "check_url: ")
			url, _, _ = strings.Cut(url, "\n")
			return visits(t, url), o, ""
		}},
	}
}

func waysIntoApache(t *testing.T) []wayIn {
	more := freeAddress(t)
	a := StartApache(t, "</VirtualHost>\nListen "+more+"\n<VirtualHost "+more+">\nRewriteEngine on\nRewriteRule ^ FOLDER/portal.txt [L]")
	return []wayIn{
		{"the site", "website.suspend", shut, "", asIs(visits(t, "http://"+a.Address(0)+"/"), apacheWebsite(t, a).office, "")},
		{"another virtual host", "website.suspend", stays, "http://" + more + "/, which answers 200", func(t *testing.T) (func() bool, *office, string) {
			require.NoError(t, os.Remove(a.File("portal.flag")))
			return visits(t, "http://"+more+"/"), apacheWebsite(t, a, also("http://"+more+"/")).office, ""
		}},
	}
}

func waysIntoHAProxy(t *testing.T) []wayIn {
	h := StartHAProxy(t)
	behind := "http://" + h.Address(1) + "/"
	return []wayIn{
		{"the site", "website.suspend", shut, "", asIs(visits(t, "http://"+h.Address(0)+"/"), haproxyWebsite(t, h).office, "")},
		{"the server behind it", "website.suspend", stays, behind + ", which answers 200", func(t *testing.T) (func() bool, *office, string) {
			return visits(t, behind), haproxyWebsite(t, StartHAProxy(t), also(behind)).office, ""
		}},
	}
}

func waysIntoCaddy(t *testing.T) []wayIn {
	c := StartCaddy(t)
	return []wayIn{
		{"the site", "website.suspend", shut, "", asIs(visits(t, "http://"+c.Address(0)+"/"), caddyWebsite(t, c).office, "")},
		{"another site of the same server", "website.suspend", stays, "which answers 200", func(t *testing.T) (func() bool, *office, string) {
			c := StartCaddy(t)
			other := "http://" + c.Address(0) + "/own-name" // a route before the portal's
			return visits(t, other), caddyWebsite(t, c, also(other)).office, ""
		}},
	}
}

// flagged is a site that its own program closes for a flag, at a second address
// only if it was told to.
func flagged(t *testing.T) (first, second *httptest.Server, config string) {
	folder := t.TempDir()
	page, flag := filepath.Join(folder, "page.html"), filepath.Join(folder, "flag")
	site := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		text, err := os.ReadFile(page)
		if _, closed := os.Stat(flag); closed == nil && err == nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write(text)
		}
	})
	first, second = httptest.NewServer(site), httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(first.Close)
	t.Cleanup(second.Close)
	return first, second, "    type: maintenance-page\n    config: {page: " + page + ", flag: " + flag + ", check_url: " + first.URL
}

func waysIntoAFlaggedSite(t *testing.T) []wayIn {
	return []wayIn{
		{"the site", "website.suspend", shut, "", func(t *testing.T) (func() bool, *office, string) {
			first, _, config := flagged(t)
			return visits(t, first.URL), newOffice(t, config+"}\n"), ""
		}},
		{"a server that looks at no flag", "website.suspend", stays, ", which answers 200", func(t *testing.T) (func() bool, *office, string) {
			_, second, config := flagged(t)
			return visits(t, second.URL), newOffice(t, config+", "+also(second.URL)+"}\n"), ""
		}},
	}
}

func waysIntoPostfix(t *testing.T) []wayIn {
	takes := func(address string) func() bool { return func() bool { return takesMail(address) } }
	p := newPostfix(t)
	return []wayIn{
		{"SMTP from outside", "email.suspend", shut, "", asIs(takes(p.Address(0)), p.office(t, ""), "")},
		{"sendmail on the machine", "email.suspend", shut, "", func(t *testing.T) (func() bool, *office, string) {
			p, sent := StartPostfix(t), 0
			return func() bool { // what is sent arrives, or waits
				sent++
				subject := fmt.Sprintf("from the machine, %d", sent)
				p.Submit(t, subject)
				arrived := false
				require.Eventually(t, func() bool {
					arrived = slices.Contains(p.Inbox.Subjects(), subject)
					return arrived || strings.Contains(p.client(t, "postqueue", "-j"), `"queue_name": "deferred"`)
				}, realtest.StartTime, realtest.LookEvery)
				return arrived
			}, postfix{Postfix: p}.office(t, ""), ""
		}},
		{"a service with restrictions of its own", "email.suspend", stays, "to which master.cf gives restrictions of its own", func(t *testing.T) (func() bool, *office, string) {
			p, submission := newPostfix(t), freeAddress(t)
			rewrite(t, p.File("etc/master.cf"), func(conf string) string {
				return conf + submission + " inet n - n - - smtpd -o smtpd_client_restrictions=permit_mynetworks,reject\n"
			})
			require.NoError(t, exec.Command("postfix", "-c", p.Config(), "reload").Run())
			in := takes(submission)
			require.Eventually(t, in, realtest.StartTime, realtest.LookEvery)
			return in, p.office(t, ""), ""
		}},
	}
}

func waysIntoAnIsolatedMachine(t *testing.T) []wayIn {
	at := func(address func(s *site) string, port func(s *site) int) func(*testing.T) (func() bool, *office, string) {
		return func(t *testing.T) (func() bool, *office, string) {
			s := newSite(t)
			key := s.victim.HostKey(t)
			return func() bool { return s.answers("bystander", key, address(s), port(s)) }, s.office(t, "via: "+s.victim.Via()), ""
		}
	}
	v4, v6 := func(s *site) string { return s.victim.Host() }, func(*site) string { return victim6 }
	usual, other := func(s *site) int { return s.victim.Port() }, func(*site) int { return 2222 }
	return []wayIn{
		{"TCP", "host.isolate", shut, "", at(v4, usual)},
		{"TCP over IPv6", "host.isolate", shut, "", at(v6, usual)},
		{"another port", "host.isolate", shut, "", at(v4, other)},
	}
}

// door is a service of a company's own: who knows a name's password comes in,
// unless the name is closed. An administrator closes names by requests, or by
// files in its folder.
type door struct {
	*httptest.Server
	folder string
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{folder: t.TempDir()}
	file := func(q *http.Request) string {
		return filepath.Join(d.folder, q.PathValue("what")+"-"+q.PathValue("name"))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /in/{name}", func(w http.ResponseWriter, q *http.Request) {
		_, password, _ := q.BasicAuth()
		known, err := os.ReadFile(filepath.Join(d.folder, "password-"+q.PathValue("name")))
		if _, closed := os.Stat(filepath.Join(d.folder, "closed-"+q.PathValue("name"))); closed == nil || err != nil || string(known) != password {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	mux.HandleFunc("GET /admin/{what}/{name}", func(w http.ResponseWriter, q *http.Request) {
		if _, err := os.Stat(file(q)); err != nil {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	given := func(q *http.Request) []byte {
		var texts []string
		require.NoError(t, json.NewDecoder(q.Body).Decode(&texts))
		return []byte(texts[0])
	}
	mux.HandleFunc("PUT /admin/{what}/{name}", func(_ http.ResponseWriter, q *http.Request) {
		require.NoError(t, os.WriteFile(file(q), given(q), 0o600))
	})
	mux.HandleFunc("POST /admin/{what}/{name}", func(w http.ResponseWriter, q *http.Request) {
		if now, err := os.ReadFile(file(q)); err != nil || !slices.Equal(now, given(q)) {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	mux.HandleFunc("DELETE /admin/{what}/{name}", func(_ http.ResponseWriter, q *http.Request) { _ = os.Remove(file(q)) })
	d.Server = httptest.NewServer(mux)
	t.Cleanup(d.Close)
	return d
}

// ways are those into a door whose administration an environment describes:
// puts, takes and looks are its sections for a file, right asks whether a new
// password is the one in its file. A session is a file too,
// so that it is over when the file is gone.
func (d *door) ways(t *testing.T, kind, config string, right string, puts, takes, looks func(file, when string) string) []wayIn {
	account := func(name string) {
		require.NoError(t, os.WriteFile(filepath.Join(d.folder, "password-"+name), []byte(Password(name)), 0o600))
	}
	office := func(sections ...string) *office {
		return newOffice(t, "    type: "+kind+"\n    config:\n      "+config+"\n      "+strings.Join(sections, "\n      ")+"\n")
	}
	in := func(name string) func() bool { return visits(t, d.URL+"/in/"+name, "-u", name+":"+Password(name)) }
	var out []wayIn
	for _, w := range []struct{ action, name, verb, state, back string }{
		{"account.disable", "alice", "disable", "disabled", "enable"}, {"website.suspend", "site", "suspend", "suspended", "restore"},
		{"email.suspend", "mail", "suspend", "suspended", "restore"}, {"host.isolate", "host", "isolate", "isolated", "release"},
	} {
		account(w.name)
		file := "closed/" + strings.Replace(w.name, "alice", "{account}", 1)
		out = append(out, wayIn{"the password", w.action, shut, "", asIs(in(w.name), office("status: "+looks(file, w.state+"_when"), w.verb+": "+puts(file, ""), w.back+": "+takes(file, "")), "alice")})
	}
	account("bob")
	account("carol")
	require.NoError(t, os.WriteFile(filepath.Join(d.folder, "session-carol"), nil, 0o600))
	return append(out,
		wayIn{"the old password", "credentials.rotate", shut, "", asIs(in("bob"), office("rotate: "+strings.TrimSuffix(puts("password/{account}", "{password}"), "}")+", check: "+right+"}"), "bob")},
		wayIn{"a session", "sessions.revoke", shut, "", asIs(visits(t, d.URL+"/admin/session/carol"), office("revoke: "+strings.TrimSuffix(takes("session/{account}", ""), "}")+", check: "+looks("session/{account}", "gone")+"}"), "carol")},
	)
}

func waysIntoWhatRequestsDescribe(t *testing.T) []wayIn {
	d := newDoor(t)
	section := func(method string) func(file, text string) string {
		return func(file, text string) string {
			return fmt.Sprintf(`{method: %s, path: "/admin/%s", body: ["%s"]}`, method, file, text)
		}
	}
	right := `{method: POST, path: "/admin/password/{account}", body: ["{password}"], done_when: {status: [200]}}`
	return d.ways(t, "http", "base_url: "+d.URL, right, section("PUT"), section("DELETE"), func(file, when string) string {
		if when == "gone" {
			return fmt.Sprintf(`{path: "/admin/%s", done_when: {status: [404]}}`, file)
		}
		return fmt.Sprintf(`{path: "/admin/%s", %s: {status: [200]}}`, file, when)
	})
}

func waysIntoWhatCommandsDescribe(t *testing.T) []wayIn {
	d := newDoor(t)
	file := func(name string) string { return filepath.Join(d.folder, strings.Replace(name, "/", "-", 1)) }
	right := fmt.Sprintf(`{argv: [grep, -qxFf, /dev/stdin, "%s"], stdin: "{password}", done_when: {exit_code: [0]}}`, file("password/{account}"))
	return d.ways(t, "command", "dir: "+d.folder, right,
		func(name, text string) string {
			return fmt.Sprintf(`{argv: [cp, /dev/stdin, "%s"], stdin: "%s"}`, file(name), text)
		},
		func(name, _ string) string { return fmt.Sprintf(`{argv: [rm, -f, "%s"]}`, file(name)) },
		func(name, when string) string {
			if when == "gone" {
				return fmt.Sprintf(`{argv: [test, -e, "%s"], done_when: {exit_code: [1]}}`, file(name))
			}
			return fmt.Sprintf(`{argv: [test, -e, "%s"], %s: {exit_code: [0]}}`, file(name), when)
		})
}

// TestADescribedSystemThatOnlySaysYesIsNotVerified: it answers every request
// well and keeps nobody out; what it is asked afterwards decides.
func TestADescribedSystemThatOnlySaysYesIsNotVerified(t *testing.T) {
	d := newDoor(t)
	require.NoError(t, os.WriteFile(filepath.Join(d.folder, "password-alice"), []byte(Password("alice")), 0o600))
	for kind, sections := range map[string]string{
		"http":    "base_url: " + d.URL + "\n      settle: 100ms\n      status: {path: \"/admin/closed/{account}\", disabled_when: {status: [200]}}\n      disable: {method: PUT, path: \"/admin/elsewhere/{account}\", body: [\"\"]}\n      enable: {method: DELETE, path: \"/admin/closed/{account}\"}",
		"command": "settle: 100ms\n      status: {argv: [test, -e, \"" + d.folder + "/closed-{account}\"], disabled_when: {exit_code: [0]}}\n      disable: {argv: [\"true\"]}\n      enable: {argv: [\"true\"]}",
	} {
		t.Run(kind, func(t *testing.T) {
			o := newOffice(t, "    type: "+kind+"\n    config:\n      "+sections+"\n")
			e := o.irctl("run", o.acts("disable", "account.disable", false), "--input", "account=alice")
			require.Equal(t, 4, e.code, e.text())
			require.NotContains(t, e.text(), "verified")
			require.True(t, visits(t, d.URL+"/in/alice", "-u", "alice:"+Password("alice"))())
		})
	}
}
