package contract

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/payments"
	"github.com/irctl/irctl/internal/actions/website"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// The files of a site.
const (
	sitePage    = "/srv/www/closed.html"
	siteFlag    = "/srv/www/closed.flag"
	siteInclude = "/etc/nginx/irctl/portal.conf"
)

// webServer is a machine with a site on it, which it closes for a flag, or for a
// block in the file that nginx included when it was told last.
type webServer struct {
	machine
	loaded string
	// since counts what visitors asked after the server was told last, of which an
	// old process, with what was loaded before, answers one: the old-th.
	old, since int
	former     string
}

// onWeb starts a web server of a type with a config.
func onWeb(targetType string, config map[string]any) func(t *testing.T, a action.Action) actiontest.StandIn {
	return func(t *testing.T, a action.Action) actiontest.StandIn {
		const others = "# the team's own line\n"
		s := &webServer{loaded: others}
		s.files = map[string]string{siteInclude: others, sitePage: "<p>the page of last year</p>"}
		s.program, s.changes = s.run, func(argv []string) bool { return slices.Contains(argv, "reload") }
		web := httptest.NewServer(s.tapped(faulty(&s.faults, s)))
		t.Cleanup(web.Close)
		given := map[string]any{"check_url": web.URL}
		if targetType == "maintenance-page" {
			given["url"] = web.URL + "/pay"
		}
		maps.Copy(given, config)
		with := action.Values{"message": "We are closed.", "alternatives": []any{"At any counter"}}
		s.req = request(t, a, targetType, with, given)
		if a.Spec().Name == "website.restore" {
			_, err := website.Suspend().Run(hurry(t.Context(), s), request(t, website.Suspend(), targetType, with, given), &actiontest.Sink{})
			require.NoError(t, err)
		}
		if a.Spec().Name == "payments.withdraw" {
			_, err := payments.Publish().Run(hurry(t.Context(), s), request(t, payments.Publish(), targetType, with, given), &actiontest.Sink{})
			require.NoError(t, err)
		}
		return s
	}
}

func (s *webServer) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.content() + fmt.Sprintf("loaded: %q\n", s.loaded)
}

func (s *webServer) run(argv []string, _ string) (string, string, int) {
	switch argv[len(argv)-1] {
	case "reload":
		s.former, s.loaded, s.since = s.loaded, s.files[siteInclude], 0
	case "-T":
		return "# configuration file /etc/nginx/nginx.conf:\nhttp { server { include /etc/nginx/irctl/portal*.conf; } }\n", "", 0
	case "DUMP_MODULES":
		return "rewrite_module (shared)\n", "", 0
	}
	return "", "", 0
}

var retryAfter = regexp.MustCompile(`Retry-After "(\d+)"`)

// ServeHTTP answers visitors.
func (s *webServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text, ok := s.files[sitePage]; ok && r.URL.Path == "/pay" {
		_, _ = w.Write([]byte(text))
		return
	}
	loaded := s.loaded
	if s.since++; s.since == s.old {
		loaded = s.former
	}
	_, closed := s.files[siteFlag]
	if after := retryAfter.FindStringSubmatch(loaded); after != nil {
		closed = true
		w.Header().Set("Retry-After", after[1])
	}
	if !closed {
		_, _ = w.Write([]byte("the portal"))
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(s.files[sitePage]))
}
