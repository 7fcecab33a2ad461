package plugin

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// copyTo is a file without a name that is nowhere but in memory.
func copyTo(_, name string) (*os.File, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate(name, flags|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) { // Linux before 6.3, where every such file can be run
		fd, err = unix.MemfdCreate(name, flags)
	}
	if err != nil {
		return nil, fmt.Errorf("the system makes no file in memory that can be run (sysctl vm.memfd_noexec): %w", os.NewSyscallError("memfd_create", err))
	}
	return os.NewFile(uintptr(fd), name), nil
}

// seal makes the copy unchangeable, by this process too, and has it run as
// descriptor 4 of the plugin. That stays open, because who runs a script reads
// it by this name.
func (p *program) seal(f *os.File) error {
	const seals = unix.F_SEAL_SEAL | unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	p.argv, p.files = "/proc/self/fd/4", []*os.File{f}
	return nil
}
