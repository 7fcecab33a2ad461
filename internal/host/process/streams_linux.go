package process

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// streams are where the output of a command comes out. Who waits for the command
// reads them too: os/exec would give each to a goroutine of its own, which the
// poller wakes, and waking somebody costs more than all else about a short
// command.
type streams struct {
	to  [2]io.Writer
	our [2]int // ends of the pipes
	its [2]*os.File
}

// connect lets a command that has not been started write to stdout and stderr.
func connect(cmd *exec.Cmd, stdout, stderr io.Writer) (*streams, error) {
	s := &streams{to: [2]io.Writer{stdout, stderr}, our: [2]int{-1, -1}}
	for i := range s.our {
		var ends [2]int
		if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
			s.started()
			s.close()
			return nil, os.NewSyscallError("pipe2", err)
		}
		s.our[i], s.its[i] = ends[0], os.NewFile(uintptr(ends[1]), "|")
	}
	cmd.Stdout, cmd.Stderr = s.its[0], s.its[1]
	return s, nil
}

// started gives up the ends that the command has now.
func (s *streams) started() {
	for _, f := range s.its {
		if f != nil {
			_ = f.Close()
		}
	}
}

func (s *streams) close() {
	for i, fd := range s.our {
		if fd >= 0 {
			_ = unix.Close(fd)
			s.our[i] = -1
		}
	}
}

// read hands on the output until the command has ended and nobody holds a stream
// open, or its children have done so for grace; that counts from when the command
// was cut off, if it was. Wait for the command then.
func (s *streams) read(cmd *exec.Cmd, grace time.Duration, cutOff func() *time.Time) {
	follow := func(handle uintptr) { s.follow(int32(handle), cmd.Process.Pid, grace, cutOff) }
	if errors.Is(cmd.Process.WithHandle(follow), os.ErrNoHandle) { // Linux before 5.4
		follow(^uintptr(0))
	}
	s.close()
}

func (s *streams) follow(handle int32, pid int, grace time.Duration, cutOff func() *time.Time) {
	const look = 20 // ms from one look whether it has ended to the next, where nothing tells
	var buffer []byte
	var ended time.Time
	for s.our[0] >= 0 || s.our[1] >= 0 || ended.IsZero() {
		timeout := -1
		switch {
		case !ended.IsZero():
			if timeout = int(time.Until(ended.Add(grace)).Milliseconds()); timeout <= 0 {
				return
			}
		case handle < 0:
			timeout = look
		}
		fds := [3]unix.PollFd{{Fd: int32(s.our[0]), Events: unix.POLLIN}, {Fd: int32(s.our[1]), Events: unix.POLLIN}, {Fd: handle, Events: unix.POLLIN}}
		if !ended.IsZero() {
			fds[2].Fd = -1
		}
		if _, err := unix.Poll(fds[:], timeout); err != nil && err != unix.EINTR {
			return
		}
		for i := range s.our {
			var n int
			var err error
			switch {
			case fds[i].Revents == 0:
				continue
			case fds[i].Revents&unix.POLLIN != 0: // most commands say little, many nothing
				if buffer == nil {
					buffer = make([]byte, 16<<10)
				}
				n, err = unix.Read(s.our[i], buffer)
			}
			switch {
			case n > 0:
				_, _ = s.to[i].Write(buffer[:n])
			case err != unix.EINTR:
				_ = unix.Close(s.our[i])
				s.our[i] = -1
			}
		}
		if ended.IsZero() && (fds[2].Revents != 0 || handle < 0 && gone(pid)) {
			ended = time.Now()
			if cut := cutOff(); cut != nil {
				ended = *cut
			}
		}
	}
}

// gone reports whether a child has ended, and leaves it to whoever waits for it.
func gone(pid int) bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err == unix.ECHILD || err == nil && info.Signo != 0
}
