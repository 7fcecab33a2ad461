package view

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/muesli/termenv"
	"golang.org/x/term"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
)

// Format is how data is written to standard output.
type Format string

// The formats.
const (
	Text Format = "text"
	JSON Format = "json"
)

// Options say where and how a Printer writes. The zero value of a field means
// that New finds out.
type Options struct {
	In       io.Reader
	Out, Err io.Writer
	Format   Format              // "" is Text
	YAML     bool                // what Format has as JSON is written as YAML
	Env      func(string) string // NO_COLOR, CLICOLOR_FORCE, TERM, IRCTL_PLAIN and its like, COLUMNS, LC_ALL, LC_CTYPE, LANG
	Now      func() time.Time    // for "4m ago"
}

// Printer writes what people and programs read. Its methods may be called
// from several goroutines; each call's text stays together.
type Printer struct {
	in       *os.File // nil unless standard input is a terminal
	format   Format
	yaml     bool
	plainly  bool                     // no live screen
	lines    int                      // of each output, in the log of a whole run
	bell     func(text string) string // tells that a run waits; nil is silent
	now      func() time.Time
	out, err *stream

	mu   sync.Mutex
	live interface { // what is on the terminal now, if anything; other text goes above it
		above(text string) error
	}
}

// stream is one of the two outputs.
type stream struct {
	w     io.Writer
	file  *os.File // if w is a terminal
	fixed int      // width if it cannot change, 0: ask the terminal
	theme theme
	live  bool // a terminal that can move its cursor
	links bool // a terminal that opens hyperlinks
	plain bool // a terminal that does not read UTF-8: nothing but ASCII goes out
}

// New returns a Printer for the process's streams.
func New(o Options) *Printer {
	if o.Env == nil {
		o.Env = func(string) string { return "" }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Printer{format: cmp.Or(o.Format, Text), yaml: o.YAML, now: o.Now,
		plainly: o.Env("IRCTL_PLAIN") == "yes", bell: bellOf(o.Env)}
	if n, err := strconv.Atoi(o.Env("IRCTL_LINES")); err == nil && n > 0 {
		p.lines = n
	}
	p.out, p.err = newStream(o.Out, o.Env), newStream(o.Err, o.Env)
	if f, ok := o.In.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.in = f
	}
	return p
}

func newStream(w io.Writer, env func(string) string) *stream {
	if w == nil {
		w = io.Discard
	}
	s := &stream{w: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.file = f
		// Older consoles of Windows read escape sequences only when told to.
		_, _ = termenv.EnableVirtualTerminalProcessing(termenv.NewOutput(w))
	}
	if n, err := strconv.Atoi(env("COLUMNS")); err == nil && n > 0 && s.file == nil {
		s.fixed = n
	}
	ascii := !readsUTF8(env)
	s.plain = ascii && s.file != nil
	s.links = s.file != nil && hasLinks(env)
	s.live = s.file != nil && env("TERM") != "dumb" && (env("TERM") != "" || runtime.GOOS == "windows")
	s.theme = newTheme(w, ascii, wantsColor(env, s.file != nil))
	return s
}

// wantsColor follows no-color.org and bixense.com/clicolors.
func wantsColor(env func(string) string, terminal bool) bool {
	switch {
	case env("NO_COLOR") != "", env("IRCTL_COLOR") == "never":
		return false
	case env("IRCTL_COLOR") == "always":
		return true
	case env("CLICOLOR_FORCE") != "" && env("CLICOLOR_FORCE") != "0":
		return true
	}
	return terminal && env("TERM") != "dumb" && env("TERM") != ""
}

// Interactive reports whether a person can be asked: both ends are terminals
// and the output is text.
func (p *Printer) Interactive() bool {
	return p.in != nil && p.out.file != nil && p.format == Text
}

// width is how many cells a line may have.
func (s *stream) width() int {
	if s.fixed > 0 {
		return s.fixed
	}
	w, _ := s.size()
	return w
}

// size is a terminal's width and height, 80 by 24 if nobody knows.
func (s *stream) size() (width, height int) {
	if s.file != nil {
		if w, h, err := term.GetSize(int(s.file.Fd())); err == nil && w > 0 && h > 0 {
			return w, h
		}
	}
	return 80, 24
}

// page begins a text for a stream.
func (p *Printer) page(s *stream) *page {
	return &page{theme: s.theme, width: min(max(s.width(), 20), 120), now: p.now()}
}

// prose begins a text of sentences. Where no person looks at it line by line,
// its lines are not broken, so that programs find them whole.
func (p *Printer) prose(s *stream) *page {
	pg := p.page(s)
	if s.file == nil && s.fixed == 0 {
		pg.width = 2 * maxText
	}
	return pg
}

// print writes a page to a stream.
func (p *Printer) print(s *stream, pg *page) error { return p.write(s, pg.b.String()) }

func (p *Printer) write(s *stream, text string) error {
	if s.plain {
		text = asciiOnly(text)
	}
	if s.links {
		text = linked(text)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live != nil && s.file != nil {
		return p.live.above(text)
	}
	_, err := io.WriteString(s.w, text)
	return err
}

// Raw writes bytes to standard output as they are, for data that is exact by
// contract: a journal's lines.
func (p *Printer) Raw(data []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.out.w.Write(data)
	return err
}

// Document writes a text of our own (help, a schema, a completion script) to
// standard output as it is, with a newline at its end.
func (p *Printer) Document(text string) error {
	return p.write(p.out, strings.TrimSuffix(text, "\n")+"\n")
}

// JSON writes v to standard output as indented JSON. Characters that could
// steer a terminal are escaped inside strings, which changes no value.
func (p *Printer) JSON(v any) error {
	var b bytes.Buffer
	if err := encode(&b, v); err != nil {
		return err
	}
	return p.data(escapeJSON(indented(b.Bytes())), false)
}

// encode adds JSON to a text, with a line end.
func encode(b *bytes.Buffer, v any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// indented lays out what the encoder wrote as json.Indent does, which would read
// all of it once more to see whether it is JSON.
func indented(in []byte) []byte {
	out := make([]byte, 0, 2*len(in))
	depth := 0
	turn := func() {
		out = append(out, '\n')
		for range depth {
			out = append(out, "  "...)
		}
	}
	for i := 0; i < len(in); i++ {
		switch c := in[i]; c {
		case '"':
			from := i
			for i++; in[i] != '"'; i++ {
				if in[i] == '\\' {
					i++
				}
			}
			out = append(out, in[from:i+1]...)
		case '{', '[':
			if out = append(out, c); in[i+1] == c+2 { // its end: nothing is in it
				i++
				out = append(out, c+2)
				continue
			}
			depth++
			turn()
		case '}', ']':
			depth--
			turn()
			out = append(out, c)
		case ',':
			out = append(out, c)
			turn()
		case ':':
			out = append(out, ": "...)
		default:
			out = append(out, c)
		}
	}
	return out
}

// line writes a line of JSON, one of many.
func (p *Printer) line(b []byte) error {
	return p.data(append(bytes.TrimSuffix(bytes.Clone(b), []byte("\n")), '\n'), true)
}

// data writes JSON, or the same as YAML: of many each is a document.
func (p *Printer) data(b []byte, many bool) error {
	if p.yaml {
		var err error
		if b, err = language.YAML(b, unseen, 0); err != nil {
			return err
		}
		if many {
			b = append([]byte("---\n"), b...)
		}
	}
	return p.Raw(b)
}

// unseen reports whether a character beyond ASCII is one that action.Clean changes.
func unseen(r rune) bool { return r >= 0x7F && action.Clean(string(r)) != string(r) }

// escapeJSON writes characters that action.Clean would change as \u escapes.
// In encoded JSON they can stand inside strings only.
func escapeJSON(in []byte) []byte {
	first := slices.IndexFunc(in, func(c byte) bool { return c >= 0x7F })
	if first < 0 {
		return in
	}
	out := bytes.NewBuffer(make([]byte, 0, len(in)+64))
	out.Write(in[:first])
	for i := first; i < len(in); {
		r, n := utf8.DecodeRune(in[i:])
		if unseen(r) {
			for _, unit := range utf16.Encode([]rune{r}) { // RFC 8259 section 7: surrogate pairs
				fmt.Fprintf(out, `\u%04x`, unit)
			}
		} else {
			out.Write(in[i : i+n])
		}
		i += n
	}
	return out.Bytes()
}

// tell says by the terminal's bell, or a notification, that a run waits.
func (p *Printer) tell(text string) {
	if p.bell == nil || p.out.file == nil || p.format != Text {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.out.w, p.bell(text))
}

// Note writes one line of talk to standard error.
func (p *Printer) Note(text string) error {
	pg := p.prose(p.err)
	pg.para(0, text)
	return p.print(p.err, pg)
}

// Say writes a short text of our own to standard output, wrapped to the width.
// With JSON it goes to standard error: standard output is data then.
func (p *Printer) Say(text string) error {
	s := p.talk()
	pg := p.prose(s)
	pg.para(0, text)
	return p.print(s, pg)
}

// Next prints what to type next, one command per line.
func (p *Printer) Next(commands ...string) error {
	s := p.talk()
	pg := p.page(s)
	pg.commands("next:", commands)
	return p.print(s, pg)
}

// NextIn prints what to type next in a run.
func (p *Printer) NextIn(s projection.Status) error {
	pg := p.page(p.talk())
	pg.inOrder(s.Run, s.Next)
	return p.print(p.talk(), pg)
}

// talk is where text for people goes when data has the right of way.
func (p *Printer) talk() *stream {
	if p.format == JSON {
		return p.err
	}
	return p.out
}
