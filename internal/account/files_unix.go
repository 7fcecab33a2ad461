//go:build unix

package account

import (
	"io/fs"
	"strconv"
	"syscall"
)

// Owner is the number of the account that a file belongs to.
func Owner(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Self()
	}
	return strconv.FormatUint(uint64(stat.Uid), 10)
}

// OthersMayWrite reports whether an account that is not the owner of a file may
// write there. The group that many systems give to each account alone, under its
// name, is no other.
func OthersMayWrite(info fs.FileInfo) bool {
	switch {
	case info.Mode().Perm()&0o002 != 0:
		return true
	case info.Mode().Perm()&0o020 == 0:
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	return Group(strconv.FormatUint(uint64(stat.Gid), 10)) != Name(Owner(info))
}
