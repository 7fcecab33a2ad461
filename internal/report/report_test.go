package report_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/irctl/irctl/internal/clock"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/report"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

const hostile = "\"'><script>alert(1)</script><img src=https://evil.example.com onerror=1> &amp; \x1b[31m \u202e | `x` [a](javascript:1) </style></svg></title> {{.}}\nnext"

// fill puts a text into every text below a value, and one element into every list.
func fill(v reflect.Value, text string, depth int) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(text)
		}
	case reflect.Slice:
		if v.CanSet() && depth < 8 && v.Type().Elem().Kind() != reflect.Interface && v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), text, depth+1)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), text, depth+1)
			}
		}
	}
}

var now = time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)

// account is a run of which everything that came from outside is one text.
func account(text string) projection.Account {
	var a projection.Account
	fill(reflect.ValueOf(&a).Elem(), text, 0)
	at := projection.Time{Time: now.Add(-time.Hour)}
	a.Status.Status, a.Status.Started, a.Status.Steps[0].Status = event.Running, at, event.Failed
	a.Status.Steps[0].Started, a.Status.Steps[0].Path, a.Waits[0].Path = at, text, text
	a.Status.Steps[0].Block = false
	a.Waits[0].Began, a.Entries[0].Seq, a.Contained[0].Since = at, 7, at
	a.Entries[0].Decision, a.Entries[0].Failure = true, true
	a.Status.Clocks[0].State, a.Status.Clocks[0].Due, a.Status.Clocks[0].Local = clock.Missed, at, at.Time
	a.Verified.Report.Verdict = journal.Altered
	return a
}

func written(t *testing.T, r report.Report, format string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.Write(&b, format, ""))
	return b.String()
}

// TestHostileTextsStayTexts: the page has the same elements and attributes
// whatever the texts in it are, and nothing in it runs or leads elsewhere.
func TestHostileTextsStayTexts(t *testing.T) {
	shape := func(text string) (out []string) {
		page := written(t, report.Make([]projection.Account{account(text)}, report.Options{Incident: text, TLP: "RED", Irctl: text, Now: now}), "html")
		require.NotContains(t, page, "\x1b")
		require.NotContains(t, page, "\u202e")
		for z := html.NewTokenizer(strings.NewReader(page)); z.Next() != html.ErrorToken; {
			token := z.Token()
			if token.Type == html.TextToken {
				continue
			}
			name := token.Type.String() + " " + token.Data
			for _, a := range token.Attr {
				require.NotContains(t, []string{"src", "href", "action", "style", "srcset"}, a.Key)
				require.False(t, strings.HasPrefix(a.Key, "on"), a.Key)
				name += " " + a.Key
			}
			out = append(out, name)
		}
		return out
	}
	require.Equal(t, shape("x"), shape(hostile))
}

func TestEveryElementIsClosed(t *testing.T) {
	page := written(t, report.Make([]projection.Account{account("x")}, report.Options{TLP: "AMBER", Now: now}), "html")
	void := map[string]bool{"meta": true}
	var open []string
	for z := html.NewTokenizer(strings.NewReader(page)); z.Next() != html.ErrorToken; {
		switch token := z.Token(); {
		case token.Type == html.StartTagToken && !void[token.Data]:
			open = append(open, token.Data)
		case token.Type == html.EndTagToken:
			require.NotEmpty(t, open)
			require.Equal(t, open[len(open)-1], token.Data)
			open = open[:len(open)-1]
		}
	}
	require.Empty(t, open)
	require.Equal(t, 2, strings.Count(page, ">TLP:AMBER<"), "at the top and at the bottom, which are repeated on every page")
}

func TestMarkdownOfHostileTextsHasNoMarkup(t *testing.T) {
	text := written(t, report.Make([]projection.Account{account(hostile)}, report.Options{Incident: hostile, Now: now}), "markdown")
	for _, markup := range []string{"<script", "<img", "[a](", "`x`", "\x1b", "https://evil"} {
		require.NotContains(t, text, markup)
	}
	plain := written(t, report.Make([]projection.Account{account("x")}, report.Options{Incident: "x", Now: now}), "markdown")
	require.Equal(t, strings.Count(plain, "\n"), strings.Count(text, "\n"), "a text is never more lines")
}

func TestRulesReplaceEveryTextAndLeaveOutParts(t *testing.T) {
	rules, found := report.ParseRules("rules.yaml", []byte("irctl: v1\nkind: redaction\nreplace: [{text: SECRET NAME, with: '[x]'}]\nleave_out: [evidence]\n"))
	require.Empty(t, found)
	r := report.Make([]projection.Account{account("the secret name of it")}, report.Options{Incident: "Secret Name", Irctl: "secret name", Now: now})
	r.Redact(rules)
	for _, format := range report.Formats {
		text := written(t, r, format)
		require.NotContains(t, strings.ToLower(text), "secret name", format)
		require.Contains(t, text, "evidence", format)
	}
	var back report.Report
	require.NoError(t, json.Unmarshal([]byte(written(t, r, "json")), &back))
	require.Empty(t, back.Runs[0].Evidence)
	require.NotEmpty(t, back.Runs[0].Timeline)
}

// TestWhatStepsPrintedStandsApart: evidence is what somebody collected or added;
// what every step sent and printed is listed at the end.
func TestWhatStepsPrintedStandsApart(t *testing.T) {
	a := account("x")
	a.Custody.Items = []projection.Evidence{{ID: "9", Name: "sent", Kind: "output", Step: "email", Digest: "aa", Size: 3}, {ID: "15.2", Name: "auth.log", Kind: "collected", Digest: "bb", Size: 4}}
	run := report.Make([]projection.Account{a}, report.Options{Now: now}).Runs[0]
	require.Equal(t, []report.Row{{What: "email sent", Who: "9", Text: "SHA-256 aa, 3 bytes"}}, run.Outputs)
	require.Len(t, run.Evidence, 1)
	require.Equal(t, "15.2 auth.log", run.Evidence[0].What)
}

// TestTheChartOfAShortRunHasTimes: a run of 100 ms has marks in milliseconds.
func TestTheChartOfAShortRunHasTimes(t *testing.T) {
	a := account("x")
	a.Status.Ended = projection.Time{Time: a.Status.Started.Add(100 * time.Millisecond)}
	var marks []string
	for _, m := range report.Make([]projection.Account{a}, report.Options{Now: now}).Runs[0].Chart.Marks {
		marks = append(marks, m.Text)
	}
	require.Equal(t, []string{"+0s", "+25ms", "+50ms", "+75ms", "+100ms"}, marks)
}
