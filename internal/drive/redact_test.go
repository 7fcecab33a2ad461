package drive_test

import (
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/pkg/action"
)

// TestRedactor: secrets do not appear, in none of the forms in which programs
// repeat them.
func TestRedactor(t *testing.T) {
	r := drive.NewRedactor()
	r.Learn(map[string]any{"a": action.NewSecret("hunter2&<x>'y'"), "b": []any{action.NewSecret("-----BEGIN-----\nfirst line of it\nlast\n")}, "c": "plain"})
	r.Add(action.NewSecret("a\u202eb  c\x1bd"))
	r.Add(action.NewSecret("abc")) // too short to be told from words
	for text, want := range map[string]string{
		"the password is hunter2&<x>'y'!":              "the password is [redacted]!",
		"abc hunter2":                                  "abc hunter2",
		`{"p":"hunter2\u0026\u003cx\u003e'y'"}`:        `{"p":"[redacted]"}`,
		`"{\"p\":\"hunter2\\u0026\\u003cx\\u003e'y'\"`: `"{\"p\":\"[redacted]\"`,
		"q=hunter2%26%3Cx%3E%27y%27":                   "q=[redacted]",
		"cat: 'hunter2&<x>'\\''y'\\''': no such file":  "cat: '[redacted]': no such file",
		"-----BEGIN-----\nfirst line of it\nlast\n.":   "[redacted].",
		"key: first line of it":                        "key: [redacted]",
		"a<U+202E>b  c␛d":                              "[redacted]",
		"a<U+202E>b c␛d":                               "[redacted]",
		"cut: hunter2&…":                               "cut: [redacted]…",
		"cut: hunter2&<x>\n…":                          "cut: [redacted]\n…",
		"uncut: hun…":                                  "uncut: hun…",
		"héllo…":                                       "héllo…",
	} {
		require.Equal(t, want, r.Text(text))
	}
	for _, user := range []string{"", "u:", "us:", "use:", "irctl:"} {
		got := r.Text("Basic " + base64.StdEncoding.EncodeToString([]byte(user+"hunter2&<x>'y'")))
		require.Contains(t, got, "[redacted]", user)
		require.LessOrEqual(t, len(got), len("Basic [redacted]")+8+len(user)/3*4, got)
	}
}

// TestRedactorKnowsHowProgramsWrite: every program escapes in a way of its own.
func TestRedactorKnowsHowProgramsWrite(t *testing.T) {
	const secret = `héllo/"w<&>'rld'`
	b64 := base64.StdEncoding.EncodeToString([]byte(secret))
	r := drive.NewRedactor()
	r.Add(action.NewSecret(secret))
	r.Add(action.NewSecret("83746251"))
	for name, text := range map[string]string{
		"PHP's JSON":                 "h\\u00e9llo\\/\\\"w<&>'rld'",
		"Python's JSON":              "h\\u00e9llo/\\\"w<&>'rld'",
		"HTML of Go":                 "héllo/&#34;w&lt;&amp;&gt;&#39;rld&#39;",
		"HTML of Python":             "héllo/&quot;w&lt;&amp;&gt;&#x27;rld&#x27;",
		"XML":                        "héllo/&quot;w&lt;&amp;&gt;&apos;rld&apos;",
		"a URL in lower case":        "h%c3%a9llo%2f%22w%3c%26%3e%27rld%27",
		"a part of a URL":            "h%C3%A9llo%2F%22w%3C%26%3E'rld'",
		"a URL of Python":            "h%C3%A9llo/%22w%3C%26%3E%27rld%27",
		"JSON in Python's JSON":      `h\\u00e9llo/\\\"w<&>'rld'`,
		"hex":                        "68c3a96c6c6f2f22773c263e27726c6427",
		"hex in upper case":          "68C3A96C6C6F2F22773C263E27726C6427",
		"its SHA-256":                "360e48456f2af0a6f4ba380b620da3913e8e0223cd5ea6f25a4baea8e303a430",
		"base32":                     "NDB2S3DMN4XSE5Z4EY7CO4TMMQTQ",
		"base64 of base64":           base64.StdEncoding.EncodeToString([]byte(b64)),
		"base64 of a line in base64": base64.StdEncoding.EncodeToString([]byte("pass: " + b64 + "\n")),
		"cut in the middle":          "héllo/\"…",
	} {
		got := r.Text("<<" + text + ">> and more")
		require.Contains(t, got, "[redacted]", name)
		require.LessOrEqual(t, len(got), len("<<[redacted]…>> and more")+16, name)
	}
	r.Add(action.NewSecret("Zq9 w:7?"))
	for _, text := range []string{"Zq9%20w%3A7%3F", "Zq9%20w:7?", "Zq9+w%3A7%3F"} {
		require.Equal(t, "q=[redacted]", r.Text("q="+text))
	}
	require.Equal(t, map[string]any{"pin": "[redacted]", "port": int64(443)}, r.Data(map[string]any{"pin": int64(83746251), "port": int64(443)}))
}

// TestRedactorReadsOn: where the reads end says nothing about where a secret
// does, even if it begins like another one.
func TestRedactorReadsOn(t *testing.T) {
	r := drive.NewRedactor()
	r.Add(action.NewSecret("swordfish"))
	r.Add(action.NewSecret("swordfish-and-more"))
	text := strings.Repeat("x", 40_000) + "swordfish-and-more|swordfish|sword" + strings.Repeat("y", 40_000) + "swordfish-and-mor"
	want := strings.Repeat("x", 40_000) + "[redacted]|[redacted]|sword" + strings.Repeat("y", 40_000) + "[redacted]-and-mor"
	for name, src := range map[string]io.Reader{
		"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)), "early end": iotest.DataErrReader(strings.NewReader(text)),
	} {
		got, err := io.ReadAll(r.Reader(src))
		require.NoError(t, err)
		require.Equal(t, want, string(got), name)
	}
}
