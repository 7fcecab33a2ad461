package view

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/irctl/irctl/internal/pattern"
)

// bellOf is what tells a person at a terminal that a run waits: a function of
// the text to show, nil for nothing. IRCTL_BELL chooses; by itself it is silent
// in tmux and screen, whose windows would all be marked.
func bellOf(env func(string) string) func(text string) string {
	notify := func(code string) func(string) string {
		return func(text string) string { return "\x1b]" + code + ";" + inline(text) + "\x07" }
	}
	ring := func(string) string { return "\a" }
	switch cmp.Or(env("IRCTL_BELL"), "auto") {
	case "off":
		return nil
	case "bell":
		return ring
	case "osc9":
		return notify("9")
	case "osc777":
		return notify("777;notify;irctl")
	}
	switch {
	case env("TMUX") != "" || strings.HasPrefix(env("TERM"), "screen"):
		return nil
	case slices.Contains([]string{"iTerm.app", "WezTerm", "ghostty"}, env("TERM_PROGRAM")):
		return notify("9")
	case strings.HasPrefix(env("TERM"), "rxvt"), strings.HasPrefix(env("TERM"), "foot"):
		return notify("777;notify;irctl")
	}
	return ring
}

// hasLinks reports whether a terminal is known to open hyperlinks (OSC 8);
// others would show nothing more, or rubbish.
func hasLinks(env func(string) string) bool {
	switch {
	case env("TMUX") != "" || env("NO_COLOR") != "":
		return false
	case slices.Contains([]string{"iTerm.app", "WezTerm", "ghostty", "vscode"}, env("TERM_PROGRAM")):
		return true
	}
	return env("VTE_VERSION") >= "5000" || env("WT_SESSION") != "" || env("KITTY_WINDOW_ID") != "" || strings.HasPrefix(env("TERM"), "foot")
}

// places are web addresses, and absolute paths at the beginning of a word.
var places = pattern.Late(`https?://[^\s\x1b"'<>…]+|(^|\s)/[^\s\x1b"'<>:,;…]+/[^\s\x1b"'<>:,;…]+`)

// linked makes what can be opened a hyperlink. What was cut off is none.
func linked(text string) string {
	return places().ReplaceAllStringFunc(text, func(found string) string {
		place := strings.TrimRight(strings.TrimLeft(found, " \n"), ".,;")
		before, after, _ := strings.Cut(found, place)
		to := place
		if strings.HasPrefix(place, "/") {
			to = (&url.URL{Scheme: "file", Path: place}).String()
		}
		return before + ansi.SetHyperlink(to) + place + ansi.ResetHyperlink() + after
	})
}
