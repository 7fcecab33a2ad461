package connector

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// pages gathers what all pages hold.
func (c *caller) pages(ctx context.Context, r *Request, send httpclient.Request, a *answer, u *url.URL, query url.Values) ([]any, error) {
	all, asked := []any{}, map[string]bool{}
	for range maxPages {
		asked[u.String()+" "+query.Encode()] = true
		over := c.with("answer", a.seen)
		v, err := over.eval(r.Pages.Items)
		if err != nil {
			return nil, err
		}
		list, ok := v.([]any)
		if !ok && v != nil {
			return nil, &action.Error{Message: fmt.Sprintf("`%s` is not a list", action.CleanLine(r.Pages.Items.Value, 80)), Permanent: true}
		}
		if all = append(all, list...); len(all) > r.Pages.Most {
			break
		}
		next, err := over.next(r.Pages, a)
		if err != nil {
			return nil, err
		}
		switch {
		case next == "":
			return all, nil
		case r.Pages.Query.Given():
			query.Set(r.Pages.Query.Value, next)
		default:
			if u, err = c.at.follow(a.from, next); err != nil {
				return nil, err
			}
			query = u.Query()
		}
		if asked[u.String()+" "+query.Encode()] {
			return nil, &action.Error{
				Message: fmt.Sprintf("the pages of %s go in a circle: one leads to %q, which was read before", c.req.Target.Name, action.CleanLine(next, 80)), Permanent: true,
				Hint: "compare what it answers with line " + strconv.Itoa(r.Span.Start.Line) + " of " + c.file.Path,
			}
		}
		if a, err = c.exchange(ctx, r, send, u, query); err != nil {
			return nil, err
		}
		if a == nil {
			return nil, &action.Error{Message: c.req.Target.Name + " leads to a page of its list that it says is not there, so not all were seen", Hint: "retry: it may have changed in between"}
		}
	}
	return nil, &action.Error{
		Message: fmt.Sprintf("%s has more than %d entries or %d pages of them, so not all were seen", c.req.Target.Name, r.Pages.Most, maxPages), Permanent: true,
		Hint: "narrow the request, or raise `most` in the connector",
	}
}

var nextLink = pattern.Late(`<([^>]*)>[^,]*;\s*rel="?next"?`)

// next is where the next page is, "" if there is none.
func (s *scene) next(p *Pages, a *answer) (string, error) {
	if p.Next.Value == "link" {
		m := nextLinkOf(a.Header.Values("Link"), nextLink())
		return m, nil
	}
	v, err := s.eval(p.Next)
	if err != nil || v == nil || v == false {
		return "", err
	}
	return expr.Text(v), nil
}

func nextLinkOf(lines []string, re *regexp.Regexp) string {
	for _, line := range lines {
		if m := re.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return ""
}

// wait asks until a long operation has ended. What is not known by then is in
// doubt.
func (c *caller) wait(ctx context.Context, r *Request, a *answer) (*answer, error) {
	w := r.Wait
	limit := patience.Limit{For: cmp.Or(w.Within, 5*time.Minute), Every: cmp.Or(w.Every, 2*time.Second)}
	poll := &Request{Method: http.MethodGet, Path: w.Get, Span: r.Span}
	err := limit.Until(ctx, func() error {
		inner := *c
		inner.scene = c.with("answer", a.seen)
		u, err := inner.address(w.Get, c.at)
		if err != nil {
			return patience.Stop(err)
		}
		send, err := inner.request(poll, "")
		if err != nil {
			return patience.Stop(err)
		}
		next, err := inner.exchange(ctx, poll, send, u, u.Query())
		if err != nil {
			return action.Doubtful(err)
		}
		over := c.with("answer", next.seen)
		if failed, err := over.holds(w.Failed); w.Failed.Given() && err == nil && failed {
			return patience.Stop(&action.Error{Message: fmt.Sprintf("%s says that what it began has failed (%s)", c.req.Target.Name, action.CleanLine(string(next.Body), 160))})
		}
		done, err := over.holds(w.Until)
		if err == nil && !done {
			err = &action.Error{Message: c.req.Target.Name + " has begun it, and has not ended it in time", Doubt: true, Hint: "look there how far it is, then retry"}
		}
		if err == nil {
			a = next
		}
		return err
	})
	return a, err
}
