package contract

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// machine is a host.Machine with files in memory and one program, which is
// whatever the system's own programs are together.
type machine struct {
	tap
	faults actiontest.Faults
	req    action.Request
	mu     sync.Mutex // held while the program runs
	files  map[string]string
	// program runs a command. What it prints to its error output ends with a
	// code other than 0.
	program func(argv []string, stdin string) (stdout, stderr string, code int)
	// script answers scripts of sh; nil finds all so that they ask for.
	script func(argv []string) (stdout string)
	// changes reports whether a command changes the system.
	changes func(argv []string) bool
}

func (m *machine) Request() action.Request    { return m.req }
func (m *machine) Faults() *actiontest.Faults { return &m.faults }

// unfollowed is the error for what was not followed to its end, as over ssh
// when the connection is lost.
func unfollowed(what string) error {
	return &action.Error{Message: "the connection was lost during " + what, Hint: "check the network, then retry", Doubt: true}
}

// interact carries out what do does, or breaks as was planned.
func (m *machine) interact(what string, changes bool, refusal error, do func() error) error {
	fault := m.faults.Next(changes)
	switch fault {
	case actiontest.Lost:
		return unfollowed(what)
	case actiontest.Refused:
		return refusal
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	err := do()
	if fault == actiontest.Unanswered {
		return unfollowed(what)
	}
	return err
}

// Run implements host.Machine.
func (m *machine) Run(_ context.Context, c process.Command) (process.Result, error) {
	m.saw(arguments(c.Argv), input(c.Stdin.Reveal()), fmt.Sprint(sortedKeys(c.Env)))
	var res process.Result
	refused := fmt.Errorf("refused")
	err := m.interact(c.Argv[0], m.changes(c.Argv), refused, func() error {
		switch {
		case slices.Equal(c.Argv, []string{"id", "-u"}):
			res.Stdout = "0\n"
		case c.Argv[0] == "sh" && m.script != nil:
			res.Stdout = m.script(c.Argv)
		case c.Argv[0] != "sh":
			res.Stdout, res.Stderr, res.ExitCode = m.program(c.Argv, c.Stdin.Reveal())
		}
		return nil
	})
	if err == refused {
		return process.Result{ExitCode: 1, Stderr: c.Argv[0] + ": fatal: only root may do this\n"}, nil
	}
	return res, err
}

// Read implements host.Machine.
func (m *machine) Read(path string) (data []byte, err error) {
	m.saw("read", path)
	err = m.interact(path, false, denied("open", path), func() error {
		text, ok := m.files[path]
		if !ok {
			return &fs.PathError{Op: "open", Path: path, Err: syscall.ENOENT}
		}
		data = []byte(text)
		return nil
	})
	return data, err
}

// Write implements host.Machine.
func (m *machine) Write(path string, data []byte) error {
	m.saw("write", written(path, string(data)))
	return m.interact(path, true, denied("open", path), func() error {
		m.files[path] = string(data)
		return nil
	})
}

// Stat implements host.Machine.
func (m *machine) Stat(path string) (f host.File, err error) {
	err = m.interact(path, false, denied("stat", path), func() error {
		if text, ok := m.files[path]; ok {
			f = host.File{Mode: 0o644, Size: int64(len(text))}
		}
		return nil
	})
	return f, err
}

// Remove implements host.Machine.
func (m *machine) Remove(path string) error {
	m.saw("remove", path)
	return m.interact(path, true, denied("remove", path), func() error {
		delete(m.files, path)
		return nil
	})
}

func denied(op, path string) error { return &fs.PathError{Op: op, Path: path, Err: syscall.EACCES} }

// content is the machine's files as text.
func (m *machine) content() string {
	var b strings.Builder
	for _, path := range sortedKeys(m.files) {
		fmt.Fprintf(&b, "%s: %q\n", path, m.files[path])
	}
	return b.String()
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// faulty has every request to a server be an interaction that may break. All
// but GET change something.
func faulty(f *actiontest.Faults, server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch f.Next(r.Method != http.MethodGet) {
		case actiontest.Lost:
			panic(http.ErrAbortHandler)
		case actiontest.Refused:
			w.WriteHeader(http.StatusForbidden)
		case actiontest.Unanswered:
			server.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			server.ServeHTTP(w, r)
		}
	})
}
