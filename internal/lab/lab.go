package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/gofrs/flock"
	"github.com/hashicorp/go-multierror"
)

// Config says where a lab lives. Only Dir is needed.
type Config struct {
	Dir string           // everything the lab keeps; made if missing, mode 0700
	Log io.Writer        // what the servers complain about; nil is nowhere
	Now func() time.Time // nil is time.Now
}

// Lab is a company that runs in this process. Its methods may be called from
// several goroutines.
type Lab struct {
	cfg       Config
	state     stateFile
	lock      *flock.Flock
	led       *box[Entry]
	company   *company
	portal    *portal
	corporate *box[Message]
	external  *box[Message]
	posts     *box[Post]
	kept      []kept // the ledger and the boxes, once they are open
	token     string // of the admin API
	dirSecret string // password of the directory's administrator

	listeners map[*string]net.Listener // by the address that they gave
	http      []*http.Server
	smtp      []*smtp.Server
	ldap      *ldapServer
	wg        sync.WaitGroup
	asked     chan struct{} // closed when the admin API was asked to end the lab
	once      sync.Once

	ended  sync.Once
	endErr error
}

// BusyError says that the folder's lab runs already, in another process.
type BusyError struct{ Dir string }

// Error implements error.
func (e *BusyError) Error() string {
	return fmt.Sprintf("the lab in %s is running already; `irctl lab status` shows it, `irctl lab down` ends it", e.Dir)
}

// New starts the company in a folder: everything listens when New returns, and
// the folder's environment.yaml leads there. Close ends it.
func New(cfg Config) (*Lab, error) {
	if cfg.Log == nil {
		cfg.Log = io.Discard
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("start the lab: %w", err)
	}
	cfg.Dir = dir
	l := &Lab{cfg: cfg, asked: make(chan struct{})}
	if err := l.open(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Lab) path(parts ...string) string {
	return filepath.Join(append([]string{l.cfg.Dir}, parts...)...)
}

func (l *Lab) open() error {
	for _, folder := range []string{"", "secrets", "new-secrets", "portal", "cases"} {
		if err := os.MkdirAll(l.path(folder), 0o700); err != nil {
			return fmt.Errorf("start the lab: %w", err)
		}
	}
	lock := flock.New(l.path("lab.lock"), flock.SetPermissions(0o600))
	switch ok, err := lock.TryLock(); {
	case err != nil:
		return fmt.Errorf("start the lab: %w", err)
	case !ok:
		return &BusyError{Dir: l.cfg.Dir}
	}
	l.lock = lock
	if err := l.openFiles(); err != nil {
		return err
	}
	return l.listen()
}

func (l *Lab) openFiles() (err error) {
	if l.token, err = secretFile(l.path("secrets", "admin-token")); err != nil {
		return err
	}
	if l.dirSecret, err = secretFile(l.path("secrets", "directory-password")); err != nil {
		return err
	}
	if l.led, err = open[Entry](l, "ledger"); err != nil {
		return err
	}
	if l.company, err = openCompany(l.path("company.json"), l.led, l.cfg.Now); err != nil {
		return err
	}
	if l.portal, err = newPortal(l.company, l.path("portal")); err != nil {
		return err
	}
	if l.corporate, err = open[Message](l, "corporate-mail"); err != nil {
		return err
	}
	if l.external, err = open[Message](l, "out-of-band-mail"); err != nil {
		return err
	}
	if l.posts, err = open[Post](l, "war-room"); err != nil {
		return err
	}
	return writeEvidence(l.path("evidence-source"))
}

// kept is a box of something.
type kept interface {
	clear() error
	close() error
}

// open opens a box, which the lab's end closes.
func open[T any](l *Lab, name string) (*box[T], error) {
	b, err := openBox[T](l.path(name + ".jsonl"))
	if err == nil {
		l.kept = append(l.kept, b)
	}
	return b, err
}

// secretFile returns a secret that is made once and kept.
func secretFile(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err == nil && len(b) > 0 {
		return string(b), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read the lab's secrets: %w", err)
	}
	secret := newToken()
	return secret, replaceFile(path, []byte(secret))
}

// listen opens every port, the same as last time where they are free, starts
// the servers, and only then says in the folder where the lab is.
func (l *Lab) listen() error {
	before, err := readState(l.cfg.Dir)
	if err != nil {
		return err
	}
	l.state = stateFile{Instance: newToken(), PID: os.Getpid(), Since: l.cfg.Now().UTC()}
	l.listeners = map[*string]net.Listener{}
	a, old := &l.state.Addresses, before.Addresses
	for _, p := range []struct {
		address *string
		before  string
	}{
		{&a.Portal, old.Portal}, {&a.Admin, old.Admin}, {&a.Mail, old.Mail},
		{&a.Directory, old.Directory}, {&a.Outside, old.Outside}, {&a.OutsideMail, old.OutsideMail},
	} {
		ln, err := listenOn(p.before)
		if err != nil {
			return err
		}
		l.listeners[p.address], *p.address = ln, ln.Addr().String()
	}
	l.serve()
	if err := writeEnvironment(l.path("environment.yaml"), l.cfg.Dir, *a); err != nil {
		return err
	}
	return writeState(l.cfg.Dir, l.state)
}

// listenOn listens on an address, or on another port when it is taken.
func listenOn(address string) (net.Listener, error) {
	if address != "" {
		if ln, err := net.Listen("tcp", address); err == nil {
			return ln, nil
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the lab: %w", err)
	}
	return ln, nil
}

func (l *Lab) serve() {
	logger := log.New(l.cfg.Log, "", log.LstdFlags|log.LUTC)
	a := &l.state.Addresses
	adminAPI := &admin{company: l.company, lab: l, token: l.token, stop: func() { l.once.Do(func() { close(l.asked) }) }}
	world := &outside{company: l.company, mail: l.external, posts: l.posts, mx: a.Mail, pages: l.portal.pages}
	for address, h := range map[*string]http.Handler{&a.Portal: l.portal.handler(), &a.Admin: adminAPI.handler(), &a.Outside: world.handler()} {
		s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: logger}
		l.http = append(l.http, s)
		l.start(logger, func() error { return s.Serve(l.listeners[address]) })
	}
	for address, h := range map[*string]*mailHost{
		&a.Mail:        {company: l.company, system: "corporate-mail", domains: []string{domain}, defers: true, box: l.corporate},
		&a.OutsideMail: {company: l.company, system: "out-of-band-mail", domains: []string{"example.org", "example.net"}, box: l.external},
	} {
		s := h.server(logger)
		l.smtp = append(l.smtp, s)
		l.start(logger, func() error { return s.Serve(l.listeners[address]) })
	}
	l.ldap = &ldapServer{
		directory: &directory{company: l.company, adminPassword: l.dirSecret},
		listener:  l.listeners[&a.Directory],
		conns:     map[net.Conn]bool{},
	}
	l.start(logger, l.ldap.serve)
}

func (l *Lab) start(logger *log.Logger, serve func() error) {
	l.wg.Go(func() {
		if err := serve(); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			logger.Printf("a server of the lab has ended: %v", err)
		}
	})
}

// Close ends the company: what clients have begun is finished, what the
// company knows stays in its folder. Closing twice is harmless.
func (l *Lab) Close() error {
	l.ended.Do(func() { l.endErr = l.end() })
	return l.endErr
}

func (l *Lab) end() error {
	var errs *multierror.Error
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, s := range l.http {
		if s.Shutdown(ctx) != nil {
			errs = multierror.Append(errs, s.Close())
		}
	}
	for _, s := range l.smtp {
		if err := s.Close(); !errors.Is(err, smtp.ErrServerClosed) {
			errs = multierror.Append(errs, err)
		}
	}
	if l.ldap != nil {
		errs = multierror.Append(errs, l.ldap.close())
	}
	// A server that is closed before it began to serve leaves its listener open.
	for _, ln := range l.listeners {
		if err := ln.Close(); !errors.Is(err, net.ErrClosed) {
			errs = multierror.Append(errs, err)
		}
	}
	l.wg.Wait()
	for _, b := range l.kept {
		errs = multierror.Append(errs, b.close())
	}
	if l.lock == nil {
		return errs.ErrorOrNil()
	}
	if l.state.PID != 0 {
		gone := l.state
		gone.PID = 0
		errs = multierror.Append(errs, writeState(l.cfg.Dir, gone))
	}
	return multierror.Append(errs, l.lock.Unlock()).ErrorOrNil()
}

// Environment is the path of the environment file that leads to this lab.
func (l *Lab) Environment() string { return l.path("environment.yaml") }

// Ledger returns every effect that the lab saw since its last reset, up to now.
func (l *Lab) Ledger() ([]Entry, error) {
	if err := l.portal.reconcile(); err != nil {
		return nil, err
	}
	return l.led.all(), nil
}

// Reset makes everything as it was on the first day: accounts, sessions, mail,
// pages, cases, stored credentials, and an empty ledger.
func (l *Lab) Reset() error {
	errs := multierror.Append(nil, clearFolders(l.cfg.Dir), l.company.reset(), writeEvidence(l.path("evidence-source")))
	for _, b := range l.kept {
		errs = multierror.Append(errs, b.clear())
	}
	return errs.ErrorOrNil()
}

// clearFolders empties the folders that irctl writes to.
func clearFolders(dir string) error {
	var errs *multierror.Error
	for _, name := range []string{"portal", "cases", "new-secrets", "evidence-source"} {
		files, err := os.ReadDir(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = multierror.Append(errs, fmt.Errorf("reset the lab: %w", err))
		}
		for _, f := range files {
			errs = multierror.Append(errs, os.RemoveAll(filepath.Join(dir, name, f.Name())))
		}
	}
	return errs.ErrorOrNil()
}

func (l *Lab) status() Status {
	s := Status{Running: true, stateFile: l.state, Dir: l.cfg.Dir, Environment: l.Environment()}
	s.Systems.PortalOffline = l.portal.offline()
	s.Systems.PaymentsPublished = exists(l.portal.other)
	l.company.look(func(d *companyData) {
		s.Systems.MailSuspended = d.Mail.Suspended
		s.Systems.Sessions = len(d.Sessions)
		for _, a := range d.Accounts {
			if a.Locked != "" {
				s.Systems.LockedAccounts = append(s.Systems.LockedAccounts, a.UID)
			}
		}
	})
	return s
}

// Serve runs a lab until ctx ends, the process is told to end (SIGTERM,
// interrupt), or the admin API is asked to (see [Down]). It is the body of the
// process that [Up] starts.
func Serve(ctx context.Context, cfg Config) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := New(cfg)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-l.asked:
	}
	return l.Close()
}
