package website

import (
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// Drain returns the action website.drain.
func Drain() action.Action {
	return kind.New(action.Spec{
		Name:    "website.drain",
		Summary: "Send no new visitors to some servers of a website, and wait for those they have",
		Description: "Has the load balancer send new visitors to the other servers, and waits until nobody is connected to these any more: before a machine is isolated, examined or rebuilt. " +
			"It refuses to leave a backend without a server, unless `override` says otherwise, and looks at check_url that the website still answers; if it does not, the servers get visitors again at once. " +
			"When somebody is still connected after `wait`, the step fails and the servers stay drained; with `end`, their connections are ended. " +
			"Undo brings the servers into the states from before, except those that somebody has changed since.",
		Effect:     action.Change,
		Idempotent: true,
		Traits:     []action.Trait{action.Shared},
		Inputs: []action.Field{
			drained,
			{Name: "wait", Type: action.Duration, Default: 2 * time.Minute, Description: "How long those who are connected may take.", Example: "10m"},
			{Name: "end", Type: action.Bool, Default: false, Description: "Whether connections that are still open then are ended."},
			{Name: "override", Type: action.Bool, Default: false, Description: "Drain even the last servers of a backend."},
		},
		Counterpart: "website.undrain",
		Example: `- id: drain
  uses: website.drain
  target: portal
  timeout: 15m
  with: {servers: [portal/web1], wait: 10m}
`,
	}, byDraining(true))
}

// Undrain returns the action website.undrain.
func Undrain() action.Action {
	return kind.New(action.Spec{
		Name:        "website.undrain",
		Summary:     "Send visitors to drained servers of a website again",
		Description: "Has the load balancer send visitors to servers that are drained, whoever drained them. One in maintenance stays there: website.restore ends that. Undo drains them again.",
		Effect:      action.Change,
		Idempotent:  true,
		Inputs:      []action.Field{drained},
		Counterpart: "website.drain",
		Example: `- id: undrain
  uses: website.undrain
  target: portal
  with: {servers: [portal/web1]}
`,
	}, byDraining(false))
}

var drained = action.Field{Name: "servers", Type: action.List, Items: action.String, Required: true, Subject: true, Description: "Which servers, as backend/server, or whole backends, of those that the target names.", Example: "[portal/web1]"}

// byDraining drains servers of HAProxy or ends that.
func byDraining(drains bool) kind.Kind {
	t := byHAProxy(true, following).Target()
	t.Example = strings.Replace(t.Example, "have them disable the backend", "have them drain the server", 1)
	return kind.Change{
		Type: config.Describe[haproxyConfig](t), Patience: following,
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			conf, h, err := host.Reach(req, func(c haproxyConfig) host.Via { return c.Via })
			return &draining{call: &call{visitor: conf.visitor, req: req, host: h}, farm: conf.farm(h), drains: drains}, err
		},
	}
}

// draining is one step on some servers.
type draining struct {
	*call
	farm
	drains bool
	now    map[string]upstream // those that are meant
	left   map[string]int      // servers of each backend that would still serve
	people int                 // connected to those that are meant
}

// Look implements kind.Work.
func (d *draining) Look(ctx context.Context, _ action.Values) (s kind.State, err error) {
	if err := d.find(ctx); err != nil {
		return s, err
	}
	due := d.due()
	if d.people, err = d.connected(ctx); err != nil {
		return s, err
	}
	names := strings.Join(slices.Sorted(maps.Keys(d.now)), ", ")
	s.Desired, s.Want = len(due) == 0, "visitors are sent to "+names
	s.Current = "new visitors are sent to " + strings.Join(slices.Sorted(maps.Keys(due)), ", ")
	if !d.drains {
		if len(due) > 0 {
			s.Current = "drained: " + strings.Join(slices.Sorted(maps.Keys(due)), ", ")
		}
		return s, nil
	}
	s.Want = "no new visitors are sent to " + names + ", and nobody is connected"
	if len(due) == 0 {
		s.Current = fmt.Sprintf("no new visitors are sent to %s, and connected are %d", names, d.people)
	}
	s.Desired = s.Desired && d.people == 0
	return s, nil
}

// find sorts the servers of the target into those that are meant and the rest.
func (d *draining) find(ctx context.Context) error {
	all, err := d.upstreams(ctx)
	if err != nil {
		return err
	}
	d.now, d.left = map[string]upstream{}, map[string]int{}
	for _, name := range d.req.With.Strings("servers") {
		found := false
		for s, u := range all {
			if backend, _, _ := strings.Cut(s, "/"); s == name || backend == name {
				d.now[s], found = u, true
			}
		}
		if !found {
			return &action.Error{
				Message:   fmt.Sprintf("%s is not among the servers of the target, so nothing was changed", action.CleanLine(name, 80)),
				Hint:      "the target has " + action.CleanLine(strings.Join(slices.Sorted(maps.Keys(all)), ", "), 200),
				Permanent: true,
			}
		}
	}
	backends := each.Of(slices.Collect(maps.Keys(d.now)), func(s string) string { b, _, _ := strings.Cut(s, "/"); return b })
	whole, err := farm{d.socket, backends}.upstreams(ctx)
	for s, u := range whole {
		b, _, _ := strings.Cut(s, "/")
		if _, meant := d.now[s]; !meant && u.state == ready {
			d.left[b]++
		}
	}
	return err
}

// due are the states of the servers that have to change.
func (d *draining) due() map[string]string {
	out := map[string]string{}
	for name, u := range d.now {
		switch {
		case d.drains && u.state == ready:
			out[name] = drain
		case !d.drains && u.state == drain:
			out[name] = ready
		}
	}
	return out
}

// connected is how many connections the servers have (HAProxy's management guide,
// section 9.1).
func (d *draining) connected(ctx context.Context) (int, error) {
	text, err := d.socket.Ask(ctx, "show stat")
	if err != nil {
		return 0, err
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(strings.TrimSpace(text), "# "))).ReadAll()
	if err != nil || len(rows) == 0 {
		return 0, &action.Error{Message: "what HAProxy says of its servers cannot be read", Hint: "look with `show stat` at the socket", Cause: err, Permanent: true}
	}
	backend, server, now := slices.Index(rows[0], "pxname"), slices.Index(rows[0], "svname"), slices.Index(rows[0], "scur")
	sum := 0
	for _, row := range rows[1:] {
		if _, meant := d.now[row[max(backend, 0)]+"/"+row[max(server, 0)]]; meant {
			n, _ := strconv.Atoi(row[max(now, 0)])
			sum += n
		}
	}
	return sum, nil
}

// Keep implements kind.Keeper.
func (d *draining) Keep(ctx context.Context, record action.Values) (map[string]any, error) {
	due := d.due()
	if len(due) == 0 || len(record) > 0 {
		return nil, nil
	}
	states := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(due)) {
		if d.drains && d.left[strings.Split(name, "/")[0]] == 0 && !d.req.With.Bool("override") {
			return nil, &action.Error{
				Message:   fmt.Sprintf("without %s no server of that backend would take visitors, so nothing was changed", name),
				Hint:      "website.suspend closes the site with a message; if draining it is meant, `override: true` in the step does it",
				Permanent: true,
			}
		}
		states[name] = d.now[name].state
	}
	kept := map[string]any{"servers": states}
	if seen, err := d.site("").Look(ctx); err == nil {
		kept["status"] = int64(seen.Status)
	}
	return kept, nil
}

// Change implements kind.Work.
func (d *draining) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	if err := d.set(ctx, d.due()); err != nil || !d.drains {
		return err
	}
	nobody := func() (err error) {
		if d.people, err = d.connected(ctx); err != nil {
			return patience.Stop(action.Doubtful(err))
		}
		if d.people == 0 {
			return nil
		}
		out.Progress(fmt.Sprintf("waiting for %d who are still connected", d.people))
		return &action.Error{
			Message: fmt.Sprintf("no new visitors are sent there, but %d are still connected", d.people),
			Hint:    "retry to wait on, or give the step `end: true`, which ends their connections",
		}
	}
	err := patience.Limit{For: d.req.With.Duration("wait"), Every: time.Second}.Until(ctx, nobody)
	if err == nil || action.IsDoubtful(err) || ctx.Err() != nil || !d.req.With.Bool("end") {
		return err
	}
	ends := each.Of(slices.Sorted(maps.Keys(d.now)), func(name string) []string { return []string{"shutdown sessions server " + name} })
	if err := d.socket.Tell(ctx, "show sess", ends...); err != nil {
		return err
	}
	return following.Until(ctx, nobody)
}

// Seen implements kind.Witness: the other servers serve the site.
func (d *draining) Seen(ctx context.Context, record action.Values) (wrong, err error) {
	d.missed = false
	if before := record.Int("status"); !d.drains || before == 0 || before >= http.StatusBadRequest {
		return nil, nil
	}
	seen, err := d.site("").Look(ctx)
	if err == nil && seen.Status >= http.StatusBadRequest {
		d.missed = true
		wrong = &action.Error{Message: fmt.Sprintf("without these servers the website answers %d", seen.Status), Hint: "see to the other servers, then retry"}
	}
	return wrong, err
}

// Retract implements kind.Retractor.
func (d *draining) Retract(ctx context.Context, record action.Values, why error) error {
	if !d.missed {
		return why
	}
	if _, _, err := d.PutBack(ctx, record, nil); err != nil {
		return err
	}
	return &action.Error{Message: "the servers get visitors again", Hint: "see to the other servers, then retry", Cause: why}
}

// PutBack implements kind.Restorer.
func (d *draining) PutBack(ctx context.Context, record action.Values, _ action.Sink) (changed bool, summary string, err error) {
	due, err := d.back(ctx, record, map[bool]string{true: drain, false: ready}[d.drains])
	if err == nil {
		err = d.set(ctx, due)
	}
	return len(due) > 0, "the servers are in the states from before the step", err
}

// Check implements kind.Checker.
func (d *draining) Check(ctx context.Context) []error { return d.check(ctx) }
