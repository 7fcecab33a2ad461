// Package htpasswd drives a password file of a web server, as Apache's
// htpasswd writes it and as nginx and others read it. [Open] finds it where
// the target says; a [File] replaces the password of an entry, and takes an
// entry out of use and back.
//
// An entry that is out of use stays in the file as a comment, which no server
// reads: so its hash, which is a secret, lies nowhere else. All other lines
// stay byte for byte as they are.
//
// Files, in reading order: htpasswd.go, target.go, entries.go, others.go (the
// server's other password files).
package htpasswd

import (
	"context"
	"net/http"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// File is a password file.
type File struct {
	newsecret.Passwords
	h      *host.Host
	path   string
	config Config
	allow  action.Allow
}

// Open does no I/O.
func Open(_ context.Context, req action.Request) (*File, error) {
	conf, h, err := host.Reach(req, func(c Config) host.Via { return c.Via })
	if err != nil {
		return nil, err
	}
	return &File{conf.Passwords, h, conf.File, conf, req.Allow}, nil
}

// Close ends the way to the machine.
func (f *File) Close() { f.h.Close() }

func (f *File) read(ctx context.Context) (text, error) {
	b, err := f.h.ReadFile(ctx, f.path)
	return text(b), err
}

// change makes of the file what edit does.
func (f *File) change(ctx context.Context, edit func(text) text) error {
	return f.h.Edit(ctx, f.path, 0o640, func(now []byte) ([]byte, error) { return []byte(edit(text(now))), nil })
}

// Entry is how an account stands in the file.
type Entry struct {
	Active bool
	Marks  []string // of its lines that are out of use
}

// Look finds the entry of an account. One that is not there at all is an error.
func (f *File) Look(ctx context.Context, account string) (Entry, error) {
	t, err := f.read(ctx)
	if err != nil {
		return Entry{}, err
	}
	e := t.entry(account)
	if !e.Active && len(e.Marks) == 0 {
		return Entry{}, &action.Error{
			Message: "there is no account " + action.CleanLine(account, 60) + " in " + action.CleanLine(f.path, 200),
			Hint:    "check the spelling", Permanent: true,
		}
	}
	return e, nil
}

// Find looks for an account, and says whether its entry is out of use.
func (f *File) Find(ctx context.Context, account string) (disabled bool, err error) {
	e, err := f.Look(ctx, account)
	return !e.Active, err
}

// cost is that of the program htpasswd. Servers compute the hash for every
// request, and what newsecret makes cannot be guessed however cheap a guess is.
const cost = 5

// SetCredential replaces the hash of an account, in use or not.
func (f *File) SetCredential(ctx context.Context, account string, password action.Secret) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password.Reveal()), cost)
	if err != nil {
		return &action.Error{Message: "no bcrypt hash can be made of the password", Hint: "let passwords have 72 characters at most", Permanent: true}
	}
	// The same algorithm under the name that web servers know (crypt(5)).
	return f.change(ctx, func(t text) text { return t.with(account, "$2y"+string(hash[3:])) })
}

// Accepts holds a password against the file, and if the target has a url,
// against the server there.
func (f *File) Accepts(ctx context.Context, account string, password action.Secret) (bool, error) {
	t, err := f.read(ctx)
	if err != nil {
		return false, err
	}
	matches := bcrypt.CompareHashAndPassword([]byte(t.hash(account)), []byte(password.Reveal())) == nil
	return f.letsIn(ctx, account, password, matches)
}

// letsIn asks the server at url, and is otherwise what the file says.
func (f *File) letsIn(ctx context.Context, account string, password action.Secret, inFile bool) (bool, error) {
	if f.config.URL == "" {
		return inFile, nil
	}
	c, err := httpclient.New(f.allow, httpclient.Options{Auth: httpclient.Auth{User: account, Password: password}, Dial: f.h.Dialer(), CAFile: f.config.CAFile})
	if err != nil {
		return false, err
	}
	answer, err := c.Do(ctx, httpclient.Request{Method: http.MethodGet, URL: f.config.URL})
	if err != nil {
		return false, err
	}
	return answer.Status != http.StatusUnauthorized && answer.Status != http.StatusForbidden, nil
}

// unguarded reports whether the server at url lets in whoever comes with a
// password that is in no file.
func (f *File) unguarded(ctx context.Context) (bool, error) {
	return f.letsIn(ctx, "irctl-preflight", action.NewSecret("nobody's password"), false)
}

// Open names the ways in that the file does not guard: the server's
// other password files that let the account in, and a url that lets in everybody.
func (f *File) Open(ctx context.Context, account string) (free []string, note string, err error) {
	if free, err = f.others(ctx, account); err != nil {
		return nil, "", err
	}
	open, err := f.unguarded(ctx)
	if open {
		free = append(free, "what `url` names, which lets everybody in")
	}
	return free, "; password files that the configuration in " + action.CleanLine(strings.Join(f.config.Server, ", "), 120) + " does not name were not looked at", err
}

// Settle has nothing to end: a server asks for the password with every
// request. The entry of a disabled account stays out of use.
func (f *File) Settle(context.Context, string, bool) (string, error) { return "", nil }

// Disable takes the entry of an account out of use, marked as this key's
// doing.
func (f *File) Disable(ctx context.Context, account, key string) error {
	return f.change(ctx, func(t text) text { return t.disabled(account, markOf(key)) })
}

// Enable takes the entry of an account into use again, if none is. Of several
// that are out of use it is the last.
func (f *File) Enable(ctx context.Context, account string) error {
	e, err := f.Look(ctx, account)
	if err != nil || e.Active {
		return err
	}
	return f.change(ctx, func(t text) text { return t.enabled(account, e.Marks[len(e.Marks)-1]) })
}

// Restore puts an entry back into or out of use, as it was. If somebody has
// given the account another entry since, that is left.
func (f *File) Restore(ctx context.Context, account, key string, before Entry) error {
	now, err := f.Look(ctx, account)
	if err != nil {
		return err
	}
	switch {
	case now.Active == before.Active:
		return nil
	case before.Active:
		return f.change(ctx, func(t text) text { return t.enabled(account, markOf(key)) })
	}
	return f.change(ctx, func(t text) text { return t.disabled(account, before.Marks[len(before.Marks)-1]) })
}

// Preflight says what keeps irctl from acting, on an account if that is not "".
// It changes nothing.
func (f *File) Preflight(ctx context.Context, account string) []error {
	t, err := f.read(ctx)
	if err != nil {
		return []error{err}
	}
	var problems []error
	if err := f.h.Replaceable(ctx, f.path); err != nil {
		problems = append(problems, err)
	}
	if !t.looksRight() {
		problems = append(problems, &action.Error{Message: action.CleanLine(f.path, 200) + " holds no line of the form name:hash", Hint: "correct `file` in the environment's target", Permanent: true})
	}
	switch open, err := f.unguarded(ctx); {
	case err != nil:
		problems = append(problems, err)
	case open:
		problems = append(problems, &action.Error{Message: "what `url` names lets everybody in", Hint: "name an address there that needs a password from the file", Permanent: true})
	}
	ways, err := f.others(ctx, account)
	if err != nil {
		problems = append(problems, err)
	}
	for _, way := range ways {
		problems = append(problems, &action.Error{Message: "whoever is kept out would still come in by " + way, Hint: "give that file a target of its own, and have the runbook act there too", Permanent: true})
	}
	if account != "" {
		if _, err := f.Look(ctx, account); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}
