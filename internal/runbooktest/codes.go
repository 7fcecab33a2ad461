package runbooktest

import (
	"embed"

	"github.com/irctl/irctl/internal/finding"
)

// examples show the findings; a test holds them against what is found.
//
//go:embed *.txtar
var examples embed.FS

var codes = finding.NewSet(examples)

// Codes is what this package finds.
func Codes() *finding.Set { return codes }

// UnknownRunbook is found by who looks for the runbook.
var UnknownRunbook = codes.Error("IR0500", "the runbook under test cannot be used",
	"A test file names its runbook, or is called NAME.test.yaml and stands beside NAME.yaml. The runbook must be without errors.")
