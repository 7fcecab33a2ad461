package data_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/data"
)

func TestDecodeXML(t *testing.T) {
	for in, want := range map[string]any{
		`<?xml version="1.0"?><a xmlns="https://example.com/"><b>x &lt; y</b><c/></a>`: map[string]any{"a": map[string]any{"b": "x < y", "c": ""}},
		`<a><keys><member><id>1</id></member></keys></a>`:                              map[string]any{"a": map[string]any{"keys": []any{map[string]any{"id": "1"}}}},
		"<a>\n <keys>\n </keys>\n</a>":                                                 map[string]any{"a": map[string]any{"keys": []any{}}},
		`<a><b>1</b><b>2</b><b>3</b></a>`:                                              map[string]any{"a": map[string]any{"b": []any{"1", "2", "3"}}},
		`<n:a xmlns:n="u" status="ok"><n:b id="1">text</n:b></n:a>`:                    map[string]any{"a": map[string]any{"@status": "ok", "b": map[string]any{"@id": "1", "#text": "text"}}},
		`<a><keys><m/></keys><keys><m>1</m></keys><keys/></a>`:                         map[string]any{"a": map[string]any{"keys": []any{[]any{""}, []any{"1"}, []any{}}}},
		`<a><![CDATA[<b>]]></a><!-- ended -->`:                                         map[string]any{"a": "<b>"},
	} {
		got, err := data.DecodeXML([]byte(in), "keys")
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
}

// Which encodings are read is said, rather than that XML is none.
func TestEncodingsOfXML(t *testing.T) {
	for _, in := range []string{"\xef\xbb\xbf<a>b</a>", "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><a>b</a>", `<?xml version="1.0" encoding="US-ASCII"?><a>b</a>`} {
		got, err := data.DecodeXML([]byte(in))
		require.NoError(t, err, in)
		require.Equal(t, map[string]any{"a": "b"}, got)
	}
	for in, want := range map[string]string{
		"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe9</a>": `XML in "ISO-8859-1"`, "\xff\xfe<\x00a\x00/\x00>\x00": "XML in UTF-16", "\xfe\xff\x00<\x00a\x00/\x00>": "XML in UTF-16",
		"<a>\xe9</a>": "not XML", "<?xml version=\"1.0\" encoding=\"a\x1bb\"?><a/>": `"a\x1bb"`,
	} {
		_, err := data.DecodeXML([]byte(in))
		require.ErrorContains(t, err, want)
	}
}

// What a hostile system may send is an error, and takes neither memory nor time.
func TestHostileXMLIsRefused(t *testing.T) {
	for name, in := range map[string]string{
		"nothing": "", "a beginning": "<a>", "two roots": "<a/><b/>", "text beside": "<a/>b", "another end": "<a></b>", "no XML": "\x00\x01", "JSON": `{"a": 1}`,
		"a depth of 10,000":   strings.Repeat("<a>", 10_000) + strings.Repeat("</a>", 10_000),
		"a million elements":  "<a>" + strings.Repeat("<b/>", 1_000_000) + "</a>",
		"entities":            `<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>`,
		"a file":              `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`,
		"a document type":     `<!DOCTYPE html><html></html>`,
		"an unknown entity":   `<a>&b;</a>`,
		"a directive inside":  `<a><!ELEMENT b ANY></a>`,
		"another encoding":    `<?xml version="1.0" encoding="UTF-7"?><a>+ADw-</a>`,
		"a control character": "<a>\x1b[2J</a>",
	} {
		got, err := data.DecodeXML([]byte(in))
		require.Error(t, err, name)
		require.Nil(t, got, name)
	}
}
