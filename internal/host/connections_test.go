//go:build unix

package host_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/realtest"
	"github.com/irctl/irctl/pkg/action"
)

// counted puts a program before ssh that writes down how it is called.
func counted(t *testing.T) (calls func(word string) int) {
	real := realtest.Need(t, "ssh")
	dir := t.TempDir()
	log := filepath.Join(dir, "calls")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ssh"), []byte("#!/bin/sh\necho \"$*\" | tr '\\n' ' ' >>"+log+"\necho >>"+log+"\nexec "+real+" \"$@\"\n"), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return func(word string) int {
		text, _ := os.ReadFile(log)
		n := 0
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, word) {
				n++
			}
		}
		return n
	}
}

// TestOneProcessAndOneSessionCarryTheStepsOfAMachine: look, change and look, and
// the next step, are one ssh and one session of the server.
func TestOneProcessAndOneSessionCarryTheStepsOfAMachine(t *testing.T) {
	s := realtest.StartSSHD(t, "LogLevel VERBOSE")
	calls := counted(t)
	sessions := func() int { return strings.Count(s.Log(), "Starting session") }
	before := sessions()
	var as host.Attempts
	for step := range 3 {
		ctx, done := as.Begin(t.Context(), attempt(fmt.Sprintf("kept%d.", step)), nil)
		h, err := host.New(via(s, nil), open)
		require.NoError(t, err)
		for range 3 {
			res, err := h.Run(ctx, process.Command{Argv: []string{"cat"}, Stdin: action.NewSecret("x\x00y")}, nil)
			require.NoError(t, err)
			require.Equal(t, process.Result{Stdout: "x\x00y"}, res)
		}
		h.Close()
		done()
	}
	require.Equal(t, []int{2, 1}, []int{calls(""), calls("-G")}, "one that is asked and one that signs in")
	require.Equal(t, before+1, sessions())
	as.Close()
	require.Eventually(t, func() bool {
		return strings.Contains(s.Log(), "Connection closed by") || strings.Contains(s.Log(), "Disconnected from") || strings.Contains(s.Log(), "Close session")
	}, eventually, often)
}

// TestAConnectionThatIsGoneIsOpenedAnew: nothing was sent over it, so nothing is
// in doubt.
func TestAConnectionThatIsGoneIsOpenedAnew(t *testing.T) {
	s := realtest.StartSSHD(t)
	var cs host.Connections
	t.Cleanup(cs.Close)
	ctx := host.Sharing(t.Context(), &cs)
	serving := func() string {
		h := to(t, s, nil)
		defer h.Close()
		pid, err := h.Output(ctx, "sh", "-c", `p=$$; while [ "$(ps -o comm= -p $p)" != sshd ]; do p=$(ps -o ppid= -p $p | tr -d ' '); done; echo $p`)
		require.NoError(t, err)
		return pid
	}
	first := serving()
	require.Equal(t, first, serving())
	_, err := process.Command{Argv: []string{"kill", "-9", first}}.Run(t.Context(), nil)
	require.NoError(t, err)
	require.NotEqual(t, first, serving())
}

// TestCommandsOfOneHostAtOnce: the shell carries one, the others have sessions of
// their own.
func TestCommandsOfOneHostAtOnce(t *testing.T) {
	h := to(t, realtest.StartSSHD(t), nil)
	var all sync.WaitGroup
	fifo := filepath.Join(t.TempDir(), "fifo")
	_, err := h.Output(t.Context(), "mkfifo", fifo)
	require.NoError(t, err)
	var got string
	all.Go(func() { got, _ = h.Output(t.Context(), "cat", fifo) })
	all.Go(func() { _, _ = h.Output(t.Context(), "sh", "-c", `echo both >"$1"`, "sh", fifo) })
	all.Wait()
	require.Equal(t, "both", got)
}

// TestOpeningsKeepThePaceOfTheServer: it lets in two at a time, and all come in.
func TestOpeningsKeepThePaceOfTheServer(t *testing.T) {
	s := realtest.StartSSHD(t, "MaxStartups 2:100:2")
	var cs host.Connections
	t.Cleanup(cs.Close)
	ctx := host.Sharing(t.Context(), &cs)
	var all sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		all.Go(func() {
			h := to(t, s, nil)
			_, errs[i] = h.Output(ctx, "true")
		})
	}
	all.Wait()
	require.NoError(t, func() error {
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}())
}

// TestSSHIsAskedOnceForMachinesOfWhichItsFilesSayTheSame: a policy holds for each
// machine all the same.
func TestSSHIsAskedOnceForMachinesOfWhichItsFilesSayTheSame(t *testing.T) {
	calls := counted(t)
	dir := t.TempDir()
	more := filepath.Join(dir, "more")
	file := filepath.Join(dir, "config")
	require.NoError(t, os.WriteFile(more, []byte("Host db* !db9\n  HostName 127.0.0.9\n"), 0o600))
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := int64(nobody.Addr().(*net.TCPAddr).Port)
	require.NoError(t, nobody.Close())
	ask := func(ctx context.Context, allow action.Allow, names ...string) (refused int) {
		for _, name := range names {
			h, err := host.New(action.Values{"via": map[string]any{"ssh": name, "port": port, "config": file, "options": map[string]any{"ConnectionAttempts": "1"}}}, allow)
			require.NoError(t, err)
			_, err = h.Output(ctx, "true")
			require.Error(t, err)
			if !strings.Contains(err.Error(), "ssh to") {
				refused++
			}
			h.Close()
		}
		return refused
	}
	write("Include " + more + "\nHost *\n  User nobody\n")
	ctx := host.Sharing(t.Context(), &host.Connections{})
	ask(ctx, open, "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.2")
	require.Equal(t, 1, calls("-G"))
	require.Equal(t, 3, ask(ctx, action.Allow{}, "127.0.0.4", "db1", "db2"), "loopback is not allowed, by whatever name")
	require.Equal(t, 3, calls("-G"), "what a file names is asked for by itself")
	write("Match exec true\n  User root\n")
	ask(ctx, open, "127.0.0.1", "127.0.0.2")
	require.Equal(t, 5, calls("-G"), "a Match may depend on anything")
}
