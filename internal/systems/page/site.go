package page

import (
	"context"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/action/web"
)

// pause is how long Site waits between two looks: web servers may need a
// moment to notice a file.
const pause = 200 * time.Millisecond

// Site is what customers see, at one address.
type Site struct {
	URL   string
	Allow action.Allow
	// Patience is for how long Until looks again before it gives up.
	Patience time.Duration
}

// Seen is an answer of the site.
type Seen struct {
	Status int
	text   string // without markup's entities, spaces folded
}

// Shows reports whether the page's text has the words, however they are
// spaced.
func (s Seen) Shows(words string) bool { return strings.Contains(s.text, fold(action.Clean(words))) }

// Missing returns those of the texts that the page does not show.
func (s Seen) Missing(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), s.Shows)
}

// Look asks the site once.
func (s Site) Look(ctx context.Context) (Seen, error) {
	c, err := web.New(s.Allow, web.Options{Timeout: 10 * time.Second})
	if err != nil {
		return Seen{}, err
	}
	r, err := c.Do(ctx, web.Request{URL: s.URL})
	if err != nil {
		return Seen{}, err
	}
	return Seen{Status: r.Status, text: fold(html.UnescapeString(string(r.Body)))}, nil
}

// Until looks until wrong finds nothing wrong, or patience ends; then it
// returns what was wrong at the last look.
func (s Site) Until(ctx context.Context, wrong func(Seen) error) error {
	end := time.Now().Add(s.Patience)
	for {
		seen, err := s.Look(ctx)
		if err == nil {
			err = wrong(seen)
		}
		if err == nil || time.Now().Add(pause).After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// Unlike is the error for a site that does not show what it should.
func Unlike(url, want string, got Seen) error {
	return &action.Error{
		Message: fmt.Sprintf("%s should show %s, but answers %d without it", url, want, got.Status),
		Hint:    "check that the web server tests for the flag and serves the page, then retry",
	}
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }
