//go:build unix

package realtest

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// claim takes the number of a network for this process until release, also
// from a process that was killed. Whoever makes networks is root.
func claim() (index int, release func(), err error) {
	for index := range networks {
		f, err := os.OpenFile(fmt.Sprintf("/run/irctl-real-%d.lock", index), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return 0, nil, err
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			return index, func() { _ = f.Close() }, nil
		}
		_ = f.Close()
	}
	return 0, nil, errors.New("every network that tests may make is in use")
}
