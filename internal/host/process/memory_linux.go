package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// sweeps reports whether processes can be found by their environment here. On
// other systems a command ends with its process group, or its tree.
const sweeps = true

// memory makes a file without a name that is nowhere but in memory.
func memory(called string) (*os.File, error) {
	fd, err := unix.MemfdCreate(called, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), called), nil
}
