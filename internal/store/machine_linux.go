package store

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// boot names the machine's run since it was switched on: random(4).
func boot() string { return line("/proc/sys/kernel/random/boot_id") }

// machineID is what machine-id(5) describes, "" if the machine has none.
func machineID() string {
	if id := line("/etc/machine-id"); id != "" {
		return id
	}
	return line("/var/lib/dbus/machine-id")
}

func line(file string) string {
	data, _ := os.ReadFile(file)
	return strings.TrimSpace(string(data))
}

// fileMark tells a file from its copies: the inode, and when it was born,
// which no program can set (statx(2)). The device is left out, because its
// number may be another one after a restart.
func fileMark(name string) (string, error) {
	var s unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, name, 0, unix.STATX_INO|unix.STATX_BTIME, &s)
	if err != nil {
		return "", &os.PathError{Op: "statx", Path: name, Err: err}
	}
	if s.Mask&unix.STATX_BTIME == 0 {
		return fmt.Sprint(s.Ino), nil
	}
	return fmt.Sprintf("%d@%d.%09d", s.Ino, s.Btime.Sec, s.Btime.Nsec), nil
}

// identity tells a file from every other one on this machine, and says when it
// changed last in any way, which no program can set.
func identity(info fs.FileInfo) (string, time.Time) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", time.Time{}
	}
	return fmt.Sprintf("%d.%d", s.Dev, s.Ino), time.Unix(s.Ctim.Unix())
}
