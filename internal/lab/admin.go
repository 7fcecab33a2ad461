package lab

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"
)

// admin is the API that the company's own tools and irctl use. Every request
// needs the bearer token.
type admin struct {
	company *company
	lab     *Lab
	token   string
	stop    func() // asks the lab to end; returns at once
}

func (a *admin) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /instance", a.status)
	mux.HandleFunc("GET /mail/state", a.mailState)
	mux.HandleFunc("PUT /mail/state", a.setMailState)
	mux.HandleFunc("GET /mail/messages", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, a.lab.corporate.all()) })
	mux.HandleFunc("GET /sessions/{account}", a.sessions)
	mux.HandleFunc("DELETE /sessions/{account}", a.revoke)
	mux.HandleFunc("GET /ledger", a.ledger)
	mux.HandleFunc("POST /reset", a.reset)
	mux.HandleFunc("POST /down", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"ok": true})
		a.stop()
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := []byte(r.Header.Get("Authorization"))
		if subtle.ConstantTimeCompare(given, []byte("Bearer "+a.token)) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="lab"`)
			reply(w, http.StatusUnauthorized, problem("the admin API needs the lab's token"))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		mux.ServeHTTP(w, r)
	})
}

func (a *admin) status(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, a.lab.status())
}

func (a *admin) mailState(w http.ResponseWriter, _ *http.Request) {
	var s mailState
	a.company.look(func(d *companyData) { s = d.Mail })
	reply(w, http.StatusOK, s)
}

func (a *admin) setMailState(w http.ResponseWriter, r *http.Request) {
	var want struct {
		Suspended *bool  `json:"suspended"`
		Notice    string `json:"notice"`
	}
	if err := json.NewDecoder(r.Body).Decode(&want); err != nil || want.Suspended == nil {
		reply(w, http.StatusBadRequest, problem(`send {"suspended": true or false, "notice": "text for senders"}`))
		return
	}
	s := mailState{Suspended: *want.Suspended, Notice: want.Notice}
	a.change(w, s, func(d *companyData) []Entry {
		e := Entry{System: "corporate-mail", Effect: MailRestored, Key: keyOf(r), Duplicate: d.Mail == s}
		if s.Suspended {
			e.Effect = MailSuspended
		}
		d.Mail = s
		return []Entry{e}
	})
}

// change carries out a change and answers with v, or with the reason why not.
func (a *admin) change(w http.ResponseWriter, v any, f func(*companyData) []Entry) {
	if err := a.company.change(f); err != nil {
		reply(w, http.StatusInternalServerError, problem(err.Error()))
		return
	}
	reply(w, http.StatusOK, v)
}

func (a *admin) sessions(w http.ResponseWriter, r *http.Request) {
	uid, ok := a.account(w, r)
	if !ok {
		return
	}
	open := []session{}
	a.company.look(func(d *companyData) {
		for _, s := range d.Sessions {
			if s.Account == uid {
				open = append(open, s)
			}
		}
	})
	reply(w, http.StatusOK, map[string]any{"account": uid, "count": len(open), "sessions": open})
}

func (a *admin) revoke(w http.ResponseWriter, r *http.Request) {
	uid, ok := a.account(w, r)
	if !ok {
		return
	}
	out := map[string]any{"account": uid}
	a.change(w, out, func(d *companyData) []Entry {
		n := d.endSessions(func(s session) bool { return s.Account == uid })
		out["revoked"] = n
		return []Entry{{System: "portal-sessions", Effect: SessionsRevoked, Key: keyOf(r), Detail: uid, Duplicate: n == 0}}
	})
}

// account returns the account that a path names, or answers that there is none.
func (a *admin) account(w http.ResponseWriter, r *http.Request) (uid string, ok bool) {
	a.company.look(func(d *companyData) {
		if found := d.account(r.PathValue("account")); found != nil {
			uid, ok = found.UID, true
		}
	})
	if !ok {
		reply(w, http.StatusNotFound, problem("there is no account "+strings.ToValidUTF8(r.PathValue("account"), "?")))
	}
	return uid, ok
}

func (a *admin) ledger(w http.ResponseWriter, _ *http.Request) {
	entries, err := a.lab.Ledger()
	if err != nil {
		reply(w, http.StatusInternalServerError, problem(err.Error()))
		return
	}
	reply(w, http.StatusOK, entries)
}

func (a *admin) reset(w http.ResponseWriter, _ *http.Request) {
	if err := a.lab.Reset(); err != nil {
		reply(w, http.StatusInternalServerError, problem(err.Error()))
		return
	}
	reply(w, http.StatusOK, map[string]any{"ok": true})
}
