//go:build unix

package crash

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// form is a runbook whose steps each write a line into a file, and what people
// do while it waits for them.
type form struct {
	name, steps string
	answer      []string // the command while a manual step waits, without the run; nil if none does
	ends        string   // the status in which the run is over for good
	then        []string // the command once the run has succeeded, without the run; nil if that is all
	writes      []string // sorted
}

// mark is a step that cannot be tried again without harm.
func mark(id, more string) string {
	return "{id: " + id + `, uses: exec, irreversible: it is a test, with: {shell: "echo ` + id + ` >> LEDGER"}` + more + "}"
}

// again is one that can, and writes its line once all the same.
func again(id string) string {
	return "{id: " + id + `, uses: exec, idempotent: true, irreversible: it is a test, with: {shell: "grep -x ` + id + ` LEDGER || echo ` + id + ` >> LEDGER"}}`
}

var forms = []form{
	{
		name: "a wait that asks its target", ends: "succeeded", writes: []string{"begin", "drained", "tell"},
		steps: `
  - ` + mark("begin", "") + `
  - id: drained
    wait: {uses: exec, with: {effect: read, shell: "echo >> LEDGER.asked; test $(wc -l < LEDGER.asked) -gt 3 || exit 3; grep -x drained LEDGER || echo drained >> LEDGER"}, every: 20ms, for: 1m}
  - ` + mark("tell", ""),
	},
	{
		name: "a wait that judges what its target says", ends: "succeeded", writes: []string{"tell"},
		steps: `
  - id: drained
    wait: {uses: exec, until: "${{ steps.drained.outputs.stdout == '3' }}", with: {effect: read, shell: "echo >> LEDGER.asked; n=$(wc -l < LEDGER.asked); test $n -lt 3 || n=3; printf $n"}, every: 20ms, for: 1m}
  - ` + mark("tell", ""),
	},
	{
		// A person who must look after a branch does so while others wait for it,
		// and that takes a driver that lives: here nothing is left in doubt there.
		name: "a wait across branches", ends: "succeeded", writes: []string{"found", "isolate", "last", "look", "updates"},
		steps: `
  - id: both
    parallel:
      - id: search
        steps:
          - ` + again("look") + `
          - ` + again("found") + `
      - id: act
        steps:
          - {id: known, wait: {until: "${{ steps.found.status == 'succeeded' }}", for: 1m}}
          - ` + again("isolate") + `
      - id: rounds
        while: ${{ steps.act.status != 'succeeded' }}
        max_iterations: 1
        do:
          - {id: next, wait: {until: "${{ steps.act.status == 'succeeded' }}", for: 1m}}
          - ` + mark("updates", "") + `
  - ` + mark("last", ""),
	},
	{
		name: "clean-up after success", ends: "succeeded", writes: []string{"grant", "last", "revoke", "search"},
		steps: `
  - id: work
    steps:
      - ` + mark("grant", "") + `
      - ` + mark("search", "") + `
    always:
      - ` + mark("revoke", "") + `
  - ` + mark("last", ""),
	},
	{
		name: "clean-up after a failure", ends: "succeeded", writes: []string{"grant", "last", "revoke"},
		steps: `
  - id: work
    on_failure: continue
    steps:
      - ` + mark("grant", "") + `
      - {id: search, uses: exec, idempotent: true, with: {argv: ["false"]}}
      - ` + mark("never", "") + `
    always:
      - ` + mark("revoke", "") + `
  - ` + mark("last", ""),
	},
	{
		name: "clean-up after a cancel", ends: "canceled", writes: []string{"check", "count", "grant", "revoke"},
		answer: []string{"cancel", "--reason", "false alarm", "--resume"},
		steps: `
  - id: outer
    steps:
      - ` + mark("grant", "") + `
      - id: inner
        steps:
          - {id: search, manual: Search., owner: o, timeout: 1h}
          - ` + mark("never", "") + `
        always:
          - ` + mark("count", "") + `
    always:
      - ` + mark("revoke", "") + `
      - ` + mark("check", "") + `
  - ` + mark("last", ""),
	},
	{
		name: "clean-up before a rollback", ends: "undone", writes: []string{"grant", "revoke", "ungrant"},
		answer: []string{"rollback", "--reason", "false alarm", "--resume"},
		steps: `
  - id: work
    steps:
      - {id: grant, uses: exec, with: {shell: "echo grant >> LEDGER"}, undo: {uses: exec, with: {shell: "grep -x ungrant LEDGER || echo ungrant >> LEDGER"}}}
      - {id: search, manual: Search., owner: o, timeout: 1h}
    always:
      - ` + mark("revoke", ""),
	},
	{
		name: "a rollback after clean-up", ends: "undone", writes: []string{"grant", "revoke", "ungrant"},
		then: []string{"rollback", "--reason", "false alarm", "--resume"},
		steps: `
  - id: work
    steps:
      - {id: grant, uses: exec, with: {shell: "echo grant >> LEDGER"}, undo: {uses: exec, with: {shell: "grep -x ungrant LEDGER || echo ungrant >> LEDGER"}}}
    always:
      - ` + mark("revoke", ""),
	},
	{
		name: "batches of which all hold", ends: "succeeded", writes: []string{"a", "c", "counted", "d", "e"},
		steps: `
  - id: each
    foreach: [a, b, c, d, e]
    as: name
    batch: [1, 50%]
    max_parallel: 2
    max_failures: 1
    do:
      - {id: off, uses: exec, idempotent: true, with: {argv: [test, "${{ name }}", "!=", b]}}
      - {id: write, uses: exec, irreversible: it is a test, with: {env: {NAME: "${{ name }}"}, shell: "echo $NAME >> LEDGER"}}
    always:
      - ` + mark("counted", ""),
	},
	{
		name: "a batch that does not hold", ends: "failed", writes: []string{"a", "counted", "report"},
		steps: `
  - id: each
    foreach: [a, b, c, d, e]
    as: name
    batch: [1, 2]
    max_failures: 2
    on_failure: {next: report}
    do:
      - {id: off, uses: exec, idempotent: true, with: {argv: [test, "${{ name }}", "=", a]}}
      - {id: write, uses: exec, irreversible: it is a test, with: {env: {NAME: "${{ name }}"}, shell: "echo $NAME >> LEDGER"}}
    always:
      - ` + mark("counted", "") + `
  - {id: done, stop: {succeed: All are done.}}
  - ` + mark("report", "") + `
  - {id: not-all, stop: {fail: Not all are done.}}`,
	},
}

// TestFormsKilledAnywhere kills irctl at every point of every process that a
// run needs whose steps wait for targets and for branches, clean up, and take on
// a loop's elements in batches. What a step wrote is there once, the clean-up
// ran once, and no batch began after one that did not hold.
func TestFormsKilledAnywhere(t *testing.T) {
	points := map[string]*tally{}
	t.Run("of", func(t *testing.T) {
		for _, f := range forms {
			count := &tally{}
			points[f.name] = count
			t.Run(f.name, func(t *testing.T) { f.diesAnywhere(t, count) })
		}
	})
	for _, f := range forms {
		count := points[f.name]
		t.Logf("%s: %d deaths around actions, %d at writes and syncs of the journal", f.name, count.atSteps, count.atJournal)
	}
}

func (f form) diesAnywhere(t *testing.T, count *tally) {
	undisturbed := f.fresh(t)
	ends := undisturbed.through(f)
	want := undisturbed.outcome()
	require.Equal(t, f.writes, want.Effects)
	for p, e := range ends {
		steps, journal := split(e.points)
		slices.Sort(steps)
		points := slices.Compact(steps)
		for n := 1; n <= journal; n++ {
			points = append(points, child.Journal(n))
		}
		for _, point := range points {
			t.Run(strings.Join([]string{"process", string(rune('1' + p)), point}, " "), func(t *testing.T) {
				t.Parallel()
				b := f.fresh(t)
				ends := b.through(f, append(make([]string, p), point)...)
				require.Equal(t, want, b.outcome())
				b.verifies(b.run)
				count.add(point, len(ends) > p && ends[p].killed)
			})
		}
	}
}

// add counts a death.
func (c *tally) add(point string, killed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !killed: // what runs side by side shares appends differently from run to run
	case strings.HasPrefix(point, "journal "):
		c.atJournal++
	default:
		c.atSteps++
	}
}

// fresh is a home, and the runbook in it.
func (f form) fresh(t *testing.T) book {
	dir := t.TempDir()
	ledger, file := filepath.Join(dir, "ledger"), filepath.Join(dir, "form.yaml")
	text := "irctl: v1\nname: form\ntitle: A form\nowner: o@example.com\nsteps:" + f.steps + "\n"
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(text, "LEDGER", ledger)), 0o600))
	c := &company{t: t, dir: dir, home: filepath.Join(dir, "home")}
	return book{c, []string{"run", file}, func() []string { return linesOf(t, ledger) }, func(path string) string {
		if item, in := strings.CutPrefix(path, "each["); in {
			return item[:strings.IndexByte(item, ']')]
		}
		return effectOf(path)
	}}
}

// through does what people do until the run is over for good. The process
// number i of it dies at point kills[i].
func (b book) through(f form, kills ...string) (ends []end) {
	b.t.Helper()
	for range 12 {
		s, begun := b.status()
		args := []string{"resume", s.Run}
		about := func(command []string) []string { return slices.Insert(slices.Clone(command), 1, s.Run) }
		switch {
		case !begun:
			args = b.command
		case s.Status == f.ends:
			return ends
		case s.Status == "succeeded" && f.then != nil:
			args = about(f.then)
		case slices.ContainsFunc(s.Steps, func(step map[string]any) bool { return step["status"] == "unknown" }):
			args = b.find(s)
		case len(s.Waiting) > 0 && s.Waiting[0].For == "manual":
			args = about(f.answer)
		case len(s.Waiting) > 0: // the runbook's own undo is in doubt; doing it again is harmless here
			require.Equal(b.t, "work/grant", s.Waiting[0].Path)
			args = []string{"retry", s.Run, s.Waiting[0].Path, "--reason", "looked at it"}
		}
		at := ""
		if len(ends) < len(kills) {
			at = kills[len(ends)]
		}
		e := b.irctl(at, args...)
		require.True(b.t, e.killed || slices.Contains([]int{0, 1, 4, 7, 8}, e.code), "irctl %v: %d\n%s%s", args, e.code, e.stdout, e.stderr)
		ends = append(ends, e)
	}
	b.t.Fatalf("the run does not end: %v", b.look("status").stdout)
	return nil
}
