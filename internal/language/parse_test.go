package language_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

func parse(t *testing.T, src string) *runbook.Runbook {
	t.Helper()
	rb, ds := language.Parse("x.yaml", []byte(src))
	require.Empty(t, ds)
	return rb
}

const head = "irctl: v1\nname: sample\nsteps:\n"

func TestDerivedIDs(t *testing.T) {
	rb := parse(t, head+`
  - {id: email-suspend, uses: email.suspend}
  - uses: email.suspend
  - manual: One.
  - parallel:
      - manual: Two.
      - {id: manual-3, manual: Three.}
  - manual: Four.
`)
	var ids []string
	var given []bool
	var walk func([]*runbook.Step)
	walk = func(steps []*runbook.Step) {
		for _, s := range steps {
			ids, given = append(ids, s.ID.Value), append(given, s.ID.Given())
			for _, b := range s.Blocks() {
				walk(b)
			}
		}
	}
	walk(rb.Steps)
	require.Equal(t, []string{"email-suspend", "email-suspend-2", "manual", "parallel", "manual-2", "manual-3", "manual-4"}, ids)
	require.Equal(t, []bool{true, false, false, false, false, true, false}, given)
}

func TestPlainValues(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(folder, "ok", "plain-values.yaml"))
	require.NoError(t, err)
	rb := parse(t, string(src))
	got := map[string]any{}
	for _, p := range rb.Steps[0].Uses.With {
		got[p.Key.Value] = p.Value.Data()
	}
	require.Equal(t, map[string]any{
		"country": "NO", "answer": "yes", "mode": "0644", "hex": "0x1f", "modern": "0o17", "thousand": "1_000",
		"clock": "1:30", "infinite": ".inf", "date": "2026-01-02", "phone": "+4930123456", "version": "1.10",
		"empty": "", "none": nil, "int": int64(-12), "float": 1.5, "tilde": "a ~ b",
		"url": "http://192.0.2.1:8080/x?y=1#z", "text": "one\n  two\n\nthree\n", "folded": "one two",
	}, got)
}

// TestPlaces: what a span covers is the value as the file writes it, and what
// Place gives is the piece of it.
func TestPlaces(t *testing.T) {
	src := head + `  - manual: Call €now please
  - manual: "Call now please"
  - manual: 'Call now please'
  - manual: |
      Call

      later: now please
  - {manual: Call now please, title: [x]}
  - manual: "Call\tthem; now please"
`
	rb, _ := language.Parse("x.yaml", []byte(src))
	want := []struct{ whole, piece string }{
		{"Call €now please", "now"},
		{`"Call now please"`, "now"},
		{`'Call now please'`, "now"},
		{"|\n      Call\n\n      later: now please", "now"},
		{"Call now please", "now"},
		{`"Call\tthem; now please"`, `"Call\tthem; now please"`}, // escapes: the whole value
	}
	for i, s := range rb.Steps {
		text := s.Manual.Text
		at := strings.Index(text, "now")
		piece := s.Manual.Place(at, at+3)
		require.Equal(t, want[i].whole, src[s.Manual.Span.Start.Offset:s.Manual.Span.End.Offset])
		require.Equal(t, want[i].piece, src[piece.Start.Offset:piece.End.Offset])
		require.Equal(t, placeOf(src, piece.Start.Offset), piece.Start)
		require.Equal(t, placeOf(src, piece.End.Offset), piece.End)
	}
}

// placeOf counts lines and characters the slow way.
func placeOf(src string, offset int) runbook.Position {
	before := src[:offset]
	line := strings.Count(before, "\n")
	return runbook.Position{Line: line + 1, Column: len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1, Offset: offset}
}

func TestFileTooLarge(t *testing.T) {
	rb, ds := language.Parse("x.yaml", []byte(head+"  - manual: "+strings.Repeat("x", 1<<20)+"\n"))
	require.Nil(t, rb)
	require.Equal(t, runbook.Diagnostics{{
		Severity: runbook.Error, Code: "IR0101", Summary: "the file has 1048619 bytes, the most is 1048576",
		Detail: "split it into runbooks that call each other with `run`", Span: runbook.Span{File: "x.yaml", Start: runbook.Position{Line: 1, Column: 1}, End: runbook.Position{Line: 1, Column: 1}},
	}}, ds)
}

// FuzzParse: never a panic, every finding inside the file, and at least one if
// there is no runbook.
func FuzzParse(f *testing.F) {
	for _, kind := range []string{"ok", "err"} {
		paths, err := filepath.Glob(filepath.Join(folder, kind, "*.yaml"))
		require.NoError(f, err)
		for _, path := range paths {
			src, err := os.ReadFile(path)
			require.NoError(f, err)
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		rb, ds := language.Parse("x.yaml", src)
		if rb == nil && !ds.HasErrors() {
			t.Fatal("no runbook and no error")
		}
		lines := strings.Split(string(src), "\n")
		for _, d := range ds {
			s, e := d.Span.Start, d.Span.End
			if s.Line < 1 || e.Line > len(lines) || s.Offset > e.Offset || e.Offset > len(src) || s.Column < 1 || e.Column > len(lines[e.Line-1])+1 {
				t.Fatalf("%s %q is outside the file: %+v", d.Code, d.Summary, d.Span)
			}
		}
		if err := ds.Render(&strings.Builder{}, map[string][]byte{"x.yaml": src}); err != nil {
			t.Fatal(err)
		}
	})
}
