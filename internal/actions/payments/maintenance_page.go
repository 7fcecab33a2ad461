package payments

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// maintenancePage publishes or withdraws the list as a page of a web server.
type maintenancePage struct {
	publish  bool
	patience time.Duration
}

func (maintenancePage) Target() action.TargetType { return page.Target("url") }

type look struct {
	path, url    string
	page         page.Snapshot
	want         []byte
	alternatives []page.Alternative
}

func (m maintenancePage) look(ctx context.Context, h *host.Host, req action.Request) (look, error) {
	l := look{path: req.Target.Config.String("page"), url: req.Target.Config.String("url")}
	var err error
	if l.page, err = page.Look(ctx, h, l.path); err != nil || !m.publish {
		return l, err
	}
	if l.alternatives, err = page.Alternatives(req.With.List("alternatives")); err != nil {
		return look{}, err
	}
	l.want, err = page.Notice{
		Title:        "Other ways to pay",
		Message:      req.With.String("notice"),
		Heading:      "You can pay like this",
		Alternatives: l.alternatives,
	}.HTML()
	return l, err
}

func (m maintenancePage) desired(l look) bool {
	if m.publish {
		return l.page.Holds(l.want)
	}
	return !l.page.Exists
}

func (m maintenancePage) result(l look) action.Result {
	names := []any{}
	for _, n := range page.Names(l.alternatives) {
		names = append(names, n)
	}
	r := action.Result{Outputs: map[string]any{"url": l.url, "listed": names}, Summary: "the list of other ways to pay is withdrawn"}
	if m.publish {
		r.Summary = fmt.Sprintf("%s lists %d other ways to pay", l.url, len(names))
		if len(names) == 1 {
			r.Summary = l.url + " lists 1 other way to pay"
		}
	}
	return r
}

// Inspect implements action.Inspector.
func (m maintenancePage) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	h, err := host.Of(req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer h.Close()
	l, err := m.look(ctx, h, req)
	if err != nil {
		return action.Inspection{}, err
	}
	i := action.Inspection{Known: true, Desired: m.desired(l), Repeatable: true, Outputs: m.result(l).Outputs}
	i.Want = "no page with other ways to pay"
	if m.publish {
		i.Want = "a page that lists " + strings.Join(page.Names(l.alternatives), ", ")
	}
	switch {
	case !l.page.Exists:
		i.Current = "no page with other ways to pay"
	case m.publish && !i.Desired:
		i.Current = "another page is there"
	default:
		i.Current = "the page is there"
	}
	if i.Desired && m.publish {
		seen, err := m.site(req, l).Look(ctx)
		if err == nil {
			err = l.wrong(seen)
		}
		if err != nil {
			i.Desired, i.Current = false, "the page is written, but "+l.url+" does not show it"
		}
	}
	return i, nil
}

// Run implements kind.Kind.
func (m maintenancePage) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	h, err := host.Of(req)
	if err != nil {
		return action.Result{}, err
	}
	defer h.Close()
	l, err := m.look(ctx, h, req)
	if err != nil {
		return action.Result{}, err
	}
	r := m.result(l)
	if m.desired(l) {
		// An attempt that recorded has changed it; then there is something to undo.
		r.Changed = len(req.Record) > 0
		r.Already = !r.Changed
		return r, m.check(ctx, req, l)
	}
	if len(req.Record) == 0 {
		before, err := l.page.Keep(req.Dir)
		if err != nil {
			return action.Result{}, err
		}
		if err := out.Record(map[string]any{"page": before}); err != nil {
			return action.Result{}, err
		}
	}
	r.Changed = true
	if m.publish {
		err = page.Put(ctx, h, l.path, l.want)
	} else {
		err = page.Delete(ctx, h, l.path)
	}
	if err != nil {
		return action.Result{}, err
	}
	return r, m.check(ctx, req, l)
}

// Undo implements action.Undoer.
func (m maintenancePage) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	if len(req.Record) == 0 {
		return action.Result{Already: true, Summary: "nothing was changed, so nothing is put back"}, nil
	}
	h, err := host.Of(req)
	if err != nil {
		return action.Result{}, err
	}
	defer h.Close()
	before, err := page.Recalled(req.Dir, action.Values(req.Record).Map("page"))
	if err != nil {
		return action.Result{}, err
	}
	changed, err := before.Restore(ctx, h, req.Target.Config.String("page"))
	if err != nil {
		return action.Result{}, err
	}
	return action.Result{Outputs: map[string]any{}, Changed: changed, Already: !changed, Summary: "the page is as it was before the step"}, nil
}

func (m maintenancePage) check(ctx context.Context, req action.Request, l look) error {
	if !m.publish {
		return nil
	}
	return m.site(req, l).Until(ctx, l.wrong)
}

func (m maintenancePage) site(req action.Request, l look) page.Site {
	return page.Site{URL: l.url, Allow: req.Allow, Patience: m.patience}
}

// wrong says what is wrong with what customers see, by name.
func (l look) wrong(seen page.Seen) error {
	if seen.Status != http.StatusOK {
		return page.Unlike(l.url, "the other ways to pay with status 200", seen)
	}
	var missing []string
	for _, a := range l.alternatives {
		if len(seen.Missing([]string{a.Name, a.How, a.Contact})) > 0 {
			missing = append(missing, a.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &action.Error{
		Message: fmt.Sprintf("%s answers, but does not list: %s", l.url, strings.Join(missing, ", ")),
		Hint:    "check that url shows the page that the target names, and that no cache is in between; then retry",
	}
}

// Preflight implements action.Preflighter.
func (m maintenancePage) Preflight(ctx context.Context, req action.Request) []error {
	h, err := host.Of(req)
	if err != nil {
		return []error{err}
	}
	defer h.Close()
	if problems := h.Check(ctx); len(problems) > 0 {
		return problems
	}
	var problems []error
	keep := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	keep(page.Writable(ctx, h, req.Target.Config.String("page")))
	// Any answer will do: before the page is published a 404 is right.
	_, err = page.Site{URL: req.Target.Config.String("url"), Allow: req.Allow}.Look(ctx)
	keep(err)
	return problems
}

// Validate implements action.Validator.
func (maintenancePage) Validate(with action.Values, _ string) []action.Problem {
	if _, err := page.Alternatives(with.List("alternatives")); err != nil {
		return []action.Problem{page.Problem("alternatives", err)}
	}
	return nil
}
