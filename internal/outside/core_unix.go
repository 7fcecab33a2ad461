//go:build unix && !linux

package outside

import "golang.org/x/sys/unix"

// noCore keeps the memory of this process, which may hold secrets, from being
// written to a file when it dies. What it starts may raise the limit again.
func noCore() {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CORE, &limit) == nil {
		limit.Cur = 0
		_ = unix.Setrlimit(unix.RLIMIT_CORE, &limit)
	}
}
