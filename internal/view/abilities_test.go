package view

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// TestBell: a run that waits is heard, and in tmux only by those who want that.
func TestBell(t *testing.T) {
	ring := func(pairs ...string) string {
		bell := bellOf(env(pairs...))
		if bell == nil {
			return ""
		}
		return bell("authorise \x1b]waits")
	}
	require.Equal(t, "\a", ring("TERM", "xterm"))
	require.Empty(t, ring("TERM", "tmux-256color", "TMUX", "x"))
	require.Empty(t, ring("IRCTL_BELL", "off"))
	require.Equal(t, "\x1b]9;authorise \u241b]waits\x07", ring("TMUX", "x", "IRCTL_BELL", "osc9"))
	require.Equal(t, "\x1b]777;notify;irctl;authorise \u241b]waits\x07", ring("TERM", "rxvt-unicode"))
}

// TestLinks: addresses and paths can be opened where the terminal knows how.
func TestLinks(t *testing.T) {
	require.True(t, hasLinks(env("VTE_VERSION", "7600")))
	require.False(t, hasLinks(env("VTE_VERSION", "7600", "TMUX", "x")))
	require.False(t, hasLinks(env("TERM", "xterm")))
	require.Equal(t, "see \x1b]8;;https://example.com/a\ahttps://example.com/a\x1b]8;;\a.", linked("see https://example.com/a."))
	require.Equal(t, "in \x1b]8;;file:///srv/cases\a/srv/cases\x1b]8;;\a", linked("in /srv/cases"))
	require.Equal(t, "status/running and /etc", linked("status/running and /etc"))
}
