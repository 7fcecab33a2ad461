package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is the version, set by the linker (see the Makefile).
var release string

// Version returns the version of this irctl: the release, or else what the Go
// toolchain knows about the build.
func Version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	if info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

func newVersionCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "version",
		group: groupSetup,
		short: "Show the version of irctl",
		example: `
  irctl version -o json`,
		run: func(*cobra.Command, []string) error { return a.version() },
	})
}

// version tells the version, for irctl version and irctl --version alike.
func (a *app) version() error {
	if a.json() {
		return a.print().JSON(map[string]string{
			"irctl": Version(), "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
		})
	}
	return a.print().Document("irctl " + Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + " " + runtime.Version())
}
