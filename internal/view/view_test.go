package view

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// look is one way in which a screen is shown.
type look struct {
	name string
	env  map[string]string
}

var looks = []look{
	{"80", map[string]string{"COLUMNS": "80", "LANG": "en_US.UTF-8"}},
	{"120", map[string]string{"COLUMNS": "120", "LANG": "en_US.UTF-8"}},
	{"40", map[string]string{"COLUMNS": "40", "LANG": "en_US.UTF-8"}},
	{"ascii", map[string]string{"COLUMNS": "80", "LANG": "C"}},
	{"color", map[string]string{"COLUMNS": "80", "LANG": "en_US.UTF-8", "CLICOLOR_FORCE": "1"}},
}

// printer returns a Printer and what it wrote to both streams.
func printer(env map[string]string, format Format) (*Printer, *bytes.Buffer, *bytes.Buffer) {
	var out, err bytes.Buffer
	return New(Options{Out: &out, Err: &err, Format: format, Env: func(k string) string { return env[k] },
		Now: func() time.Time { return now }}), &out, &err
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("..", "..", "testdata", "view", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestScreens(t *testing.T) {
	for _, s := range screens(as) {
		for _, l := range looks {
			t.Run(s.name+"/"+l.name, func(t *testing.T) {
				p, out, errs := printer(l.env, Text)
				require.NoError(t, s.show(p))
				got := out.String() + errs.String()
				if l.name == "ascii" {
					require.Equal(t, -1, strings.IndexFunc(got, func(r rune) bool { return r > 0x7E }), got)
				}
				if l.name == "color" {
					got = strings.ReplaceAll(got, "\x1b", "<ESC>")
				}
				golden(t, s.name+"."+l.name+".txt", got)
			})
		}
		t.Run(s.name+"/json", func(t *testing.T) {
			if s.text {
				return
			}
			p, out, errs := printer(looks[0].env, JSON)
			require.NoError(t, s.show(p))
			require.True(t, json.Valid(out.Bytes()), out.String())
			require.NotContains(t, out.String(), "null")
			require.Empty(t, errs.String())
			golden(t, s.name+".json", out.String())
		})
	}
}

// TestColorOnlyRepeats: without its escape sequences, a coloured screen is the
// plain one.
func TestColorOnlyRepeats(t *testing.T) {
	for _, s := range screens(as) {
		plain, plainOut, plainErr := printer(looks[0].env, Text)
		colored, colorOut, colorErr := printer(looks[4].env, Text)
		require.NoError(t, s.show(plain))
		require.NoError(t, s.show(colored))
		require.Equal(t, plainOut.String()+plainErr.String(), ansi.Strip(colorOut.String()+colorErr.String()), s.name)
	}
}

// TestLinesFit: every line fits the width but for what must not be broken.
func TestLinesFit(t *testing.T) {
	for _, s := range screens(as) {
		for _, width := range []string{"80", "40", "24"} {
			p, out, errs := printer(map[string]string{"COLUMNS": width, "LANG": "C.UTF-8"}, Text)
			require.NoError(t, s.show(p))
			for _, l := range strings.Split(out.String()+errs.String(), "\n") {
				if strings.Contains(l, "irctl ") || s.raw || strings.Contains(l, run) || strings.Contains(l, ".yaml:") || strings.HasPrefix(l, "head ") {
					continue
				}
				require.LessOrEqual(t, printed(l), map[string]int{"80": 80, "40": 40, "24": 26}[width], "%s: %q", s.name, l)
			}
		}
	}
}

// hostile wraps a text in everything that outsiders may try.
func hostile(s string) string {
	return "\x1b[2J\x1b]0;owned\x07\x9b31m" + s + "\u202Egnp.exe\u2066\u200b\xff\xfe\r\n\x00" + "\u0085\U000E0041"
}

// TestHostileTextIsHarmless sends escape sequences, bidi overrides, invalid
// UTF-8 and lines of a megabyte through every field of every screen.
func TestHostileTextIsHarmless(t *testing.T) {
	long := strings.Repeat("A\x1b[31m", 150_000)
	for name, dirty := range map[string]func(string) string{
		"hostile": hostile,
		"long":    func(s string) string { return s + long },
		"wide":    func(s string) string { return s + strings.Repeat("漢", 500) },
		"empty":   func(string) string { return "" },
	} {
		for _, s := range screens(dirty) {
			t.Run(s.name+"/"+name, func(t *testing.T) {
				p, out, errs := printer(looks[1].env, Text)
				require.NoError(t, s.show(p))
				harmless(t, out.String()+errs.String())
				require.Less(t, out.Len()+errs.Len(), 1_000_000)
				if name == "long" || s.text {
					return
				}
				p, out, _ = printer(looks[1].env, JSON)
				require.NoError(t, s.show(p))
				harmless(t, out.String())
				require.True(t, json.Valid(out.Bytes()))
			})
		}
	}
}

func harmless(t *testing.T, text string) {
	t.Helper()
	require.True(t, utf8.ValidString(text))
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || action.Clean(string(r)) != string(r)) && r != utf8.RuneError {
			require.Failf(t, "not harmless", "%U in %q", r, text[:min(len(text), 400)])
		}
	}
}

func TestJSONKeepsValues(t *testing.T) {
	p, out, _ := printer(nil, JSON)
	in := map[string]string{"k": "\u202Ea\u009bb\U000E0041<&>ü漢\x7f"}
	require.NoError(t, p.JSON(in))
	require.Contains(t, out.String(), `"\u202ea\u009bb\udb40\udc41<&>ü漢\u007f"`)
	var back map[string]string
	require.NoError(t, json.Unmarshal(out.Bytes(), &back))
	require.Equal(t, in, back)
}

func TestYAMLKeepsValuesAndShowsNothingUnseen(t *testing.T) {
	var out bytes.Buffer
	p := New(Options{Out: &out, Err: io.Discard, Format: JSON, YAML: true, Env: func(string) string { return "" }, Now: time.Now})
	in := map[string]string{"k": "\u202Ea\u009bb\U000E0041<&>ü漢\x7f\u00ad"}
	require.NoError(t, p.JSON(in))
	require.Equal(t, "k: \"\\U0000202Ea\\x9Bb\\U000E0041<&>ü漢\\x7F\\U000000AD\"\n", out.String())
}

func TestWhichTerminalsGetWhat(t *testing.T) {
	env := func(pairs ...string) func(string) string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return func(k string) string { return m[k] }
	}
	require.True(t, wantsColor(env("TERM", "xterm"), true))
	require.False(t, wantsColor(env("TERM", "xterm"), false))
	require.False(t, wantsColor(env("TERM", "dumb"), true))
	require.False(t, wantsColor(env("TERM", "xterm", "NO_COLOR", "1"), true))
	require.False(t, wantsColor(env("NO_COLOR", "1", "CLICOLOR_FORCE", "1"), true))
	require.True(t, wantsColor(env("CLICOLOR_FORCE", "1"), false))
	require.True(t, readsUTF8(env("LANG", "de_DE.UTF-8")))
	require.True(t, readsUTF8(env("LC_ALL", "C.utf8", "LANG", "C")))
	require.False(t, readsUTF8(env("LC_ALL", "C", "LANG", "de_DE.UTF-8")))
}

func TestATerminalWithoutUTF8GetsNoOtherBytes(t *testing.T) {
	require.Equal(t, "Zo<U+00EB> <U+01F600>...", asciiOnly("Zoë 😀…"))
}

func TestTimes(t *testing.T) {
	require.Equal(t, []string{"4m ago", "in 20s", "now", "", "3h05m ago", "2d01h ago"}, []string{
		ago(now.Add(-250*time.Second), now), ago(now.Add(20*time.Second), now), ago(now, now), ago(time.Time{}, now),
		ago(now.Add(-185*time.Minute), now), ago(now.Add(-49*time.Hour), now),
	})
	require.Equal(t, "21:04:00Z (5m ago)", when(t0, now))
	require.Equal(t, "2026-11-23 21:04:00Z", projection.Stamp(t0, now.Add(24*time.Hour)))
	require.Equal(t, []string{"40ms", "1.2s", "59s", "1m05s"},
		[]string{span(40 * time.Millisecond), span(1290 * time.Millisecond), span(59 * time.Second), span(65 * time.Second)})
}

func TestWhatStaysIsSaidWhereSomebodyTakesARunBack(t *testing.T) {
	show := func(s projection.Status) string {
		p, out, _ := printer(nil, Text)
		require.NoError(t, p.Status(s, false))
		return out.String()
	}
	s := ended(as)
	require.Contains(t, show(s), "      cannot be taken back: tell-customers")
	s.Undoable = 0
	require.NotContains(t, show(s), "cannot be taken back", "there is nothing to undo, and nobody tries")
	s.Status = event.Undone
	require.Contains(t, show(s), "\nwas done by hand, undo it by hand: contain/email\ncannot be taken back: tell-customers")
}

func TestWhatIsTypedFirstIsSaid(t *testing.T) {
	s := waiting(as)
	s.Driven, s.Undoable = false, 0
	resume := "irctl resume " + run
	s.Next = []string{"irctl approve " + run + " authorise", resume, "irctl cancel " + run}
	show := func() string {
		p, out, _ := printer(looks[0].env, Text)
		require.NoError(t, p.Status(s, false))
		return out.String()
	}
	require.Contains(t, show(), "\nnext: irctl approve "+run+" authorise\nthen: "+resume+"\nor: irctl cancel "+run+"\n")
	s.Next = []string{resume, "irctl approve " + run + " authorise"}
	require.Contains(t, show(), "\nnext: "+resume+"\n")
	require.NotContains(t, show(), "then:")
}

func TestManyRunsDoNotScrollTheNewestAway(t *testing.T) {
	rows := make([]projection.Row, 300)
	rows[299].Started = at(1)
	for i := range rows[:299] {
		rows[i].Ended = at(2)
	}
	for i := range rows {
		rows[i].Place = i + 1
	}
	shown, older := split(rows, 18)
	require.Len(t, shown, 18)
	require.Equal(t, ", 1 of them not ended", notEnded(older))
	shown, older = split(rows[:21], 18)
	require.Len(t, shown, 21)
	require.Empty(t, older)
	p, out, _ := printer(nil, Text)
	require.NoError(t, p.List(rows, false))
	require.Equal(t, 300, strings.Count(out.String(), "\n@"), "a pipe gets all of them")
}

func TestErrorsStayOnOneLineOffATerminal(t *testing.T) {
	p, _, errs := printer(nil, Text)
	require.NoError(t, p.Problem(Problem{What: strings.Repeat("long ", 60), Next: []string{"irctl list"}}))
	require.Equal(t, "error: "+strings.TrimSpace(strings.Repeat("long ", 60))+"\nnext: irctl list\n", errs.String())
}
