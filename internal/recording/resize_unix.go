//go:build unix

package recording

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/creack/pty"
)

// resizing keeps the inner terminal as large as the outer one until the function
// that it returns is called.
func resizing(outer, inner *os.File) (stop func()) {
	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	go func() {
		for range changed {
			_ = pty.InheritSize(outer, inner)
		}
	}()
	return func() {
		signal.Stop(changed)
		close(changed)
	}
}
