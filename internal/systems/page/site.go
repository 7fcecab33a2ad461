package page

import (
	"context"
	"fmt"
	"html"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// Site is what customers see, at one URL. It is asked from this machine.
type Site struct {
	URL   string
	Allow action.Allow
	// Address is the host:port to connect to, whatever the URL's name leads to;
	// "" is where the name leads.
	Address string
	CAFile  string // as in httpclient.Options
}

// Seen is an answer of the site.
type Seen struct {
	Status int
	// RetryAfter is the header of that name, "" if there is none.
	RetryAfter string
	text       string // without markup's entities, spaces folded
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
	o := httpclient.Options{Timeout: 10 * time.Second, CAFile: s.CAFile}
	if s.Address != "" {
		o.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return httpclient.Dialer(s.Allow).DialContext(ctx, network, s.Address)
		}
	}
	c, err := httpclient.New(s.Allow, o)
	if err != nil {
		return Seen{}, err
	}
	r, err := c.Do(ctx, httpclient.Request{URL: s.URL})
	if err != nil {
		return Seen{}, err
	}
	return Seen{
		Status: r.Status, RetryAfter: action.CleanLine(r.Header.Get("Retry-After"), 60),
		text: fold(html.UnescapeString(string(r.Body))),
	}, nil
}

// Unlike is the error for a site that does not show what it should.
func Unlike(url, want string, got Seen) error {
	return &action.Error{
		Message: fmt.Sprintf("%s should show %s, but answers %d without it", url, want, got.Status),
		Hint:    "check that the URL leads to the web server that the target names, and that this one does what the target says with its page; then retry",
	}
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }
