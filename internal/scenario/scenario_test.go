package scenario_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/language/keystest"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/pkg/runbook"
)

var update = flag.Bool("update", false, "rewrite the .out files of testdata")

// read knows one runbook.
func read(name, _ string) (*runbook.Runbook, error) {
	if name != "containment" {
		return nil, errors.New("there is no such runbook")
	}
	src, err := os.ReadFile(filepath.Join("testdata", "containment.yaml"))
	if err != nil {
		return nil, err
	}
	rb, ds := language.Parse("containment.yaml", src)
	if ds.HasErrors() {
		return nil, errors.New(ds[0].Summary)
	}
	return rb, nil
}

// found is everything that is wrong with a file, as people read it.
func found(t *testing.T, path string) string {
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	name := filepath.Base(path)
	s, ds := scenario.Parse(name, src)
	if s != nil {
		ds = append(ds, s.Check(read)...)
	}
	for _, d := range ds {
		require.Equal(t, name, d.Span.File, d.Summary)
		require.LessOrEqual(t, d.Span.End.Offset, len(src), d.Summary)
	}
	var b bytes.Buffer
	require.NoError(t, ds.Render(&b, map[string][]byte{name: src}))
	return b.String()
}

func TestScenarioFiles(t *testing.T) {
	for _, folder := range []string{"ok", "err"} {
		paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
		require.NoError(t, err)
		require.NotEmpty(t, paths)
		for _, path := range paths {
			got := found(t, path)
			if folder == "ok" {
				require.Empty(t, got, path)
				continue
			}
			golden := strings.TrimSuffix(path, ".yaml") + ".out"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
			require.NotContains(t, got, "hunt", "a secret is shown")
		}
	}
}

func TestParseReadsEverything(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("testdata", "ok", "full.yaml"))
	require.NoError(t, err)
	s, ds := scenario.Parse("full.yaml", src)
	require.Empty(t, ds)
	require.Equal(t, time.Date(2026, 3, 6, 17, 30, 0, 0, time.UTC), s.Start)
	require.Equal(t, []string{"stolen-laptop", "containment", "lab"}, []string{s.Name.Value, s.Runbook.Value, s.Environment.Value})
	require.Len(t, s.Inputs, 3)
	require.Len(t, s.Objectives, 2)
	require.Len(t, s.Injects, 2)
	require.Equal(t, 20*time.Minute, s.Injects[0].At)
	require.Equal(t, []string{"press", "", "A journalist calls", "Is customers' data safe?", "commander", "The press office answers."},
		[]string{s.Injects[0].ID.Value, s.Injects[0].After.Value, s.Injects[0].Title.Value, s.Injects[0].Text.Value, s.Injects[0].To.Value, s.Injects[0].Expect.Value})
	require.Equal(t, "website", s.Injects[1].After.Value)
}

// TestParserAndTableAgree: whatever the table says of a key, the parser does.
func TestParserAndTableAgree(t *testing.T) {
	places := keystest.Places{}
	places.Find("scenario", keystest.Place{Table: scenario.Table(), Wrap: func(lines []string) string {
		return strings.Join(lines, "\n") + "\n"
	}})
	require.Contains(t, places, "scenario/injects")
	places.Check(t, func(src []byte) runbook.Diagnostics {
		_, ds := scenario.Parse("x.yaml", src)
		return ds
	}, nil)
}

func TestOtherFilesAreNoScenarios(t *testing.T) {
	for _, src := range []string{"", "a: b", "irctl: v1\nname: x\nsteps: []\n", "[1]", "irctl: v1\nkind: environment\n"} {
		_, ds := scenario.Parse("x.yaml", []byte(src))
		require.True(t, ds.HasErrors(), src)
	}
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"ok", "err"} {
		paths, err := filepath.Glob(filepath.Join("testdata", pattern, "*.yaml"))
		require.NoError(f, err)
		for _, path := range paths {
			src, err := os.ReadFile(path)
			require.NoError(f, err)
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		s, ds := scenario.Parse("x.yaml", src)
		require.True(t, s != nil || ds.HasErrors())
		if s != nil {
			ds = append(ds, s.Check(read)...)
		}
		for _, d := range ds {
			require.Equal(t, "x.yaml", d.Span.File)
			require.LessOrEqual(t, d.Span.Start.Offset, d.Span.End.Offset)
			require.LessOrEqual(t, d.Span.End.Offset, len(src))
		}
	})
}
