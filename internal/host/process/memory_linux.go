package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// sweeps reports whether processes can be found by their marks here. On other
// systems a command ends with its process group, or its tree.
const sweeps = true

// memory makes a file without a name that is nowhere but in memory.
func memory(called string) (*os.File, error) {
	fd, err := unix.MemfdCreate(called, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), called), nil
}

// limited gives what this process starts from now on a number as a limit that it
// keeps whatever it does to its environment, session and parents, and whose
// /proc entry everybody may read: that of file locks, which Linux has not
// enforced since 2.4.25. It returns what takes the number back.
func limited(number uint64) (back func()) {
	var before unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_LOCKS, &before) != nil || before.Max < number {
		return func() {}
	}
	_ = unix.Setrlimit(unix.RLIMIT_LOCKS, &unix.Rlimit{Cur: number, Max: before.Max})
	return func() { _ = unix.Setrlimit(unix.RLIMIT_LOCKS, &before) }
}
