package store_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/store/storetest"
)

// A child process of this test lives the life of a driver and kills itself at
// one stage of one point: CRASH is "<root> <id> <point> <stage>".
const crashVariable = "IRCTL_STORE_TEST_CRASH"

func TestMain(m *testing.M) {
	if order := os.Getenv(crashVariable); order != "" {
		os.Exit(child(strings.Split(order, "\n")))
	}
	os.Exit(m.Run())
}

func child(order []string) int {
	n, err1 := strconv.Atoi(order[2])
	stage, err2 := strconv.Atoi(order[3])
	if err1 != nil || err2 != nil {
		return 70
	}
	in := storetest.New(store.OS{}, func(p storetest.Point, s storetest.Stage) error {
		if p.N == n && int(s) == stage {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			if err != nil {
				os.Exit(71)
			}
			select {} // until the signal arrives
		}
		return nil
	})
	o := live(store.Open(order[0], in), order[1], func(line string) {
		_, _ = os.Stdout.WriteString(line + "\n")
	})
	if o.err != nil {
		return 72
	}
	return 0
}

// crash has a child drive the run until it dies. It returns the lines that the
// child was told are durable, and whether it died.
func crash(t *testing.T, root, id string, n int, stage storetest.Stage) (acked []string, died bool) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), crashVariable+"="+strings.Join([]string{root, id, strconv.Itoa(n), strconv.Itoa(int(stage))}, "\n"))
	out, err := cmd.Output()
	if err != nil {
		require.False(t, cmd.ProcessState.Exited(), "the child died otherwise: %v %s", err, cmd.ProcessState)
	}
	return strings.Fields(strings.ReplaceAll(string(out), " ", "\x01")), err != nil
}

func unspace(lines []string) []string {
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], "\x01", " ")
	}
	return lines
}

// Killed at every operation, before it, in the middle of it and after it, a
// run loses nothing that was acknowledged, and goes on.
func TestKilledAtEveryOperation(t *testing.T) {
	for _, p := range lifetime(t) {
		for _, stage := range stages(p) {
			what := fmt.Sprintf("killed %s %s", stage, p)
			s := store.Open(t.TempDir(), nil)
			id := newID(t, s)
			acked, died := crash(t, s.Root(), id, p.N, stage)
			require.True(t, died, "never reached: %s", what)
			settled(t, s, id, unspace(acked), what)
			finished(t, s, id, what)
		}
	}
}

func stages(p storetest.Point) []storetest.Stage {
	if p.Op == "write" {
		return []storetest.Stage{storetest.Before, storetest.Half, storetest.After}
	}
	return []storetest.Stage{storetest.Before, storetest.After}
}

// Killed in the middle of an entry, and killed again at every operation of
// each attempt to take the run over.
func TestKilledAgainWhileRecovering(t *testing.T) {
	torn := -1
	for _, p := range lifetime(t) {
		if p.Op == "write" && p.File == "journal.jsonl" {
			torn = p.N // the last append
		}
	}
	for n := 1; ; n++ {
		alive := 0
		for _, stage := range []storetest.Stage{storetest.Before, storetest.Half, storetest.After} {
			what := fmt.Sprintf("killed again at operation %d, %s", n, stage)
			s := store.Open(t.TempDir(), nil)
			id := newID(t, s)
			first, died := crash(t, s.Root(), id, torn, storetest.Half)
			require.True(t, died)
			more, died := crash(t, s.Root(), id, n, stage)
			if !died {
				alive++
				continue
			}
			settled(t, s, id, append(unspace(first), unspace(more)...), what)
			finished(t, s, id, what)
			tails, err := filepath.Glob(path(s, id, "tail-*.torn"))
			require.NoError(t, err)
			require.NotEmpty(t, tails, what)
			mentioned := strings.Join(lines(t, s, id), "\n")
			for _, tail := range tails {
				require.Contains(t, mentioned, filepath.Base(tail), what)
			}
		}
		if alive == 3 {
			require.Greater(t, n, 15, "recovery has more points than that")
			return
		}
	}
}
