package guard

import (
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/irctl/irctl/internal/pattern"
)

// account is a way to read the name of an account: without marks on its letters,
// and with the domain that was given if that can be compared.
type account struct{ name, domain string }

// accountsOf are all ways to read an account as directories, mail and Windows
// write it: alice, ALICE, CORP\alice, corp.example.com/People/alice,
// alice+tag@example.com, smtp:alice@example.com, Alice <alice@example.com>,
// uid=alice,ou=people, with the escapes of RFC 4514 and of URLs.
func accountsOf(text string) []account {
	seen := map[string]bool{}
	var out []account
	var read func(text string)
	read = func(text string) {
		text = strings.Trim(normal(text), `"'<>,; `)
		if seen[text] || text == "" || len(seen) > 64 {
			return
		}
		seen[text] = true
		for _, inner := range within(text) {
			read(inner)
		}
		name, domain, _ := cutLast(text, "@")
		name = strings.Trim(name, `"' `)
		if plain, _, tagged := strings.Cut(name, "+"); tagged && plain != "" {
			name = plain
		}
		out = append(out, account{unmarked(name), comparable(domain)})
	}
	read(text)
	return out
}

// within are the texts in a text that may be what names the account.
func within(text string) (out []string) {
	if plain := unescaped(text); plain != text {
		out = append(out, plain)
	}
	if plain := hexPairs().ReplaceAllStringFunc(text, func(s string) string {
		if b, err := hex.DecodeString(s[1:]); err == nil {
			return string(b)
		}
		return s[1:] // RFC 4514: a special character stands for itself
	}); plain != text && utf8.ValidString(plain) {
		out = append(out, plain)
	}
	if attribute, value, ok := strings.Cut(text, "="); ok && !strings.ContainsAny(attribute, `@\ /`+",") || ok && strings.HasSuffix(attribute, " ") {
		value = strings.TrimSpace(value)
		first, _, _ := strings.Cut(value, ",")
		for _, part := range strings.Split(first, "+") {
			_, one, valued := strings.Cut(part, "=")
			if !valued {
				one = part
			}
			out = append(out, one)
		}
		if b, err := hex.DecodeString(strings.TrimPrefix(first, "#")); err == nil && first[0] == '#' && len(b) > 2 {
			out = append(out, string(b[2:])) // BER: a tag and a length before the text
		}
	}
	if i := strings.LastIndexByte(text, '\\'); i >= 0 {
		out = append(out, text[i+1:])
	}
	if first, _, ok := strings.Cut(text, "/"); ok { // a principal of Kerberos, or a canonical name
		out = append(out, first, text[strings.LastIndexByte(text, '/')+1:])
	}
	if i := strings.IndexByte(text, '<'); i >= 0 {
		out = append(out, text[i+1:])
	}
	if _, rest, ok := strings.Cut(text, ":"); ok { // mailto:, smtp:, acct:
		out = append(out, rest)
	}
	if guest, _, ok := strings.Cut(text, "#ext#"); ok { // alice_example.com#EXT#@tenant
		if i := strings.LastIndexByte(guest, '_'); i >= 0 {
			guest = guest[:i] + "@" + guest[i+1:]
		}
		out = append(out, guest)
	}
	return out
}

var hexPairs = pattern.Late(`\\([0-9a-f]{2}|[ "#+,;<=>\\])`)

func cutLast(text, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i], text[i+len(sep):], true
	}
	return text, "", false
}

// unmarked is a text without the marks on its letters, which directories pass
// over when they compare.
func unmarked(text string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(text)))
}

// comparable is a domain if it tells accounts apart: the NetBIOS name of a domain
// and the first domain of a tenant stand for others.
func comparable(domain string) string {
	domain = hostOf(domain)
	if !strings.Contains(domain, ".") || strings.Contains(domain+".", ".onmicrosoft.") {
		return ""
	}
	return domain
}

// is reports whether two accounts may be one.
func (a account) is(b account) bool {
	if a.name != b.name || a.name == "" {
		return false
	}
	return a.domain == b.domain || a.domain == "" || b.domain == "" ||
		strings.HasSuffix(a.domain, "."+b.domain) || strings.HasSuffix(b.domain, "."+a.domain)
}

// sameAccount reports whether two texts may name one account.
func sameAccount(item, text string) bool {
	others := accountsOf(text)
	for _, a := range accountsOf(item) {
		for _, b := range others {
			if a.is(b) {
				return true
			}
		}
	}
	return false
}

// several are the accounts in a text that a command may read as more than one:
// a distinguished name is one, and so is a name with a space in it.
func several(text string) []string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;|&\n\r\t", r) })
	if len(parts) < 2 || !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(part, "=") }) {
		return []string{text}
	}
	return parts
}

// apart are the words of an account that may name others.
func apart(text string) []string {
	var out []string
	for _, part := range several(text) {
		if out = append(out, part); !strings.Contains(part, "=") || strings.ContainsAny(part, " ()") {
			out = append(out, strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune(" ()[]?#*:`'\"", r) })...)
		}
	}
	return out
}

// accountKey is an account as it is counted: what may be another one counts as
// another one.
func accountKey(text string) string {
	text = strings.Trim(normal(text), `"'<>`)
	text = strings.TrimPrefix(strings.TrimPrefix(text, "mailto:"), "smtp:")
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	return strings.ReplaceAll(strings.TrimSuffix(text, "."), ", ", ",")
}
