package web

import (
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"time"
)

// policy is what the page may do: load its own script, style and picture, and ask
// its own server. Nothing inline, and nothing from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// guarded refuses requests that come by way of another site, and says to browsers
// what they must not do with the answer.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		switch {
		case !s.host(r.Host): // a name of somebody else's that leads here would give their page our answers
			http.Error(w, "irctl serve does not answer to this name", http.StatusMisdirectedRequest)
		case r.Method == http.MethodPost && !s.ours(r):
			http.Error(w, "a request from another site", http.StatusForbidden)
		default:
			if r.Method == http.MethodPost {
				_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(patience))
			}
			r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
			next.ServeHTTP(w, r)
		}
	})
}

// ours reports whether a request that changes something comes from the page.
func (s *Server) ours(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return (origin == "" || strings.TrimPrefix(strings.TrimPrefix(origin, "https://"), "http://") == r.Host) &&
		r.Header.Get("Content-Type") == "application/json"
}

// hosts are the names to which the server answers: those of its certificate, or
// else those of this machine to itself, at its own port.
func (s *Server) hosts(at net.Addr) func(string) bool {
	var names []*x509.Certificate
	if s.TLS != nil {
		for _, c := range s.TLS.Certificates {
			if leaf, err := x509.ParseCertificate(c.Certificate[0]); err == nil {
				names = append(names, leaf)
			}
		}
	}
	_, port, _ := net.SplitHostPort(at.String())
	return func(asked string) bool {
		host, p, err := net.SplitHostPort(asked)
		if err != nil {
			host, p = asked, map[bool]string{true: "443", false: "80"}[s.TLS != nil]
		}
		if p != port {
			return false
		}
		for _, c := range names {
			if c.VerifyHostname(host) == nil {
				return true
			}
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		return s.TLS == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
	}
}

// cookie names the cookie that holds a reader's token: those of several servers of
// one machine are sent to all of them.
func (s *Server) cookie(r *http.Request) string {
	_, port, _ := net.SplitHostPort(r.Host)
	return "irctl-reader-" + port
}

// enter takes a token, which the page got behind the # of its address, where no log
// and no other site sees it, and has the browser keep it out of reach of scripts.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) {
	var given struct{ Token string }
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil {
		http.Error(w, "this is not what the page sends", http.StatusBadRequest)
		return
	}
	name, ok := s.Readers.Know(given.Token)
	if !ok {
		http.Error(w, unknownReader, http.StatusUnauthorized)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookie(r), Value: given.Token, Path: "/", HttpOnly: true, Secure: s.TLS != nil, SameSite: http.SameSiteStrictMode})
	reply(w, map[string]string{"reader": name})
}

const unknownReader = "irctl serve knows no reader by this token"

// read answers those who have a token, from a cookie or as a bearer.
func (s *Server) read(next func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, ok := s.Readers.Know(s.token(r))
		if !ok {
			http.Error(w, unknownReader, http.StatusUnauthorized)
			return
		}
		next(w, r, name)
	}
}

func (s *Server) token(r *http.Request) string {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return bearer
	}
	if c, err := r.Cookie(s.cookie(r)); err == nil {
		return c.Value
	}
	return ""
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
