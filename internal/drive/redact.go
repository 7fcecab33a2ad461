package drive

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/expr"
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
	before, rest, cut := strings.Cut(s, cutMark)
	if !cut {
		return s
	}
	var out strings.Builder
	for ; cut; before, rest, cut = strings.Cut(rest, cutMark) {
		out.WriteString(r.beforeCut(before))
		out.WriteString(cutMark)
	}
	out.WriteString(before)
	return out.String()
}

// beforeCut returns what stands before a cut without the beginning of a secret
// that was cut in two.
func (r *Redactor) beforeCut(text string) string {
	line := strings.TrimSuffix(text, "\n")
	for i := max(len(line)-r.longest, 0); i+shortest <= len(line); i++ {
		for _, f := range r.forms[line[i:i+shortest]] {
			if strings.HasPrefix(f, line[i:]) {
				return line[:i] + redacted + text[len(line):]
			}
		}
	}
	return text
}

// Data returns plain data without secrets, in the forms that events may hold.
// Secret values become "[redacted]".
func (r *Redactor) Data(v any) any {
	switch v := v.(type) {
	case string:
		return r.Text(v)
	case action.Secret:
		return redacted
	case error: // why there is no value
		f := failure(r, v)
		return event.Missing(strings.TrimSuffix(f.Message+"; "+f.Hint, "; "))
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
	if r.knows(v) {
		return redacted
	}
	switch of := data.Of(v).(type) {
	case string, []any, map[string]any:
		return r.Data(of)
	default:
		return of
	}
}

// knows reports whether a number is a secret.
func (r *Redactor) knows(v any) bool {
	switch v.(type) {
	case int, int64, uint64, float64, json.Number:
		text := expr.Text(v)
		r.mu.RLock()
		defer r.mu.RUnlock()
		return text != "" && r.match(text) == len(text)
	}
	return false
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
