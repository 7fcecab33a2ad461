//go:build unix

package crash

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// place is a home with the files that a command needs.
type place struct {
	*company
	first string // the run that was there before the command
}

// file is a command that changes files of the home, and is killed at each of
// its operations on them.
type file struct {
	name    string
	prepare func(p *place)
	command func(p *place) []string
	holds   func(p *place)      // what must be so at once, wherever it died
	did     func(p *place) bool // whether the command came to its end all the same
	after   func(p *place)      // what must be so once it did, or was given again
}

// says is what a command that must succeed writes.
func (p *place) says(code int, args ...string) string {
	p.t.Helper()
	e := p.look(args...)
	require.Equal(p.t, code, e.code, "irctl %v\n%s%s", args, e.stdout, e.stderr)
	return e.stdout + e.stderr
}

func (p *place) write(name, text string) {
	p.t.Helper()
	require.NoError(p.t, os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600))
}

// begin begins the run that the command is about.
func (p *place) begin(code int, text string, more ...string) {
	p.t.Helper()
	p.write("first.yaml", "irctl: v1\nname: first\ntitle: First\nowner: o@example.com\n"+text)
	p.says(code, append([]string{"run", "./first.yaml"}, more...)...)
	p.first = p.runs()[0]
}

// runs are the runs of the home, oldest first.
func (p *place) runs() []string {
	p.t.Helper()
	found, err := filepath.Glob(filepath.Join(p.home, "runs", "0*"))
	require.NoError(p.t, err)
	for i := range found {
		found[i] = filepath.Base(found[i])
	}
	slices.Sort(found)
	return found
}

// journal is the text of the whole entries of a run's journal.
func (p *place) journal(run string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.home, "runs", run, "journal.jsonl"))
	require.NoError(p.t, err)
	return string(text[:bytes.LastIndexByte(text, '\n')+1])
}

// whole says that the run is there and verifies.
func (p *place) whole() {
	p.t.Helper()
	p.says(0, "status", p.first)
	p.says(0, "audit", "verify", p.first)
}

// kept is whole for a run in whose journal a write may have been interrupted.
func (p *place) kept() {
	p.t.Helper()
	p.says(0, "status", p.first)
	if e := p.look("audit", "verify", p.first); e.code != 0 {
		require.Contains(p.t, e.stdout, "Nobody was ever told that it was durable, so")
	}
}

// tidy says that nothing half made lies beside the runs.
func (p *place) tidy() {
	p.t.Helper()
	rest, err := filepath.Glob(filepath.Join(p.home, "runs", ".*"))
	require.NoError(p.t, err)
	require.Empty(p.t, rest)
}

const over = "steps:\n  - {id: one, set: {a: 1}}\n"

var files = []file{
	{
		name:    "halt",
		prepare: func(p *place) { p.begin(0, over) },
		command: func(*place) []string { return []string{"halt", "--reason", "why"} },
		holds:   func(p *place) { p.says(0, "halt") },
		did:     func(p *place) bool { return !strings.Contains(p.says(0, "halt"), "Nothing is halted") },
		after:   func(p *place) { require.Contains(p.t, p.says(1, "run", "./first.yaml"), "why") },
	},
	{
		name:    "halt --lift",
		prepare: func(p *place) { p.begin(0, over); p.says(0, "halt", "--reason", "why") },
		command: func(*place) []string { return []string{"halt", "--lift"} },
		holds:   func(p *place) { p.says(0, "halt") },
		did:     func(p *place) bool { return strings.Contains(p.says(0, "halt"), "Nothing is halted") },
		after:   func(p *place) { p.says(0, "run", "./first.yaml") },
	},
	{
		name:    "prune",
		prepare: func(p *place) { p.begin(0, over); p.says(0, "archive", p.first) },
		command: func(*place) []string { return []string{"prune", "--archived"} },
		holds:   (*place).kept,
		after:   func(p *place) { p.whole(); p.tidy(); require.Empty(p.t, p.runs()) },
	},
	{
		name: "import",
		prepare: func(p *place) {
			p.begin(0, over)
			p.says(0, "export", p.first, filepath.Join(p.dir, "moved.tar.gz"))
			p.home = filepath.Join(p.dir, "elsewhere")
		},
		command: func(p *place) []string { return []string{"import", filepath.Join(p.dir, "moved.tar.gz")} },
		holds: func(p *place) {
			p.says(0, "list")
			if len(p.runs()) > 0 {
				p.whole()
			}
		},
		did: func(p *place) bool { return len(p.runs()) > 0 },
		after: func(p *place) {
			require.Contains(p.t, p.says(1, "import", filepath.Join(p.dir, "moved.tar.gz")), "in this home already")
			p.whole()
			p.tidy()
		},
	},
	{
		name: "done --correct",
		prepare: func(p *place) {
			p.begin(4, "steps:\n  - {id: call, manual: Call., timeout: 1h, outputs: {reference: string}}\n  - {id: tell, manual: Tell., timeout: 1h}\n")
			p.says(0, "done", p.first, "call", "--set", "reference=A-1")
		},
		command: func(p *place) []string {
			return []string{"done", p.first, "call", "--correct", "--set", "reference=B-2", "--reason", "misheard"}
		},
		holds: (*place).kept,
		did:   func(p *place) bool { return strings.Contains(p.journal(p.first), `"type":"answer_corrected"`) },
		after: func(p *place) {
			p.kept() // the checkpoint after the entry may be torn
			p.says(0, "note", p.first, "whoever writes next sets that aside")
			p.whole()
			require.Contains(p.t, p.says(0, "status", p.first, "call"), "B-2")
			require.Equal(p.t, 1, strings.Count(p.journal(p.first), `"type":"answer_corrected"`))
		},
	},
	{
		name: "retry --reload-environment",
		prepare: func(p *place) {
			p.env = filepath.Join(p.dir, "acme.yaml")
			p.write("acme.yaml", "irctl: v1\nkind: environment\nname: acme\ntargets: {cases: {type: case-folder, config: {folder: wrong}}}\n")
			p.begin(4, "steps:\n  - {id: write, uses: investigation.open, target: cases, timeout: 1m, with: {title: A case}}\n")
			require.NoError(p.t, os.Mkdir(filepath.Join(p.dir, "right"), 0o700))
			p.write("acme.yaml", "irctl: v1\nkind: environment\nname: acme\ntargets: {cases: {type: case-folder, config: {folder: right}}}\n")
		},
		command: func(p *place) []string {
			return []string{"retry", p.first, "write", "--reload-environment", "--reason", "wrong folder"}
		},
		holds: (*place).kept, // which reads the environment that the journal names
		did:   func(p *place) bool { return strings.Contains(p.journal(p.first), `"type":"step_retried"`) },
		after: func(p *place) {
			require.Contains(p.t, p.says(0, "resume", p.first), "ended succeeded")
			cases, err := os.ReadDir(filepath.Join(p.dir, "right"))
			require.NoError(p.t, err)
			require.NotEmpty(p.t, cases)
			p.whole()
		},
	},
	{
		name:    "run --share",
		prepare: func(p *place) { p.portal() },
		command: func(*place) []string {
			return []string{"run", "./first.yaml", "--input", "incident=INC-3", "--share", "portal", "--reason", "both"}
		},
		holds: func(p *place) {
			p.kept()
			if runs := p.runs(); len(runs) == 2 {
				require.Equal(p.t, 1, strings.Count(p.journal(runs[0]), `"with":"`+runs[1]+`"`))
				require.Equal(p.t, 1, strings.Count(p.journal(runs[1]), `"with":"`+runs[0]+`"`))
			}
		},
		did: func(p *place) bool { return len(p.runs()) == 2 },
		after: func(p *place) {
			p.says(4, "resume", p.runs()[1])
			p.says(0, "audit", "verify", p.runs()[1])
		},
	},
	{
		name: "rollback --share",
		prepare: func(p *place) {
			p.portal()
			p.says(0, "approve", p.first, "authorise", "--resume")
			p.says(4, "run", "./first.yaml", "--input", "incident=INC-4")
		},
		command: func(p *place) []string {
			return []string{"rollback", p.first, "--share", "portal", "--reason", "INC-4 knows"}
		},
		holds: (*place).kept,
		did:   func(p *place) bool { return strings.Contains(p.journal(p.first), `"type":"rollback_started"`) },
		after: func(p *place) {
			runs := p.runs()
			require.Equal(p.t, 1, strings.Count(p.journal(runs[0]), `"with":"`+runs[1]+`"`))
			require.Equal(p.t, 1, strings.Count(p.journal(runs[1]), `"with":"`+runs[0]+`"`))
			p.kept() // the checkpoint after an entry may be torn
			p.says(0, "note", p.first, "whoever writes next sets that aside")
			p.whole()
		},
	},
}

// portal begins a run that waits to close a portal.
func (p *place) portal() {
	p.env = filepath.Join(p.dir, "portal.yaml")
	require.NoError(p.t, os.Mkdir(filepath.Join(p.dir, "site"), 0o700))
	p.write("portal.yaml", `irctl: v1
kind: environment
name: portal
targets:
  portal: {type: maintenance-page, config: {page: site/page.html, flag: site/flag}}
`)
	p.begin(4, `inputs: {incident: {type: string, required: true}}
steps:
  - {id: authorise, approve: {roles: [commander], need: 1}}
  - {id: close, uses: website.suspend, target: portal, with: {message: "Closed for ${{ inputs.incident }}"}}
`, "--input", "incident=INC-2")
}

// TestCommandsKilledAtEveryFileOperation kills commands that change files of
// the home before, in the middle of and after each operation. No run is lost
// and none can be read half; given again, the command comes to its end, and
// nothing is left lying about.
func TestCommandsKilledAtEveryFileOperation(t *testing.T) {
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			fresh := func(t *testing.T) *place {
				dir := t.TempDir()
				p := &place{company: &company{t: t, dir: dir, home: filepath.Join(dir, "home")}}
				f.prepare(p)
				return p
			}
			p := fresh(t)
			undisturbed := p.irctl("", f.command(p)...)
			require.Contains(t, []int{0, 4}, undisturbed.code, undisturbed.stdout+undisturbed.stderr)
			f.after(p)
			points := 0
			for _, name := range undisturbed.points {
				if strings.HasPrefix(name, "disk ") {
					points++
				}
			}
			require.NotZero(t, points)
			var died atomic.Int32
			t.Run("at", func(t *testing.T) {
				for n := 1; n <= points; n++ {
					t.Run(strconv.Itoa(n), func(t *testing.T) {
						t.Parallel()
						p := fresh(t)
						if p.irctl(child.Disk(n), f.command(p)...).killed {
							died.Add(1)
						}
						f.holds(p)
						if f.did == nil || !f.did(p) {
							e := p.irctl("", f.command(p)...)
							require.Contains(t, []int{0, 4}, e.code, e.stdout+e.stderr)
						}
						f.after(p)
					})
				}
			})
			t.Logf("%s: %d deaths at operations on files", f.name, died.Load())
			require.EqualValues(t, points, died.Load())
		})
	}
}
