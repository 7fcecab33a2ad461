//go:build unix

package plugin

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// offer is what the plugins of these tests were trusted for.
var offer = action.Offer{Inspect: true, Undo: true, Spec: action.Spec{
	Name: "door.lock", Summary: "Lock a door", Description: "Locks a door.", Effect: action.Change,
	Outputs: []action.Field{{Name: "count", Type: action.Int}},
}}

const (
	hello  = `read -r hello; echo '{"type": "hello", "version": 1}'; read -r unknown; read -r request` + "\n"
	answer = `echo '{"type": "answer", "id": "1", "result": {"changed": true, "already": false, "summary": "locked"}, "inspection": {"known": true, "desired": true, "current": "locked", "want": "locked"}}'` + "\n"
)

// with is the answer with outputs.
func with(outputs string) string {
	return strings.NewReplacer(`"summary"`, `"outputs": {`+outputs+`}, "summary"`, `"want"`, `"outputs": {`+outputs+`}, "want"`).Replace(answer)
}

// trusted is the action of a plugin, a shell script, that was trusted as it is.
func trusted(t testing.TB, h *Host, text string) action.Action {
	e := Entry{Path: put(t, h, "door", "#!/bin/sh\n"+text), Actions: []action.Offer{offer}}
	p, err := open(e.Path, t.TempDir())
	require.NoError(t, err)
	p.close()
	e.SHA256 = p.sha256
	return h.action(e, offer)
}

func run(ctx context.Context, a action.Action) (action.Result, *actiontest.Sink, error) {
	sink := &actiontest.Sink{}
	res, err := a.Run(ctx, action.Request{Attempt: 1}, sink)
	return res, sink, err
}

func TestHostilePluginsAreContained(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		says  string
		doubt bool // a run leaves it in doubt
	}{
		"lies about its version":           {`read -r hello; echo '{"type": "hello", "version": 99}'; cat`, "says that it speaks version 99 of the protocol, and was asked for 1", false},
		"changes its version on the way":   {hello + `echo '{"type": "hello", "version": 2}'; cat`, "says that it speaks version 2 of the protocol", true},
		"says nothing":                     {`cat >/dev/null; trap "" TERM; sleep 600`, "did not say hello within 500ms", false},
		"speaks before hello":              {answer, "sent answer before hello", false},
		"answers twice":                    {hello + answer + answer, "answered twice", true},
		"records after its answer":         {hello + answer + `echo '{"type": "record", "id": "1", "values": {"a": 1}}'`, "sent record after its answer", true},
		"answers another request":          {hello + strings.Replace(answer, `"1"`, `"2"`, 1), `sent answer for the request "2", and was asked "1"`, true},
		"never ends":                       {hello + answer + `trap "" TERM; exec >&-; while :; do sleep 600; done`, "did not end within 500ms after its answer", true},
		"never stops talking":              {hello + answer + `while :; do sleep 1; done`, "did not end within 500ms after its answer", true},
		"floods a line":                    {hello + `head -c 1000000000 /dev/zero`, "wrote a line of more than 1024 KiB", true},
		"floods with lines":                {hello + `yes '{"type": "unknown", "text": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}'`, "wrote more than 64 MiB", true},
		"floods the journal":               {hello + `while :; do echo '{"type": "record", "id": "1", "values": {"a": 1}}'; read -r recorded; done`, "wants to record more than 64 times", true},
		"records and does not listen":      {hello + `yes '{"type": "record", "id": "1", "values": {"a": 1}}'`, "", true}, // what it is stopped for depends on who is faster
		"forks a daemon":                   {hello + `(setsid sh -c 'env -i sh -c "trap \"\" TERM HUP; exec 3>$FIFO; while :; do sleep 600; done"' >/dev/null 2>&1 &) ; ` + answer, "left processes running, which were ended", true},
		"leaves its output to a child":     {hello + `sleep 600 &` + "\n" + answer, "", true},
		"closes its output early":          {hello + `exec >&-; trap "" TERM; while :; do sleep 600; done`, "closed its standard output without an answer", true},
		"ends well without an answer":      {hello + `exit 0`, "ended without an answer", true},
		"fails without an answer":          {hello + `echo "no such door" >&2; exit 3`, "ended without an answer: exit status 3; its last words: no such door", true},
		"answers and fails":                {hello + answer + `exit 3`, "answered, and then ended with an error: exit status 3", true},
		"prints what is no message":        {hello + `echo "locking the door"`, `wrote a line that is no message: "locking the door"`, true},
		"answers with an array":            {hello + `echo "[1]"`, `wrote a line that is no message: "[1]"`, true},
		"answers with depth":               {hello + `head -c 500000 /dev/zero | tr '\0' '['; echo`, "wrote a line that is no message", true},
		"answers with an unknown output":   {hello + with(`"secret": 1`), "an output that it does not describe: secret", true},
		"answers with an output of a kind": {hello + with(`"count": "many"`), "the output count: \"many\" is not a whole number", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := host(t)
			h.limit = 500 * time.Millisecond
			fifo := filepath.Join(t.TempDir(), "fifo")
			require.NoError(t, syscall.Mkfifo(fifo, 0o600))
			a := trusted(t, h, "export FIFO="+fifo+"\n"+c.text)
			_, _, err := run(t.Context(), a)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "the plugin door ")
			require.Equal(t, c.doubt, action.IsDoubtful(err), "%v", err)
			var e *action.Error
			require.ErrorAs(t, err, &e)
			require.NotEmpty(t, e.Hint)
			require.Equal(t, action.CleanLine(err.Error(), 1000), err.Error())
			if strings.Contains(c.text, "exec 3>$FIFO") {
				f, err := os.OpenFile(fifo, os.O_RDONLY|syscall.O_NONBLOCK, 0)
				require.NoError(t, err)
				defer func() { _ = f.Close() }()
				_, err = io.ReadAll(f)
				require.NoError(t, err, "nobody is left who holds it open")
			}
			_, err = a.(action.Inspector).Inspect(t.Context(), action.Request{})
			require.ErrorContains(t, err, "the plugin door ")
			require.False(t, action.IsDoubtful(err), "a look changes nothing")
		})
	}
}

func TestAFloodOnStandardErrorCostsNoMemory(t *testing.T) {
	a := trusted(t, host(t), hello+"head -c 1000000000 /dev/zero >&2\n"+answer)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := a.(action.Inspector).Inspect(t.Context(), action.Request{})
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
}

// What is told to stop may say how far it came; who does not is ended.
func TestAPluginIsToldToStop(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"and says how far it came": {`read -r cancel; echo '{"type": "answer", "id": "1", "error": {"message": "the bolt is half way", "doubt": true}}'`, "the bolt is half way"},
		"and does not listen":      {`trap "" TERM; while :; do sleep 600; done`, "was ended because it was told to stop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := host(t)
			h.limit = 500 * time.Millisecond
			a := trusted(t, h, hello+`echo '{"type": "log", "id": "1", "text": "turning the key"}'`+"\n"+c.text)
			ctx, cancel := context.WithCancel(t.Context())
			ctx = sent.Heard(ctx, func(text string) {
				if text == "turning the key" {
					cancel()
				}
			})
			_, _, err := run(ctx, a)
			require.ErrorContains(t, err, c.says)
			require.True(t, action.IsDoubtful(err))
		})
	}
}

// A session of its own has no terminal; what it says of itself is made harmless.
func TestAPluginHasNoTerminal(t *testing.T) {
	a := trusted(t, host(t), hello+
		`if (: >/dev/tty) 2>/dev/null; then exit 9; fi
		read -r pid name state parent group session rest </proc/$$/stat
		[ "$session" = "$pid" ] || exit 8
		printf '{"type": "progress", "id": "1", "text": "a\\u001b[2Jb"}\n'
		printf '\033[2J' >&2
	`+strings.Replace(answer, `"locked"`, `"\\u001b]0;title\\u0007locked"`, 1))
	res, sink, err := run(t.Context(), a)
	require.NoError(t, err)
	require.Equal(t, "␛]0;title␇locked", res.Summary)
	require.Equal(t, []string{"a␛[2Jb"}, sink.Lines())
}

// What is hashed is what runs, whatever becomes of the file meanwhile.
func TestAPluginThatIsSwappedIsNotRun(t *testing.T) {
	h := host(t)
	a := trusted(t, h, hello+answer)
	path := filepath.Join(h.Folders[0], Prefix+"door")
	good, err := os.ReadFile(path)
	require.NoError(t, err)

	p, err := open(path, t.TempDir())
	require.NoError(t, err)
	defer p.close()
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho swapped\n"), 0o755))
	if runtime.GOOS == "linux" {
		ran, err := os.ReadFile(fmt.Sprintf("/proc/self/fd/%d", p.files[0].Fd()))
		require.NoError(t, err)
		require.Equal(t, good, ran)
		_, err = p.files[0].WriteAt([]byte("#!/bin/no"), 0)
		require.ErrorIs(t, err, syscall.EPERM, "not even this process can change it any more")
	}

	_, _, err = run(t.Context(), a)
	require.ErrorContains(t, err, "was not started, because it is not the file that is trusted")
	require.False(t, action.IsDoubtful(err))
	require.NoError(t, os.Rename(path, path+".bad"))
	require.NoError(t, os.WriteFile(path, good, 0o755))
	_, _, err = run(t.Context(), a)
	require.NoError(t, err)
}

func TestAPluginThatOthersCouldChangeIsNotRun(t *testing.T) {
	h := host(t)
	a := trusted(t, h, hello+answer)
	path := filepath.Join(h.Folders[0], Prefix+"door")
	for _, at := range []string{path, h.Folders[0]} {
		info, err := os.Stat(at)
		require.NoError(t, err)
		require.NoError(t, os.Chmod(at, 0o777))
		_, _, err = run(t.Context(), a)
		require.ErrorContains(t, err, "may be written by others (mode 0777), so another account could change what runs as you")
		require.NoError(t, os.Chmod(at, info.Mode().Perm()))
	}
	require.NoError(t, os.Chmod(path, 0o600))
	_, _, err := run(t.Context(), a)
	require.ErrorContains(t, err, "this is no executable file")
}

// It gets little of the environment and a folder that is gone afterwards; secrets
// come by descriptor 3 alone, once.
func TestWhatAPluginIsGiven(t *testing.T) {
	t.Setenv("VAULT_TOKEN", "hunter2")
	h := host(t)
	out := filepath.Join(t.TempDir(), "out")
	a := trusted(t, h, hello+`{ env; pwd; stat -c %a .; echo "$request"; cat <&3; echo; cat <&3; ls -l /proc/self/fd; tr '\0' ' ' </proc/$$/cmdline; } >`+out+"\n"+answer)
	_, err := a.Run(t.Context(), action.Request{
		Attempt: 1, With: action.Values{"wait": 90 * time.Second, "list": []any{"plain", action.NewSecret("s3cret")}},
		Target: action.Target{Type: "door", Config: action.Values{"pin": action.NewSecret("pin-0815-canary"), "n": 1.0}},
	}, &actiontest.Sink{})
	require.NoError(t, err)
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	before, after, found := strings.Cut(string(text), `{"target.config.pin":"pin-0815-canary","with.list.1":"s3cret"}`)
	require.True(t, found, "%s", text)
	for _, part := range []string{before, after} {
		require.NotContains(t, part, "s3cret")
		require.NotContains(t, part, "pin-0815-canary")
		require.NotContains(t, part, "hunter2")
	}
	require.Contains(t, before, `"with":{"list":["plain",null],"wait":"1m30s"}`)
	require.Contains(t, before, `"secrets":["target.config.pin","with.list.1"]`)
	require.Contains(t, before, "\n700\n")
	lines := bufio.NewScanner(strings.NewReader(before))
	for lines.Scan() {
		if folder, ok := strings.CutPrefix(lines.Text(), "TMPDIR="); ok {
			require.NoDirExists(t, folder)
			require.Contains(t, before, "\n"+folder+"\n", "it works there")
		}
	}
}
