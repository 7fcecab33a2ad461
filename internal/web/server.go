package web

import (
	"context"
	"crypto/tls"
	"embed"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/desk"
)

// Config is what a server works with.
type Config struct {
	Desk    *desk.Desk
	Readers *Readers
	Only    string // the one run that is shown, by its whole id; "" shows all
	// TLS is how the server proves who it is; nil serves without encryption, which
	// is for loopback alone.
	TLS *tls.Config
	Now func() time.Time
}

// Server is the war room. It may be used from several goroutines.
type Server struct {
	Config
	topics *topics
	host   func(name string) bool // whether a request may name this host
}

// New returns a server.
func New(c Config) *Server {
	return &Server{Config: c, topics: &topics{open: map[string]*topic{}}, host: func(string) bool { return false }}
}

//go:embed page
var page embed.FS

// patience is for how long a reader may take nothing before it is dropped.
const patience = 20 * time.Second

// Serve answers on a listener until the context ends, and closes it.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.host = s.hosts(l.Addr())
	h := &http.Server{
		Handler: s.Handler(), TLSConfig: s.TLS, ReadHeaderTimeout: patience, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }, // streams end with it
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-ctx.Done()
		_ = h.Close()
	}()
	serve := h.Serve
	if s.TLS != nil {
		serve = func(l net.Listener) error { return h.ServeTLS(l, "", "") }
	}
	err := serve(l)
	if ctx.Err() != nil {
		<-ended
		return nil
	}
	return err
}

// Handler is everything that the server answers.
func (s *Server) Handler() http.Handler {
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic("web: the page is not embedded")
	}
	asset := http.FileServerFS(files)
	shell := func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "page.html") }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", shell)
	mux.HandleFunc("GET /run/{id}", shell)
	mux.HandleFunc("GET /incident/{name}", shell)
	mux.Handle("GET /page.css", asset)
	mux.Handle("GET /page.js", asset)
	mux.Handle("GET /icon.svg", asset)
	mux.HandleFunc("POST /reader", s.enter)
	mux.HandleFunc("GET /reader", s.read(func(w http.ResponseWriter, _ *http.Request, name string) { reply(w, map[string]string{"reader": name}) }))
	mux.HandleFunc("GET /live/runs", s.read(s.live(func(*http.Request) (string, watch) { return "runs", s.runs })))
	mux.HandleFunc("GET /live/run/{id}", s.read(s.live(func(r *http.Request) (string, watch) {
		id := r.PathValue("id")
		if s.Only != "" && id != s.Only {
			return "", nil
		}
		return "run/" + id, func(ctx context.Context, t *topic) { s.run(ctx, t, id) }
	})))
	mux.HandleFunc("GET /live/incident/{name}", s.read(s.live(func(r *http.Request) (string, watch) {
		name := r.PathValue("name")
		if s.Only != "" {
			return "", nil
		}
		return "incident/" + name, func(ctx context.Context, t *topic) { s.incident(ctx, t, name) }
	})))
	return s.guarded(mux)
}

// Address is where a server may listen: without TLS on this machine alone.
func Address(listen string, encrypted bool) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); encrypted || strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback() {
		return nil
	}
	return ErrOpen
}

// ErrOpen says that what a server shows would pass other machines unencrypted.
var ErrOpen = errors.New("what the war room shows would be readable on its way")
