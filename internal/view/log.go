package view

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// LogOptions is what a log shows.
type LogOptions struct {
	Run     string
	Step    string // a step's path: it and what is inside; "" is everything
	Attempt int    // one attempt; 0 is all
	// Audit leaves out what came back, and in JSON writes the journal's own lines.
	Audit bool
	// Open opens what an artifact's digest names.
	Open func(digest string) (io.ReadCloser, error)
}

// Log shows what was sent, what came back and what people said, event by
// event. It is a watcher of the run. Of a whole run it shows how each output
// ends, of a step all of it.
type Log struct {
	p     *Printer
	o     LogOptions
	day   string
	empty bool
}

// Log begins a log.
func (p *Printer) Log(o LogOptions) *Log { return &Log{p: p, o: o, empty: true} }

// Empty reports whether nothing was shown yet.
func (l *Log) Empty() bool { return l.empty }

// Progress implements desk.Watcher: what is not kept is not in a log.
func (l *Log) Progress(string, string) {}

// Driven implements desk.Watcher.
func (l *Log) Driven(s projection.Status) { (&Follow{p: l.p}).Driven(s) }

// Observe shows an event, if it is one of those that were asked for.
func (l *Log) Observe(e event.Event, line []byte, _ func() projection.Status) error {
	r := projection.RecordOf(e)
	if !r.In(l.o.Step) || l.o.Attempt > 0 && r.Attempt != l.o.Attempt {
		return nil
	}
	l.empty = false
	switch {
	case l.p.format == JSON && l.o.Audit:
		return l.p.line(line)
	case l.p.format == JSON:
		return l.line(r)
	case l.o.Audit:
		r.Audited()
	}
	pg := l.p.page(l.p.out)
	if d := r.Time.UTC().Format(time.DateOnly); d != l.day {
		if l.day != "" {
			pg.raw("")
		}
		pg.raw(pg.theme.paint(strong, d+" (UTC)"))
		l.day = d
	}
	text := entryLine(pg.theme, r.Entry)
	whole := l.p.prose(l.p.out) // a program finds an entry in one line
	whole.hung(text[:clockCells], text[clockCells:])
	pg.b.WriteString(whole.b.String())
	for _, a := range r.Artifacts {
		delete(r.Values, a.Name) // it stands below, line by line
	}
	pg.facts(4, given(r.Values)...)
	for _, a := range r.Artifacts {
		l.artifact(pg, r.Path, a)
	}
	return l.p.print(l.p.out, pg)
}

// outline is a value as text: what has parts and is long, a line for each.
func outline(v any) string {
	short := datum(v)
	var out []string
	add := func(head string, v any) {
		out = append(out, head+strings.ReplaceAll(outline(v), "\n", "\n  "))
	}
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			add("- ", one)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			add(name+": ", v[name])
		}
	}
	if len(short) <= 60 || out == nil {
		return short
	}
	return strings.Join(out, "\n")
}

// lastLines is how many lines of an output are shown of a whole run.
const lastLines = 10

func (l *Log) artifact(pg *page, path string, a event.Artifact) {
	head := fmt.Sprintf("%s (%s)", inline(a.Name), plural(int(a.Size), "byte"))
	if a.Lost != "" {
		pg.para(4, head+": was not kept: "+a.Lost)
		return
	}
	text, err := l.read(a)
	if err != nil {
		pg.para(4, head+": cannot be read: "+err.Error())
		return
	}
	pg.raw("    " + pg.theme.paint(faint, head))
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if over := len(lines) - cmp.Or(l.p.lines, lastLines); l.o.Step == "" && over > 1 {
		pg.raw(fmt.Sprintf("    %s %s before: ", pg.theme.mark(ellipsis), plural(over, "line")) +
			pg.theme.paint(command, projection.Command("logs", l.o.Run, path)))
		lines = lines[over:]
	}
	for _, line := range lines {
		pg.raw("    | " + strings.ReplaceAll(action.Clean(line), "\t", "    "))
	}
}

func (l *Log) read(a event.Artifact) (string, error) {
	f, err := l.o.Open(a.Digest)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(f)
	_ = f.Close()
	return strings.ToValidUTF8(string(b), "�"), err
}

// logOutput is an artifact of an event, for programs.
type logOutput struct {
	Name   string `json:"name"`
	Digest string `json:"digest"` // SHA-256, hex
	Text   string `json:"text"`
	Error  string `json:"error,omitempty"` // why there is no text
}

func (l *Log) line(r projection.Record) error {
	out := struct {
		projection.Record
		Output []logOutput `json:"output"`
	}{r, []logOutput{}}
	for _, a := range r.Artifacts {
		one := logOutput{Name: a.Name, Digest: a.Digest, Error: a.Lost}
		if a.Lost == "" {
			text, err := l.read(a)
			if one.Text = text; err != nil {
				one.Error = err.Error()
			}
		}
		out.Output = append(out.Output, one)
	}
	var b bytes.Buffer
	if err := encode(&b, out); err != nil {
		return err
	}
	return l.p.line(escapeJSON(b.Bytes()))
}
