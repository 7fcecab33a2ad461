package cli

import (
	"github.com/irctl/irctl/internal/outside"

	"runtime"

	"github.com/spf13/cobra"
)

func newVersionCmd(a *app, run func() error) *cobra.Command {
	return a.command(spec{
		use:   "version",
		group: groupSetup,
		short: "Show the version of irctl",
		run:   func(*cobra.Command, []string) error { return run() },
	})
}

// version tells the version, for irctl version and irctl --version alike.
func (a *app) version() error {
	if a.json() {
		return a.print().JSON(map[string]string{
			"irctl": outside.Version(), "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
		})
	}
	return a.print().Document("irctl " + outside.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + " " + runtime.Version())
}
