//go:build unix

package host

import (
	"io/fs"
	"os"
	"syscall"
)

// owner is who owns a file.
func owner(info fs.FileInfo) (uid, gid int) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid), int(st.Gid)
	}
	return -1, -1
}

// mayKeepOwner reports whether a file that this process makes can have the
// owner of another: only root gives files away.
func mayKeepOwner(info fs.FileInfo) bool {
	uid, _ := owner(info)
	return os.Geteuid() == 0 || uid == os.Geteuid()
}
