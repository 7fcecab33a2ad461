//go:build unix

package proof

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// appends counts the writes of the journal that a witness saw.
func (p *place) appends(file string) int {
	n := 0
	for _, line := range p.lines(file) {
		if line == "disk write journal.jsonl\n" {
			n++
		}
	}
	return n
}

// TestTenThousandSteps: a runbook of 10,000 steps runs to its end. That a step
// costs the same however many are done is shown by counting: one append for a
// step of an action, and the same bytes for every entry.
func TestTenThousandSteps(t *testing.T) {
	const steps, acts = 10_000, 5_000
	var b strings.Builder
	b.WriteString("irctl: v1\nname: long\ntitle: Many steps\nsteps:\n")
	for i := range steps {
		if i < steps-acts {
			fmt.Fprintf(&b, "  - {id: s%05d, set: {n: %d}}\n", i, 10000+i)
		} else {
			fmt.Fprintf(&b, "  - {id: s%05d, uses: assert, with: {that: true}}\n", i)
		}
	}
	p := newPlace(t)
	e := p.with(witnessTo+"="+p.path("seen")).must(0, "run", p.write("long.yaml", b.String()))
	journal := p.read(p.journal())
	require.Equal(t, strings.Count(journal, "\n")-strings.Count(journal, `"type":"checkpoint_signed"`), strings.Count(e.stdout, "\n"), "a line for every event that is no checkpoint")
	s := p.status()
	require.Equal(t, "succeeded", s.Status)
	require.Len(t, s.Steps, steps)

	// Outcome and next intent share an append; the batches of set steps, the
	// run's first entry and its last share the rest.
	appends := p.appends("seen")
	require.GreaterOrEqual(t, appends, acts)
	require.LessOrEqual(t, appends, acts+steps/100)

	require.Equal(t, map[string]int{
		"checkpoint_signed": 5,                                                            // over 1 entry, and over numbers of two to five digits
		"run_started":       1, "attempt_started": 1, "step_succeeded": 2, "run_ended": 1, // set and assert end differently
	}, p.lengths())
	require.Equal(t, "intact", p.verify().Verdict)
}

// TestTenThousandCommands: 10,000 steps that run a program validate and run, in
// memory that does not grow with what the programs are.
func TestTenThousandCommands(t *testing.T) {
	const steps = 10_000
	var b strings.Builder
	b.WriteString("irctl: v1\nname: long\ntitle: Many commands\nsteps:\n")
	for i := range steps {
		fmt.Fprintf(&b, "  - {id: s%05d, uses: exec, with: {argv: [/bin/true]}, irreversible: nothing is changed}\n", i)
	}
	p := newPlace(t)
	file := p.write("long.yaml", b.String())
	p.must(0, "validate", file)
	run := p.start("run", file)
	require.Equal(t, 0, run.end().code)
	used := run.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS == "linux" { // others count bytes
		used *= 1024
	}
	require.Less(t, int(used), 1<<30, "bytes of memory")
	s := p.status()
	require.Equal(t, "succeeded", s.Status)
	require.Len(t, s.Steps, steps)
	require.Equal(t, "intact", p.verify().Verdict)
}

// TestThousandWide: a loop over a thousand items, all at once, runs to its end.
func TestThousandWide(t *testing.T) {
	const wide = 1_000
	items := make([]string, wide)
	for i := range items {
		items[i] = fmt.Sprintf("item%04d", i)
	}
	p := newPlace(t)
	p.must(0, "run", p.write("wide.yaml", `irctl: v1
name: wide
title: Many at once
steps:
  - id: all
    foreach: [`+strings.Join(items, ", ")+`]
    as: item
    max_parallel: `+fmt.Sprint(wide)+`
    do:
      - {id: check, uses: assert, with: {that: "${{ item != '' }}"}}
`))
	s := p.status()
	require.Equal(t, "succeeded", s.Status)
	require.Len(t, s.Steps, 1+wide)
	for path, status := range s.steps() {
		require.Equal(t, "succeeded", status, path)
	}
	require.Equal(t, "intact", p.verify().Verdict)
}

// changing is what differs in length between entries of one kind: numbers and
// times.
var changing = regexp.MustCompile(`"seq":\d+|"\d{4}-\d\d-\d\dT[^"]*"`)

// entryKind finds the type of an entry.
var entryKind = regexp.MustCompile(`"type":"([a-z_]+)"`)

// lengths counts, for each type of entry, how many different lengths there
// are, numbers and times left out.
func (p *place) lengths() map[string]int {
	p.t.Helper()
	seen := map[string]map[int]bool{}
	for _, line := range p.lines(p.journal()) {
		name := entryKind.FindStringSubmatch(line)[1]
		if seen[name] == nil {
			seen[name] = map[int]bool{}
		}
		seen[name][len(changing.ReplaceAllString(line, ""))] = true
	}
	out := map[string]int{}
	for name, lengths := range seen {
		out[name] = len(lengths)
	}
	return out
}
