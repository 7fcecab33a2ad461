// Package alertmanager drives the silences of an Alertmanager by its API,
// version 2: [Connect] names it, [Manager.Silences] lists what is silenced,
// [Manager.Create] and [Manager.Expire] change it, and [Manager.Silenced] asks
// which alerts a silence keeps from people now.
//
// Files, in reading order: manager.go, matcher.go, target.go.
package alertmanager

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// Manager is an Alertmanager. It may be used from several goroutines, except
// Close.
type Manager struct {
	client *httpclient.Client
	from   *host.Host
	base   string // without a slash at its end
}

// Silence keeps alerts that all its matchers match from people, from StartsAt
// to EndsAt.
type Silence struct {
	ID        string    `json:"id,omitempty"`
	Matchers  []Matcher `json:"matchers"`
	StartsAt  time.Time `json:"startsAt"`
	EndsAt    time.Time `json:"endsAt"`
	CreatedBy string    `json:"createdBy"`
	Comment   string    `json:"comment"`
	Status    *struct {
		State string `json:"state"` // pending, active, expired
	} `json:"status,omitempty"`
}

// Expired reports whether it silences nothing any more.
func (s Silence) Expired() bool { return s.Status != nil && s.Status.State == "expired" }

// Active reports whether it silences now.
func (s Silence) Active() bool { return s.Status != nil && s.Status.State == "active" }

// Connect is the Alertmanager that a request's target names. It does no I/O.
func Connect(req action.Request) (*Manager, error) {
	c, err := config.Read[Config](req.Target)
	if err != nil {
		return nil, err
	}
	m := &Manager{base: c.Base()}
	m.client, m.from, err = c.Client(req.Allow, httpclient.Auth{Bearer: c.Token, User: c.User, Password: c.Password})
	return m, err
}

// Close ends the connection to the machine that the target names in `via`.
func (m *Manager) Close() { m.from.Close() }

// Check says whether it answers, as an Alertmanager.
func (m *Manager) Check(ctx context.Context) []error {
	var status struct {
		Version struct{ Version string } `json:"versionInfo"`
	}
	if err := m.call(ctx, httpclient.Request{}, "/status", nil, &status); err != nil {
		return []error{err}
	}
	if status.Version.Version == "" {
		return []error{m.foreign(false)}
	}
	return nil
}

// Silences lists every silence that is not forgotten: expired ones too.
func (m *Manager) Silences(ctx context.Context) ([]Silence, error) {
	var out []Silence
	return out, m.call(ctx, httpclient.Request{}, "/silences", nil, &out)
}

// Silence looks at one. It is an error if there is none.
func (m *Manager) Silence(ctx context.Context, id string) (Silence, error) {
	all, err := m.Silences(ctx)
	if err != nil {
		return Silence{}, err
	}
	for _, s := range all {
		if s.ID == id {
			return s, nil
		}
	}
	return Silence{}, &action.Error{
		Message: fmt.Sprintf("Alertmanager has no silence %s", action.CleanLine(id, 60)),
		Hint:    "give the output silence of notify.silence; one that ended days ago is forgotten", Permanent: true,
	}
}

// Create adds a silence and returns it as it stands.
func (m *Manager) Create(ctx context.Context, s Silence) (Silence, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return Silence{}, err
	}
	var made struct{ SilenceID string }
	if err := m.call(ctx, httpclient.Request{Method: http.MethodPost, Body: body, ContentType: "application/json"}, "/silences", nil, &made); err != nil {
		return Silence{}, err
	}
	stands, err := m.Silence(ctx, made.SilenceID)
	switch {
	case err != nil:
		return Silence{}, action.Doubtful(err)
	case !stands.Active():
		return Silence{}, &action.Error{Message: "Alertmanager confirmed the silence " + action.CleanLine(made.SilenceID, 60) + ", but it is not active", Hint: "compare the clocks of this machine and of Alertmanager's, then retry"}
	}
	return stands, nil
}

// Expire ends a silence now and looks that it has ended. One that has ended
// stays so.
func (m *Manager) Expire(ctx context.Context, s Silence) error {
	if err := m.call(ctx, httpclient.Request{Method: http.MethodDelete}, "/silence/"+url.PathEscape(s.ID), nil, nil); err != nil {
		return err
	}
	now, err := m.Silence(ctx, s.ID)
	switch {
	case err != nil:
		return action.Doubtful(err)
	case !now.Expired():
		return &action.Error{Message: "Alertmanager confirmed that the silence " + s.ID + " has ended, but it is still there", Hint: "see whether another member of its cluster is out of step, then retry"}
	}
	return nil
}

// Silenced counts the alerts that a silence keeps from people now.
func (m *Manager) Silenced(ctx context.Context, id string) (int64, error) {
	var alerts []struct {
		Status struct {
			SilencedBy []string `json:"silencedBy"`
		} `json:"status"`
	}
	if err := m.call(ctx, httpclient.Request{}, "/alerts", url.Values{"silenced": {"true"}}, &alerts); err != nil {
		return 0, err
	}
	var n int64
	for _, a := range alerts {
		if slices.Contains(a.Status.SilencedBy, id) {
			n++
		}
	}
	return n, nil
}

// call sends a request and reads the answer into a value unless that is nil.
func (m *Manager) call(ctx context.Context, r httpclient.Request, path string, query url.Values, into any) error {
	r.URL = m.base + "/api/v2" + path
	if len(query) > 0 {
		r.URL += "?" + query.Encode()
	}
	answer, err := m.client.Do(ctx, r)
	switch {
	case err != nil:
		return err
	case !answer.Success():
		return answer.Unexpected()
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(answer.Body, into); err != nil || answer.Cut {
		return m.foreign(httpclient.Unsafe(r.Method))
	}
	return nil
}

// foreign says that something else answered.
func (m *Manager) foreign(doubt bool) error {
	return &action.Error{
		Message: "the answer of " + m.base + " is not one of Alertmanager's API, or longer than irctl reads",
		Hint:    "correct url in the environment's target: it is where people open Alertmanager", Permanent: true, Doubt: doubt,
	}
}
