package store

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const (
	nonblock = 0
	readFlag = os.O_RDONLY
)

// A lock on Windows keeps others from reading, so the journal cannot be what
// is locked; a file that is held open cannot be removed there either.
const (
	lockedName = "journal.lock"
	lockFlag   = os.O_CREATE | os.O_RDWR
	// Nor can a folder be renamed in which a file is held open.
	movesLocked = false
)

func isLink(error) bool { return false }

func diskFull(err error) bool {
	const errorHandleDiskFull, errorDiskFull = syscall.Errno(39), syscall.Errno(112)
	return errors.Is(err, errorHandleDiskFull) || errors.Is(err, errorDiskFull) || errors.Is(err, syscall.ENOSPC)
}

// rootAccount and self say nothing: the mode bits of Windows do not either.
const rootAccount = ""

func self() string { return "" }

func groupOf(fs.FileInfo) string { return "" }

func names(fs.FileInfo) uint64 { return 1 }

// alive reports whether a process of this machine exists.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
