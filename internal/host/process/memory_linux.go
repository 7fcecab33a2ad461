package process

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"

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

// any reports whether something is left, as the script that ends it would find
// it: that is known much sooner here. What may not be looked at is not ours.
func (r Remains) any() bool {
	all, err := os.ReadDir("/proc")
	if err != nil {
		return true
	}
	var marks [][]byte
	for _, id := range r.Attempts {
		for line := range strings.Lines(lines("", id)) {
			marks = append(marks, []byte(strings.TrimSuffix(line, "\n")))
		}
	}
	for _, entry := range all {
		if pid, err := strconv.Atoi(entry.Name()); err != nil || pid == os.Getpid() {
			continue
		}
		// "4711 (name) S parent group ...", proc_pid_stat(5)
		stat, _ := os.ReadFile("/proc/" + entry.Name() + "/stat")
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) < 3 || strings.ContainsAny(fields[0], "ZXx") || fields[1] == "2" {
			continue // it has ended, or is a thread of the kernel
		}
		if r.Group > 0 && fields[2] == strconv.Itoa(r.Group) {
			return true
		}
		for _, file := range []string{"/limits", "/environ"} {
			text, _ := os.ReadFile("/proc/" + entry.Name() + file)
			if slices.ContainsFunc(marks, func(mark []byte) bool { return bytes.Contains(text, mark) }) {
				return true
			}
		}
	}
	return false
}
