package outside

import (
	"io"
	"os"
	"time"

	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
)

// World is what a command is given of its process: the commands reach for
// neither its streams, nor its environment, nor its clock themselves.
type World struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	Now    func() time.Time
	// Signals brings what the operating system asks of the process until stop is
	// called: the first one means stop in order, the second one means now. While
	// nobody listens, a signal ends the process. Nil brings none.
	Signals func() (signals <-chan os.Signal, stop func())
	// FS is the file system that runs are kept on; nil is the real one.
	FS store.FS
	// WrapAction, if not nil, gets to see every action before it is used.
	WrapAction func(action.Action) action.Action
	// Dir is the working folder, to which paths are relative.
	Dir string
	// User tells the operating system's account, Host is the machine, PID the
	// process: they stand in the journal as who did it. User is asked when it
	// matters and not before, because the system may ask a server.
	User func() string
	Host string
	PID  int
	// Executable is the path of irctl itself, for starting the lab.
	Executable string
	// Config is the user's configuration folder, SystemConfig the machine's,
	// State the user's state folder: irctl's own folders lie in them. They are
	// empty if nobody knows where the account is at home.
	Config, SystemConfig, State string
	// Recycle makes room for what many things need one after another: memory that
	// is used again costs less than what the kernel has yet to give, as long as
	// little of it is in use. Nil does nothing.
	Recycle func()
	// Unsettled is what of the person's settings does not count, and why.
	Unsettled error
}
