package guard

import (
	"context"
	"encoding/base64"
	"html"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// index are words as what they may name.
type index struct {
	addresses []netip.Prefix
	ranges    [][2]netip.Addr // from, to
	hosts     map[string]bool
	accounts  map[string][]account // by their names
}

func indexOf(words map[string]bool) *index {
	out := &index{hosts: map[string]bool{}, accounts: map[string][]account{}}
	for word := range words {
		if network, ok := networkOf(word); ok {
			out.addresses = append(out.addresses, network)
			continue
		}
		if from, to, ok := rangeOf(word); ok {
			out.ranges = append(out.ranges, [2]netip.Addr{from, to})
		}
		if host := hostOf(word); host != "" {
			out.hosts[host] = true
		}
		for _, a := range accountsOf(word) {
			out.accounts[a.name] = append(out.accounts[a.name], a)
		}
	}
	return out
}

// machine reports whether a machine of a list is among words. Its addresses are
// looked up, those of words are not: anything may stand there, and whoever runs
// a domain could see that. Its name without the domain counts if that leads there.
func (x *index) machine(ctx context.Context, look *Lookup, item string) bool {
	name := hostOf(item)
	if x.hosts[name] {
		return true
	}
	for host := range x.hosts {
		if below(item, host) {
			return true
		}
	}
	short, _, _ := strings.Cut(name, ".")
	if strings.HasPrefix(item, "*.") || len(x.addresses)+len(x.ranges) == 0 && !x.hosts[short] {
		return false
	}
	at := look.addresses(ctx, item).at
	for _, r := range x.ranges {
		if slices.ContainsFunc(at, func(p netip.Prefix) bool {
			return p.Contains(r[0]) || r[0].Compare(p.Addr()) <= 0 && p.Addr().Compare(r[1]) <= 0
		}) {
			return true
		}
	}
	return overlap(at, x.addresses) || x.hosts[short] && overlap(at, look.addresses(ctx, short).at)
}

// rangeOf reads 198.51.100.7-198.51.100.9 and 198.51.100.7-9.
func rangeOf(text string) (from, to netip.Addr, ok bool) {
	first, last, _ := strings.Cut(text, "-")
	if !strings.ContainsAny(last, ".:") {
		last = first[:strings.LastIndexByte(first, '.')+1] + last
	}
	from, err := netip.ParseAddr(first)
	if err == nil {
		to, err = netip.ParseAddr(last)
	}
	return from, to, err == nil && from.BitLen() == to.BitLen()
}

// account reports whether an account of a list is among words.
func (x *index) account(item string) bool {
	for _, a := range accountsOf(item) {
		for _, b := range x.accounts[a.name] {
			if a.is(b) {
				return true
			}
		}
	}
	return false
}

// each calls do for every text in a value. A secret counts as what it holds; one
// is told of before that.
func each(v any, do func(text string), secret ...func()) {
	switch v := v.(type) {
	case string:
		do(v)
	case action.Secret:
		for _, f := range secret {
			f()
		}
		do(v.Reveal())
	case []any:
		for _, e := range v {
			each(e, do, secret...)
		}
	case []string:
		for _, e := range v {
			do(e)
		}
	case map[string]any:
		for k, e := range v {
			do(k)
			each(e, do, secret...)
		}
	case action.Values:
		each(map[string]any(v), do, secret...)
	}
}

// gather adds the words of a value: whole texts, and what stands in them between
// the signs of command lines, addresses, paths and JSON.
func gather(words map[string]bool, v any, encoded bool) {
	each(v, func(text string) {
		if encoded {
			if plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text)); err == nil {
				text = string(plain)
			}
		}
		words[text] = true
		for _, word := range strings.FieldsFunc(text+" "+unescaped(text), func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`,;=|&<>(){}\\!$~", r) }) {
			words[word] = true
			if len(word) > 2 && word[0] == '-' && word[1] != '-' { // a value beside the letter of its option
				words[word[2:]] = true
			}
			if host := hostOf(word); host != "" {
				words[host] = true
			}
			for _, part := range strings.FieldsFunc(word, func(r rune) bool { return strings.ContainsRune("/?#:[]", r) }) {
				words[part] = true
			}
		}
	})
}

// unescaped is a text with what stands for itself in URLs (%2E), in HTML (&#46;) and
// in JSON (\u002e, \n) in its place.
func unescaped(text string) string {
	text = html.UnescapeString(text)
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	return escaped().ReplaceAllStringFunc(text, func(s string) string {
		if plain, err := strconv.Unquote(`"` + s + `"`); err == nil {
			return plain
		}
		return s
	})
}

var escaped = pattern.Late(`\\(u[0-9a-fA-F]{4}|[nrt])`)
