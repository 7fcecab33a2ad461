package drive

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// redacted stands where a secret was.
const redacted = "[redacted]"

// shortest is the least length, in bytes, of a secret that is looked for in
// texts: a shorter one would blank out words at random, and is no secret.
const shortest = 4

// Redactor replaces known secrets in texts, also in the forms in which
// programs like to echo them (base64, URL and JSON escapes), and where a text
// was cut off in the middle of one. The zero value is not usable; see
// NewRedactor. It may be used from several goroutines.
type Redactor struct {
	mu      sync.RWMutex
	known   map[string]bool     // secrets
	forms   map[string][]string // by their first bytes, as many as shortest; longest first
	longest int                 // form, in bytes
}

// NewRedactor returns one that knows no secret yet.
func NewRedactor() *Redactor {
	return &Redactor{known: map[string]bool{}, forms: map[string][]string{}}
}

// Add makes a secret known.
func (r *Redactor) Add(s action.Secret) {
	text := s.Reveal()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(text) < shortest || r.known[text] {
		return
	}
	r.known[text] = true
	for _, f := range formsOf(text) {
		if len(f) < shortest || slices.Contains(r.forms[f[:shortest]], f) {
			continue
		}
		same := append(r.forms[f[:shortest]], f)
		slices.SortFunc(same, func(a, b string) int { return len(b) - len(a) })
		r.forms[f[:shortest]] = same
		r.longest = max(r.longest, len(f))
	}
}

// Learn makes every secret inside a value known: it may be a text that was
// built around a secret.
func (r *Redactor) Learn(v any) {
	switch v := v.(type) {
	case action.Secret:
		r.Add(v)
	case []any:
		for _, e := range v {
			r.Learn(e)
		}
	case map[string]any:
		for _, e := range v {
			r.Learn(e)
		}
	case action.Values:
		r.Learn(map[string]any(v))
	}
}

// formsOf lists how a secret may look in what programs say.
func formsOf(secret string) []string {
	texts := []string{secret, action.Clean(secret), action.CleanLine(secret, 8*len(secret))}
	for _, line := range strings.Split(secret, "\n") { // keys span lines and are shown line by line
		if line = strings.TrimSpace(line); len(line) >= longLine {
			texts = append(texts, line)
		}
	}
	var out []string
	for _, t := range texts {
		once := quoted(t)
		out = append(out, t, url.QueryEscape(t), url.PathEscape(t), once, quoted(once), unescaped(t), unescaped(unescaped(t)))
		if q := strconv.Quote(t); len(q) > 2 {
			out = append(out, q[1:len(q)-1])
		}
		out = append(out, strings.ReplaceAll(t, "'", `'\''`)) // as programs quote names for a shell
	}
	return append(out, base64Of(secret)...)
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

// base64Of lists the secret in base64: three bytes become four characters, so
// it looks different by how many bytes stand before it. What its neighbours
// have a part in is left out. Long texts are often wrapped.
func base64Of(secret string) []string {
	var out []string
	for shift := range 3 {
		padded := strings.Repeat(" ", shift) + secret
		whole := padded[:len(padded)/3*3]
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if shift == 0 {
				out = append(out, enc.EncodeToString([]byte(secret)))
			}
			if len(whole) > 3 {
				out = append(out, enc.EncodeToString([]byte(whole))[min(shift, 1)*4:])
			}
		}
	}
	for _, width := range []int{64, 76} { // PEM (RFC 7468), MIME (RFC 2045)
		for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(secret))), width) {
			if len(line) >= longLine {
				out = append(out, string(line))
			}
		}
	}
	return out
}

// longLine is the least length of a part of a secret that is replaced by itself.
const longLine = 8

// match is the length of the secret with which a text begins, 0 for none.
func (r *Redactor) match(s string) int {
	if len(s) < shortest {
		return 0
	}
	for _, f := range r.forms[s[:shortest]] {
		if strings.HasPrefix(s, f) {
			return len(f)
		}
	}
	return 0
}

// scan redacts the secrets that begin in the first limit bytes of s. It
// returns the text up to there, or up to the end of the last of them, and how
// much of s that was.
func (r *Redactor) scan(s string, limit int) (text string, used int) {
	var b strings.Builder
	done := 0
	for i := 0; i < limit; {
		n := r.match(s[i:])
		if n == 0 {
			i++
			continue
		}
		b.WriteString(s[done:i])
		b.WriteString(redacted)
		i += n
		done = i
	}
	used = max(limit, done)
	b.WriteString(s[done:used])
	return b.String(), used
}

// cutMark stands where Clean and its relatives cut a text off.
const cutMark = "…"

// Text returns s without secrets.
func (r *Redactor) Text(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.forms) == 0 {
		return s
	}
	s, _ = r.scan(s, len(s))
	before, cut := strings.CutSuffix(s, cutMark)
	if !cut {
		return s
	}
	before = strings.TrimSuffix(before, "\n")
	for i := max(len(before)-r.longest, 0); i+shortest <= len(before); i++ {
		for _, f := range r.forms[before[i:i+shortest]] {
			if strings.HasPrefix(f, before[i:]) {
				return before[:i] + redacted + s[len(before):]
			}
		}
	}
	return s
}

// Data returns plain data without secrets, in the forms that events may hold.
// Secret values become "[redacted]".
func (r *Redactor) Data(v any) any {
	switch v := v.(type) {
	case string:
		return r.Text(v)
	case action.Secret:
		return redacted
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = r.Data(e)
		}
		return out
	case action.Values:
		return r.Data(map[string]any(v))
	case event.Values:
		return r.Data(map[string]any(v))
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[r.Text(k)] = r.Data(e)
		}
		return out
	}
	if n := event.Normalize(v); n != nil {
		switch n.(type) {
		case string, []any, map[string]any:
			if _, same := v.(string); !same {
				return r.Data(n)
			}
		}
		return n
	}
	return nil
}

// Values is Data for a whole set.
func (r *Redactor) Values(v map[string]any) event.Values {
	if v == nil {
		return nil
	}
	return r.Data(v).(map[string]any)
}

// Reader returns r's text without secrets. A secret that lies across two reads
// is found too.
func (r *Redactor) Reader(src io.Reader) io.Reader {
	return &redactingReader{redactor: r, src: src}
}

type redactingReader struct {
	redactor *Redactor
	src      io.Reader
	held     []byte // read, not yet redacted
	ready    []byte // redacted, not yet handed on
	err      error
}

func (rr *redactingReader) Read(p []byte) (int, error) {
	for len(rr.ready) == 0 {
		if rr.err != nil && len(rr.held) == 0 {
			return 0, rr.err
		}
		rr.fill()
	}
	n := copy(p, rr.ready)
	rr.ready = rr.ready[n:]
	return n, nil
}

// fill moves bytes from held to ready. It keeps back those with which a secret
// may begin that has not been read to its end.
func (rr *redactingReader) fill() {
	if rr.err == nil {
		buf := make([]byte, 32<<10)
		n, err := rr.src.Read(buf)
		rr.held, rr.err = append(rr.held, buf[:n]...), err
	}
	rr.redactor.mu.RLock()
	defer rr.redactor.mu.RUnlock()
	limit := len(rr.held)
	if rr.err == nil {
		limit = max(limit-max(rr.redactor.longest-1, 0), 0)
	}
	text, used := rr.redactor.scan(string(rr.held), limit)
	rr.ready, rr.held = []byte(text), rr.held[used:]
}
