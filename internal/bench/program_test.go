package bench_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
)

// programs are built once, for every benchmark that runs them.
type programs struct {
	irctl string
	empty string // a Go program that does nothing: what starting any costs
}

func built(b *testing.B) programs {
	dir := b.TempDir()
	p := programs{filepath.Join(dir, "irctl.exe"), filepath.Join(dir, "empty.exe")}
	source := filepath.Join(dir, "empty.go")
	require.NoError(b, os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600))
	for out, in := range map[string]string{p.irctl: "github.com/irctl/irctl/cmd/irctl", p.empty: source} {
		said, err := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", out, in).CombinedOutput()
		require.NoError(b, err, string(said))
	}
	return p
}

// BenchmarkProgram runs the real binary from start to end.
func BenchmarkProgram(b *testing.B) {
	p := built(b)
	b.Run("version", p.version)
	b.Run("validate", p.validate)
	b.Run("test", p.test)
	b.Run("exec", p.exec)
	b.Run("list", p.list)
	b.Run("verify", p.verify)
	b.Run("status/steps", func(b *testing.B) { p.status(b, sequence(50_000)) })
	b.Run("status/loop", func(b *testing.B) { p.status(b, loop(1_000, 50)) })
}

// status shows a run of 100,000 entries.
func (p programs) status(b *testing.B, plan *plan.Plan) {
	home := b.TempDir()
	written(b, home, plan)
	for _, output := range []string{"text", "json"} {
		b.Run(output, func(b *testing.B) {
			var took time.Duration
			for b.Loop() {
				took += timed(b, p.irctl, "status", "--home", home, "-o", output)
			}
			report(b, took)
		})
	}
}

// version has nothing to do but start. The program that does nothing starts in
// turn, so that both see the same machine.
func (p programs) version(b *testing.B) {
	var ours, theirs time.Duration
	for b.Loop() {
		ours += timed(b, p.irctl, "version")
		theirs += timed(b, p.empty)
	}
	report(b, ours)
	b.ReportMetric(milli(theirs)/float64(b.N), "empty-ms")
	b.ReportMetric(float64(ours)/float64(theirs), "x-empty")
}

// validate reads and checks 1,000 runbooks of 20 steps, as people write them. In
// turn actionlint, if ACTIONLINT names it, checks 1,000 workflows of 20 steps.
func (p programs) validate(b *testing.B) {
	dir, workflows := b.TempDir(), b.TempDir()
	lint := []string{"-shellcheck=", "-pyflakes="}
	for i := range 1000 {
		require.NoError(b, os.WriteFile(filepath.Join(dir, fmt.Sprintf("plan-%d.yaml", i)), runbook(i), 0o600))
		lint = append(lint, filepath.Join(workflows, fmt.Sprintf("plan-%d.yaml", i)))
		require.NoError(b, os.WriteFile(lint[len(lint)-1], workflow(i), 0o600))
	}
	actionlint := os.Getenv("ACTIONLINT")
	var took, cpu, theirs time.Duration
	for b.Loop() {
		wall, busy := measured(b, p.irctl, "validate", dir)
		took, cpu = took+wall, cpu+busy
		if actionlint != "" {
			_, busy = measured(b, actionlint, lint...)
			theirs += busy
		}
	}
	report(b, took)
	b.ReportMetric(milli(cpu)/float64(b.N), "cpu-ms")
	if actionlint != "" {
		b.ReportMetric(milli(theirs)/float64(b.N), "actionlint-cpu-ms")
	}
}

// workflow is to actionlint what runbook is to irctl.
func workflow(number int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "name: plan-%d\non:\n  workflow_dispatch:\n    inputs:\n      name: {type: string, required: true}\n", number)
	b.WriteString("jobs:\n  ask:\n    runs-on: ubuntu-latest\n    steps:\n")
	for i := range 20 {
		fmt.Fprintf(&b, "      - id: s%d\n        name: Ask the page\n        run: curl -f https://example.com/%d\n        timeout-minutes: 2\n", i, i)
		b.WriteString("        env: {NAME: \"${{ inputs.name }}\"}\n")
		if i > 0 {
			fmt.Fprintf(&b, "        if: steps.s%d.outputs.status == '200' && steps.s%d.outcome == 'success'\n", i-1, i-1)
		}
	}
	return []byte(b.String())
}

// exec runs 1,000 commands that do nothing, one after the other. In turn it starts
// the same command and writes and syncs the same bytes to a plain file as often.
// Starting irctl and reading the runbook count as part of the steps, which is why
// there are that many: it is steps that are measured.
func (p programs) exec(b *testing.B) {
	const steps = 1000
	name, err := exec.LookPath("true")
	require.NoError(b, err)
	var text strings.Builder
	text.WriteString("irctl: v1\nname: many\ntitle: Many commands\nowner: oncall@example.com\nsteps:\n")
	for i := range steps {
		fmt.Fprintf(&text, "  - {id: s%d, title: Do nothing, uses: exec, with: {argv: [%q]}}\n", i, name)
	}
	file := filepath.Join(b.TempDir(), "many.yaml")
	require.NoError(b, os.WriteFile(file, []byte(text.String()), 0o600))
	var ours, theirs time.Duration
	for b.Loop() {
		home := b.TempDir()
		ours += timed(b, p.irctl, "run", file, "--home", home)
		journals, err := filepath.Glob(filepath.Join(home, "runs", "*"))
		require.NoError(b, err)
		size := len(journalOf(b, journals[0])) / steps
		theirs += synced(b, steps, size, func() { timed(b, name) })
	}
	n := float64(b.N * steps)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(micro(ours)/n, "step-us")
	b.ReportMetric(micro(theirs)/n, "plain-us")
	b.ReportMetric(float64(ours)/float64(theirs), "x-plain")
}

// list shows 10,000 runs of 20 steps, with the index of the list before and
// without any, and completes the name of one of them.
func (p programs) list(b *testing.B) {
	home := b.TempDir()
	for range 10_000 {
		written(b, home, sequence(20))
	}
	for name, index := range map[string]bool{"anew": false, "again": true} {
		b.Run(name, func(b *testing.B) {
			var took time.Duration
			timed(b, p.irctl, "list", "--home", home)
			for b.Loop() {
				if !index {
					require.NoError(b, os.Remove(filepath.Join(home, "index")))
				}
				took += timed(b, p.irctl, "list", "--home", home)
			}
			report(b, took)
		})
	}
	b.Run("complete", func(b *testing.B) {
		var took time.Duration
		for b.Loop() {
			took += timed(b, p.irctl, "__complete", "--home", home, "status", "")
		}
		report(b, took)
	})
}

// test runs 1,000 tests of one runbook of 20 steps, each of which fails once.
func (p programs) test(b *testing.B) {
	dir := b.TempDir()
	require.NoError(b, os.WriteFile(filepath.Join(dir, "plan-0.yaml"), runbook(0), 0o600))
	var tests strings.Builder
	tests.WriteString("irctl: v1\nkind: test\ngiven:\n  inputs: {name: acme}\n")
	tests.WriteString("  outcomes: {http: [{fail: Not yet.}, {succeed: {status: 200}}]}\ntests:\n")
	for i := range 1000 {
		fmt.Fprintf(&tests, "  - {name: test %d, expect: {end: succeeded, calls: {http: 40}, elapsed: 40s}}\n", i)
	}
	require.NoError(b, os.WriteFile(filepath.Join(dir, "plan-0.test.yaml"), []byte(tests.String()), 0o600))
	var took, cpu time.Duration
	for b.Loop() {
		wall, busy := measured(b, p.irctl, "test", dir)
		took, cpu = took+wall, cpu+busy
	}
	report(b, took)
	b.ReportMetric(milli(cpu)/float64(b.N), "cpu-ms")
}

func runbook(number int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "irctl: v1\nname: plan-%d\ntitle: Ask the page\nowner: oncall@example.com\ninputs:\n  name: {type: string, required: true}\nsteps:\n", number)
	for i := range 20 {
		fmt.Fprintf(&b, "  - id: s%d\n    title: Ask the page\n    uses: http\n    timeout: 2m\n    retry: {attempts: 3, delay: 2s}\n", i)
		fmt.Fprintf(&b, "    with: {url: \"https://example.com/${{ inputs.name }}/%d\", expect: {status: [200]}}\n", i)
		if i > 0 {
			fmt.Fprintf(&b, "    when: steps.s%d.outputs.status == 200 && steps.s%d.status == 'succeeded'\n", i-1, i-1)
		}
	}
	return []byte(b.String())
}

// timed runs a program, which must succeed, and returns how long it took.
func timed(b *testing.B, program string, args ...string) time.Duration {
	took, _ := measured(b, program, args...)
	return took
}

// measured is timed, and the time that processors spent on it.
func measured(b *testing.B, program string, args ...string) (took, cpu time.Duration) {
	cmd := exec.CommandContext(b.Context(), program, args...)
	var said strings.Builder
	cmd.Stderr = &said
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", cmd, err, &said)
	}
	return time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

func report(b *testing.B, took time.Duration) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milli(took)/float64(b.N), "ms")
}
