// Command irctl carries out a containment plan: people command, a machine does
// it. Everything is in internal/cli.
package main

import (
	"os"

	"github.com/irctl/irctl/internal/cli"
	"github.com/irctl/irctl/internal/outside"
)

func main() { os.Exit(cli.Main(outside.System())) }
