package host

import (
	"context"

	"github.com/irctl/irctl/internal/host/process"
)

// Machine is what a Host asks of the machine that it is. A test hands one to
// [WithMachine], so that a kind of system is tried without daemons and rights.
type Machine interface {
	// Run runs a command. Its error is for a command that was not followed to its
	// end; one that ended has a Result.
	Run(ctx context.Context, c process.Command) (process.Result, error)
	// Read, Write, Stat and Remove return errors as package os does; Stat of what
	// is missing is the zero File.
	Read(path string) ([]byte, error)
	Write(path string, data []byte) error
	Stat(path string) (File, error)
	Remove(path string) error
}

type machineKey struct{}

// WithMachine returns a context in which every Host is this machine.
func WithMachine(ctx context.Context, m Machine) context.Context {
	return context.WithValue(ctx, machineKey{}, m)
}

func machineOf(ctx context.Context) (Machine, bool) {
	m, ok := ctx.Value(machineKey{}).(Machine)
	return m, ok
}
