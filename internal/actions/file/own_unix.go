//go:build unix

package file

import (
	"io/fs"
	"os"
	"syscall"
)

// own hands the file to the owner of the one it replaces. Only root may; for
// anybody else the owner is the same already or cannot be kept.
func own(f *os.File, old fs.FileInfo) {
	if st, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(st.Uid), int(st.Gid))
	}
}
