package store

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// boot names the machine's run since it was switched on.
func boot() string {
	id, _ := unix.Sysctl("kern.bootsessionuuid")
	return id
}

// machineID is not known: macOS tells it to a helper program only.
func machineID() string { return "" }

// fileMark tells a file from its copies: the inode, and when it was born.
func fileMark(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", nil
	}
	return fmt.Sprintf("%d@%d.%09d", s.Ino, s.Birthtimespec.Sec, s.Birthtimespec.Nsec), nil
}

// identity tells a file from every other one on this machine, and says when it
// changed last in any way, which no program can set.
func identity(info fs.FileInfo) (string, time.Time) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", time.Time{}
	}
	return fmt.Sprintf("%d.%d", s.Dev, s.Ino), time.Unix(s.Ctimespec.Unix())
}
