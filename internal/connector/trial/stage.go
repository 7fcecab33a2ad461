package trial

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/connector/openapi"
	plain "github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/pkg/action"
)

// stage is one case on a server: an actiontest.StandIn.
type stage struct {
	*server
	request action.Request
}

// run is the id of the run that every case is a step of: it began on 14 November 2023.
const run = "01HF7YAT00000000000000TR1A"

// start makes a server with the state that the case begins with.
func (p *play) start() (*stage, error) {
	s := &server{
		file: p.file, slice: p.slice, by: p.by, secrets: map[string]string{}, once: map[string]reply{}, state: map[string]any{},
	}
	if p.by.Auth.OAuth2 != nil || p.by.Auth.Device != nil {
		s.token = "trial-token-of-the-server"
	}
	s.Server = httptest.NewServer(s)
	s.elsewhere = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if said := fmt.Sprint(r.Header, r.URL); slices.ContainsFunc(s.kept(), func(secret string) bool { return secret != "" && strings.Contains(said, secret) }) {
			s.complain("a secret went to another host: %s %s", r.Method, r.URL.Path)
		}
	}))
	for _, from := range []map[string]any{p.file.State, p.it.Given} {
		for name, list := range from {
			s.state[name] = copied(list)
		}
	}
	config := map[string]any{}
	if name, ok := strings.CutPrefix(strings.TrimSuffix(p.by.Base.Value, " }}"), "${{ config."); ok {
		config[name] = s.URL + s.slice.Base()
	}
	for _, f := range p.by.Config {
		if f.Secret {
			s.secrets[f.Name] = fmt.Sprintf("trial-secret-%s-%d", f.Name, len(p.opened)) // others each time, so that no token is kept from one server to the next
			config[f.Name] = s.secrets[f.Name]
		}
	}
	given, _ := s.fill(p.file.Config, scope{"server": s.URL}).(map[string]any)
	maps.Copy(config, given)
	typed, wrong := coerce.Fields(p.form.Fields, config)
	with, more := coerce.Fields(p.action.Spec().Inputs, p.it.With)
	for _, problem := range append(wrong, more...) {
		return nil, fmt.Errorf("%s: %s %s", p.file.Path, problem.Input, problem.Message)
	}
	for name, secret := range s.secrets {
		typed[name] = action.NewSecret(secret)
	}
	out := &stage{s, action.Request{
		Run: run, Runbook: "trial", Path: "step", Attempt: 1, Key: run + "/step", With: with,
		Target: action.Target{Name: "trial", Type: p.by.Name.Value, Config: typed}, Allow: action.Allow{Loopback: true}, Secrets: &actiontest.Secrets{},
	}}
	p.opened = append(p.opened, out)
	return out, nil
}

// close ends the servers.
func (p *play) close() {
	for _, s := range p.opened {
		s.CloseClientConnections()
		s.Close()
		s.elsewhere.Close()
	}
	p.opened = nil
}

// kept are the secrets that nobody may see.
func (s *server) kept() []string {
	return append(slices.Collect(maps.Values(s.secrets)), s.token)
}

func copied(v any) any {
	text, err := plain.Encode(v)
	if err != nil {
		return v
	}
	out, _ := plain.Decode(text)
	return out
}

// Request implements actiontest.StandIn.
func (s *stage) Request() action.Request { return s.request }

// Faults implements actiontest.StandIn.
func (s *stage) Faults() *actiontest.Faults { return &s.faults }

// State implements actiontest.StandIn. The order of what a system has means nothing.
func (s *stage) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sorted := make(map[string][]string, len(s.state))
	for name, v := range s.state {
		list, _ := v.([]any)
		for _, e := range list {
			text, _ := plain.Encode(e)
			sorted[name] = append(sorted[name], string(text))
		}
		slices.Sort(sorted[name])
	}
	return fmt.Sprint(sorted)
}

// befall has trouble befall the n-th request from now on.
func (s *stage) befall(n int, t trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble, s.at, s.asked, s.endless = t, n, 0, false
}

// mistakes are what was not as described so far.
func (s *stage) mistakes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.wrong)
}

// play is one case of a file.
type play struct {
	by     *connector.File
	slice  *openapi.Document
	file   *File
	it     *Case
	action action.Action
	form   action.TargetType
	opened []*stage

	already bool // it is so before
}

// hurried is a clock on which waiting costs nothing.
type hurried struct {
	mu  sync.Mutex
	now time.Time
}

// Now implements patience.Clock.
func (h *hurried) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// Sleep implements patience.Clock.
func (h *hurried) Sleep(ctx context.Context, d time.Duration) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
	return ctx.Err()
}
