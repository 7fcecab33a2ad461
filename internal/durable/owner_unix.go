//go:build unix

package durable

import (
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// keepOwner hands a file to the owner and the group of the one that it is to
// replace: only root gives files away.
func keepOwner(f *os.File, old fs.FileInfo) error {
	now, err := f.Stat()
	if err != nil {
		return err
	}
	was, is := old.Sys().(*syscall.Stat_t), now.Sys().(*syscall.Stat_t)
	if was.Uid == is.Uid && was.Gid == is.Gid {
		return nil
	}
	return f.Chown(int(was.Uid), int(was.Gid))
}

// mayKeepOwner reports whether a file that this process makes can have the
// owner and the group of another.
func mayKeepOwner(old fs.FileInfo) bool {
	st := old.Sys().(*syscall.Stat_t)
	if os.Geteuid() == 0 {
		return true
	}
	groups, err := os.Getgroups()
	mine := err != nil || int(st.Gid) == os.Getegid() || slices.Contains(groups, int(st.Gid))
	return int(st.Uid) == os.Geteuid() && mine
}

// links is how many names a file has.
func links(info fs.FileInfo) uint64 { return uint64(info.Sys().(*syscall.Stat_t).Nlink) }
