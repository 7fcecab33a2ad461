//go:build unix

package crash

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// TestPlaybookKilledAnywhere kills irctl at every point of the run of a CACAO
// playbook with every kind of step. The commands write into a file, and doing
// one twice is not harmless: where nobody can tell whether it happened, a
// person looks into that file. In the end every command was carried out once.
func TestPlaybookKilledAnywhere(t *testing.T) {
	undisturbed := newBook(t)
	first := undisturbed.play("")
	require.False(t, first.killed)
	want := undisturbed.outcome()
	require.Equal(t, []string{"ACTION_FAILED", "left", "mark-0", "mark-1", "right"}, want.Effects)

	diesAnywhere(t, newBook, first, want, 10)
}

// TestRequestsOfAPlaybookKilledAnywhere: nobody can tell from here whether a
// POST or DELETE arrived whose answer was never read, so that it is never sent
// again by itself: a person looks at the server. A GET is sent again.
func TestRequestsOfAPlaybookKilledAnywhere(t *testing.T) {
	undisturbed := newOrders(t)
	first := undisturbed.play("")
	require.False(t, first.killed)
	want := undisturbed.outcome()
	require.Equal(t, []string{"DELETE /rules/two", "POST /rules/one", "POST /rules/two"}, want.Effects)
	diesAnywhere(t, newOrders, first, want, 6)

	for point, status := range map[string]string{"effect second": "unknown", "intent remove": "unknown", "effect look/look-do": "succeeded"} {
		t.Run("without a person, "+point, func(t *testing.T) {
			t.Parallel()
			b := newOrders(t)
			require.True(t, b.irctl(point, b.command...).killed)
			s, _ := b.status()
			b.irctl("", "resume", s.Run)
			s, _ = b.status()
			require.Equal(t, status, s.Status)
		})
	}
}

// diesAnywhere kills the playbook at every point that an undisturbed run
// reached, of which at least so many are around actions.
func diesAnywhere(t *testing.T, fresh func(*testing.T) book, undisturbed end, want outcome, acts int) {
	steps, journal := split(undisturbed.points)
	require.Greater(t, len(steps), acts, "the playbook acts more often than that")
	points := steps
	for n := 1; n <= journal; n++ {
		points = append(points, child.Journal(n))
	}
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			b := fresh(t)
			b.play(point)
			require.Equal(t, want, b.outcome())
			s, _ := b.status()
			b.verifies(s.Run)
		})
	}
}

// newOrders is a book whose commands are requests to a server, which keeps
// what it was asked to change.
func newOrders(t *testing.T) book {
	var mu sync.Mutex
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, r.Method+" "+r.URL.Path)
		}
		_, _ = io.WriteString(w, "two")
	}))
	t.Cleanup(server.Close)
	path, err := filepath.Abs("testdata/order.json")
	require.NoError(t, err)
	c := newCompany(t)
	c.env = filepath.Join(t.TempDir(), "environment.yaml")
	require.NoError(t, os.WriteFile(c.env, []byte(`irctl: v1
kind: environment
name: orders
allow: {loopback: true}
targets:
  firewall: {type: http-api, config: {url: `+server.URL+`}}
playbooks:
  bind: {Firewall: firewall}
`), 0o600))
	written := func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := slices.Clone(seen)
		slices.Sort(out)
		return out
	}
	does := map[string]string{"first": "POST /rules/one", "second": "POST /rules/two", "remove": "DELETE /rules/two"}
	return book{c, []string{"run", path}, written, func(path string) string { return does[path] }}
}

// book is a company that runs a playbook, and what its commands did.
type book struct {
	*company
	command []string                 // that begins the run
	written func() []string          // sorted
	wrote   func(path string) string // what the command at a path does
}

func newBook(t *testing.T) book {
	ledger := filepath.Join(t.TempDir(), "ledger")
	path, err := filepath.Abs("testdata/count.json")
	require.NoError(t, err)
	written := func() []string { return linesOf(t, ledger) }
	return book{newCompany(t), []string{"run", path, "--input", "ledger=" + ledger}, written, effectOf}
}

// linesOf are the sorted lines of a file, none if there is none.
func linesOf(t *testing.T, file string) []string {
	text, err := os.ReadFile(file)
	if err != nil {
		require.ErrorIs(t, err, os.ErrNotExist)
		return nil
	}
	lines := strings.Fields(string(text))
	slices.Sort(lines)
	return lines
}

// play does what people do until the run has succeeded. The first process dies
// at a point; how it ended is returned.
func (b book) play(at string) end {
	b.t.Helper()
	begin := b.command
	first := b.irctl(at, begin...)
	for range 12 {
		s, any := b.status()
		args := []string{"resume", s.Run}
		switch {
		case !any:
			args = begin
		case s.Status == "succeeded":
			return first
		case s.Status == "unknown":
			args = b.find(s)
		}
		e := b.irctl("", args...)
		require.True(b.t, slices.Contains([]int{0, 4, 7}, e.code), "irctl %v: %d\n%s%s", args, e.code, e.stdout, e.stderr)
	}
	b.t.Fatal("the run does not end")
	return end{}
}

// find looks whether the command happened that nobody knows of.
func (b book) find(s status) []string {
	b.t.Helper()
	for _, step := range s.Steps {
		if step["status"] != "unknown" {
			continue
		}
		path := step["path"].(string)
		word := "--did-not-happen"
		if slices.Contains(b.written(), b.wrote(path)) {
			word = "--happened"
		}
		return []string{"resolve", s.Run, path, word, "--reason", "looked at what was done"}
	}
	b.t.Fatal("no step is unknown")
	return nil
}

// effectOf is what the command at a path writes.
func effectOf(path string) string {
	base := path[strings.LastIndexByte(path, '/')+1:]
	switch base {
	case "mark":
		pass, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(path, "until-two["), "]/mark"))
		return "mark-" + strconv.Itoa(pass-1)
	case "handle":
		return "ACTION_FAILED"
	}
	return base
}

// outcome is everything that two runs must agree on. What a person confirmed
// has no outputs, so that only the statuses of steps count.
func (b book) outcome() outcome {
	b.t.Helper()
	s, _ := b.status()
	out := outcome{Steps: map[string]string{}, Effects: b.written()}
	for _, step := range s.Steps {
		out.Steps[step["path"].(string)] = step["status"].(string)
	}
	return out
}
