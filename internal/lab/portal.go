package lab

import (
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

//go:embed pages/*.html
var pageFiles embed.FS

const (
	sessionCookie = "harbor_session"
	retryAfter    = 3600 // seconds, unless the page says something else
	maxForm       = 64 << 10
)

// portal is the borrower portal. It looks at its files at every request, as a
// web server does that tests for a flag.
type portal struct {
	company *company
	flag    string // the portal is offline while this file exists
	page    string // what visitors see meanwhile
	other   string // the list of other ways to pay; 404 while it does not exist
	pages   *template.Template
}

func newPortal(c *company, folder string) (*portal, error) {
	pages, err := template.ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, err
	}
	return &portal{
		company: c,
		flag:    filepath.Join(folder, "maintenance"),
		page:    filepath.Join(folder, "maintenance.html"),
		other:   filepath.Join(folder, "other-ways-to-pay.html"),
		pages:   pages,
	}, nil
}

func (p *portal) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.home)
	mux.HandleFunc("GET /login", p.loginForm)
	mux.HandleFunc("POST /login", p.login)
	mux.HandleFunc("GET /account", p.account)
	mux.HandleFunc("POST /logout", p.logout)
	mux.HandleFunc("GET /payments", p.paymentForm)
	mux.HandleFunc("POST /payments", p.pay)
	mux.HandleFunc("GET /other-ways-to-pay", p.otherWays)
	mux.HandleFunc("GET /healthz", p.health)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
		if err := p.reconcile(); err != nil {
			http.Error(w, "The lab cannot write its ledger: "+err.Error(), http.StatusInternalServerError)
			return
		}
		if p.offline() && r.URL.Path != "/other-ways-to-pay" && r.URL.Path != "/healthz" {
			p.maintenance(w)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		mux.ServeHTTP(w, r)
	})
}

func (p *portal) offline() bool { return exists(p.flag) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (p *portal) maintenance(w http.ResponseWriter) {
	b, err := os.ReadFile(p.page)
	if err != nil {
		b = []byte("<!doctype html><title>Offline</title><p>This site is offline. Please come back later.</p>\n")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Retry-After", strconv.Itoa(comeBack(b)))
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write(b)
}

var pageSays = regexp.MustCompile(`<meta name="retry-after" content="([0-9]{1,7})">`)

// comeBack is after how many seconds a visitor is asked to come back: the
// header must not promise anything else than the page.
func comeBack(page []byte) int {
	m := pageSays.FindSubmatch(page)
	if m == nil {
		return retryAfter
	}
	seconds, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return retryAfter
	}
	return seconds
}

// reconcile writes to the ledger what has happened to the portal's files since
// the lab last looked. Files carry no key, so neither do these entries.
func (p *portal) reconcile() error {
	flag, other := fileDigest(p.flag), fileDigest(p.other)
	same := true
	p.company.look(func(d *companyData) {
		same = (d.Seen["flag"] == "") == (flag == "") && d.Seen["other"] == other
	})
	if same {
		return nil
	}
	return p.company.change(func(d *companyData) (entries []Entry) {
		if wasOn, isOn := d.Seen["flag"] == "", flag == ""; wasOn != isOn {
			effect := PortalOffline
			if isOn {
				effect = PortalOnline
			}
			entries = append(entries, Entry{System: "portal", Effect: effect})
		}
		if d.Seen["other"] != other {
			effect := PaymentsPublished
			if other == "" {
				effect = PaymentsWithdrawn
			}
			entries = append(entries, Entry{System: "payments-page", Effect: effect})
		}
		d.Seen = map[string]string{"flag": flag, "other": other}
		return entries
	})
}

// fileDigest returns "" for a file that is not there.
func fileDigest(path string) string {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// view is what the pages show.
type view struct {
	Title     string
	Company   string
	Line      string // the telephone number
	Other     bool   // other ways to pay are published
	Account   *account
	Message   string
	Reference string
}

func (p *portal) show(w http.ResponseWriter, status int, name string, v view) {
	v.Company, v.Line, v.Other = Company, customersLine, exists(p.other)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = p.pages.ExecuteTemplate(w, name, v) // the visitor has gone
}

func (p *portal) home(w http.ResponseWriter, r *http.Request) {
	p.show(w, http.StatusOK, "home.html", view{Title: "Your mortgage, looked after", Account: p.visitor(r)})
}

func (p *portal) loginForm(w http.ResponseWriter, _ *http.Request) {
	p.show(w, http.StatusOK, "login.html", view{Title: "Log in"})
}

func (p *portal) login(w http.ResponseWriter, r *http.Request) {
	uid, password := r.PostFormValue("account"), r.PostFormValue("password")
	from, _, _ := net.SplitHostPort(r.RemoteAddr)
	token, ok := newToken(), false
	err := p.company.change(func(d *companyData) []Entry {
		a := d.account(uid)
		if ok = a.accepts(password); ok {
			d.Sessions = append(d.Sessions, session{ID: cookieDigest(token), Account: a.UID, From: from, Since: p.company.now().UTC()})
		}
		return nil
	})
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case !ok:
		p.show(w, http.StatusUnauthorized, "login.html", view{Title: "Log in", Message: "That account and password do not match."})
	default:
		http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		http.Redirect(w, r, "/account", http.StatusSeeOther)
	}
}

func (p *portal) account(w http.ResponseWriter, r *http.Request) {
	a := p.visitor(r)
	if a == nil {
		p.show(w, http.StatusUnauthorized, "login.html", view{Title: "Log in", Message: "Please log in to see your account."})
		return
	}
	p.show(w, http.StatusOK, "account.html", view{Title: "Your account", Account: a})
}

func (p *portal) logout(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(sessionCookie)
	if err == nil {
		err = p.company.change(func(d *companyData) []Entry {
			d.endSessions(func(s session) bool { return s.ID == cookieDigest(c.Value) })
			return nil
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (p *portal) paymentForm(w http.ResponseWriter, _ *http.Request) {
	p.show(w, http.StatusOK, "payments.html", view{Title: "Make a one-time payment"})
}

// pay takes no money: it shows that the form works.
func (p *portal) pay(w http.ResponseWriter, r *http.Request) {
	amount, err := strconv.ParseFloat(r.PostFormValue("amount"), 64)
	if r.PostFormValue("loan") == "" || err != nil || !(amount > 0) {
		p.show(w, http.StatusUnprocessableEntity, "payments.html",
			view{Title: "Make a one-time payment", Message: "Please give your loan number and an amount above zero."})
		return
	}
	p.show(w, http.StatusOK, "payments.html", view{Title: "Thank you", Reference: "PAY-" + newToken()[:8]})
}

func (p *portal) otherWays(w http.ResponseWriter, r *http.Request) {
	b, err := os.ReadFile(p.other)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b)
}

func (p *portal) health(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{"status": "ok", "maintenance": p.offline()})
}

// visitor returns the account whose session a request carries, or nil.
func (p *portal) visitor(r *http.Request) (found *account) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	id := cookieDigest(c.Value)
	p.company.look(func(d *companyData) {
		for _, s := range d.Sessions {
			if s.ID == id {
				copied := *d.account(s.Account)
				found = &copied
			}
		}
	})
	return found
}

// endSessions ends the sessions that match and returns how many did.
func (d *companyData) endSessions(match func(session) bool) int {
	before := len(d.Sessions)
	d.Sessions = slices.DeleteFunc(d.Sessions, match)
	return before - len(d.Sessions)
}

func newToken() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return hex.EncodeToString(b)
}

func cookieDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client has gone
}
