package lab_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/lab"
)

const serveEnv = "IRCTL_TEST_LAB_SERVE"

// TestMain lets the test binary be the process that lab.Up starts.
func TestMain(m *testing.M) {
	dir, ok := os.LookupEnv(serveEnv)
	if !ok {
		os.Exit(m.Run())
	}
	if err := lab.Serve(context.Background(), lab.Config{Dir: dir, Log: os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestUpDownResetInAnotherProcess(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "lab")
	t.Setenv(serveEnv, dir)
	ended, err := lab.Down(ctx, dir)
	require.NoError(t, err)
	require.False(t, ended, "there was none")

	s, err := lab.Up(ctx, dir, os.Args[0])
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = lab.Down(ctx, dir) })
	require.True(t, s.Running)
	require.NotEqual(t, os.Getpid(), s.PID)
	status, _, _ := get(t, "http://"+s.Addresses.Portal+"/")
	require.Equal(t, 200, status)
	again, err := lab.Up(ctx, dir, os.Args[0])
	require.NoError(t, err)
	require.Equal(t, s, again, "a lab that is up stays as it is")
	require.NoError(t, send(s.Addresses.Mail, "one@example.org", "dave@example.com"))
	require.NoError(t, lab.Reset(ctx, dir))

	// Killed, it is seen as down, and comes back at the same addresses.
	p, err := os.FindProcess(s.PID)
	require.NoError(t, err)
	require.NoError(t, p.Kill())
	next, err := upAgain(ctx, dir)
	require.NoError(t, err)
	require.NotEqual(t, s.PID, next.PID)
	require.Equal(t, s.Addresses, next.Addresses)

	ended, err = lab.Down(ctx, dir)
	require.NoError(t, err)
	require.True(t, ended)
	look, err := lab.Look(ctx, dir)
	require.NoError(t, err)
	require.False(t, look.Running)
	require.NoError(t, lab.Reset(ctx, dir), "a lab that is down can be reset too")
	require.NoFileExists(t, filepath.Join(dir, "company.json"))
}

// upAgain starts a lab whose process was just killed, once that is seen as down.
func upAgain(ctx context.Context, dir string) (lab.Status, error) {
	for {
		s, err := lab.Look(ctx, dir)
		if err != nil {
			return s, err
		}
		if !s.Running {
			return lab.Up(ctx, dir, os.Args[0])
		}
	}
}

func TestUpSaysWhyTheProcessEnded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lab")
	t.Setenv(serveEnv, filepath.Join(dir, "lab.log"))
	_, err := lab.Up(context.Background(), dir, os.Args[0])
	require.ErrorContains(t, err, "ended at once")
	require.ErrorContains(t, err, "not a directory")
}

// A state file left by a lab that was killed may name a process and a port
// that belong to others by now.
func TestDownLeavesStrangersAlone(t *testing.T) {
	ctx := context.Background()
	stranger := lab.Start(t)
	dir := filepath.Join(t.TempDir(), "lab")
	l, err := lab.New(lab.Config{Dir: dir})
	require.NoError(t, err)
	require.NoError(t, l.Close())
	text := fmt.Sprintf(`{"instance": "old", "pid": %d, "addresses": {"admin": %q}}`, os.Getpid(), stranger.Addresses().Admin)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "lab.json"), []byte(text), 0o600))
	ended, err := lab.Down(ctx, dir)
	require.NoError(t, err)
	require.False(t, ended)
	s, err := lab.Look(ctx, stranger.Dir())
	require.NoError(t, err)
	require.True(t, s.Running)
}
