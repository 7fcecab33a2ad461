package drive

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"sort"
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
// programs like to echo them (base64, URL and JSON escapes). The zero value
// is not usable; see NewRedactor. It may be used from several goroutines.
type Redactor struct {
	mu       sync.RWMutex
	known    map[string]bool
	forms    []string // longest first
	replacer *strings.Replacer
	longest  int
}

// NewRedactor returns one that knows no secret yet.
func NewRedactor() *Redactor {
	return &Redactor{known: map[string]bool{}, replacer: strings.NewReplacer()}
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
	forms := map[string]bool{text: true}
	for _, line := range strings.Split(text, "\n") { // keys span lines and are shown line by line
		if line = strings.TrimSpace(line); len(line) >= 8 {
			forms[line] = true
		}
	}
	forms[url.QueryEscape(text)] = true
	forms[url.PathEscape(text)] = true
	if b, err := json.Marshal(text); err == nil {
		forms[string(b[1:len(b)-1])] = true
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		forms[strings.TrimRight(enc.EncodeToString([]byte(text)), "=")] = true
	}
	for f := range forms {
		if len(f) >= shortest {
			r.forms = append(r.forms, f)
		}
	}
	sort.Slice(r.forms, func(i, j int) bool {
		if len(r.forms[i]) != len(r.forms[j]) {
			return len(r.forms[i]) > len(r.forms[j])
		}
		return r.forms[i] < r.forms[j]
	})
	pairs := make([]string, 0, 2*len(r.forms))
	for _, f := range r.forms {
		pairs = append(pairs, f, redacted)
	}
	r.replacer = strings.NewReplacer(pairs...)
	r.longest = len(r.forms[0])
}

// Text returns s without secrets.
func (r *Redactor) Text(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.forms) == 0 {
		return s
	}
	return r.replacer.Replace(s)
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

// fill moves bytes from held to ready, keeping back as many as could be the
// beginning of a secret.
func (rr *redactingReader) fill() {
	if rr.err == nil {
		buf := make([]byte, 32<<10)
		n, err := rr.src.Read(buf)
		rr.held, rr.err = append(rr.held, buf[:n]...), err
	}
	rr.redactor.mu.RLock()
	keep := rr.redactor.longest - 1
	rr.redactor.mu.RUnlock()
	if rr.err != nil || keep < 0 {
		keep = 0
	}
	if len(rr.held) <= keep {
		return
	}
	// Cut where no whole secret straddles: redact all, then hold back the end.
	text := rr.redactor.Text(string(rr.held))
	if keep == 0 {
		rr.ready, rr.held = []byte(text), nil
		return
	}
	if len(text) <= keep {
		rr.held = []byte(text)
		return
	}
	rr.ready, rr.held = []byte(text[:len(text)-keep]), []byte(text[len(text)-keep:])
}
