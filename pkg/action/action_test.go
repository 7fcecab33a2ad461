package action_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/action"
)

func TestSecretNeverPrints(t *testing.T) {
	s := action.NewSecret("hunter2")
	holder := struct {
		S action.Secret
		P *action.Secret
	}{s, &s}
	asJSON, err := json.Marshal(map[string]any{"s": s, "p": &s, "h": holder, "m": map[action.Secret]int{s: 1}})
	require.NoError(t, err)
	for _, text := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s),
		fmt.Sprintf("%v %+v %#v", holder, holder, holder), fmt.Sprintf("%v", []any{s, &s}), string(asJSON),
		fmt.Sprint(action.Values{"s": s}), errors.Join(fmt.Errorf("cannot: %v", s)).Error(),
	} {
		require.NotContains(t, text, "hunter2")
		require.NotContains(t, text, fmt.Sprintf("%x", "hunter2"))
	}
	require.Equal(t, "hunter2", s.Reveal())
	require.True(t, action.Secret{}.IsZero())
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain\ttext\n":         "plain\ttext\n",
		"\x1b[31mred\x07":       "␛[31mred␇",
		"a\r\nb\rc":             "a\nb␍c",
		"\x9b31m":               "\uFFFD31m",
		"\u009b31m":             "<U+009B>31m",
		"user\u202etxt.exe":     "user<U+202E>txt.exe",
		"zero\u200bwidth\ufeff": "zero<U+200B>width<U+FEFF>",
		"soft\u00adhyphen":      "soft<U+00AD>hyphen",
		"a\u115f\u3164\uffa0b":  "a<U+115F><U+3164><U+FFA0>b", // Hangul fillers
		"a\u180e\u034f\ufe0fb":  "a<U+180E><U+034F><U+FE0F>b", // separator, joiner, variation selector
		"a\U000e0100b":          "a<U+E0100>b",
		"\u0600 \u06dd":         "\u0600 \u06dd", // Arabic signs of class Cf that are seen
		"tag\U000e0041":         "tag<U+E0041>",
		"\xff\xfebroken":        "\uFFFD\uFFFDbroken",
		"del\x7f":               "del␡",
		"ünïcode 漢字 \U0001F600": "ünïcode 漢字 \U0001F600",
	} {
		got := action.Clean(in)
		require.Equal(t, want, got)
		require.Equal(t, got, action.Clean(got), "cleaning twice changes nothing")
	}
}

func TestCleanLine(t *testing.T) {
	require.Equal(t, "a b c", action.CleanLine("  a\n\tb\r\n c ", 10))
	require.Equal(t, "abc…", action.CleanLine("abcdef", 4))
	require.Equal(t, "a…", action.CleanLine("a"+strings.Repeat(" ", 200)+"b", 5), "a cut among spaces is marked too")
	require.Equal(t, "äöü…", action.CleanLine("äöüxyz", 4))
	huge := strings.Repeat("\x1b[2J漢", 1<<18)
	got := action.CleanLine(huge, 100)
	require.Equal(t, 100, utf8.RuneCountInString(got))
	require.NotContains(t, got, "\x1b")
}

func TestCleanHead(t *testing.T) {
	require.Equal(t, "short", action.CleanHead("short", 5))
	require.Equal(t, "ab\n…", action.CleanHead("abü", 3), "a character is not cut in half")
	require.Equal(t, "abü\n…", action.CleanHead("abüd", 4))
}

func TestErrors(t *testing.T) {
	root := errors.New("connection reset")
	err := fmt.Errorf("step: %w", action.Doubtful(root))
	require.True(t, action.IsDoubtful(err))
	require.ErrorIs(t, err, root)
	require.Equal(t, "step: the outcome is not known: connection reset", err.Error())
	require.NoError(t, action.Doubtful(nil))
	require.False(t, action.IsDoubtful(&action.Error{Message: "no"}))
	require.False(t, action.IsDoubtful(nil))
}

func TestValues(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := action.Values{"s": "text", "i": int64(7), "b": true, "d": time.Minute, "t": at, "l": []any{"a", int64(1)}, "m": map[string]any{"k": "v"}, "x": action.NewSecret("x"), "nil": nil}
	require.Equal(t, []any{"text", "7", "1m0s", "", "", ""}, []any{v.String("s"), v.String("i"), v.String("d"), v.String("x"), v.String("l"), v.String("none")})
	require.Equal(t, []any{int64(7), int64(0), true, time.Minute, at}, []any{v.Int("i"), v.Int("s"), v.Bool("b"), v.Duration("d"), v.Time("t")})
	require.Equal(t, []string{"a", "1"}, v.Strings("l"))
	require.Equal(t, action.Values{"k": "v"}, v.Map("m"))
	require.Nil(t, v.Map("s"))
	require.Equal(t, "x", v.Secret("x").Reveal())
	require.Equal(t, "text", v.Secret("s").Reveal())
	require.Equal(t, []bool{true, false, false}, []bool{v.Has("s"), v.Has("nil"), v.Has("none")})
}

func TestSpecFindsItsParts(t *testing.T) {
	s := action.Spec{
		Inputs: []action.Field{{Name: "a"}}, Outputs: []action.Field{{Name: "b"}}, Targets: []action.TargetType{{Name: "ldap"}},
	}
	in, ok := s.Input("a")
	require.True(t, ok)
	require.Equal(t, "a", in.Name)
	_, ok = s.Output("a")
	require.False(t, ok)
	_, ok = s.TargetType("ldap")
	require.True(t, ok)
	_, ok = s.TargetType("smtp")
	require.False(t, ok)
}
