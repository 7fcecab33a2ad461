//go:build unix

package store

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"github.com/irctl/irctl/internal/account"
)

// nonblock keeps the opening of a pipe that someone put in place of a file
// from waiting for ever, and readFlag does not follow a link in its place besides.
const (
	nonblock = syscall.O_NONBLOCK
	readFlag = os.O_RDONLY | nonblock | syscall.O_NOFOLLOW
)

// A driver locks the journal itself; to do that it must not make one.
const (
	lockedName  = journalName
	lockFlag    = os.O_RDWR
	movesLocked = true // a folder in which a file is locked has its name changed like any other
)

// isLink reports whether a file was not opened because it is a link.
func isLink(err error) bool { return errors.Is(err, syscall.ELOOP) }

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// rootAccount may do everything anyway.
const rootAccount = "0"

// self is the number of the account that this process acts as.
func self() string { return account.Self() }

// groupOf is the number of the group that a file belongs to.
func groupOf(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return strconv.FormatUint(uint64(stat.Gid), 10)
}

// names is how many names a file has.
func names(info fs.FileInfo) uint64 {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return uint64(stat.Nlink)
}

// alive reports whether a process of this machine exists.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return pid > 0 && (err == nil || errors.Is(err, syscall.EPERM))
}
