//go:build unix

package proof

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store/storetest"
)

// effects is a runbook whose effects are lines in files of the working folder,
// none of which may be there twice.
const effects = `irctl: v1
name: effects
title: Leave traces
steps:
  - {id: one, uses: exec, with: {shell: "echo one >> traces; echo said"}}
  - {id: two, uses: file.write, with: {path: DIR/written, content: two}}
  - {id: three, uses: assert, with: {that: true, message: never}}
  - id: both
    parallel:
      - {id: left, set: {side: left}}
      - {id: right, uses: exec, with: {shell: "echo right >> traces"}}
  - {id: last, uses: exec, with: {shell: "echo last >> traces"}}
`

// effectsBook writes the runbook effects.
func (p *place) effectsBook() string {
	return p.write("effects.yaml", strings.ReplaceAll(effects, "DIR", p.dir))
}

// TestBrokenDisk runs a runbook once for every operation on the disk and every
// way in which it can fail. After the failure nothing may be done, the words
// must say what to do, and doing that must end the run with every effect there
// once.
func TestBrokenDisk(t *testing.T) {
	t.Run("run", func(t *testing.T) {
		breakEverywhere(t, []string{"full", "dead", "fail"}, func(p *place) []string { return []string{"run", p.effectsBook()} })
	})
	t.Run("resume", func(t *testing.T) {
		breakEverywhere(t, []string{"full"}, func(p *place) []string {
			p.effectsBook()
			text := strings.Replace(p.read("effects.yaml"), "steps:", "steps:\n  - {id: ask, manual: Get ready.}", 1)
			p.must(4, "run", p.write("effects.yaml", text))
			p.must(0, "done", p.run(), "ask")
			return []string{"resume", p.run()}
		})
	})
}

// breakEverywhere has a command fail at every operation on the disk, in these
// ways. begin prepares a place for the command and returns it.
func breakEverywhere(t *testing.T, ways []string, begin func(*place) []string) {
	p := newPlace(t)
	p.with(witnessTo+"="+p.path("seen")).must(0, begin(p)...)
	var points []string
	for _, line := range p.lines("seen") {
		if point, ok := strings.CutPrefix(strings.TrimSpace(line), "disk "); ok {
			points = append(points, point)
		}
	}
	require.Contains(t, points, "write journal.jsonl")
	t.Logf("%d operations change the disk", len(points))
	for n, point := range points {
		faults := []fault{
			{"full", n + 1, 0, syscall.ENOSPC},
			{"dead", n + 1, 0, syscall.EROFS},
			{"fail", n + 1, storetest.After, syscall.EIO},
		}
		for _, f := range faults {
			if !slices.Contains(ways, f.kind) {
				continue
			}
			t.Run(f.String(), func(t *testing.T) {
				t.Parallel()
				breakDisk(t, f, point, begin)
			})
		}
	}
}

// breakDisk runs effects on a disk with a fault.
func breakDisk(t *testing.T, f fault, point string, begin func(*place) []string) {
	p := newPlace(t).with(witnessTo + "=" + os.DevNull)
	args := begin(p)
	broken := p.with(witnessTo+"="+p.path("seen"), faultAt+"="+f.String()).irctl(args...)
	seen := p.lines("seen")
	at := slices.IndexFunc(seen, func(line string) bool { return strings.HasPrefix(line, "broke ") })
	vital := f.kind != "fail" || strings.Contains(point, "journal.jsonl") || strings.Contains(point, "head")
	if at >= 0 && vital {
		for _, line := range seen[at:] {
			require.False(t, strings.HasPrefix(line, "act "), "%s: %q", point, seen)
		}
	}
	if broken.code != 0 {
		require.Equal(t, 1, broken.code, "%s: %s", point, broken.text())
		requireAdvice(t, p, broken, f)
	}
	finishByHand(t, p, p.path("effects.yaml"))
	traces := p.lines("traces")
	slices.Sort(traces)
	require.Equal(t, []string{"last\n", "one\n", "right\n"}, traces, "%s: %q", point, seen)
	require.Equal(t, "two", p.read("written"))
	require.Equal(t, "intact", p.verify().Verdict)
	require.Equal(t, p.runs(), p.listed())
}

// requireAdvice fails unless what irctl said tells what happened, that nothing
// more was done, and what to do about it.
func requireAdvice(t *testing.T, p *place, e end, f fault) {
	what := map[syscall.Errno]string{syscall.ENOSPC: "the disk is full", syscall.EROFS: "read-only file system", syscall.EIO: "input/output error"}
	require.Contains(t, e.stderr, what[f.errno])
	require.Regexp(t, "nothing (of it )?was done", e.stderr)
	require.Equal(t, 1, strings.Count(e.stderr, "error: "))
	if runs := p.runs(); len(runs) == 0 {
		require.Contains(t, e.stderr, "There is no such run, and nothing was done. When that is put right, start it again.")
	} else if !strings.Contains(e.stderr, "type the same again") {
		require.Contains(t, e.stderr, "irctl resume "+runs[0])
	}
}

// finishByHand does what people would do when there is room again.
func finishByHand(t *testing.T, p *place, book string) {
	for range 12 {
		args := []string{"run", book}
		if runs := p.runs(); len(runs) > 0 {
			require.Len(t, runs, 1)
			s := p.status()
			if s.Status == "succeeded" {
				return
			}
			args = []string{"resume", s.Run}
			if len(s.Waiting) > 0 {
				require.Equal(t, "unknown", s.Waiting[0].For)
				answer := "--did-not-happen"
				if slices.Contains(p.lines("traces"), s.Waiting[0].Path[strings.LastIndex(s.Waiting[0].Path, "/")+1:]+"\n") {
					answer = "--happened"
				}
				args = []string{"resolve", s.Run, s.Waiting[0].Path, answer, "--reason", "looked"}
			}
		}
		e := p.irctl(args...)
		require.Contains(t, []int{0, 4, 7}, e.code, "irctl %v: %s", args, e.text())
	}
	t.Fatalf("the run does not end: %+v", p.status())
}

// TestSmallDisk runs on a real disk that is really full: a file system of its
// own in memory, for which a process needs to be root. Elsewhere the faults of
// TestBrokenDisk have to do.
func TestSmallDisk(t *testing.T) {
	small := t.TempDir()
	if err := mountSmall(small); err != nil {
		t.Logf("not tried on a real full disk, because none can be mounted here: %v", err)
		return
	}
	t.Cleanup(func() { require.NoError(t, unmount(small)) })
	failed := 0
	for pages := range 24 {
		p := newPlace(t)
		p.home = filepath.Join(small, "home")
		require.NoError(t, os.RemoveAll(p.home))
		book := p.effectsBook()
		filler := filepath.Join(small, "filler")
		fill(t, filler, pages)
		e := p.irctl("run", book)
		before := p.lines("traces")
		require.NoError(t, os.Remove(filler))
		if e.code != 0 {
			failed++
			require.Equal(t, 1, e.code, e.text())
			requireAdvice(t, p, e, fault{errno: syscall.ENOSPC})
		}
		finishByHand(t, p, book)
		traces := p.lines("traces")
		require.True(t, slices.Equal(before, traces[:len(before)]), "%q: %q", before, traces)
		slices.Sort(traces)
		require.Equal(t, []string{"last\n", "one\n", "right\n"}, traces)
		require.Equal(t, "intact", p.verify().Verdict)
	}
	require.Greater(t, failed, 3)
	require.Less(t, failed, 24)
	t.Logf("the disk was full in %d of 24 runs", failed)
}

// fill fills the disk that a file lies on, but for some pages of 4 KiB.
func fill(t *testing.T, name string, leave int) {
	f, err := os.Create(name)
	require.NoError(t, err)
	size, page := int64(0), make([]byte, 4096)
	for err == nil {
		_, err = f.Write(page)
		size += int64(len(page))
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	size -= int64(len(page))
	require.NoError(t, f.Truncate(max(size-int64(leave*len(page)), 0)))
	require.NoError(t, f.Close())
}
