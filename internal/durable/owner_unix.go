//go:build unix

package durable

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner hands a file to the owner and the group of the one that it is to
// replace, as far as this process may: only root gives files away.
func keepOwner(f *os.File, old fs.FileInfo) {
	if st, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(st.Uid), int(st.Gid))
	}
}
