//go:build unix

package proof

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/journal"
)

// book is a runbook with a bit of everything that leaves entries.
const book = `irctl: v1
name: book
title: A bit of everything
inputs:
  incident: {type: string, required: true}
steps:
  - {id: look, uses: exec, with: {argv: [echo, "looking at ${{ inputs.incident }}"]}}
  - id: both
    parallel:
      - {id: left, uses: assert, with: {that: true, message: never}}
      - {id: right, set: {found: "${{ steps.look.outputs.stdout }}"}}
  - {id: ask, manual: Call the bank., outputs: {reference: string}}
  - {id: act, uses: exec, with: {argv: [touch, acted]}, title: "It was here"}
`

// finished is a place with one run that has ended well.
func finished(t *testing.T) *place {
	p := waitingRun(t)
	p.must(0, "done", p.run(), "ask", "--set", "reference=R-1")
	p.must(0, "note", p.run(), "The bank was quick.")
	p.must(0, "resume", p.run())
	require.Equal(t, "succeeded", p.status().Status)
	return p
}

// waitingRun is a place with one run that waits for a person.
func waitingRun(t *testing.T) *place {
	p := newPlace(t)
	p.must(4, "run", p.write("book.yaml", book), "--input", "incident=INC-1")
	return p
}

// change is a journal that somebody changed, and what must be said about it.
type change struct {
	name    string
	journal []byte
	verdict journal.Verdict
	seq     int64 // of the first bad entry
}

// changes are the ways in which this file changes a journal of whole,
// acknowledged lines, but for the single bytes.
func changes(whole []byte) []change {
	lines := bytes.SplitAfter(whole, []byte("\n"))
	lines = lines[:len(lines)-1]
	n := len(lines)
	var out []change
	for i := range lines {
		removed := change{fmt.Sprintf("line %d removed", i+1), bytes.Join(append(append([][]byte{}, lines[:i]...), lines[i+1:]...), nil), journal.Altered, int64(i + 1)}
		if i == n-1 {
			removed.verdict = journal.Truncated
		}
		out = append(out, removed)
		if i+1 < n {
			swapped := append([][]byte{}, lines...)
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			out = append(out, change{fmt.Sprintf("lines %d and %d swapped", i+1, i+2), bytes.Join(swapped, nil), journal.Altered, int64(i + 1)})
		}
	}
	last := len(whole) - len(lines[n-1])
	for at := last + 1; at < len(whole); at++ {
		out = append(out, change{fmt.Sprintf("cut at byte %d", at), whole[:at], journal.Truncated, int64(n)})
	}
	return append(out, change{"empty", nil, journal.Truncated, 1})
}

// flipped changes one byte.
func flipped(whole []byte, at int) change {
	b := bytes.Clone(whole)
	b[at] ^= 1
	return change{fmt.Sprintf("byte %d", at), b, journal.Altered, int64(bytes.Count(whole[:at], []byte("\n")) + 1)}
}

// TestEveryChangeIsFound changes the journal of a finished run in every way,
// and has each found, with the first bad entry. All of them are tried against
// the store, and some dozens through the command line.
func TestEveryChangeIsFound(t *testing.T) {
	p := finished(t)
	require.Equal(t, "intact", p.verify().Verdict)
	path := p.path(p.journal())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	all := changes(whole)
	for at := range whole {
		all = append(all, flipped(whole, at))
	}
	r, err := store.Open(p.home, store.OS{}).Reader(p.run())
	require.NoError(t, err)
	for _, c := range all {
		require.NoError(t, os.WriteFile(path, c.journal, 0o600))
		report, err := r.Verify()
		require.NoError(t, err)
		require.NotEmpty(t, report.Findings, c.name)
		require.Equal(t, change{c.name, c.journal, report.Verdict, report.Findings[0].Seq}, c)
	}
	step := len(all)/48 + 1
	for i := 0; i < len(all); i += step {
		c := all[i]
		require.NoError(t, os.WriteFile(path, c.journal, 0o600))
		v := p.verify()
		require.NotEmpty(t, v.Findings, c.name)
		require.Equal(t, change{c.name, c.journal, journal.Verdict(v.Verdict), v.Findings[0].Seq}, c)
	}
	t.Logf("%d changes, %d of them through the command line", len(all), len(all)/step+1)
}

// TestAnAlteredRunIsLeftAlone: nothing acts on a run whose journal does not
// verify, and nothing in its folder changes.
func TestAnAlteredRunIsLeftAlone(t *testing.T) {
	p := waitingRun(t)
	run := p.run()
	path := p.path(p.journal())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	middle := flipped(whole, len(whole)/2)
	cut := changes(whole)
	for _, c := range []change{middle, flipped(whole, 9), cut[0], cut[len(cut)-2], cut[len(cut)-1]} {
		require.NoError(t, os.WriteFile(path, c.journal, 0o600))
		before := snapshot(t, p.home)
		for _, args := range [][]string{
			{"resume", run}, {"done", run, "ask", "--set", "reference=R-1", "--resume"}, {"rollback", run}, {"cancel", run},
			{"note", run, "Still there?"}, {"pause", run}, {"skip", run, "ask", "--resume"},
		} {
			e := p.must(5, args...)
			require.Contains(t, e.stderr, "irctl audit verify "+run, "%s: %v", c.name, args)
		}
		require.Equal(t, before, snapshot(t, p.home), c.name)
		require.NoFileExists(t, p.path("acted"))
	}
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	p.must(0, "done", run, "ask", "--set", "reference=R-1", "--resume")
	require.FileExists(t, p.path("acted"))
}

// TestAnAlteredDocumentStopsResume: the plan, the runbook and the environment
// of a run are bound by its first entry; with another one nothing goes on.
func TestAnAlteredDocumentStopsResume(t *testing.T) {
	p := newPlace(t)
	p = p.with("IRCTL_ENV=" + p.write("here.yaml", "irctl: v1\nkind: environment\nname: here\nvalues: {where: here}\n"))
	p.must(4, "run", p.write("book.yaml", book), "--input", "incident=INC-1")
	run := p.run()
	for _, name := range []string{"plan.json", "runbook.yaml", "environment.yaml"} {
		file := filepath.Join(p.folder(), name)
		text := p.read(file)
		require.Contains(t, text, "here", name)
		p.write(file, strings.Replace(text, "here", "hers", 1))
		before := snapshot(t, p.home)
		for _, args := range [][]string{{"resume", run}, {"done", run, "ask", "--set", "reference=R-1", "--resume"}, {"rollback", run}} {
			e := p.must(5, args...)
			require.Contains(t, e.stderr, name)
			require.Contains(t, e.stderr, "irctl audit verify "+run)
		}
		require.Equal(t, before, snapshot(t, p.home), name)
		require.Equal(t, "altered", p.verify().Verdict)
		p.write(file, text)
	}
	require.Equal(t, "intact", p.verify().Verdict)
	p.must(0, "done", run, "ask", "--set", "reference=R-1", "--resume")
}

// snapshot is every file below a folder with its bytes.
func snapshot(t *testing.T, dir string) map[string]string {
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		out[path] = string(data)
		return err
	}))
	return out
}

// TestTornTail: what an interrupted write left behind was never acknowledged.
// It is reported as torn, and a resume sets it aside and goes on.
func TestTornTail(t *testing.T) {
	p := waitingRun(t)
	path := p.path(p.journal())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	r, err := store.Open(p.home, store.OS{}).Reader(p.run())
	require.NoError(t, err)
	head, ok := r.Head()
	require.True(t, ok)
	next, _, err := journal.Seal(head, []byte(`{"type":"step_succeeded","path":"ask","outputs":{"reference":"never"}}`))
	require.NoError(t, err)
	for at := 1; at < len(next); at++ {
		report, err := journal.Verify(bytes.NewReader(append(bytes.Clone(whole), next[:at]...)), &head, nil)
		require.NoError(t, err)
		require.Equal(t, journal.Torn, report.Verdict, "cut at %d", at)
		require.Equal(t, journal.Tail{Offset: int64(len(whole)), Bytes: int64(at)}, report.Tail)
	}
	for n, at := range []int{1, len(next) / 2, len(next) - 1} {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		require.NoError(t, err)
		_, err = f.Write(next[:at])
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.Equal(t, "torn", p.verify().Verdict)
		require.Equal(t, "waiting", p.status().Status)

		p.must(4, "resume", p.run())
		require.Equal(t, "intact", p.verify().Verdict)
		require.Equal(t, string(next[:at]), p.read(filepath.Join(p.folder(), fmt.Sprintf("tail-%d.torn", n+1))))
		require.Contains(t, p.must(0, "audit", "show").stdout, fmt.Sprintf("tail-%d.torn", n+1))
	}
	p.must(0, "done", p.run(), "ask", "--set", "reference=R-1", "--resume")
	require.Equal(t, verdict{Run: p.run(), Verdict: "intact", Entries: int64(len(p.lines(p.journal()))), Closed: true, Findings: p.verify().Findings}, p.verify())
}
