//go:build unix

package anchor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/cli"
	"github.com/irctl/irctl/internal/outside"
)

// office is a home with an environment, in which somebody types commands.
type office struct {
	t   *testing.T
	dir string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t, t.TempDir()}
	o.write("close.yaml", "irctl: v1\nname: close\ntitle: Close the shop\nowner: it@example.com\nsteps:\n  - {id: close, uses: exec, with: {argv: [touch, closed]}}\n  - {id: open, uses: exec, with: {argv: [rm, closed]}}\n")
	return o
}

func (o *office) path(name string) string { return filepath.Join(o.dir, name) }

func (o *office) write(name, text string) {
	require.NoError(o.t, os.WriteFile(o.path(name), []byte(text), 0o600))
}

// irctl types a command, which must end with a status.
func (o *office) irctl(want int, args ...string) string {
	o.t.Helper()
	var out, talk bytes.Buffer
	w := outside.System()
	env := map[string]string{"IRCTL_HOME": o.path("home"), "NO_COLOR": "1", "COLUMNS": "400", "PATH": os.Getenv("PATH")}
	w.Args, w.Stdin, w.Stdout, w.Stderr, w.Dir = args, strings.NewReader(""), &out, &talk, o.dir
	w.Getenv = func(name string) string { return env[name] }
	w.Config, w.SystemConfig, w.State = o.path("config"), o.path("etc"), o.path("state")
	require.Equal(o.t, want, cli.Main(w), "irctl %v\n%s\n%s", args, &out, &talk)
	return out.String()
}

// verified is what audit verify says of the newest run.
func (o *office) verified(want int, flags ...string) (v struct {
	Verdict  string
	Anchored int64 `json:"anchored_through"`
	Given    int64 `json:"anchored_by_given"`
	Signed   int64 `json:"signed_through"`
	Anchors  []struct {
		Name   string
		Size   int64 `json:"entries"`
		Proven bool
		By     []string
		Failed string
	}
	Wrong []struct{ Problem string } `json:"receipts_wrong"`
}) {
	o.t.Helper()
	require.NoError(o.t, json.Unmarshal([]byte(o.irctl(want, append([]string{"audit", "verify", "latest", "-o", "json"}, flags...)...)), &v))
	return v
}

// run is the folder of the only run.
func (o *office) run() string {
	runs, err := filepath.Glob(o.path("home/runs/0*"))
	require.NoError(o.t, err)
	require.Len(o.t, runs, 1)
	return runs[0]
}

func TestEveryAnchorRemembersHowFarARunHadCome(t *testing.T) {
	o := newOffice(t)
	w := newWitness(t, "witness.example.com/w1", 0x04)
	witness := httptest.NewServer(w)
	t.Cleanup(witness.Close)
	stamps, _, ca := authority(t, "timeStamping")
	var told sync.Map
	room := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told.Store(string(body), true)
	}))
	t.Cleanup(room.Close)
	home, err := anchor.OpenLog(o.path("home/log"), "here")
	require.NoError(t, err)
	key, err := home.Key()
	require.NoError(t, err)
	w.know(key)
	o.write("acme.yaml", fmt.Sprintf(`irctl: v1
kind: environment
name: acme
allow: {loopback: true}
anchors:
  w1: {witness: %q, key: %q}
  notary: {timestamp: %q, ca_file: %q}
  copies: {folder: copies}
  keeper: {command: [sh, -c, "cat > %s"]}
  room: {target: room}
  gone: {folder: nowhere/at/all}
targets:
  room: {type: webhook, config: {url: %q}}
`, witness.URL, w.vkey(), stamps, ca, o.path("kept"), room.URL))
	require.NoError(t, os.Mkdir(o.path("copies"), 0o700))
	o.irctl(0, "validate", "acme.yaml")
	o.irctl(0, "run", "./close.yaml", "--env", "acme.yaml", "--yes")

	// Each has the last checkpoint, and a failure of one is said and stops nothing.
	v := o.verified(0)
	require.Equal(t, "intact", v.Verdict)
	require.Equal(t, v.Signed, v.Anchored)
	require.Len(t, v.Anchors, 6)
	for _, a := range v.Anchors {
		if a.Name == "gone" {
			require.NotEmpty(t, a.Failed)
			continue
		}
		require.Equal(t, v.Signed, a.Size, a.Name)
		require.Equal(t, a.Name == "w1" || a.Name == "notary", a.Proven, a.Name)
	}
	require.Contains(t, o.irctl(0, "status"), "anchor gone: not since: ")
	text := o.irctl(0, "audit", "verify", "latest")
	require.Regexp(t, `anchored +entries 1 to \d+, by keys that the run's own environment names`, text)
	kept, err := os.ReadFile(o.path("kept"))
	require.NoError(t, err)
	require.Contains(t, string(kept), "\n\n— irctl/", "the checkpoint with its signature")
	require.Regexp(t, `w1: entries 1 to \d+, signed by w1`, text)
	require.Regexp(t, `copies: entries 1 to \d+; ask\s`, text)

	// An auditor brings a policy and an authority of their own.
	o.write("policy", fmt.Sprintf("log %s\nwitness w1 %s\nquorum w1\n", key, w.vkey()))
	require.Equal(t, v.Signed, o.verified(0, "--policy", o.path("policy"), "--timestamp-ca", ca, "--require-anchor").Anchored)
	require.Zero(t, o.verified(0).Given, "what the environment names is not what an auditor gave")
	o.write("none", fmt.Sprintf("log %s\nquorum none\n", key))
	require.Equal(t, v.Signed, o.verified(0, "--policy", o.path("none"), "--require-anchor").Given)
	require.Equal(t, v.Signed, o.verified(0, "--timestamp-ca", ca, "--require-anchor").Given)
	stranger := newWitness(t, "other.example.com", 0x04)
	o.write("policy", fmt.Sprintf("log %s\nwitness w1 %s\nquorum w1\n", key, stranger.vkey()))
	v = o.verified(5, "--policy", o.path("policy"), "--timestamp-ca", ca)
	require.Contains(t, v.Wrong[0].Problem, "the receipt of the anchor w1 does not hold")
	o.irctl(64, "audit", "verify", "latest", "--policy", o.path("close.yaml"))

	// A journal that was put back, cut or written anew is not the one that was
	// anchored, although its own files agree with each other.
	journal, err := os.ReadFile(filepath.Join(o.run(), "journal.jsonl"))
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(o.path("fresh")))
	require.NoError(t, os.Rename(o.run(), o.path("true")))
	o.irctl(0, "run", "./close.yaml", "--env", "acme.yaml", "--yes")
	require.NotEmpty(t, journal)
	forged := o.run()
	receipts, err := filepath.Glob(filepath.Join(forged, "anchor-*"))
	require.NoError(t, err)
	require.NotEmpty(t, receipts)
	for _, file := range receipts {
		require.NoError(t, os.Remove(file))
	}
	v = o.verified(5, "--require-anchor")
	require.Zero(t, v.Anchored, "a whole new run has nobody to vouch for it")
	theirs, err := filepath.Glob(o.path("true/anchor-*"))
	require.NoError(t, err)
	for _, file := range theirs {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(forged, filepath.Base(file)), data, 0o600))
	}
	v = o.verified(5)
	require.Contains(t, v.Wrong[0].Problem, "it is of another log")
	found := 0
	told.Range(func(_, _ any) bool { found++; return true })
	require.Positive(t, found)
}

func TestAnAnchorThatHangsHoldsNoRunUp(t *testing.T) {
	o := newOffice(t)
	asked, end := make(chan bool, 9), make(chan bool)
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- true
		select {
		case <-end:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(hangs.Close)
	t.Cleanup(func() { close(end) })
	o.write("acme.yaml", fmt.Sprintf("irctl: v1\nkind: environment\nname: acme\nallow: {loopback: true}\nanchors:\n  notary: {timestamp: %q}\n", hangs.URL))
	o.irctl(0, "run", "./close.yaml", "--env", "acme.yaml", "--yes")
	require.NotEmpty(t, asked)
	require.NoFileExists(t, o.path("closed"))
	require.Contains(t, o.irctl(0, "status"), "anchor notary: not since:")
	require.Zero(t, o.verified(0).Anchored)
}

// What evidence names is not opened whatever it is: a receipt of a folder that
// names a pipe would hold up whoever verifies it.
func TestAReceiptLeadsToNoPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	for _, place := range []string{pipe, "/dev/zero", t.TempDir()} {
		s, err := anchor.Receipt{Anchor: "copies", Kind: anchor.InFolder, Checkpoint: string(checkpointOf(3)), Place: place}.Check(anchor.Trust{})
		require.NoError(t, err)
		require.False(t, s.Proven)
	}
}
