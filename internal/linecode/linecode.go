// Package linecode writes bytes as lines that can be read over the phone, typed,
// or photographed, and finds the line in which somebody mistyped.
//
// [Encode] makes lines as `2/6 GK9T0 4WXQZ ... 7M`: which of how many, forty
// characters in groups of five, and two that check them. The characters are
// Crockford's base32, in which O is read as 0 and I and L as 1. The check is a
// sum weighted by place, modulo a prime: one wrong character, or two that were
// swapped, never go unnoticed, and the line is named. [Decode] takes the lines in
// any case, with any spaces, also all on one line, as in a QR code.
package linecode

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"hash/crc32"
	"regexp"
	"strconv"
	"strings"
)

const (
	alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	perLine  = 40
	group    = 5
	prime    = 1021 // below 32*32, and above any weight
)

var encoding = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// MaxLines is how many lines a code may have.
const MaxLines = 99

// Encode writes data of a kind, one letter, as lines.
func Encode(kind byte, data []byte) []string {
	whole := append([]byte{kind}, data...)
	sum := crc32.ChecksumIEEE(whole)
	text := encoding.EncodeToString(append(whole, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)))
	total := (len(text) + perLine - 1) / perLine
	var out []string
	for n := 1; len(text) > 0; n++ {
		part := text[:min(perLine, len(text))]
		text = text[len(part):]
		var b strings.Builder
		fmt.Fprintf(&b, "%d/%d", n, total)
		for rest := part; len(rest) > 0; rest = rest[min(group, len(rest)):] {
			b.WriteString(" " + rest[:min(group, len(rest))])
		}
		out = append(out, b.String()+" "+check(n, total, part))
	}
	return out
}

// check is what stands at the end of a line.
func check(n, total int, part string) string {
	sum := n*53 + total*59 + len(part)*61
	for i := range len(part) {
		sum += (i + 1) * strings.IndexByte(alphabet, part[i])
	}
	sum %= prime
	return string([]byte{alphabet[sum/32], alphabet[sum%32]})
}

// Error says which line is wrong; 0 is all of them together.
type Error struct {
	Line int
	Why  string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Why
	}
	return "line " + strconv.Itoa(e.Line) + " " + e.Why
}

// begins is where a line begins.
var begins = regexp.MustCompile(`(?:^|\s)(\d{1,2})/(\d{1,2})\s`)

// Decode reads lines, in any order. The error is an *[Error].
func Decode(kind byte, text string) ([]byte, error) {
	at := begins.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 {
		return nil, &Error{Why: "this is no code: its lines begin as 1/6"}
	}
	parts := map[int]string{}
	total, _ := strconv.Atoi(text[at[0][4]:at[0][5]])
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		n, _ := strconv.Atoi(text[m[2]:m[3]])
		of, _ := strconv.Atoi(text[m[4]:m[5]])
		part := read(text[m[1]:end])
		cut := len(part) - 2
		if len(part) > perLine+2 || strings.Trim(part, alphabet) != "" {
			return nil, &Error{n, "is mistyped: read it again"}
		}
		if of != total || n < 1 || n > total || cut < 1 || check(n, total, part[:cut]) != part[cut:] {
			return nil, &Error{n, "is mistyped: read it again"}
		}
		if before, twice := parts[n]; twice && before != part[:cut] {
			return nil, &Error{n, "is there twice, and not the same"}
		}
		parts[n] = part[:cut]
	}
	var whole strings.Builder
	for n := 1; n <= min(total, MaxLines); n++ {
		if parts[n] == "" {
			return nil, &Error{n, "of " + strconv.Itoa(total) + " is missing"}
		}
		whole.WriteString(parts[n])
	}
	data, err := encoding.DecodeString(whole.String())
	if err != nil || len(data) < 5 {
		return nil, &Error{Why: "the lines do not belong together"}
	}
	body, sum := data[:len(data)-4], data[len(data)-4:]
	want := crc32.ChecksumIEEE(body)
	if !bytes.Equal(sum, []byte{byte(want >> 24), byte(want >> 16), byte(want >> 8), byte(want)}) {
		return nil, &Error{Why: "the lines do not belong together"}
	}
	if body[0] != kind {
		return nil, &Error{Why: "this is another code than the one that is wanted here"}
	}
	return body[1:], nil
}

// read is what somebody typed, as it was meant. What is no character of the
// alphabet stays, and is found by the check.
func read(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\n', '\r', '-':
			return -1
		case 'O', 'o':
			return '0'
		case 'I', 'i', 'L', 'l':
			return '1'
		}
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, text)
}
