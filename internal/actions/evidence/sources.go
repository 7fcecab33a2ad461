package evidence

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/systems/casefolder"
	"github.com/irctl/irctl/pkg/action"
)

// maxFetched is the most that is taken from one address.
const maxFetched = 1 << 30

// source is one thing to collect. kind and name are those of the item that is
// written last, so that a source that was cut off counts as missing.
type source struct {
	kind, name string
	collect    func(ctx context.Context, req action.Request, col *casefolder.Collection) error
}

func sourcesOf(req action.Request) []source {
	out := each.Of(req.With.Strings("files"), file)
	for _, c := range req.With.List("commands") {
		argv, _ := c.([]any)
		out = append(out, command(argv))
	}
	for _, u := range req.With.Strings("urls") {
		out = append(out, address(u))
	}
	return out
}

func file(name string) source {
	if absolute, err := filepath.Abs(name); err == nil {
		name = absolute
	}
	return source{"file", name, func(ctx context.Context, _ action.Request, col *casefolder.Collection) error {
		return col.TakeFile(ctx, name, time.Now().UTC())
	}}
}

// command keeps both streams whole, by way of files in the run's folder.
func command(list []any) source {
	argv, bad := process.Argv(list)
	name := shownArgv(argv)
	return source{"stderr", name, func(ctx context.Context, req action.Request, col *casefolder.Collection) error {
		if bad != nil {
			return bad
		}
		streams, err := newStreams(req.Dir)
		if err != nil {
			return err
		}
		defer streams.remove()
		at := time.Now().UTC()
		// Any exit code is evidence too; -1 is no exit.
		r, err := process.Command{Argv: argv, Success: nil}.Run(ctx, streams)
		if err != nil && r.ExitCode <= 0 {
			return err
		}
		code := r.ExitCode
		for _, kind := range []string{"stdout", "stderr"} {
			f := streams.files[kind]
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				return err
			}
			item := casefolder.Item{Kind: kind, Source: name, ExitCode: &code, Collected: at}
			if err := col.Take(ctx, item, filepath.Base(argv[0])+"."+kind, f); err != nil {
				return err
			}
		}
		return nil
	}}
}

// shownArgv is a command as the manifest names it.
func shownArgv(argv []string) string {
	quoted := make([]string, len(argv))
	for i, a := range argv {
		if quoted[i] = a; a == "" || strings.ContainsAny(a, " \t\n\"'\\") {
			quoted[i] = fmt.Sprintf("%q", a)
		}
	}
	return strings.Join(quoted, " ")
}

// streams is a Sink that keeps a command's output in files, because it may be
// larger than memory.
type streams struct{ files map[string]*os.File }

func newStreams(dir string) (*streams, error) {
	s := &streams{files: map[string]*os.File{}}
	for _, name := range []string{"stdout", "stderr"} {
		f, err := os.CreateTemp(dir, "evidence-*."+name)
		if err != nil {
			s.remove()
			return nil, &action.Error{Message: "the command was not run, because its output could not be kept", Hint: "make room in the run's folder", Cause: err}
		}
		s.files[name] = f
	}
	return s, nil
}

func (s *streams) Record(map[string]any) error { return nil }
func (s *streams) Progress(string)             {}
func (s *streams) Artifact(string, io.Reader) (string, int64, error) {
	return "", 0, fmt.Errorf("a command's output is no artifact here")
}
func (s *streams) Output(stream string) io.Writer {
	if f, ok := s.files[stream]; ok {
		return f
	}
	return io.Discard
}

func (s *streams) remove() {
	for _, f := range s.files {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
}

// address keeps what an address answers, whatever the status, with its
// headers. Redirects are kept as they are, not followed.
func address(text string) source {
	name := text
	if u, err := url.Parse(text); err == nil {
		name = u.Redacted()
	}
	return source{"headers", name, func(ctx context.Context, req action.Request, col *casefolder.Collection) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, text, nil)
		if err != nil || (r.URL.Scheme != "http" && r.URL.Scheme != "https") || r.URL.User != nil {
			return &action.Error{Message: action.CleanLine(name, 120) + " is not an address to collect from", Hint: "write http:// or https:// and no password", Permanent: true}
		}
		at := time.Now().UTC()
		answer, err := fetcher(req.Allow).Do(r)
		if err != nil {
			return &action.Error{Message: "could not collect " + action.CleanLine(name, 120), Hint: "check the address and the network", Cause: err}
		}
		defer func() { _ = answer.Body.Close() }()
		item := casefolder.Item{Kind: "body", Source: name, Status: answer.StatusCode, Collected: at}
		if err := col.Take(ctx, item, r.URL.Hostname()+".body", io.LimitReader(answer.Body, maxFetched)); err != nil {
			return err
		}
		var head bytes.Buffer
		_, _ = fmt.Fprintf(&head, "%s %s\r\n", answer.Proto, answer.Status)
		if err := answer.Header.Write(&head); err != nil {
			return err
		}
		item.Kind = "headers"
		return col.Take(ctx, item, r.URL.Hostname()+".headers", &head)
	}}
}

// fetcher is a client for answers that are larger than httpclient.Client keeps.
func fetcher(allow action.Allow) *http.Client {
	return &http.Client{
		Timeout: 10 * time.Minute,
		Transport: &http.Transport{
			DialContext: httpclient.Dialer(allow).DialContext, DisableKeepAlives: true, DisableCompression: true,
			TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
