package cli

import (
	"context"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/outside"
)

func newVersionCmd(a *app) *cobra.Command {
	return command.New("version", "Show the version of irctl", func(context.Context, []string) error { return a.version() }, nil)
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
