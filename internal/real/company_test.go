//go:build unix

package real

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// company is a company on one machine: a mail server, a website with a page of
// other ways to pay, a directory, a database, a name server, a ticket system
// and a log server; and outside of it a mailbox and a chat room.
type company struct {
	mail    *Postfix
	web     *Nginx
	people  *Slapd
	orders  *Postgres
	names   *Named
	tickets *RequestTracker
	logs    *Rsyslog
	outside *Inbox
	room    *room
}

func startCompany(t testing.TB) *company {
	c := &company{outside: StartInbox(t), room: nil}
	c.room = startRoom(t, c.outside)
	// Each of them has a folder of its own and ports that nobody else has.
	for _, start := range []func(){
		func() { c.mail = StartPostfix(t) },
		func() { c.web = StartNginx(t, teams) },
		func() { c.people = StartSlapd(t) },
		func() { c.orders = StartPostgres(t) },
		func() { c.names = StartNamed(t) },
		func() { c.tickets = StartRequestTracker(t) },
		func() { c.logs = StartRsyslog(t) },
	} {
		start()
	}
	require.NoError(t, c.web.Write("docs/pay.html", "<p>nothing here yet</p>\n"))
	return c
}

// office is where the company's people work: an environment that leads to its
// systems. Changes are pairs of texts to replace in it.
func (c *company) office(t testing.TB, changes ...string) *office {
	t.Helper()
	o := newOffice(t, "")
	require.NoError(t, os.Mkdir(o.path("evidence"), 0o700))
	for name, text := range map[string]string{
		"directory": IrctlPassword, "database": Password(IrctlRole),
		"tsig": NamedSecret, "tracker": c.tickets.Token(), "auth.log": "03:12 alice signs in from two countries\n",
		"portal-access.log": "03:13 GET /admin\n",
	} {
		o.write(name, text)
	}
	at := map[string]string{
		"postfix": c.mail.Config(), "mx": c.mail.Address(0), "site": c.web.File("site.conf"), "closed": c.web.File("closed.html"),
		"nginx": strings.Join(c.web.Argv(), ", "), "web": "http://" + c.web.Address(0), "pay": c.web.File("docs/pay.html"),
		"ldap": c.people.URL(), "postgres": c.orders.Address(0), "named": c.names.Address(0), "tracker": c.tickets.URL(),
		"syslog": c.logs.Address(0), "kept": c.logs.Kept(), "inbox": fmt.Sprintf("127.0.0.1:%d", c.outside.Port), "room": c.room.URL,
		"office": o.dir,
	}
	text := os.Expand(companyEnvironment, func(name string) string {
		require.Contains(t, at, name)
		return at[name]
	})
	o.write("environment.yaml", strings.NewReplacer(changes...).Replace(text))
	return o
}

const companyEnvironment = `irctl: v1
kind: environment
name: company
title: A company on real systems
allow: {loopback: true}
new_secrets: {folder: new-secrets}

values:
  portal_url: $web/
  payments_url: $web/docs/pay.html
  evidence_folder: $office

people:
  dana: {name: Dana Okafor, roles: [commander], user: "*"}
  sam: {name: Sam Rivera, roles: [it-lead], user: "*"}
  riley: {name: Riley Chen, roles: [communications], user: "*"}
  alex: {name: Alex Haddad, roles: [legal], user: "*"}

secrets:
  DIRECTORY: {file: directory}
  DATABASE: {file: database}
  ZONE: {file: tsig}
  TRACKER: {file: tracker}

targets:
  corporate-mail:
    type: postfix
    owner: mail-team@example.com
    fallback: Call the mail team on +1 555 0111.
    config: {config_directory: $postfix, smtp: "$mx"}
  mail-from-outside:
    type: mail-exchanger
    owner: mail-team@example.com
    fallback: Send a mail to the company from a private account.
    config: {address: "$mx", recipient: dana@example.com}
  portal:
    type: nginx
    owner: web-team@example.com
    fallback: Call the web team on +1 555 0110.
    config:
      include: $site
      page: $closed
      command: [$nginx]
      check_url: $web/
      keep_open: [/docs/]
  payments-page:
    type: maintenance-page
    owner: web-team@example.com
    fallback: Read customers the list on the phone.
    config: {page: $pay, url: "$web/docs/pay.html"}
  directory:
    type: ldap
    owner: identity-team@example.com
    fallback: Call the identity team on +1 555 0112.
    config:
      url: $ldap
      bind_dn: ` + Irctl + `
      bind_password: {secret: DIRECTORY}
      base_dn: ` + People + `
      default_policy: ` + Policy + `
  portal-sessions:
    type: postgres
    owner: platform-team@example.com
    fallback: Call the platform team on +1 555 0114.
    config:
      address: "$postgres"
      admin: ` + IrctlRole + `
      admin_password: {secret: DATABASE}
  orders:
    type: postgres
    owner: platform-team@example.com
    fallback: Call the platform team on +1 555 0114.
    config:
      address: "$postgres"
      admin: ` + IrctlRole + `
      admin_password: {secret: DATABASE}
  zone:
    type: rfc2136
    owner: network-team@example.com
    fallback: Call the network team on +1 555 0115.
    config:
      server: "$named"
      zone: example.com
      key_name: ` + NamedKey + `
      key_secret: {secret: ZONE}
      check_name: www
  cases:
    type: request-tracker
    owner: security-oncall@example.com
    fallback: Keep the case on paper.
    config: {url: "$tracker", queue: ` + TrackerQueue + `, token: {secret: TRACKER}}
  evidence:
    type: case-folder
    owner: security-oncall@example.com
    fallback: Copy it to a disk that is then unplugged.
    config: {folder: evidence, cases_elsewhere: true}
  logs:
    type: syslog
    owner: security-oncall@example.com
    fallback: Write it down.
    config: {address: "$syslog", kept_in: $kept}
  out-of-band-mail:
    type: smtp
    owner: communications@example.com
    fallback: Use the telephone tree.
    config: {address: "$inbox", from: incident@example.org, lookup: "$room/mail/{message_id}", lookup_is_final: true}
  war-room:
    type: webhook
    owner: security-oncall@example.com
    fallback: Open the conference bridge.
    config: {url: "$room/posts", deduplicates: true, lookup: "$room/posts/{key}"}
`

// room is a chat room that knows every message by its key, and says which mail
// has arrived outside.
type room struct {
	URL string

	mu    sync.Mutex
	posts map[string]string // by their keys
	texts []string          // in their order, each key once
}

func startRoom(t testing.TB, mail *Inbox) *room {
	r := &room{posts: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /posts", r.post)
	mux.HandleFunc("GET /posts/{key...}", func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if _, ok := r.posts[q.PathValue("key")]; !ok {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	mux.HandleFunc("GET /mail/{id...}", func(w http.ResponseWriter, q *http.Request) {
		if !mail.Has(q.PathValue("id")) {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

func (r *room) post(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	var message struct {
		Text string `json:"text"`
	}
	if err != nil || json.Unmarshal(body, &message) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	key := q.Header.Get("Idempotency-Key")
	if _, again := r.posts[key]; !again {
		r.texts = append(r.texts, message.Text)
	}
	r.posts[key] = message.Text
}

// said returns the messages so far.
func (r *room) said() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.texts...)
}
