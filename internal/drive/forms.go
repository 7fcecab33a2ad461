package drive

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// longLine is the least length of a part of a secret that is replaced by itself.
const longLine = 8

// formsOf lists how a secret may look in what programs say.
func formsOf(secret string) []string {
	texts := []string{secret, action.Clean(secret), action.CleanLine(secret, 8*len(secret))}
	for _, line := range strings.Split(secret, "\n") { // keys span lines and are shown line by line
		if line = strings.TrimSpace(line); len(line) >= longLine {
			texts = append(texts, line)
		}
	}
	slices.Sort(texts)
	var out []string
	for _, t := range slices.Compact(texts) {
		for _, write := range escapes {
			out = append(out, write(t)...)
		}
	}
	for _, write := range encodings {
		out = append(out, write(secret)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// escapes are how writers put a text into another one; most leave most of it as
// it is.
var escapes = []func(string) []string{
	func(t string) []string { return []string{t} },
	inURL, inJSON, inMarkup,
	func(t string) []string { q := strconv.Quote(t); return []string{q[1 : len(q)-1]} },
	func(t string) []string { return []string{ascii8(t, `\%03o`), ascii8(t, `\x%02x`)} },
	func(t string) []string { return []string{strings.ReplaceAll(t, "'", `'\''`)} }, // as programs quote names for a shell
}

// encodings are how a secret is written of which nothing stays.
var encodings = []func(string) []string{
	base64Of,
	func(t string) []string { // twice
		var out []string
		for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			out = append(out, base64Of(enc.EncodeToString([]byte(t)))...)
		}
		return out
	},
	func(t string) []string { return base64Of(littleEndian(t)) }, // PowerShell's -EncodedCommand
	func(t string) []string {
		return grouped(t, 5, 8, base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString)
	},
	numbersOf,
	func(t string) []string { // a short secret is found by its digest
		digest := sha256.Sum256([]byte(t))
		return []string{hex.EncodeToString(digest[:]), strings.ToUpper(hex.EncodeToString(digest[:]))}
	},
	func(t string) []string { return piecesOf([]byte(t), bytewise) },
	func(t string) []string { return piecesOf([]rune(t), runewise) },
	func(t string) []string { return piecesOf(utf16.Encode([]rune(t)), unitwise) },
}

// ascii8 is a text whose bytes beyond ASCII are escaped, as bash, git and Python do.
func ascii8(text, escape string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c < 0x80 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, escape, c)
	}
	return b.String()
}

// piecewise is a way of writing a text piece by piece: the verb of one, and what
// stands between two.
type piecewise struct{ piece, between string }

var (
	bytewise = []piecewise{
		{"%02x", ""}, {"%02X", ""}, {"%02x", ":"}, {"%02X", ":"}, {"%02x", " "}, {"%02X", " "}, {"%02x", "-"}, {"%02X", "-"},
		{"0x%02x", ", "}, {"0x%02X", ", "}, {"0x%02x", ","}, {"0x%02X", ","}, {"0x%02x", " "}, {"0x%02X", " "},
		{`\x%02x`, ""}, {`\x%02X`, ""}, {"%%%02x", ""}, {"%%%02X", ""}, {`\%03o`, ""}, {`\0%03o`, ""}, {"%03o", " "}, {"%d", " "}, {"%d", ","}, {"%d", ", "},
	}
	runewise = []piecewise{{"&#%d;", ""}, {"&#x%x;", ""}, {"&#x%X;", ""}, {"&#x%02x;", ""}, {"&#x%02X;", ""}, {"&#x%04x;", ""}, {"&#x%04X;", ""}, {`\u{%x}`, ""}, {`\u{%X}`, ""}}
	unitwise = []piecewise{{`\u%04x`, ""}, {`\u%04X`, ""}}
)

func piecesOf[P byte | rune | uint16](pieces []P, ways []piecewise) []string {
	out := make([]string, len(ways))
	for i, w := range ways {
		var b strings.Builder
		for j, p := range pieces {
			if j > 0 {
				b.WriteString(w.between)
			}
			fmt.Fprintf(&b, w.piece, p)
		}
		out[i] = b.String()
	}
	return out
}

// littleEndian is a text in UTF-16, as its bytes.
func littleEndian(text string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return string(out)
}

// numbersOf lists the ways of writing a secret that consists of digits, once a
// program has taken it for a number: without zeros in front, or with an exponent.
func numbersOf(secret string) []string {
	f, err := strconv.ParseFloat(secret, 64)
	if err != nil || strings.Trim(secret, "-.0123456789") != "" {
		return nil
	}
	out := []string{strconv.FormatFloat(f, 'f', -1, 64), strconv.FormatFloat(f, 'e', -1, 64)}
	if sign := strings.HasPrefix(secret, "-"); !sign && !strings.Contains(secret, ".") {
		out = append(out, strings.TrimLeft(secret, "0")) // all its digits
	}
	return out
}

// percent finds the escapes of a URL, whose letters may be of either case (RFC
// 3986 section 2.1).
var percent = pattern.Late(`%[0-9A-F]{2}`)

// inURL lists a text inside a URL or a form. Of what RFC 3986 reserves, writers
// escape all, all but the slash, or what encodeURIComponent and encodeURI of
// ECMA-262 do.
func inURL(text string) []string {
	form := url.QueryEscape(text)
	whole := strings.ReplaceAll(form, "+", "%20")
	component := strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(whole)
	uri := strings.NewReplacer("%3B", ";", "%2C", ",", "%2F", "/", "%3F", "?", "%3A", ":", "%40", "@", "%26", "&", "%3D", "=", "%2B", "+", "%24", "$", "%23", "#").Replace(component)
	var out []string
	for _, t := range []string{form, url.PathEscape(text), whole, strings.ReplaceAll(whole, "%2F", "/"), component, uri} {
		out = append(out, t, percent().ReplaceAllStringFunc(t, strings.ToLower))
	}
	return out
}

// inJSON lists a text inside JSON, and inside a text in JSON, as writers of
// JSON differ: & < > and / escaped or not (RFC 8259 section 7 allows each), and
// what is not ASCII too.
func inJSON(text string) []string {
	var out []string
	for _, write := range []func(string) string{quoted, unescaped} {
		once := write(text)
		for _, t := range []string{once, strings.ReplaceAll(once, "/", `\/`)} {
			out = append(out, t, ascii(t), write(t), write(ascii(t)))
		}
	}
	return out
}

// quoted is a text inside JSON, as Go and browsers write it.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return text
	}
	return string(b[1 : len(b)-1])
}

// unescaped is a text inside JSON, as most others write it: & < > stay.
func unescaped(text string) string {
	return strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(quoted(text))
}

// ascii is a text inside JSON with every other character escaped.
func ascii(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// inMarkup lists a text inside HTML or XML, as writers of those differ.
func inMarkup(text string) []string {
	decimal := html.EscapeString(text) // &#34; &#39;
	return []string{
		decimal,
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(decimal),
		strings.NewReplacer("&#34;", "&quot;").Replace(decimal),
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#x27;").Replace(decimal),
		strings.NewReplacer("&#34;", `"`, "&#39;", "'").Replace(decimal),
	}
}

// base64Of lists a text in base64. Long texts are often wrapped.
func base64Of(text string) []string {
	var out []string
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		out = append(out, grouped(text, 3, 4, enc.EncodeToString)...)
	}
	for _, width := range []int{64, 76} { // PEM (RFC 7468), MIME (RFC 2045)
		for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(text))), width) {
			if len(line) >= longLine {
				out = append(out, string(line))
			}
		}
	}
	return out
}

// grouped lists a text in an encoding that makes chars characters of each group
// of bytes, so that it looks different by how many bytes stand before it. What
// its neighbours have a part in is left out.
func grouped(text string, bytes, chars int, encode func([]byte) string) []string {
	out := []string{encode([]byte(text))}
	for shift := range bytes {
		padded := strings.Repeat(" ", shift) + text
		whole := padded[:len(padded)/bytes*bytes]
		if len(whole) > bytes {
			out = append(out, encode([]byte(whole))[min(shift, 1)*chars:])
		}
	}
	return out
}
