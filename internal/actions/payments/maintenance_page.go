package payments

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// onPage publishes or withdraws the list as a page of a web server.
func onPage(publish bool, limit patience.Limit) kind.Change {
	return kind.Change{
		Type: page.Target("url"), Patience: limit,
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			conf, err := config.Read[page.Config](req.Target)
			if err != nil {
				return nil, err
			}
			l := &list{Config: conf, publish: publish, req: req}
			if publish {
				if l.alternatives, err = page.Alternatives(req.With.List("alternatives")); err != nil {
					return nil, err
				}
			}
			l.host, err = host.Open(conf.Via, req.Allow)
			return l, err
		},
		Inputs: page.CheckAlternatives,
	}
}

// list is the page with other ways to pay, and what it is now.
type list struct {
	page.Config
	publish      bool
	req          action.Request
	host         *host.Host
	alternatives []page.Alternative
	want         []byte
	now          page.Snapshot
	kept         page.Snapshot // the page from before the list, which lies beside it
}

// beside is where the page from before lies while a list is in its place, so
// that another run, and a person, can put it back.
func (l *list) beside() string { return l.Page + ".before-irctl" }

// Close implements kind.Work.
func (l *list) Close() { l.host.Close() }

// Look implements kind.Work.
func (l *list) Look(ctx context.Context, _ action.Values) (s kind.State, err error) {
	if l.now, err = page.Look(ctx, l.host, l.Page); err != nil {
		return s, err
	}
	if l.kept, err = page.Look(ctx, l.host, l.beside()); err != nil {
		return s, err
	}
	names := page.Names(l.alternatives)
	s = kind.State{
		Desired: !l.kept.Exists && !isList(l.now), Current: "the page is there", Want: "no page with other ways to pay",
		Summary: "the list of other ways to pay is withdrawn",
	}
	if l.publish {
		l.want, err = page.Notice{
			Title: title, Message: l.req.With.String("notice"),
			Heading: heading, Alternatives: l.alternatives,
		}.HTML()
		s.Desired = l.now.Holds(l.want)
		s.Want = "a page that lists " + strings.Join(names, ", ")
		s.Summary = fmt.Sprintf("%s lists %d other ways to pay", l.URL, len(names))
		if len(names) == 1 {
			s.Summary = l.URL + " lists 1 other way to pay"
		}
	}
	switch {
	case !l.now.Exists:
		s.Current = "no page with other ways to pay"
	case l.publish && !s.Desired, !l.publish && s.Desired:
		s.Current = "another page is there"
	}
	s.Already = s.Summary
	listed := make([]any, len(names))
	for i, name := range names {
		listed[i] = name
	}
	s.Outputs = map[string]any{"url": l.URL, "listed": listed}
	return s, err
}

// isList reports whether a page is a list that irctl wrote.
func isList(s page.Snapshot) bool {
	return bytes.Contains(s.Data(), []byte("<title>"+title+"</title>")) && bytes.Contains(s.Data(), []byte("<h2>"+heading+"</h2>"))
}

const (
	title   = "Other ways to pay"
	heading = "You can pay like this"
)

// Seen implements kind.Witness, and says by name what customers do not see.
func (l *list) Seen(ctx context.Context, _ action.Values) (wrong, err error) {
	if !l.publish {
		return nil, nil
	}
	seen, err := l.site().Look(ctx)
	if err != nil {
		return nil, err
	}
	if seen.Status != http.StatusOK {
		return page.Unlike(l.URL, "the other ways to pay with status 200", seen), nil
	}
	var missing []string
	for _, a := range l.alternatives {
		if len(seen.Missing([]string{a.Name, a.How, a.Contact})) > 0 {
			missing = append(missing, a.Name)
		}
	}
	if len(missing) == 0 {
		return nil, nil
	}
	return &action.Error{
		Message: fmt.Sprintf("%s answers, but does not list: %s", l.URL, strings.Join(missing, ", ")),
		Hint:    "check that url shows the page that the target names, and that no cache is in between; then retry",
	}, nil
}

func (l *list) site() page.Site { return page.Site{URL: l.URL, Allow: l.req.Allow} }

// Keep implements kind.Keeper.
func (l *list) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	if len(record) > 0 {
		return nil, nil
	}
	before, err := l.now.Keep(l.req.Dir)
	if err != nil {
		return nil, err
	}
	kept, err := l.kept.Keep(l.req.Dir)
	values := map[string]any{"page": before, "kept": kept}
	switch {
	case l.publish:
		values["wrote"] = page.Digest(l.want)
	case l.kept.Exists:
		values["wrote"] = l.kept.Digest
	}
	return values, err
}

// Change implements kind.Work.
func (l *list) Change(ctx context.Context, record action.Values, _ action.Sink) error {
	if !l.publish {
		return l.withdraw(ctx)
	}
	before, err := page.Recalled(l.req.Dir, record.Map("page"))
	if err != nil {
		return err
	}
	if before.Exists && !isList(before) && !l.kept.Exists {
		if err := l.kept.Put(ctx, l.host, l.beside(), before.Data()); err != nil {
			return err
		}
	}
	return l.now.Put(ctx, l.host, l.Page, l.want)
}

// withdraw puts back the page from before the list, or removes the list.
func (l *list) withdraw(ctx context.Context) error {
	if !l.kept.Exists {
		return page.Delete(ctx, l.host, l.Page)
	}
	switch {
	case l.now.Same(l.kept): // an earlier attempt came this far
	case l.now.Exists && !isList(l.now):
		return &action.Error{
			Message: l.Page + " was edited since the list was published, so it was left as it is", Permanent: true,
			Hint: "put right by hand what has to stay of it and of " + l.beside() + ", remove that file, then retry",
		}
	default:
		if err := l.now.Put(ctx, l.host, l.Page, l.kept.Data()); err != nil {
			return err
		}
	}
	return page.Delete(ctx, l.host, l.beside())
}

// PutBack implements kind.Restorer.
func (l *list) PutBack(ctx context.Context, record action.Values, _ action.Sink) (changed bool, summary string, err error) {
	if changed, err = page.Revert(ctx, l.host, l.req.Dir, record, l.Page); err != nil {
		return changed, "", err
	}
	if record.Map("kept") != nil { // not of steps of older versions
		kept, err := page.Recalled(l.req.Dir, record.Map("kept"))
		if err != nil {
			return changed, "", err
		}
		also, err := kept.Restore(ctx, l.host, l.beside())
		if err != nil {
			return changed, "", err
		}
		changed = changed || also
	}
	return changed, "the page is as it was before the step", nil
}

// Check implements kind.Checker.
func (l *list) Check(ctx context.Context) []error {
	if problems := l.host.Check(ctx); len(problems) > 0 {
		return problems
	}
	var problems []error
	if err := page.Writable(ctx, l.host, l.Page); err != nil {
		problems = append(problems, err)
	}
	// Any answer will do: before the page is published a 404 is right.
	if _, err := l.site().Look(ctx); err != nil {
		problems = append(problems, err)
	}
	return problems
}
