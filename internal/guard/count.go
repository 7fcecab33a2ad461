package guard

import (
	"fmt"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// over holds what a use touches against the limits. An error of the count is a
// hit: not available is not none.
func (g *Guard) over(keys []string, touched map[string]time.Time, now time.Time) (hits []Hit, release func()) {
	release = func() {}
	var others map[string]time.Time
	asked := false
	for _, l := range g.Rules.Limits {
		what := string(l.Of) + "s"
		exceeded := func(most int, span string, before map[string]time.Time) {
			if most == 0 || most < 0 {
				return
			}
			if n, added := counted(l.Of, before, keys); added && n > most {
				hits = append(hits, Hit{
					Item: what, Grant: what + " in " + span, Roles: l.Roles, Limit: true, Retry: span == "an hour",
					Text: fmt.Sprintf("it would be number %d of the %s touched in %s, and the limit is %d (%s)", n, what, span, most, l.At),
				})
			}
		}
		exceeded(l.Run, "this run", touched)
		if l.Hour == 0 || len(keys) == 0 {
			continue
		}
		since := now.Add(-time.Hour)
		if !asked && g.Others != nil {
			var err error
			asked = true
			others, release, err = g.Others(since)
			if err != nil {
				return append(hits, Hit{Item: what, Grant: what, Roles: l.Roles, Limit: true, Retry: true,
					Text: "what other runs have touched in the last hour cannot be counted: " + err.Error()}), func() {}
			}
		}
		hour := map[string]time.Time{}
		for _, some := range []map[string]time.Time{touched, others} {
			for key, at := range some {
				if at.After(since) {
					hour[key] = at
				}
			}
		}
		exceeded(l.Hour, "an hour", hour)
	}
	return hits, release
}

// counted is how many of a kind there are with what is added, and whether
// anything is added.
func counted(of action.Touch, before map[string]time.Time, keys []string) (n int, added bool) {
	prefix := string(of) + " "
	for key := range before {
		if strings.HasPrefix(key, prefix) {
			n++
		}
	}
	for _, key := range keys {
		if _, has := before[key]; !has && strings.HasPrefix(key, prefix) {
			n, added = n+1, true
		}
	}
	return n, added
}
