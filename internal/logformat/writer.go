package logformat

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// format is how events are written: what stands before them, and each.
type format struct {
	name string
	head string
	line func(record) (string, error)
}

func formats() []format {
	return []format{
		{"jsonl", "", func(r record) (string, error) { return r.line, nil }},
		{"csv", CSV(cells(titled, title)...), func(r record) (string, error) { return CSV(cells(titled, r.text)...), nil }},
		{"cef", "", record.cef},
		{"ocsf", "", func(r record) (string, error) {
			return r.nested(func(f field) string { return f.ocsf }, func(t time.Time) any { return t.UnixMilli() })
		}},
		{"ecs", "", func(r record) (string, error) {
			return r.nested(func(f field) string { return f.ecs }, func(t time.Time) any { return t.Format(time.RFC3339Nano) })
		}},
		{"markdown", Markdown(cells(shown, title)...) + "\n" + rule(len(cells(shown, title))),
			func(r record) (string, error) { return Markdown(cells(shown, r.text)...), nil }},
	}
}

// Names are the formats there are.
func Names() (out []string) {
	for _, f := range formats() {
		out = append(out, f.name)
	}
	return out
}

// Writer writes the events of one run, from the first on. It is for one
// goroutine, and a watcher of the run.
type Writer struct {
	to   *bufio.Writer
	line func(record) (string, error)
	last record
}

// New begins to write in a format of [Names], as irctl of a version; ok is false
// if there is no such format.
func New(name string, to io.Writer, version string) (w *Writer, ok bool) {
	all := formats()
	i := slices.IndexFunc(all, func(f format) bool { return f.name == name })
	if i < 0 {
		return nil, false
	}
	w = &Writer{bufio.NewWriter(to), all[i].line, record{version: version}}
	if all[i].head != "" {
		_, _ = w.to.WriteString(all[i].head + "\n") // an error stays with the writer
	}
	return w, true
}

// Observe writes the next event, with its line of the journal.
func (w *Writer) Observe(e event.Event, line []byte, _ func() projection.Status) error {
	if b, ok := e.Body.(event.RunStarted); ok {
		w.last.run, w.last.runbook = b.Run, b.Runbook
	}
	r := w.last
	r.Entry, r.Event, r.line, r.seq = projection.Tell(e), e, string(line), w.last.seq+1
	if e.By != nil {
		r.by = *e.By
	}
	w.last.seq = r.seq
	out, err := w.line(r)
	if err == nil {
		_, err = w.to.WriteString(out + "\n")
	}
	return err
}

// Progress is not part of a journal.
func (*Writer) Progress(string, string) {}

// Flush writes what is left.
func (w *Writer) Flush() error { return w.to.Flush() }

// cells are those of the columns that a format has.
func cells(has func(field) bool, cell func(field) string) (out []string) {
	for _, f := range fields {
		if has(f) {
			out = append(out, cell(f))
		}
	}
	return out
}

// rule parts the head of a table of so many columns from its rows.
func rule(columns int) string { return "|" + strings.Repeat(" --- |", columns) }

func (r record) text(f field) string { return text(f.of(r)) }

func titled(f field) bool  { return f.name != "" }
func shown(f field) bool   { return f.markdown }
func title(f field) string { return f.name }

// text is a value as text.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

// formula finds where a cell may begin, for any sign that parts cells, and a
// spreadsheet would take what follows for a formula.
var formula = pattern.Late("(^|[;,\t\r\n\"])(\\s*)([=+\\-@\uff1d\uff0b\uff0d\uff20])")

// CSV is a row of RFC 4180 without its end, every cell quoted. What could be a
// formula has an apostrophe before it.
func CSV(cells ...string) string {
	for i, cell := range cells {
		cell = formula().ReplaceAllString(action.Clean(cell), "$1$2'$3")
		cells[i] = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
	}
	return strings.Join(cells, ",")
}

// In the header of CEF lines and bars mean something, in its extension lines and
// equals signs.
var (
	cefHeader    = strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", " ", "\t", " ")
	cefExtension = strings.NewReplacer(`\`, `\\`, "=", `\=`, "\n", `\n`, "\r", `\r`)
)

func (r record) cef() (string, error) {
	var b strings.Builder
	b.WriteString("CEF:0")
	for _, part := range []string{"irctl", "irctl", r.version, string(r.Type()), r.Word, fmt.Sprint(r.weight().cef)} {
		b.WriteString("|" + cefHeader.Replace(action.Clean(part)))
	}
	between := "|"
	for _, f := range fields {
		value := f.of(r)
		if t, ok := value.(time.Time); ok {
			value = t.UnixMilli()
		}
		if f.cef == "" || text(value) == "" {
			continue
		}
		b.WriteString(between + f.cef + "=" + cefExtension.Replace(action.Clean(text(value))))
		if between = " "; f.label != "" {
			b.WriteString(" " + f.cef + "Label=" + f.label)
		}
	}
	return b.String(), nil
}

// nested is an object of JSON; a name with dots is a path in it.
func (r record) nested(name func(field) string, instant func(time.Time) any) (string, error) {
	object := map[string]any{}
	for _, f := range fields {
		value := f.of(r)
		if name(f) == "" || value == nil || value == "" {
			continue
		}
		if t, ok := value.(time.Time); ok {
			value = instant(t)
		}
		path, in := strings.Split(name(f), "."), object
		for _, part := range path[:len(path)-1] {
			inner, ok := in[part].(map[string]any)
			if !ok {
				inner = map[string]any{}
				in[part] = inner
			}
			in = inner
		}
		in[path[len(path)-1]] = value
	}
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	err := to.Encode(object)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// unmarked takes their meaning from the characters that make markup (CommonMark
// 0.31), rows of tables, mentions, formulas and links of GitHub Flavored Markdown.
var unmarked = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`,
	"|", `\|`, "~", `\~`, "#", `\#`, "!", `\!`, "$", `\$`, "@", "&#64;", "://", "&#58;//", "www.", "www&#46;")

// Markdown is a row of a table without its end, of text without markup.
func Markdown(cells ...string) string {
	const most = 4000 // characters of a cell
	for i, cell := range cells {
		cells[i] = unmarked.Replace(action.CleanLine(cell, most))
	}
	return "| " + strings.Join(cells, " | ") + " |"
}
