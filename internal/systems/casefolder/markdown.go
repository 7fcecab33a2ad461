package casefolder

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

const (
	statusOpen   = "open"
	statusClosed = "closed"
	statusPrefix = "| Status | "
)

// mark is the comment that carries a key. The key is percent-encoded, so that
// no key can end the comment; the text around it is escaped, so that no text
// can begin one.
func mark(key string) string { return "<!-- irctl key: " + url.QueryEscape(key) + " -->" }

func hasMark(text []byte, key string) bool {
	want := []byte(mark(key))
	for line := range bytes.Lines(text) {
		if bytes.Equal(bytes.TrimSpace(line), want) {
			return true
		}
	}
	return false
}

func caseText(id string, o Opening) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n%s\n\n", id, line(o.Title), mark(o.Key))
	b.WriteString("| | |\n| --- | --- |\n")
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", name, strings.ReplaceAll(line(value), "|", `\|`))
		}
	}
	row("Status", statusOpen)
	row("Severity", o.Severity)
	row("Opened", stamp(o.At))
	row("Labels", strings.Join(o.Labels, ", "))
	row("Runbook", o.Runbook)
	row("Run", o.Run)
	if o.Summary != "" {
		fmt.Fprintf(&b, "\n## Summary\n\n%s\n", block(o.Summary))
	}
	b.WriteString("\nWhat happened is in [timeline.md](timeline.md); what was collected is in [evidence](evidence), checked by `sha256sum -c SHA256SUMS`.\n")
	return []byte(b.String())
}

func resolutionText(at time.Time, resolution, key string) []byte {
	return fmt.Appendf(nil, "\n\n## Resolution of %s\n\n%s\n\n%s\n", stamp(at), block(resolution), mark(key))
}

func entryText(at time.Time, text, key string) string {
	return fmt.Sprintf("\n## %s\n\n%s\n\n%s\n", stamp(at), block(text), mark(key))
}

// statusOf reads the status from the table of case.md, "" if it was removed.
func statusOf(text []byte) string {
	for l := range bytes.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(string(l)), statusPrefix); ok {
			return strings.TrimSpace(strings.TrimSuffix(rest, "|"))
		}
	}
	return ""
}

// setStatus replaces the status, or adds one when somebody removed the line.
func setStatus(text []byte, status string) []byte {
	var b bytes.Buffer
	done := false
	for l := range bytes.Lines(text) {
		if !done && strings.HasPrefix(string(l), statusPrefix) {
			l, done = []byte(statusPrefix+status+" |\n"), true
		}
		b.Write(l)
	}
	if !done {
		return append([]byte(statusPrefix+status+" |\n\n"), b.Bytes()...)
	}
	return b.Bytes()
}

// escaper takes their meaning from the characters that make links and pictures
// (CommonMark 0.31 section 6.3), and from those of HTML.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `\`, `\\`, "[", `\[`, "]", `\]`, "://", `:\//`)

// line is text from outside on one line.
func line(s string) string { return escaper.Replace(action.CleanLine(s, 300)) }

// block is text from outside over several lines. No line of it can be taken
// for a heading or for the status row.
func block(s string) string {
	lines := strings.Split(escaper.Replace(action.Clean(s)), "\n")
	for i, l := range lines {
		if t := strings.TrimLeft(l, " \t"); strings.HasPrefix(t, "#") || strings.HasPrefix(t, "|") || strings.HasPrefix(t, "```") || strings.HasPrefix(t, "~~~") || underline(t) {
			lines[i] = `\` + t
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// underline reports whether a line would make a heading of the one before it
// (CommonMark 0.31 section 4.3), or a rule.
func underline(t string) bool {
	t = strings.TrimSpace(t)
	return t != "" && (strings.Trim(t, "=") == "" || strings.Trim(t, "-") == "")
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
