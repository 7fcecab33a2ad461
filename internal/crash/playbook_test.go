//go:build unix

package crash

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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

	steps, journal := split(first.points)
	require.Greater(t, len(steps), 10, "the playbook acts more often than that")
	points := steps
	for n := 1; n <= journal; n++ {
		points = append(points, journalPoint(n))
	}
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			b.play(point)
			require.Equal(t, want, b.outcome())
			s, _ := b.status()
			verified := b.look("audit", "verify", s.Run)
			require.Zero(t, verified.code, verified.stdout)
		})
	}
}

// book is a company that runs a playbook, and the file that its commands write.
type book struct {
	*company
	ledger string
}

func newBook(t *testing.T) book {
	return book{newCompany(t), filepath.Join(t.TempDir(), "ledger")}
}

func (b book) written() []string {
	text, err := os.ReadFile(b.ledger)
	if err != nil {
		require.ErrorIs(b.t, err, os.ErrNotExist)
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
	path, err := filepath.Abs("testdata/count.json")
	require.NoError(b.t, err)
	begin := []string{"run", path, "--input", "ledger=" + b.ledger}
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

// find looks into the file whether the command happened that nobody knows of.
func (b book) find(s status) []string {
	b.t.Helper()
	for _, step := range s.Steps {
		if step["status"] != "unknown" {
			continue
		}
		path := step["path"].(string)
		word := "--did-not-happen"
		if slices.Contains(b.written(), effectOf(path)) {
			word = "--happened"
		}
		return []string{"resolve", s.Run, path, word, "--reason", "looked into the file"}
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
