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
		"PHP's JSON":                   "h\\u00e9llo\\/\\\"w<&>'rld'",
		"Python's JSON":                "h\\u00e9llo/\\\"w<&>'rld'",
		"HTML of Go":                   "héllo/&#34;w&lt;&amp;&gt;&#39;rld&#39;",
		"HTML of Python":               "héllo/&quot;w&lt;&amp;&gt;&#x27;rld&#x27;",
		"XML":                          "héllo/&quot;w&lt;&amp;&gt;&apos;rld&apos;",
		"a URL in lower case":          "h%c3%a9llo%2f%22w%3c%26%3e%27rld%27",
		"a part of a URL":              "h%C3%A9llo%2F%22w%3C%26%3E'rld'",
		"a URL of Python":              "h%C3%A9llo/%22w%3C%26%3E%27rld%27",
		"JSON in Python's JSON":        `h\\u00e9llo/\\\"w<&>'rld'`,
		"hex":                          "68c3a96c6c6f2f22773c263e27726c6427",
		"hex in upper case":            "68C3A96C6C6F2F22773C263E27726C6427",
		"its SHA-256":                  "360e48456f2af0a6f4ba380b620da3913e8e0223cd5ea6f25a4baea8e303a430",
		"base32":                       "NDB2S3DMN4XSE5Z4EY7CO4TMMQTQ",
		"base64 of base64":             base64.StdEncoding.EncodeToString([]byte(b64)),
		"base64 of a line in base64":   base64.StdEncoding.EncodeToString([]byte("pass: " + b64 + "\n")),
		"hex with colons":              `68:c3:a9:6c:6c:6f:2f:22:77:3c:26:3e:27:72:6c:64:27`,
		"hex of a fingerprint":         `68:C3:A9:6C:6C:6F:2F:22:77:3C:26:3E:27:72:6C:64:27`,
		"hex of od":                    `68 c3 a9 6c 6c 6f 2f 22 77 3c 26 3e 27 72 6c 64 27`,
		"hex of Windows":               `68-C3-A9-6C-6C-6F-2F-22-77-3C-26-3E-27-72-6C-64-27`,
		"hex of C":                     `0x68, 0xc3, 0xa9, 0x6c, 0x6c, 0x6f, 0x2f, 0x22, 0x77, 0x3c, 0x26, 0x3e, 0x27, 0x72, 0x6c, 0x64, 0x27`,
		"hex of Python":                `\x68\xc3\xa9\x6c\x6c\x6f\x2f\x22\x77\x3c\x26\x3e\x27\x72\x6c\x64\x27`,
		"a URL of which nothing stays": `%68%C3%A9%6C%6C%6F%2F%22%77%3C%26%3E%27%72%6C%64%27`,
		"the same in lower case":       `%68%c3%a9%6c%6c%6f%2f%22%77%3c%26%3e%27%72%6c%64%27`,
		"decimal references":           `&#104;&#233;&#108;&#108;&#111;&#47;&#34;&#119;&#60;&#38;&#62;&#39;&#114;&#108;&#100;&#39;`,
		"hexadecimal references":       `&#x68;&#xe9;&#x6c;&#x6c;&#x6f;&#x2f;&#x22;&#x77;&#x3c;&#x26;&#x3e;&#x27;&#x72;&#x6c;&#x64;&#x27;`,
		"the same in upper case ":      `&#x68;&#xE9;&#x6C;&#x6C;&#x6F;&#x2F;&#x22;&#x77;&#x3C;&#x26;&#x3E;&#x27;&#x72;&#x6C;&#x64;&#x27;`,
		"octal":                        `\150\303\251\154\154\157\057\042\167\074\046\076\047\162\154\144\047`,
		"octal of printf":              `\0150\0303\0251\0154\0154\0157\0057\0042\0167\0074\0046\0076\0047\0162\0154\0144\0047`,
		"octal of od":                  `150 303 251 154 154 157 057 042 167 074 046 076 047 162 154 144 047`,
		"decimal bytes":                `104, 195, 169, 108, 108, 111, 47, 34, 119, 60, 38, 62, 39, 114, 108, 100, 39`,
		"JSON of which nothing stays":  `\u0068\u00e9\u006c\u006c\u006f\u002f\u0022\u0077\u003c\u0026\u003e\u0027\u0072\u006c\u0064\u0027`,
		"JavaScript":                   `\u{68}\u{e9}\u{6c}\u{6c}\u{6f}\u{2f}\u{22}\u{77}\u{3c}\u{26}\u{3e}\u{27}\u{72}\u{6c}\u{64}\u{27}`,
		"PowerShell's encoded command": `aADpAGwAbABvAC8AIgB3ADwAJgA+ACcAcgBsAGQAJwA=`,
		"a part of such a command":     `eABoAOkAbABsAG8ALwAiAHcAPAAmAD4AJwByAGwAZAAnAA==`,
		"bash":                         `h\303\251llo/"w<&>'rld'`,
		"bytes of Python":              `h\xc3\xa9llo/"w<&>'rld'`,
		"cut in the middle":            "héllo/\"…",
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
