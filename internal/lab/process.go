package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	patience = 15 * time.Second      // for a lab to come up or to end
	glance   = 10 * time.Millisecond // between two looks at a lab that is about to
)

// Up makes sure that the lab of a folder runs and returns its status. If it
// does not, Up starts `exe args...`, which must call [Serve] for the folder, as
// a process of its own that outlives the caller (own session, output to
// lab.log), and returns when every system listens.
func Up(ctx context.Context, dir, exe string, args ...string) (Status, error) {
	s, err := Look(ctx, dir)
	if err != nil || s.Running {
		return s, err
	}
	dir = s.Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Status{}, fmt.Errorf("start the lab: %w", err)
	}
	// A lab that was just killed may still be letting go of its folder.
	if !released(ctx, dir) {
		return Status{}, fmt.Errorf("start the lab: %w", &BusyError{Dir: dir})
	}
	logPath := filepath.Join(dir, "lab.log")
	out, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return Status{}, fmt.Errorf("start the lab: %w", err)
	}
	defer func() { _ = out.Close() }()
	cmd := exec.Command(exe, args...)
	cmd.Stdout, cmd.Stderr = out, out
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return Status{}, fmt.Errorf("start the lab: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended stands in its log
		close(ended)
	}()
	return awaitUp(ctx, dir, logPath, cmd.Process.Pid, ended)
}

func awaitUp(ctx context.Context, dir, logPath string, pid int, ended <-chan struct{}) (Status, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			said, _ := os.ReadFile(logPath)
			return Status{}, fmt.Errorf("the lab's process ended at once; it said: %s", lastPart(said, 800))
		case <-ctx.Done():
			return Status{}, fmt.Errorf("the lab (process %d) is not ready yet; see %s: %w", pid, logPath, ctx.Err())
		case <-tick.C:
		}
		if state, err := readState(dir); err != nil || state.PID != pid {
			continue
		}
		if s, err := Look(ctx, dir); err == nil && s.Running {
			return s, nil
		}
	}
}

func lastPart(b []byte, most int) string {
	if len(b) > most {
		b = b[len(b)-most:]
	}
	if len(b) == 0 {
		return "(nothing)"
	}
	return string(b)
}

// Down ends the lab of a folder and returns whether there was one. The process
// is asked by its admin API, which only this folder's lab answers with the
// folder's instance; one that does not end is killed.
func Down(ctx context.Context, dir string) (bool, error) {
	s, err := Look(ctx, dir)
	if err != nil {
		return false, err
	}
	if !s.Running {
		return false, unresponsive(s)
	}
	if err := call(ctx, s.Dir, s.stateFile, http.MethodPost, "/down", nil); err != nil {
		return true, err
	}
	if released(ctx, s.Dir) {
		return true, nil
	}
	if ctx.Err() != nil {
		return true, ctx.Err()
	}
	p, err := os.FindProcess(s.PID)
	if err == nil {
		err = p.Kill()
	}
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return true, fmt.Errorf("the lab (process %d) does not end: %w", s.PID, err)
	}
	return true, nil
}

// unresponsive returns an error when a lab does not answer but still holds its
// folder: ending a process that cannot be asked who it is would be a guess.
func unresponsive(s Status) error {
	if _, err := os.Stat(filepath.Join(s.Dir, "lab.lock")); err != nil {
		return nil
	}
	if tryLock(s.Dir) {
		return nil
	}
	return fmt.Errorf("the lab in %s does not answer, but a process (%d, as lab.json says) holds its folder; "+
		"look at it and end it by hand", s.Dir, s.PID)
}

// released waits until no process holds the folder.
func released(ctx context.Context, dir string) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for !tryLock(dir) {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

func tryLock(dir string) bool {
	l := flock.New(filepath.Join(dir, "lab.lock"), flock.SetPermissions(0o600))
	ok, err := l.TryLock()
	if err != nil || !ok {
		_ = l.Close()
		return false
	}
	return l.Unlock() == nil
}

// Reset makes the lab of a folder what it was on its first day, whether it
// runs or not.
func Reset(ctx context.Context, dir string) error {
	s, err := Look(ctx, dir)
	if err != nil {
		return err
	}
	if s.Running {
		return call(ctx, s.Dir, s.stateFile, http.MethodPost, "/reset", nil)
	}
	if err := unresponsive(s); err != nil {
		return err
	}
	errs := clearFolders(s.Dir)
	for _, name := range []string{"company.json", "ledger.jsonl", "corporate-mail.jsonl", "out-of-band-mail.jsonl", "war-room.jsonl"} {
		if err := os.Remove(filepath.Join(s.Dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = errors.Join(errs, fmt.Errorf("reset the lab: %w", err))
		}
	}
	return errs
}
