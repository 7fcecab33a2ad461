package logformat_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/logformat"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

var update = flag.Bool("update", false, "write testdata anew")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// hostile are texts that mean something to one of the formats or its readers.
var hostile = []string{
	`=cmd|' /C calc'!A0`, `+1`, `-1`, "@SUM(1)", "\t=1", "\r=1", "a;=1", "a,=1", "a\n=1", `x" ,"=1`, "＝1", ` =1`, `'=1`, `"=1"`,
	`a|b\|c\\|d`, `k=v act\=x cs1=y`, "line\nCEF:0|x|y|1|z|n|10|", "\r\nact=none", `\`, `\n`,
	`<script>alert(1)</script>`, `[x](http://evil.example.com)`, `![x](//evil.example.com/p)`, "`code`", `| a | b |`, "# head", "www.evil.example.com",
	"\x1b[2J", "\u202egpj", "\u2028", "\x00", `{"type":"x"}`, strings.Repeat("x", 20000), "",
}

func event1(text string) event.Event {
	return event.Event{
		Time: noon, Path: text, Request: text, By: &event.Actor{User: text, Person: text, Host: text, PID: 7},
		Body: event.StepFailed{Error: event.Failure{Message: text}},
	}
}

// written is what a format makes of events, after the start of a run.
func written(t *testing.T, format string, events ...event.Event) string {
	t.Helper()
	var out bytes.Buffer
	w, ok := logformat.New(format, &out, "v1|2")
	require.True(t, ok)
	head := journal.Genesis()
	begin := event.Event{Time: noon, By: &event.Actor{User: "ops", Host: "desk", PID: 1}, Body: event.RunStarted{Run: "01RUN", Runbook: "containment"}}
	for _, e := range append([]event.Event{begin}, events...) {
		body, err := e.Encode()
		require.NoError(t, err)
		line, next, err := journal.Seal(head, body)
		require.NoError(t, err)
		head = next
		decoded, err := event.Decode(line)
		require.NoError(t, err)
		require.NoError(t, w.Observe(decoded, bytes.TrimSuffix(line, []byte("\n")), nil))
	}
	require.NoError(t, w.Flush())
	return out.String()
}

func TestFormats(t *testing.T) {
	unknown, err := event.Decode([]byte(`{"time":"2026-03-01T12:00:01Z","type":"step_dreamt","path":"email","by":{"user":"ops"},"of":"=sheep|x"}`))
	require.NoError(t, err)
	for _, format := range logformat.Names() {
		events := []event.Event{
			{Time: noon, Path: "contain/email", Body: event.AttemptStarted{Attempt: 1, Action: "email.suspend", Target: "mail", Key: "k"}},
			{Time: noon, Path: "contain/email", Body: event.StepSucceeded{Attempt: 1, Summary: "suspended", Changed: true}},
			{Time: noon, Path: "authorise", By: &event.Actor{User: "dana", Person: "dana", Host: "desk", PID: 7}, Request: "01REQ",
				Body: event.ApprovalGiven{Role: "commander", Comment: "=1|2\\3"}},
			{Time: noon, Path: "web", Body: event.StepUnknown{Attempt: 1, Reason: "cut off"}},
			{Time: noon, Path: "web", Body: event.StepFailed{Error: event.Failure{Message: "a=b\nc"}}},
			{Time: noon, Body: event.RunEnded{Status: event.Failed}},
		}
		var out bytes.Buffer
		out.WriteString(written(t, format, events...))
		w, _ := logformat.New(format, &out, "v1")
		require.NoError(t, w.Observe(unknown, unknown.Body.(event.Unknown).Raw, nil))
		require.NoError(t, w.Flush())
		file := filepath.Join("testdata", format)
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(file, out.Bytes(), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), out.String(), format)
		require.Contains(t, out.String(), "sheep", "what is not known is kept whole")
	}
	_, ok := logformat.New("xml", io.Discard, "")
	require.False(t, ok)
}

func TestJSONLinesAreTheJournal(t *testing.T) {
	file, err := os.ReadFile("../../testdata/journals/intact.jsonl")
	require.NoError(t, err)
	var out bytes.Buffer
	w, _ := logformat.New("jsonl", &out, "")
	for s := journal.NewScanner(bytes.NewReader(file), nil); s.Scan(); {
		e, err := event.Decode(s.Entry().Line)
		require.NoError(t, err)
		require.NoError(t, w.Observe(e, s.Entry().Line, nil))
	}
	require.NoError(t, w.Flush())
	require.Equal(t, string(file), out.String())
}

func TestNoCellOfCSVIsAFormula(t *testing.T) {
	for _, text := range hostile {
		out := written(t, "csv", event1(text))
		require.True(t, utf8.ValidString(out))
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 3)
		cell := map[string]string{}
		for i, name := range rows[0] {
			cell[name] = rows[2][i]
		}
		// Whoever takes the apostrophes out has the text.
		back := regexp.MustCompile(`'([=+\-@＝＋－＠])`)
		clean := strings.ReplaceAll(action.Clean(text), "\r", "")
		require.Equal(t, back.ReplaceAllString(clean, "$1"), back.ReplaceAllString(strings.ReplaceAll(cell["account"], "\r", ""), "$1"))
		// Neither with commas nor with semicolons or tabs for what parts cells.
		for _, comma := range ",;\t" {
			lines := csv.NewReader(strings.NewReader(out))
			lines.Comma, lines.LazyQuotes, lines.FieldsPerRecord = comma, true, -1
			all, err := lines.ReadAll()
			require.NoError(t, err)
			for _, row := range all {
				for _, cell := range row {
					require.False(t, strings.ContainsAny(string([]rune(strings.TrimSpace(cell) + "x")[:1]), "=+-@＝＋－＠"), "%q in %q", cell, text)
				}
			}
		}
	}
}

// readCEF is a reader of one line of CEF: seven parts, and an extension.
func readCEF(t *testing.T, line string) (header []string, extension map[string]string) {
	t.Helper()
	part, rest := "", line
	for len(header) < 7 {
		switch {
		case rest == "":
			require.Fail(t, "the header ends early", line)
		case rest[0] == '\\':
			require.Contains(t, `\|`, rest[1:2], line)
			part, rest = part+rest[1:2], rest[2:]
		case rest[0] == '|':
			header, part, rest = append(header, part), "", rest[1:]
		default:
			part, rest = part+rest[:1], rest[1:]
		}
	}
	extension = map[string]string{}
	keys := regexp.MustCompile(`(?:^| )([A-Za-z0-9]+)=`)
	// What is escaped is no equals sign.
	masked := strings.NewReplacer(`\\`, "\x01\x01", `\=`, "\x01\x02").Replace(rest)
	found := keys.FindAllStringSubmatchIndex(masked, -1)
	for i, at := range found {
		end := len(masked)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		value := strings.NewReplacer("\x01\x01", `\\`, "\x01\x02", `\=`).Replace(masked[at[1]:end])
		extension[masked[at[2]:at[3]]] = strings.NewReplacer(`\\`, `\`, `\=`, `=`, `\n`, "\n", `\r`, "\r").Replace(value)
	}
	return header, extension
}

func TestNoTextOfCEFIsAnotherKeyOrLine(t *testing.T) {
	for _, text := range hostile {
		lines := strings.Split(strings.TrimSuffix(written(t, "cef", event1(text)), "\n"), "\n")
		require.Len(t, lines, 2, "%q", text)
		header, ext := readCEF(t, lines[1])
		require.Equal(t, []string{"CEF:0", "irctl", "irctl", "v1|2", "step_failed", "failed", "7"}, header)
		want := action.Clean(text)
		require.Equal(t, want, ext["suser"], "%q", text)
		require.Equal(t, want, ext["cs3"])
		require.Equal(t, "step_failed", ext["act"])
		require.Equal(t, "run", ext["cs1Label"])
		require.Equal(t, strconv.FormatInt(noon.UnixMilli(), 10), ext["rt"])
		for key := range ext {
			require.Contains(t, []string{"rt", "cn1", "cn1Label", "cs1", "cs1Label", "cs2", "cs2Label", "act", "cs3", "cs3Label", "suser", "cs4", "cs4Label",
				"shost", "spid", "outcome", "msg", "externalId", "cs5", "cs5Label"}, key, "%q", text)
		}
	}
}

func TestJSONFormatsHaveWhatTheirSpecificationsAskFor(t *testing.T) {
	for _, text := range hostile {
		for format, required := range map[string][]string{
			"ocsf": {"activity_id", "category_uid", "class_uid", "command_uid", "metadata.product.vendor_name", "metadata.version", "severity_id", "time", "type_uid", "raw_data"},
			"ecs":  {"@timestamp", "ecs.version", "event.kind", "event.category", "event.type", "event.original", "event.hash", "event.sequence"},
		} {
			lines := strings.Split(strings.TrimSuffix(written(t, format, event1(text)), "\n"), "\n")
			require.Len(t, lines, 2)
			var m map[string]any
			require.NoError(t, json.Unmarshal([]byte(lines[1]), &m))
			at := func(path string) (v any) {
				v = m
				for _, part := range strings.Split(path, ".") {
					v = v.(map[string]any)[part]
				}
				return v
			}
			for _, path := range required {
				require.NotNil(t, at(path), "%s of %s", path, format)
			}
			if user := map[string]string{"ocsf": "actor.user.name", "ecs": "user.name"}[format]; text != "" {
				require.Equal(t, strings.ToValidUTF8(text, "\ufffd"), at(user))
			}
		}
	}
}

func TestNoTextOfMarkdownIsMarkup(t *testing.T) {
	for _, text := range hostile {
		lines := strings.Split(strings.TrimSuffix(written(t, "markdown", event1(text)), "\n"), "\n")
		require.Len(t, lines, 4, "%q", text)
		row := strings.NewReplacer(`\\`, "", `\|`, "").Replace(lines[3])
		require.Equal(t, strings.Count(lines[0], "|"), strings.Count(row, "|"), "%q", text)
		bare := regexp.MustCompile(`\\.|&#?[a-z0-9]+;`).ReplaceAllString(lines[3], "")
		require.NotRegexp(t, "[<>`\\[\\]*_#!~$]|://|www\\.", bare, "%q", text)
	}
}

// endless counts what was written, and how far the events had come when it began.
type endless struct{ first, events int }

func (e *endless) Write(p []byte) (int, error) {
	if e.first == 0 {
		e.first = e.events
	}
	return len(p), nil
}

func TestAHundredThousandEntriesAreAStream(t *testing.T) {
	for _, format := range logformat.Names() {
		out := &endless{}
		w, _ := logformat.New(format, out, "v1")
		e := event.Event{Time: noon, Path: "a", Body: event.NoteAdded{Text: "x"}}
		line := []byte(fmt.Sprintf(`{"seq":1,"time":"2026-03-01T12:00:00Z","type":"note_added","text":"x","hash":"%064d"}`, 0))
		for range 100_000 {
			out.events++
			require.NoError(t, w.Observe(e, line, nil))
		}
		require.NoError(t, w.Flush())
		require.Less(t, out.first, 100, "%s writes while it reads", format)
	}
}
