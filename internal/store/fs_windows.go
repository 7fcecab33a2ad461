package store

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const nonblock = 0

func diskFull(err error) bool {
	const errorHandleDiskFull, errorDiskFull = syscall.Errno(39), syscall.Errno(112)
	return errors.Is(err, errorHandleDiskFull) || errors.Is(err, errorDiskFull) || errors.Is(err, syscall.ENOSPC)
}

// othersMayWrite trusts the folder's access list, which Windows inherits from
// the user's own profile; mode bits say nothing there.
func othersMayWrite(fs.FileInfo) bool { return false }

func ours(fs.FileInfo) bool { return true }

// alive reports whether a process of this machine exists.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
