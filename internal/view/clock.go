package view

import (
	"fmt"
	"time"

	"github.com/irctl/irctl/internal/projection"
)

// span says how long something took or takes: "3s", "4m", "2h05m", "3d04h".
func span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%d.%ds", d/time.Second, d%time.Second/(100*time.Millisecond))
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 10*time.Minute:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd%02dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}

// rough is span for "ago", where nobody wants the rest: "5s", "4m", "3h05m".
func rough(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return span(d)
}

// sofar is span for what goes on: without tenths, which would only flicker.
func sofar(d time.Duration) string {
	if d < 10*time.Second {
		return rough(d)
	}
	return span(d)
}

// ago says when something was: "4m ago", "in 20s", "now".
func ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return ""
	case d < -time.Second:
		return "in " + rough(-d)
	case d < time.Second:
		return "now"
	default:
		return rough(d) + " ago"
	}
}

// when is a stamp and how long ago that was: "21:04:05Z (4m ago)".
func when(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return projection.Stamp(t, now) + " (" + ago(t, now) + ")"
}
