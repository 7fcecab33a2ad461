//go:build unix

package real

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// portal is a site that a flag closes, which shows a page of its own, and the
// incidents for which it was closed, each by a run with a text of its own.
type portal struct {
	*office
	runs map[string]string // of each incident
}

const oldPage = "<h1>the page of last year</h1>"

func newPortal(t *testing.T, incidents ...string) *portal {
	t.Helper()
	dir := t.TempDir()
	p := &portal{newOffice(t, fmt.Sprintf("    type: maintenance-page\n    config: {page: %s, flag: %[1]s.flag}\n", filepath.Join(dir, "page.html"))), map[string]string{}}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "page.html"), []byte(oldPage), 0o644))
	p.target = filepath.Join(dir, "page.html")
	for _, name := range incidents {
		p.must("run", p.step("suspend", "    uses: website.suspend\n    with: {message: \"Closed for ${{ inputs.incident }}\"}\ninputs:\n  incident: {type: string, required: true}\n"), "--input", "incident="+name)
		p.runs[name] = p.status().Run
	}
	return p
}

// shows is the page that visitors see; "" is the site itself.
func (p *portal) shows() string {
	p.t.Helper()
	text, err := os.ReadFile(p.target)
	require.NoError(p.t, err)
	if _, err := os.Stat(p.target + ".flag"); os.IsNotExist(err) {
		require.Equal(p.t, oldPage, string(text))
		return ""
	}
	return string(text)
}

// TestASiteThatSeveralRunsClosedOpensWithTheLast, in whatever order they are
// rolled back, and shows until then what the newest of those says that rely on
// it.
func TestASiteThatSeveralRunsClosedOpensWithTheLast(t *testing.T) {
	for _, order := range [][]string{
		{"INC-1", "INC-2"}, {"INC-2", "INC-1"},
		{"INC-1", "INC-2", "INC-3"}, {"INC-1", "INC-3", "INC-2"}, {"INC-2", "INC-1", "INC-3"},
		{"INC-2", "INC-3", "INC-1"}, {"INC-3", "INC-1", "INC-2"}, {"INC-3", "INC-2", "INC-1"},
	} {
		t.Run(strings.Join(order, " "), func(t *testing.T) {
			t.Parallel()
			incidents := []string{"INC-1", "INC-2", "INC-3"}[:len(order)]
			p := newPortal(t, incidents...)
			require.Contains(t, p.shows(), "Closed for "+incidents[len(incidents)-1])
			open := slices.Clone(incidents)
			for _, name := range order {
				e := p.irctl("rollback", p.runs[name])
				require.Zero(t, e.code, e.text())
				newest := open[len(open)-1] == name
				require.Equal(t, !newest, strings.Contains(strings.Join(strings.Fields(e.text()), " "), "relies on it, since"), e.text())
				if open = slices.DeleteFunc(open, func(o string) bool { return o == name }); len(open) > 0 {
					require.Contains(t, p.shows(), "Closed for "+open[len(open)-1])
				}
			}
			require.Empty(t, p.shows())
		})
	}
}

// TestTwoRollbacksInOneMomentOpenTheSite: neither leaves it to the other, who
// has left it too.
func TestTwoRollbacksInOneMomentOpenTheSite(t *testing.T) {
	p := newPortal(t, "INC-1", "INC-2")
	locks, err := filepath.Glob(p.path("home/claims/*"))
	require.NoError(t, err)
	require.Len(t, locks, 1)
	gate := flock.New(locks[0])
	require.NoError(t, gate.Lock())
	var ends [2]end
	var both sync.WaitGroup
	for i, name := range []string{"INC-1", "INC-2"} {
		both.Go(func() {
			ends[i] = p.irctl("rollback", p.runs[name], "--share", "system", "--reason", "both incidents are over")
		})
	}
	require.Eventually(t, func() bool {
		for _, run := range p.runs {
			text, err := os.ReadFile(filepath.Join(p.path("home/runs"), run, "journal.jsonl"))
			if err != nil || !strings.Contains(string(text), "undo_started") {
				return false
			}
		}
		return true
	}, 20*time.Second, time.Millisecond)
	require.NotEmpty(t, p.shows())
	require.NoError(t, gate.Close())
	both.Wait()
	left := 0
	for _, e := range ends {
		require.Zero(t, e.code, e.text())
		left += strings.Count(strings.Join(strings.Fields(e.text()), " "), "relies on it, since")
	}
	require.LessOrEqual(t, left, 1)
	require.Empty(t, p.shows())
}

// TestAnNginxThatTwoRunsClosedOpensWithTheLast: as visitors see it.
func TestAnNginxThatTwoRunsClosedOpensWithTheLast(t *testing.T) {
	t.Parallel()
	w := nginxWebsite(t, StartNginx(t, teams))
	w.must("run", w.suspend())
	first := w.status().Run
	w.must("run", w.step("other", "    uses: website.suspend\n    with: {message: Another message}\n"))
	second := w.status().Run
	require.Contains(t, strings.Join(strings.Fields(w.must("rollback", first).text()), " "), "left as it is other (run "+second+") relies on it")
	require.Contains(t, Visit(t, w.url).Body, "Another message")
	w.must("rollback", second)
	w.open("/", "the portal at /\n")
}

// TestWhoFoundAnAccountDisabledReliesOnIt: the first run did it, the second
// found it done; rolling back the first enables nobody.
func TestWhoFoundAnAccountDisabledReliesOnIt(t *testing.T) {
	program, file := realtest.Need(t, "htpasswd"), filepath.Join(t.TempDir(), "htpasswd")
	cmd := exec.CommandContext(t.Context(), program, "-ci", file, "alice")
	cmd.Stdin = strings.NewReader(Password("alice"))
	require.NoError(t, cmd.Run())
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	o := newOffice(t, "    type: htpasswd\n    config: {file: "+file+"}\n")
	disable := o.acts("disable", "account.disable", false)
	o.must("run", disable, "--input", "account=alice")
	first := o.status().Run
	require.Contains(t, o.must("run", disable, "--input", "account=alice").text(), "already")
	second := o.status().Run
	require.Contains(t, strings.Join(strings.Fields(o.irctl("rollback", first).text()), " "), "relies on it")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotEqual(t, string(before), string(text), "alice is still disabled")
	o.irctl("rollback", second)
	text, err = os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(before), string(text))
	for _, run := range []string{first, second} {
		o.must("audit", "verify", run)
	}
}

// TestARollbackThatIsKilledAmongWhatItInheritedGoesOn: what was put back already
// does not look like somebody else's change.
func TestARollbackThatIsKilledAmongWhatItInheritedGoesOn(t *testing.T) {
	p := newPortal(t, "INC-1", "INC-2", "INC-3")
	p.irctl("rollback", p.runs["INC-1"])
	p.irctl("rollback", p.runs["INC-2"])
	p.killed(afterUndo, "rollback", p.runs["INC-3"])
	require.NotEmpty(t, p.shows())
	p.killed(afterUndo, "resume", p.runs["INC-3"])
	p.irctl("resume", p.runs["INC-3"])
	require.Empty(t, p.shows())
	require.Equal(t, "undone", p.status().Status)
}

// TestAHandOverThatIsKilledInTheMiddleIsMadeOnce: the other run was told, and
// the one that told it died before it had noted that.
func TestAHandOverThatIsKilledInTheMiddleIsMadeOnce(t *testing.T) {
	p := newPortal(t, "INC-1", "INC-2")
	folder := filepath.Join(p.path("home"), "runs", p.runs["INC-1"])
	before := map[string][]byte{}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			before[file], err = os.ReadFile(file)
			require.NoError(t, err)
		}
	}
	p.irctl("rollback", p.runs["INC-1"])
	for file, text := range before {
		require.NoError(t, os.WriteFile(file, text, 0o600))
	}
	e := p.irctl("rollback", p.runs["INC-1"])
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "relies on it")
	require.Equal(t, 1, strings.Count(p.must("audit", "show", p.runs["INC-2"]).text(), "relied on alone"))
	require.NotEmpty(t, p.shows())
	p.irctl("rollback", p.runs["INC-2"])
	require.Empty(t, p.shows())
}
