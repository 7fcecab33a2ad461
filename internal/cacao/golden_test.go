package cacao_test

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

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/runbook"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata/cacao")

const data = "../../testdata/cacao"

func files(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(data, pattern))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}

func parse(t *testing.T, path string) (*cacao.Playbook, string, runbook.Diagnostics) {
	t.Helper()
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	pb, found := cacao.Parse(filepath.Base(path), src)
	return pb, rendered(t, filepath.Base(path), src, found), found
}

func rendered(t *testing.T, name string, src []byte, found runbook.Diagnostics) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, found.Render(&b, map[string][]byte{name: src}))
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update to make it")
	require.Equal(t, string(want), got)
}

func TestGoodPlaybooksHaveNoFindings(t *testing.T) {
	for _, path := range files(t, "ok/*.json") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			pb, out, _ := parse(t, path)
			require.Empty(t, out)
			require.NotEmpty(t, pb.Steps)
		})
	}
}

func TestFindings(t *testing.T) {
	for _, path := range files(t, "err/*.json") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			pb, out, found := parse(t, path)
			if !found.HasErrors() {
				out += lowered(t, pb, path)
			}
			require.NotEmpty(t, out)
			golden(t, strings.TrimSuffix(path, ".json")+".out", out)
		})
	}
}

// lowered is what lowering a playbook finds, with the file of bindings that
// stands beside it, and an environment that knows nothing but "known".
func lowered(t *testing.T, pb *cacao.Playbook, path string) string {
	t.Helper()
	sources := map[string][]byte{filepath.Base(path): pb.Source}
	file := cacao.BindingsFile(path)
	var b *cacao.Bindings
	var found runbook.Diagnostics
	if src, err := os.ReadFile(file); err == nil {
		sources[filepath.Base(file)] = src
		b, found = cacao.ParseBindings(filepath.Base(file), src)
	}
	_, more := planned(pb, b, deps(t, "ok/*.json", "err/calls*.json"))
	found = append(found, more...)
	found = append(found, pb.Fits("acme", specs, func(a cacao.Acting) string {
		if a.Name == "known" {
			return ""
		}
		return "the environment acme says nothing about " + a.Name
	})...)
	var out bytes.Buffer
	require.NoError(t, found.Render(&out, sources))
	return out.String()
}

// TestEveryCodeIsShown: each code is explained, and shown by a golden file.
func TestEveryCodeIsShown(t *testing.T) {
	var all strings.Builder
	for _, path := range files(t, "err/*.out") {
		out, err := os.ReadFile(path)
		require.NoError(t, err)
		all.Write(out)
	}
	for _, c := range finding.Codes(cacao.Codes(), convert.Codes()) {
		require.NotEmpty(t, c.Explanation, c.ID)
		if c.ID != cacao.TooLarge.ID && c.ID != convert.TooManySteps.ID { // not kept as files
			require.True(t, strings.Contains(all.String(), "["+c.ID+"]"), "%s is not shown", c.ID)
		}
	}
}

func TestFilesAreBounded(t *testing.T) {
	_, found := cacao.Parse("x.json", bytes.Repeat([]byte(" "), 1<<20+1))
	require.Len(t, found, 1)
	require.Equal(t, cacao.TooLarge.ID, found[0].Code)
	for name, src := range map[string]string{
		"deep":  `{"type": "playbook", "spec_version": "cacao-2.0", "x": ` + strings.Repeat("[", 100_000),
		"many":  `{"type": "playbook", "spec_version": "cacao-2.0", "x": [` + strings.Repeat("1,", 200_000) + "1]}",
		"open":  `{"type": "playbook", "x": "`,
		"empty": ``,
	} {
		_, found := cacao.Parse("x.json", []byte(src))
		require.Len(t, found, 1, name)
		require.Equal(t, cacao.NotJSON.ID, found[0].Code, name)
	}
}

// TestPlansAreBounded: branches that share steps cannot fill the memory.
func TestPlansAreBounded(t *testing.T) {
	pb, out, found := parse(t, data+"/bounds/doubling.json")
	require.False(t, found.HasErrors(), out)
	p, found := planned(pb, nil, deps(t, "ok/*.json"))
	require.Nil(t, p)
	require.Equal(t, convert.TooManySteps.ID, found[len(found)-1].Code)
}

func TestGates(t *testing.T) {
	pb, _, _ := parse(t, data+"/ok/every-step.json")
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return when
	}
	require.Equal(t, []string{"it is valid from 2026-01-05 09:00 UTC on"}, cacao.Gates(pb, at("2026-01-05T08:59:59Z")))
	require.Empty(t, cacao.Gates(pb, at("2026-01-05T09:00:00Z")))
	require.Empty(t, cacao.Gates(pb, at("2036-01-05T08:59:59Z")))
	require.Equal(t, []string{"it was valid until 2036-01-05 09:00 UTC"}, cacao.Gates(pb, at("2036-01-05T09:00:00Z")))
	pb.Revoked = true
	require.Equal(t, []string{"its maker has revoked it"}, cacao.Gates(pb, at("2026-01-05T08:59:59Z")))
}

func FuzzPlaybook(f *testing.F) {
	for _, pattern := range []string{"/ok/*.json", "/err/*.json", "/run/*.json"} {
		paths, err := filepath.Glob(data + pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			src, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	d := convert.Deps{Spec: specs, Callee: func(string, string, string) (convert.Callee, error) {
		return convert.Callee{}, errors.New("no such playbook")
	}}
	f.Fuzz(func(t *testing.T, src []byte) {
		pb, found := cacao.Parse("fuzz.json", src)
		inside(t, src, found)
		if pb == nil || found.HasErrors() {
			return
		}
		p, found := planned(pb, nil, d)
		inside(t, src, found)
		if p == nil {
			return
		}
		encoded, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Decode(encoded); err != nil {
			t.Fatal(err)
		}
	})
}

func inside(t *testing.T, src []byte, found runbook.Diagnostics) {
	for _, one := range found {
		if one.Span.File != "fuzz.json" || one.Span.Start.Offset > one.Span.End.Offset || one.Span.End.Offset > len(src) || one.Span.Start.Line < 1 {
			t.Fatalf("a finding outside its file: %+v", one)
		}
	}
}
